// Chosen articles, kept in this browser alone, and buttons that copy. No visible text here.

const bar = document.getElementById("chosen");
const link = bar.querySelector("a");
const page = document.getElementById("collection");
const listed = page?.querySelector("[name=id]")?.value.split(".");
const most = bar.dataset.most;
const KEY = `klastriotsing-chosen ${link.pathname}`; // two searches may share a host

const read = () => {
  try {
    return JSON.parse(localStorage.getItem(KEY)).filter((each) => /^[0-9a-z]{8}$/.test(each)).slice(0, most);
  } catch {
    return []; // nothing yet, not ours, or a browser that keeps nothing
  }
};
const write = (codes) => {
  localStorage.setItem(KEY, JSON.stringify(codes));
  show();
};
const set = (code, isChosen) => write(read().filter((each) => each !== code).concat(isChosen ? code : []));

// A hit gets its tick from the template; an article's page has its own.
for (const hit of document.querySelectorAll(".hit[data-code]")) {
  const tick = bar.querySelector("template").content.firstChild.cloneNode(true);
  const title = hit.querySelector("h3");
  tick.firstChild.value = hit.dataset.code;
  tick.firstChild.ariaLabel = `${tick.textContent}: ${title.textContent}`;
  title.after(tick);
}
const ticks = document.querySelectorAll(".tick input");
for (const each of ticks) {
  each.parentElement.classList.remove("is-off");
  each.onchange = () => set(each.value, each.checked);
}

function show() {
  const codes = read();
  const address = new URL(link);
  address.searchParams.set("id", codes.join("."));
  link.href = address;
  link.lastChild.textContent = codes.length;
  bar.hidden = !codes.length || Boolean(listed);
  bar.querySelector("[role=status]").hidden = codes.length < most;
  for (const each of ticks) {
    each.checked = codes.includes(each.value);
    each.disabled = !each.checked && codes.length >= most;
  }
}
show();
onpageshow = onstorage = show;
bar.querySelector("button").onclick = () => write([]);

// The page of the chosen articles opens those of this browser where its address names none.
if (page) {
  if (!/[?&]id=/.test(location.search) && read().length) location.replace(link.href);
  for (const each of page.querySelectorAll("[name=without]")) each.onclick = () => set(each.value, false);
}
const keep = page?.querySelector("[data-keep]");
if (keep) {
  const all = () => [...new Set([...read(), ...listed])].slice(0, most);
  keep.disabled = all().length === read().length;
  keep.onclick = () => { write(all()); keep.disabled = true; };
}

// A button that copies nothing prints.
for (const each of document.querySelectorAll("button.copy")) {
  const place = document.getElementById(each.dataset.copy);
  each.disabled = false;
  each.onclick = async () => {
    if (!place) return print();
    getSelection().selectAllChildren(place);
    // Where a page is not served safely, browsers know only the old way.
    await (navigator.clipboard?.writeText(place.textContent) ?? document.execCommand("copy"));
    each.textContent = each.dataset.done;
  };
}
