/* Administration: copying a secret once, reading a file into a form, two keys. Pages work without. */

const $ = (selector, from = document) => from.querySelector(selector);
const typing = (node) => node?.closest?.("input, textarea, select, [contenteditable]");

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  const field = $("[data-secret]", button.parentElement);
  field.select();
  try { await navigator.clipboard.writeText(field.value); } catch { document.execCommand("copy"); }
  $("[data-copied]", button.parentElement).hidden = false;
  button.focus();
});

document.addEventListener("change", async (event) => {
  const input = event.target.closest?.("[data-into]");
  const file = input?.files?.[0];
  if (!file) return;
  const into = $(`[name=${input.dataset.into}]`, input.form);
  into.value = await file.text();
  into.focus();
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if ($("dialog[open]")) return;
  if (event.key === "n") {
    const more = $(".act-of");
    if (!more) return;
    more.open = true;
    $("input:not([type=hidden]), select, textarea", more)?.focus();
    event.preventDefault();
  }
  if (event.key === "f") {
    const filter = $("[data-filter] input, [data-filter] select");
    if (!filter) return;
    filter.focus();
    event.preventDefault();
  }
});

/* A form opened by the keyboard is begun at its first field, and Escape closes it again. */
document.addEventListener("toggle", (event) => {
  const more = event.target;
  if (more.matches?.(".act-of") && more.open && document.activeElement?.parentElement === more) {
    $("input:not([type=hidden]), select, textarea", more)?.focus();
  }
}, true);

/* On a narrow screen the pages of the frame and of administration may run out of sight. */
for (const here of document.querySelectorAll(".nav [aria-current], .tabs [aria-current]")) {
  here.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/* What came back is brought to where one looks: a secret shown once, a standard that was checked. */
document.addEventListener("htmx:after:swap", (event) => {
  const box = event.detail.ctx?.target;
  if (!box?.matches?.(".answer")) return;
  $("[data-copy]", box)?.focus();
  $(".waits-for", box)?.scrollIntoView({ block: "nearest" });
});
