/* The command bar: what may be written next, what the line would do, and the way back to lines
   written before. The server reads the line; this part only shows it and handles the keys of a
   combobox (ARIA Authoring Practices, "editable combobox with list autocomplete"). */

const form = document.querySelector("#line");
const input = form?.elements.line;
const box = document.querySelector("#bar");
const KEPT = "answerable-bar", KEPT_MAX = 50, PAUSE_MS = 40;

let asked = 0;          /* readings asked for; only the last one is shown */
let waiting = 0;
let running = null;
let active = -1;
let shown = { line: null, incident: "", seen: "" };
let past = -1;          /* how far back in the history; -1: not there */
let draft = "";

const hint = () => document.getElementById("hint");
const options = () => [...box.querySelectorAll("[role=option]")];
const incident = () => form.elements.incident.value;

/* ---- Reading: asked a moment after the last key, answered in order. ---- */

function later() {
  clearTimeout(waiting);
  waiting = setTimeout(read, PAUSE_MS);
}

async function read(quiet = false) {
  const mine = ++asked;
  running?.abort();
  running = new AbortController();
  const line = input.value, about = incident();
  const data = new URLSearchParams({ line, incident: about, caret: String(input.selectionStart ?? -1) });
  try {
    const answer = await fetch("/line/read", {
      method: "POST", body: data, signal: running.signal,
      headers: { "X-Token": document.body.dataset.token, "HX-Request": "true" },
    });
    if (answer.status === 401) location.reload();  /* the session has ended: to the door */
    const text = await answer.text();
    if (mine !== asked || !answer.ok || document.activeElement !== input) return;
    draw(text, line, about, quiet);
  } catch { /* left off for a later one, or no connection: the frame of the page says so */ }
}

function draw(text, line, about, quiet) {
  const got = new DOMParser().parseFromString(text, "text/html").querySelector("[data-read]");
  if (!got) return;
  const told = got.querySelector(".hint");
  told.remove();
  box.replaceChildren(...got.children);
  shown = { line, incident: about, seen: got.dataset.seen };
  const at = hint(), said = box.querySelector(".bar-said");
  if (quiet) { said.textContent = at.textContent; kind(said, at); }
  else {
    if (at.textContent !== told.textContent) at.textContent = told.textContent;
    kind(at, told);
  }
  active = -1;
  input.removeAttribute("aria-activedescendant");
  show(true);
}

const kind = (to, from) => {
  if (from.dataset.kind) to.dataset.kind = from.dataset.kind; else delete to.dataset.kind;
};

function show(open) {
  box.hidden = !open || !box.querySelector("[role=option], .bar-said:not(:empty)");
  form.classList.toggle("told", !box.hidden);  /* what is said stands in the list, not beside the line */
  input.setAttribute("aria-expanded", String(open && options().length > 0));
  if (!open) { active = -1; input.removeAttribute("aria-activedescendant"); }
}
const isOpen = () => !box.hidden;

/* ---- Choosing. ---- */

function mark(at) {
  const all = options();
  active = at;
  for (const [index, option] of all.entries()) option.setAttribute("aria-selected", String(index === at));
  const one = all[at];
  if (!one) { input.removeAttribute("aria-activedescendant"); return; }
  input.setAttribute("aria-activedescendant", one.id);
  one.scrollIntoView({ block: "nearest" });
}

function take(option) {
  if (option.dataset.go) { location.assign(option.dataset.go); return; }
  if (!option.dataset.line) return;
  write(option.dataset.line, Number(option.dataset.caret ?? option.dataset.line.length));
}

function write(line, caret = line.length) {
  input.value = line;
  input.focus();
  input.setSelectionRange(caret, caret);
  read();
}

/* ---- The lines of before: verbs and names, never a person's words; gone with the tab. ---- */

const history = () => { try { return JSON.parse(sessionStorage.getItem(KEPT)) ?? []; } catch { return []; } };
function keep(line) {
  const lines = [...history().filter((one) => one !== line), line].slice(-KEPT_MAX);
  sessionStorage.setItem(KEPT, JSON.stringify(lines));
}
function back(by) {
  const lines = history();
  if (past < 0) draft = input.value;
  const next = Math.min(past + by, lines.length - 1);
  if (next === past) return;
  past = Math.max(-1, next);
  write(past < 0 ? draft : lines[lines.length - 1 - past]);
}

/* ---- Keys. ---- */

const does = {
  ArrowDown() {
    if (past >= 0 && active < 0) back(-1);
    else if (!isOpen()) read();
    else if (options().length) mark(active + 1 >= options().length ? -1 : active + 1);
  },
  ArrowUp() {
    if (active >= 0) mark(active - 1);
    else back(1);
  },
  Enter() {
    if (active < 0) return false;
    take(options()[active]);
    return true;
  },
  Tab(event) {
    const all = options();
    if (event.shiftKey || !isOpen() || !all.length || !input.value.replace(/^[\s/／]+/, "")) return false;
    take(all[Math.max(0, active)]);
    return true;
  },
  Escape() {
    if (isOpen()) { stop(); show(false); return true; }
    if (input.value) { input.value = ""; stop(); say(""); return true; }
    return false;
  },
};
function stop() { clearTimeout(waiting); asked += 1; running?.abort(); }
function say(text) { const at = hint(); at.textContent = text; delete at.dataset.kind; }

if (form) {
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = does[event.key];
    if (!act || act(event) === false) return;
    event.preventDefault();
    event.stopPropagation();
  });
  input.addEventListener("input", () => { past = -1; later(); });
  box.addEventListener("pointerdown", (event) => event.preventDefault());  /* the line keeps the focus */
  box.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) take(option);
  });
  form.addEventListener("focusout", (event) => {
    if (form.contains(event.relatedTarget)) return;
    stop();
    show(false);
  });
  document.addEventListener("answerable:select", () => { if (isOpen()) later(); });

  /* What was shown goes with the line, so that nothing else is done; a preview that was asked for
     before Enter, and comes after it, would say that what has happened is still to happen. */
  form.addEventListener("submit", () => {
    const same = shown.line === input.value && shown.incident === incident();
    form.elements.seen.value = same ? shown.seen : "";
    stop();
    show(false);
  }, true);
  document.addEventListener("htmx:after:request", (event) => {
    const { request, response } = event.detail.ctx ?? {};
    if (request?.form !== form && event.detail.ctx?.sourceElement !== form) return;
    const sent = new URLSearchParams(request?.body).get("line");
    setTimeout(() => {
      const told = hint();
      if (told.dataset.keep) keep(told.dataset.keep);
      if (told.dataset.look) look(told.dataset.look);
      past = -1;
      if (response?.status === 201 || told.dataset.look) {
        if (input.value === sent) input.value = "";  /* the next line may be begun already */
        shown.line = null;
      }
      else if (document.activeElement === input && input.value) read(true);
    });
  });
}

function look(wanted) {
  const now = getComputedStyle(document.documentElement).colorScheme;
  const dark = now === "dark" || (now !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  if (dark !== (wanted === "dark")) document.querySelector("[data-theme-switch]").click();
}
