/* Buttons that copy words: the text is theirs, what came of it is said beside them. */

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.dataset.done = "";
  } catch {  /* not allowed here: the words are chosen, so that the keyboard can copy them */
    const words = document.getElementById(button.getAttribute("aria-describedby"));
    getSelection().selectAllChildren(words);
  }
});
