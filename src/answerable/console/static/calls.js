/* The page of calls by keyboard: j and k choose a row, a letter does what its button says. */

import { time } from "./app.js";

const rows = () => [...document.querySelectorAll("[data-row]")];
let chosen = null;  /* the id of the row; a call keeps its row while it waits for the same thing */
let place = 0;      /* where in the list it stands, or stood until it went */
let gone = false;   /* it went, and not by what was done here: the next letter was meant for it */
let own = { id: null, at: 0 };
const AMBER_MS = 60000, OWN_MS = 10000;

function choose(row, { focus = true } = {}) {
  chosen = row?.id ?? null;
  gone = false;
  if (row) place = rows().indexOf(row);
  for (const one of rows()) {
    if (one === row) one.setAttribute("aria-current", "true"); else one.removeAttribute("aria-current");
  }
  if (row && focus) { row.focus({ preventScroll: true }); row.scrollIntoView({ block: "nearest" }); }
}
const current = () => (chosen && document.getElementById(chosen)) || null;
function step(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(current());
  choose(all[Math.max(0, Math.min(all.length - 1, at >= 0 ? at + by : by > 0 ? place : place - 1))]);
}
function press(letter) {
  const row = current() ?? rows()[Math.min(place, rows().length - 1)];
  const button = row?.querySelector(`[data-letter="${letter}"]`);
  if (!button) return false;
  if (gone) { choose(row); return true; }  /* shown first what the letter would be about now */
  choose(row, { focus: false });
  button.click();
  if (button.tagName === "SUMMARY") {
    requestAnimationFrame(() => button.parentElement.querySelector("select, input:not([type=hidden]), textarea")?.focus());
  }
  return true;
}
document.addEventListener("submit", (event) => {
  const row = event.target.closest?.("[data-row]");
  if (row) own = { id: row.id, at: performance.now() };
}, true);
let going = 0;
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  if (event.key === "g") { going = performance.now(); return; }
  if (going && performance.now() - going < 1200) { going = 0; return; }
  if (event.key === "Enter" && event.target.closest?.("a, button, summary")) return;
  const moved = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (moved ? (step(moved), true) : event.key.length === 1 || event.key === "Enter" ? press(event.key) : false) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}, true);
document.addEventListener("focusin", (event) => {
  const row = event.target.closest?.("[data-row]");
  if (row && row.id !== chosen) choose(row, { focus: false });
});

function age() {
  const now = time.now();
  for (const node of document.querySelectorAll("[data-amber]")) {
    node.classList.toggle("near", now - Number(node.dataset.since) >= AMBER_MS);
  }
}
setInterval(age, 500);
age();

/* After a live change: the chosen row stays chosen, and words that were opened show what came since. */
const seen = new Map();
document.addEventListener("htmx:after:swap", () => {
  const row = current();
  if (row) choose(row, { focus: false });
  else if (chosen === own.id && performance.now() - own.at < OWN_MS) choose(rows()[0] ?? null, { focus: false });
  else if (chosen) { choose(null); gone = true; }
  for (const one of rows()) {
    const words = one.querySelector(".words");
    if (!words?.childElementCount) continue;
    const before = seen.get(one.id);
    seen.set(one.id, one.dataset.position);
    if (before && before !== one.dataset.position) one.querySelector('[data-letter="v"]')?.click();
  }
  age();
});
if (rows().length) choose(rows()[0], { focus: false });
