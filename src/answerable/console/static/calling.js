/* Calling back by keyboard: j and k choose a caller, Enter rings, 1 to 5 answer a question after the
   other, a letter does what its button says, Ctrl Enter records. The queue is read again when the
   record says that something changed in it; what is being written at the right is never touched. */

const $ = (selector, within = document) => within.querySelector(selector);
const all = (selector) => [...document.querySelectorAll(selector)];
const writes = (node) => node?.closest?.("textarea, select, input:not([type=radio]):not([type=checkbox]), [contenteditable]");

function step(by) {
  const rows = all("[data-row]");
  if (!rows.length) return false;
  const on = rows.findIndex((row) => row.contains(document.activeElement));
  const from = on >= 0 ? on : rows.findIndex((row) => row.hasAttribute("aria-current"));
  const row = rows[Math.max(0, Math.min(rows.length - 1, from < 0 ? 0 : from + by))];
  $("a", row).focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
  return true;
}

/* ---- The four questions: the one that is asked now, and its five marks. ---- */

const questions = () => all("[data-q]");
const answered = (q) => Boolean($("input:checked", q));
let at = null;

function ask(q) {
  at = q ?? null;
  for (const one of questions()) one.classList.toggle("at", one === at);
  at?.scrollIntoView({ block: "nearest" });
}
function give(mark) {
  const q = at ?? questions()[0];
  if (!q) return false;
  const input = $(`input[value="${mark}"]`, q);
  input.checked = true;
  const every = questions();
  const next = every.slice(every.indexOf(q) + 1).find((one) => !answered(one));
  if (next) { input.focus({ preventScroll: true }); ask(next); } else { ask(null); $("[data-record]")?.focus({ preventScroll: true }); }
  return true;
}
function takeAway() {
  const given = questions().filter(answered).at(-1);
  if (!given) return false;
  $("input:checked", given).checked = false;
  ask(given);
  return true;
}

function press(letter) {
  const button = $(`[data-letter="${letter}"]`);
  if (!button || button.disabled) return false;
  if (button.type === "checkbox") button.checked = !button.checked; else button.click();
  return true;
}
function enter(target) {
  if (target.closest("a, button, summary")) return false;
  if (press("Enter")) return true;
  const next = document.querySelector("main:not(.one) [data-next]");
  if (next) next.click();
  return Boolean(next);
}

let going = 0;
document.addEventListener("keydown", (event) => {
  if ($("dialog[open]") || event.altKey) return;
  const done = () => { event.preventDefault(); event.stopImmediatePropagation(); };
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    const record = $("[data-record]");
    if (record) { done(); record.form.requestSubmit(record); }
    return;
  }
  if (event.ctrlKey || event.metaKey || writes(event.target)) return;
  if (event.key === "g") { going = performance.now(); return; }
  if (going && performance.now() - going < 1200) { going = 0; return; }
  const moved = { j: 1, k: -1 }[event.key];
  const does = moved ? step(moved)
    : event.repeat && /^(Enter|\S)$/.test(event.key) ? true  /* a key held down acts once */
    : event.key === "Enter" ? enter(event.target)
    : event.key === "Backspace" ? takeAway()
    : /^[1-5]$/.test(event.key) ? give(event.key)
    : event.key === "q" ? ($("[data-close]")?.click(), Boolean($("[data-close]")))
    : event.key === "m" ? ($("[data-next]")?.click(), Boolean($("[data-next]")))
    : event.key.length === 1 && press(event.key);
  if (does) done();
}, true);
document.addEventListener("change", (event) => {
  const q = event.target.closest?.("[data-q]");
  if (q) ask(questions().find((one) => !answered(one)));
});
if (questions().length) ask(questions()[0]);

/* ---- What changed. ---- */

const news = $("[data-news]");
if (news) {
  new MutationObserver(() => window.htmx?.trigger($("#queue"), "news"))
    .observe(news, { childList: true, characterData: true, subtree: true });
}
