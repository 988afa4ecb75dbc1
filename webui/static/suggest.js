// Suggestions while typing: a combobox with a list that the server writes. What was typed is never
// changed, and Enter searches for it unless a suggestion was chosen with the arrow keys.

const box = document.getElementById("q");
const list = document.getElementById("suggestions");
const said = document.getElementById("suggestions-said");
const PAUSE = 120; // ms without a key before the server is asked
const SHORTEST = 2;

let asking, timer, chosen;

if (box && list) {
  box.setAttribute("role", "combobox");
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-controls", list.id);
  close();

  box.addEventListener("input", () => {
    stop();
    close();
    if (box.value.trim().length >= SHORTEST) timer = setTimeout(ask, PAUSE);
  });
  box.addEventListener("keydown", onKey);
  box.addEventListener("blur", stop);
  box.addEventListener("blur", close);
  box.form.addEventListener("submit", stop);
  addEventListener("pagehide", close);
  // The box keeps the focus while the list is touched or clicked.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => follow(event.target.closest("[role=option]")));
}

function stop() {
  clearTimeout(timer);
  asking?.abort();
}

async function ask() {
  asking = new AbortController();
  try {
    const address = `${list.dataset.from}?${new URLSearchParams(new FormData(box.form))}`;
    const answer = await fetch(address, { signal: asking.signal });
    if (answer.ok) show(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    // Aborted, or no connection: the box works without suggestions.
  }
}

function show(found) {
  list.replaceChildren(...found.querySelectorAll("[role=option]"));
  said.textContent = found.querySelector("p").textContent;
  open();
}

function open() {
  list.hidden = !list.children.length;
  box.setAttribute("aria-expanded", String(!list.hidden));
}

function close() {
  choose(null);
  list.hidden = true;
  said.textContent = "";
  box.setAttribute("aria-expanded", "false");
}

function choose(option) {
  chosen?.setAttribute("aria-selected", "false");
  chosen = option;
  option?.setAttribute("aria-selected", "true");
  option?.scrollIntoView({ block: "nearest" });
  if (option) box.setAttribute("aria-activedescendant", option.id);
  else box.removeAttribute("aria-activedescendant");
}

function follow(option) {
  if (option) location.assign(option.dataset.url);
}

function onKey(event) {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const { key } = event;
  if (key === "ArrowDown" || key === "ArrowUp") {
    if (list.hidden) open();
    if (list.hidden) return;
    // Beyond either end nothing is chosen, and then the other end follows.
    const way = key === "ArrowDown" ? ["nextElementSibling", "firstElementChild"] : ["previousElementSibling", "lastElementChild"];
    choose(chosen ? chosen[way[0]] : list[way[1]]);
  } else if (list.hidden) return;
  else if (key === "Enter" && chosen) follow(chosen);
  else if (key === "Escape") close();
  else {
    if (["ArrowLeft", "ArrowRight", "Home", "End"].includes(key)) choose(null);
    return;
  }
  event.preventDefault();
}
