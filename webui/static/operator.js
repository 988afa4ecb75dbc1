// Copies a line for one of the owner's files. The buttons come with the page, hidden without this.
for (const button of document.querySelectorAll(".copy")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const line = button.previousElementSibling;
    getSelection().selectAllChildren(line); // for the keyboard, where the browser refuses
    await navigator.clipboard.writeText(line.textContent);
    button.textContent = button.dataset.done;
  });
}
