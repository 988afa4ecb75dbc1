// The one script tag of other sites: an iframe of the search in its place, as high as its content.
(() => {
  const own = document.currentScript;
  const home = new URL("embed", own.src);
  // Several values of one filter stand apart by "|".
  for (const name of ["query", "focus", "org", "year", "source", "language", "results", "theme", "lang"]) {
    for (const value of (own.dataset[name] ?? "").split("|")) {
      if (value.trim()) home.searchParams.append(name, value.trim());
    }
  }
  home.searchParams.set("origin", location.origin);

  const frame = document.createElement("iframe");
  frame.src = home;
  frame.title = own.dataset.title || document.title;
  frame.style.cssText = "display: block; width: 100%; height: 28rem; border: 0;";
  window.addEventListener("message", ({ origin, source, data }) => {
    const height = data?.klastriotsing;
    if (origin !== home.origin || source !== frame.contentWindow || !Number.isFinite(height)) return;
    frame.style.height = `${Math.min(Math.max(height, 80), 10_000)}px`;
  });
  own.after(frame);
})();
