/* Referrals by keyboard: j and k choose one, Enter opens it, a letter does what its button says. */

const all = (selector) => [...document.querySelectorAll(selector)];
const writes = (node) => node?.closest?.("textarea, select, input, [contenteditable]");

function step(by) {
  const rows = all("[data-row]");
  if (!rows.length) return false;
  const on = rows.findIndex((row) => row.contains(document.activeElement));
  const from = on >= 0 ? on + by : Math.max(0, rows.findIndex((row) => row.hasAttribute("aria-current")));
  const row = rows[Math.max(0, Math.min(rows.length - 1, from))];
  row.querySelector("a").focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
  return true;
}

function press(letter) {
  const button = document.querySelector(`[data-letter="${CSS.escape(letter)}"]`);
  if (!button || button.disabled) return false;
  button.click();
  return true;
}

let going = -1000;  // letters count from the first moment of a page
document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]") || event.altKey || event.ctrlKey || event.metaKey) return;
  if (writes(event.target)) return;
  if (event.key === "g") { going = event.timeStamp; return; }
  if (event.timeStamp - going < 1000) return;
  const target = event.target;
  let did = false;
  if (event.key === "j") did = step(1);
  else if (event.key === "k") did = step(-1);
  else if (event.key === "Enter") did = !target.closest("a, button, summary") && press("Enter");
  else if (event.key.length === 1) did = press(event.key);
  if (did) { event.preventDefault(); event.stopImmediatePropagation(); }
}, true);

document.querySelector("[data-link]")?.select();
