// Comfort on top of a page that works without it. No visible text here: texts come with the page.

const box = document.getElementById("q");
const form = document.getElementById("search");
const wide = window.matchMedia("(min-width: 60rem)");
const KEPT = "klastriotsing-focus";

// "/" goes to the search box, unless somebody is typing or a shortcut is meant.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey || !box) return;
  event.preventDefault();
  box.focus();
  box.select();
});

// Empty fields have no place in an address.
form?.addEventListener("formdata", (event) => {
  for (const [name, value] of [...event.formData]) {
    if (value === "") event.formData.delete(name);
  }
});

// A page from the browser's memory shows its own filters, not those clicked before leaving it.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) form?.reset();
});

// Beside the results a choice takes effect at once, and the next page begins where this one was.
const filters = document.getElementById("filters");
if (filters && form) {
  const layOut = () => {
    filters.querySelector(".apply").hidden = wide.matches;
    filters.querySelector(".at-once").hidden = !wide.matches;
    // Browsers that cannot show closed details beside the results get them open.
    if (wide.matches && !CSS.supports("selector(::details-content)")) filters.open = true;
  };
  layOut();
  wide.addEventListener("change", layOut);

  filters.addEventListener("change", (event) => {
    if (!wide.matches || event.target.type !== "checkbox") return;
    sessionStorage.setItem(KEPT, JSON.stringify([event.target.value, window.scrollY]));
    form.requestSubmit();
  });

  const kept = sessionStorage.getItem(KEPT);
  sessionStorage.removeItem(KEPT);
  if (kept) {
    const [value, top] = JSON.parse(kept);
    const again = [...filters.querySelectorAll("input[type=checkbox]")].find((each) => each.value === value);
    if (again) {
      const fold = again.closest(".fold");
      if (fold) fold.open = true;
      again.focus({ preventScroll: true });
      window.scrollTo(0, top);
    }
  }
}
