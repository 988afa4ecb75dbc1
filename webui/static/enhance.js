// Comfort on top of a page that works without it. No visible text here: texts come with the page.

const box = document.getElementById("q");
const form = document.getElementById("search");
const wide = matchMedia("(min-width: 60rem)");
const KEPT = "klastriotsing-focus";

// Keys, unless somebody is typing, means a shortcut, or has turned them off in their list.
const keys = document.getElementById("keys");
const enabled = keys.querySelector("input");
const marks = [...document.querySelectorAll("article mark")];
let here = -1;

const step = (by) => {
  if (!marks.length) return;
  here = here < 0 && by < 0 ? marks.length - 1 : (here + by + marks.length) % marks.length;
  document.querySelector(".marks output").value = `${here + 1}/${marks.length}`;
  marks[here].tabIndex = -1;
  marks[here].focus({ preventScroll: true });
  marks[here].scrollIntoView({ block: "center" });
};
const actions = {
  "/": () => { box?.focus(); box?.select(); },
  "?": () => keys.showModal(),
  n: () => step(1),
  p: () => step(-1),
};

enabled.checked = localStorage.getItem("keys") !== "off";
enabled.addEventListener("change", () => localStorage.setItem("keys", enabled.checked ? "on" : "off"));
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input:not([type=checkbox]), dialog[open]");
  const act = event.ctrlKey || event.metaKey || event.altKey || typing ? null : actions[event.key];
  if (!act || (!enabled.checked && event.key !== "?")) return;
  event.preventDefault();
  act();
});

for (const each of document.querySelectorAll(".marks button")) {
  each.addEventListener("click", () => step(Number(each.value)));
}

// Empty fields have no place in an address.
form?.addEventListener("formdata", (event) => {
  for (const [name, value] of [...event.formData]) {
    if (value === "") event.formData.delete(name);
  }
});

// A page from the browser's memory shows its own filters, not those clicked before leaving it.
addEventListener("pageshow", (event) => {
  if (event.persisted) form?.reset();
});

// What is ticked in a long list is counted at once, and kept by the address and by another search.
const list = document.getElementById("choose");
let newest; // the last request
list?.addEventListener("change", async ({ target }) => {
  if (target.type !== "checkbox") return;
  const address = `${list.action}?${new URLSearchParams(new FormData(list))}&list=${list.dataset.page}`;
  newest = address;
  const answer = await fetch(address);
  const page = await answer.text();
  if (newest !== address) return;
  history.replaceState(null, "", answer.url); // without what is empty
  const fresh = new DOMParser().parseFromString(page, "text/html").getElementById("tray");
  document.getElementById("tray").replaceChildren(...fresh.childNodes);
});
form?.addEventListener("formdata", ({ formData }) => {
  if (!list) return;
  const { facet } = list.dataset;
  formData.delete(facet);
  for (const value of new FormData(list).getAll(facet)) formData.append(facet, value);
});

// A drag over the bars of the years fills in the two fields of the span and asks for it.
const bars = [...document.querySelectorAll(".facet-year .bars li")];
let begun = null; // where the drag began: across the screen, and in which row of bars

const dragged = ({ clientX }) => bars.filter((each) => {
  const { left, right } = each.getBoundingClientRect();
  return each.offsetTop === begun.top && left <= Math.max(begun.x, clientX) && right >= Math.min(begun.x, clientX);
});
const show = (some) => bars.forEach((each) => each.classList.toggle("is-in", some.includes(each)));
const drop = (event) => {
  if (begun === null) return;
  const dates = dragged(event).map((each) => each.dataset.dates.split("/"));
  begun = null;
  show([]);
  if (event.type === "pointercancel" || dates.length < 2) return; // a click is the bar's own
  form.elements.from.value = dates[0][0];
  form.elements.to.value = dates.at(-1)[1];
  form.requestSubmit();
};
if (bars.length) {
  const chart = bars[0].parentElement;
  chart.addEventListener("dragstart", (event) => event.preventDefault());
  chart.addEventListener("pointerdown", (event) => {
    if (event.isPrimary && !event.button) begun = { x: event.clientX, top: event.target.closest("li")?.offsetTop };
  });
  addEventListener("pointermove", (event) => begun === null || show(dragged(event)));
  addEventListener("pointerup", drop);
  addEventListener("pointercancel", drop);
}

// Beside the results a choice takes effect at once, and the next page begins where this one was.
const filters = document.getElementById("filters");
if (filters && form) {
  const layOut = () => {
    filters.querySelector(".apply").style.visibility = wide.matches ? "hidden" : "";
    // Browsers that cannot show closed details beside the results get them open.
    if (wide.matches && !CSS.supports("selector(::details-content)")) filters.open = true;
  };
  layOut();
  wide.addEventListener("change", layOut);

  const valueOf = (each) => each.value.replace(/^not_\w+:/, ""); // a button that undoes names the field, too
  const keep = (each) => sessionStorage.setItem(KEPT, JSON.stringify([valueOf(each), scrollY]));
  filters.addEventListener("change", (event) => {
    if (!wide.matches || event.target.type !== "checkbox") return;
    keep(event.target);
    form.requestSubmit();
  });
  form.addEventListener("submit", ({ submitter }) => {
    if (!submitter?.matches(".minus, .undo")) return;
    keep(submitter);
    submitter.formAction = form.action; // without the place to come back to
  });

  const kept = sessionStorage.getItem(KEPT);
  sessionStorage.removeItem(KEPT);
  if (kept) {
    const [value, top] = JSON.parse(kept);
    const again = [...filters.querySelectorAll("input[type=checkbox], .undo")].find((each) => valueOf(each) === value);
    if (again) {
      const fold = again.closest(".fold");
      if (fold) fold.open = true;
      if (!wide.matches) filters.open = true;
      again.focus({ preventScroll: true });
      scrollTo(0, top);
    }
  }
}
