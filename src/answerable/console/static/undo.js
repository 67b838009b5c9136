/* Ctrl+Z outside fields takes back what this desk did last; so does the button beside an answer.
   Inside a field the key stays what it is everywhere: it undoes typing. */

const form = document.querySelector("#undo");
const typing = (node) => node?.closest?.("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey)) return;
  if (event.shiftKey || event.altKey || event.repeat || typing(event.target)) return;
  if (!form || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  form.requestSubmit();
});

/* What was taken back, or can no longer be, is not offered again. */
document.addEventListener("htmx:after:request", (event) => {
  const ctx = event.detail.ctx;
  if (ctx?.request?.form !== form || !ctx.response) return;
  for (const button of document.querySelectorAll("button[form=undo]")) button.remove();
});
