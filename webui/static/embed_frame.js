// Inside the iframe: tells the page around it how high this one is, and tells no other.
const { origin } = document.documentElement.dataset;

if (origin && window.parent !== window) {
  new ResizeObserver(() => {
    window.parent.postMessage({ klastriotsing: Math.ceil(document.body.offsetHeight) }, origin);
  }).observe(document.body);
}
