/* The small part of the console that runs in the browser: clocks that tick against the server's
   time, keys, the selected row, and what the connection is worth. Pages work without most of it. */

const body = document.body;
const root = document.documentElement;
const $ = (selector, from = document) => from.querySelector(selector);
const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
const calm = matchMedia("(prefers-reduced-motion: reduce)");

/* ---- Time: the server says what it is and how fast it runs; between its words we count. ---- */

export const time = {
  base: Number(body.dataset.now), at: performance.now(), speed: Number(body.dataset.speed),
  now() { return this.base + (performance.now() - this.at) * this.speed; },
  set(now, speed) {
    const ahead = this.now() - now;
    const small = ahead > 0 && ahead < 2000 * Math.max(1, speed) && speed === this.speed;
    this.base = small ? now + ahead * 0.5 : now;
    this.at = performance.now();
    this.speed = speed;
  },
};

const clockFormat = new Intl.DateTimeFormat("en-GB", {
  timeZone: body.dataset.zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});
const dateFormat = new Intl.DateTimeFormat(body.dataset.locale === "en" ? "en-GB" : body.dataset.locale, {
  timeZone: body.dataset.zone, day: "numeric", month: "short", year: "numeric",
});

const numbers = new Intl.NumberFormat(body.dataset.locale);
const said = (words, values) => words.replace(/{(\w+)}/g, (_hole, name) => values[name]);

export function left(ms) {
  const late = ms < 0;
  const s = Math.floor(Math.abs(ms) / 1000);
  const sign = late ? "−" : "";
  const hours = Math.floor((s % 86400) / 3600), minutes = String(Math.floor((s % 3600) / 60)).padStart(2, "0");
  if (s >= 86400) return sign + said(body.dataset.days, { days: Math.floor(s / 86400), hours });
  if (s >= 3600) return sign + said(body.dataset.hours, { hours, minutes });
  return `${sign}${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
}

export function stateOf(due, from, now) {
  if (now >= due) return "late";
  return (due - now) / Math.max(1, due - from) <= 0.25 ? "near" : "calm";
}

/* A clock that rang five minutes ago has been heard: it stays red, but stops shouting. */
export const heardLongAgo = (due, now) => now - due > 300000;

const put = (node, text) => { if (node && node.firstChild?.nodeValue !== text) node.textContent = text; };
const mark = (node, state) => {
  if (!node || node.dataset.is === state) return;
  node.classList.remove("calm", "near", "late", "none");
  node.classList.add(state);
  node.dataset.is = state;
};

function tick() {
  const now = time.now();
  put($("[data-clock]"), clockFormat.format(now));
  put($("[data-date]"), dateFormat.format(now));
  let ringing = 0;
  for (const box of $$("[data-due]")) {
    const due = Number(box.dataset.due), from = Number(box.dataset.from);
    const state = stateOf(due, from, now);
    if (state === "late") ringing += 1;
    const text = $(".left", box);
    put(text, left(due - now));
    mark(text, state);
    const drain = $(".drain", box);
    if (drain) {
      mark(drain, state);
      drain.classList.toggle("old", state === "late" && heardLongAgo(due, now));
      const share = state === "late" ? 1 : Math.max(0, Math.min(1, (due - now) / Math.max(1, due - from)));
      drain.firstElementChild.style.transform = `scaleX(${share.toFixed(4)})`;
    }
    const sign = $("[data-ringing]", box);
    if (sign) sign.hidden = state !== "late";
  }
  const count = $("[data-ringing-count]");
  if (count) { put(count.firstElementChild, String(ringing)); count.hidden = ringing === 0; }
  for (const node of $$("[data-since]")) put(node, left(now - Number(node.dataset.since)));
}
setInterval(tick, 250);
tick();

/* ---- Live fragments: a list in which each row has its place, and nothing is replaced needlessly. */

const ranked = {
  /* What a person has opened stays open when the page around it changes. */
  htmx_before_morph_attr(node, { attrName }) { return attrName !== "open"; },
  handle_swap(style, target, fragment) {
    if (style !== "ranked") return false;
    const touched = [];
    for (const fresh of [...fragment.children]) {
      const old = document.getElementById(fresh.id);
      if (fresh.dataset.gone !== undefined) {
        if (old && old.dataset.incident === selected) advise();  /* say that it is closed */
        old?.remove();
        continue;
      }
      if (old?.isEqualNode(fresh)) continue;
      const held = old?.contains(document.activeElement) ? document.activeElement : null;
      const open = old && $("details[open]", old);  /* a form that is being filled in goes on as it is */
      if (open) $("details", fresh)?.replaceWith(open);
      if (old) old.replaceWith(fresh);
      const rank = Number(fresh.dataset.rank);
      const after = (row) => Number(row.dataset.rank) > rank;
      const last = target.lastElementChild;
      const before = last && after(last) ? [...target.children].find((row) => row !== fresh && after(row)) : null;
      if (before) { if (fresh.nextElementSibling !== before) target.insertBefore(fresh, before); }
      else if (last !== fresh) target.append(fresh);
      window.htmx.process(fresh);
      if (held) (fresh.contains(held) ? held : $("a, button", fresh))?.focus({ preventScroll: true });
      if (!old || old.dataset.mark !== fresh.dataset.mark) touched.push(fresh);
      if (fresh.dataset.incident === selected) advise();
    }
    keepSelection();
    if (!calm.matches && time.speed <= 60) touched.forEach((row) => flash(row));
    tick();
    return touched;
  },
};
function flash(row) {
  row.classList.add("flash");
  row.addEventListener("animationend", () => row.classList.remove("flash"), { once: true });
}
window.htmx?.registerExtension("ranked", ranked);

/* ---- The selected row survives every change. ---- */

const listOf = () => $("[data-list]");
let selected = null, place = 0;  /* and where it stands, or stood until it went */
function keepSelection() {
  const list = listOf();
  if (!list) return;
  for (const [at, row] of [...list.children].entries()) {
    const on = row.dataset.incident === selected;
    if (on) place = at;
    if (on !== (row.getAttribute("aria-current") === "true")) {
      if (on) row.setAttribute("aria-current", "true"); else row.removeAttribute("aria-current");
    }
  }
}
export function select(id, { scroll = true, tell = true } = {}) {
  if (selected === id) return;
  selected = id;
  keepSelection();
  const hidden = $("#line [data-selected]");
  if (hidden && body.dataset.page === "board") hidden.value = id ?? "";
  const row = id && document.getElementById(`row-${id}`);
  if (row && scroll) row.scrollIntoView({ block: "nearest" });
  if (tell) document.dispatchEvent(new CustomEvent("answerable:select", { detail: { id } }));
  if (id && $("#advice")) propose();
}
export const selection = () => selected;

/* The proposal for the chosen call, asked for again when that call changes; never while the
   details of it are being read with the keyboard inside. */
const propose = () => window.htmx.ajax("GET", `/board/advice/${encodeURIComponent(selected)}`,
  { source: "#advice", target: "#advice", swap: "innerMorph" });
let advising = 0;
function advise() {
  if (!selected || !$("#advice")) return;
  clearTimeout(advising);
  advising = setTimeout(() => {
    const box = $("#advice");
    if (box.contains(document.activeElement) || $("details[open]", box)) return;
    propose();
  }, 300);
}

function step(by) {
  const list = listOf();
  if (!list?.children.length) return;
  const rows = [...list.children];
  const at = rows.findIndex((row) => row.getAttribute("aria-current") === "true");
  const row = rows[Math.max(0, Math.min(rows.length - 1, at >= 0 ? at + by : by > 0 ? place : place - 1))];
  select(row.dataset.incident ?? row.id);
  $("a", row)?.focus({ preventScroll: true });
}
document.addEventListener("pointerover", (event) => {
  const unit = event.target.closest?.("[data-unit]");
  document.dispatchEvent(new CustomEvent("answerable:unit", { detail: { name: unit?.dataset.unit ?? null } }));
});
document.addEventListener("focusin", (event) => {
  const row = event.target.closest?.("[data-list] > [data-incident]");
  if (row) select(row.dataset.incident, { scroll: false });
});
let chosenBefore = null;  /* a press of the button focuses the row, which chooses it, before the click */
document.addEventListener("pointerdown", () => { chosenBefore = selected; }, true);
document.addEventListener("click", (event) => {
  const row = event.target.closest?.("#open > .row");
  if (!row || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  const before = event.detail ? chosenBefore : selected;
  if (before === row.dataset.incident || !matchMedia("(min-width: 861px)").matches) return;
  event.preventDefault();  /* the first click shows it here, the second opens it */
  select(row.dataset.incident, { scroll: false });
});

/* ---- Keys. "?" shows the ones of this page. ---- */

const pages = {
  b: "/board", c: "/calls", u: "/units", s: "/standards", r: "/record",
  h: $(".head .desk")?.getAttribute("href"),
  a: $(".nav a[href='/admin']")?.getAttribute("href"),  /* only where it is given */
};
let going = 0;
const typing = (node) => node?.closest?.("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (typing(event.target)) {
    if (event.key === "Escape") { event.target.blur(); }
    return;
  }
  if ($("dialog[open]")) return;
  if (going && performance.now() - going < 1200 && pages[event.key]) {
    location.assign(pages[event.key]);
    return;
  }
  going = 0;
  const action = keys[event.key];
  if (action && action(event) !== false) event.preventDefault();
});
/* A form sent before htmx has taken it over would be sent by the browser, its token in the address:
   htmx takes it over now. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[hx-post]") || form._htmx || !window.htmx) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  window.htmx.process(form);
  if (form._htmx) setTimeout(() => form.requestSubmit(event.submitter));  /* no form sends itself while it is being sent */
}, true);
const press = (selector) => { const node = $(selector); if (!node) return false; node.click(); return true; };
const keys = {
  "?": () => showKeys(),
  g: () => { going = performance.now(); },
  j: () => step(1),
  k: () => step(-1),
  Enter: () => {
    const row = selected && document.getElementById(`row-${selected}`);
    if (!row || (document.activeElement !== body && !row.contains(document.activeElement))) return false;
    location.assign($("a", row).href);
    return true;
  },
  "/": () => {
    const input = $("#line [name=line]");
    if (!input) return false;
    input.focus();
    if (!input.value) input.value = "/";
    input.dispatchEvent(new Event("input", { bubbles: true }));
    return true;
  },
  d: () => switchTheme(),
  n: () => { const note = $("#note-words"); if (!note) return false; note.focus(); return true; },
  b: () => { if (body.dataset.page === "board") return false; location.assign("/board"); return true; },
  p: () => press("[data-demo=pause]"),
  "+": () => press("[data-demo=faster]"),
  "=": () => press("[data-demo=faster]"),
  "-": () => press("[data-demo=slower]"),
  "0": () => press("[data-zoom=home]"),
  o: () => { const to = $("a[href='/take']"); if (!to) return false; location.assign(to.href); return true; },
};
function showKeys() { const box = $("#keys"); if (!box.open) box.showModal(); }
document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-keys]")) showKeys();
  if (event.target.closest?.("[data-theme-switch]")) switchTheme();
  for (const menu of $$("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

function switchTheme() {
  const night = getComputedStyle(root).colorScheme === "dark" ||
    (getComputedStyle(root).colorScheme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.theme = night ? "light" : "dark";
  const safe = location.protocol === "https:";  // then the cookie is this host's alone
  document.cookie = `${safe ? "__Host-" : ""}theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=strict${safe ? "; secure" : ""}`;
  document.dispatchEvent(new CustomEvent("answerable:theme"));
}

/* ---- Forms: each carries a key that makes it happen once, however often it is sent. ---- */

/* The time comes first, so that the record's index of keys grows at its end. */
const newKey = () => `web-${Date.now().toString(36)}-${crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("")}`;
document.addEventListener("submit", (event) => {
  fillKey(event.target);
  if (event.target.getAttribute("action") === "/session/end") sessionStorage.removeItem("take");  /* a caller's words */
}, true);
document.addEventListener("htmx:config:request", (event) => {
  const { body: data, form, headers } = event.detail.ctx.request;
  headers["X-Token"] = body.dataset.token;  /* live fragments are everybody's, so they carry none */
  if (form && data?.has?.("key") && !data.get("key")) { fillKey(form); data.set("key", $("[data-key]", form)?.value ?? ""); }
}, true);
/* Whether a form still holds what was sent: who went on typing meanwhile keeps what they typed. */
const told = (data) => { const held = new URLSearchParams(data ?? ""); for (const name of ["key", "token", "seen"]) held.delete(name); return held.toString(); };
export const untouched = (form, sent) => told(new FormData(form)) === told(sent);
/* The detail a form was in, closed when it was done; whoever was in it stands at its summary at once:
   a field left to itself keeps the cursor for a frame, and a live change then takes it for somebody's. */
export function fold(form) {
  const detail = form.dataset.stays === undefined && form.closest("details.more");
  if (!detail) return;
  if (detail.contains(document.activeElement)) $("summary", detail).focus({ preventScroll: true });
  detail.removeAttribute("open");
}
function fillKey(form) { const key = $("[data-key]", form); if (key && !key.value) key.value = newKey(); }
document.addEventListener("htmx:after:request", (event) => {
  const ctx = event.detail.ctx;
  if (ctx?.response?.status === 401) location.reload();  /* the session has ended: to the door */
  const form = ctx?.request?.form;
  const key = form && $("[data-key]", form);
  const status = ctx?.response?.status;
  const kept = status >= 500;  /* a lost answer is sent again under the same key */
  if (key && status && !kept) key.value = "";
  if (status === 202 && form?.closest("#demo")) form.reset();  /* "jump to", not the hour left behind */
  if (form && ctx.response?.status === 201) {
    if (form.dataset.clear !== undefined && untouched(form, ctx.request.body)) form.reset();
    fold(form);
  }
});

document.addEventListener("input", (event) => {
  const form = event.target.name === "number" && event.target.form;
  if (form && $("[data-key]", form)) $("[data-key]", form).value = "";  /* another number, another call */
});

/* The usual priority of a kind, until somebody says otherwise. */
document.addEventListener("change", (event) => {
  const usual = event.target.name === "kind" && event.target.selectedOptions?.[0]?.dataset.usual;
  const priority = usual && event.target.form?.elements.priority;
  if (priority) priority.value = usual;
});

/* ---- The connection: what it is worth, in words. ---- */

const lost = $("[data-lost]");
const kept = $("[data-kept]");
let heard = performance.now();
let lastSeen = time.now();
function connection(state) {
  if (state === "ok" && body.dataset.unrecorded) state = "waiting";
  put($("[data-unrecorded-count]"), body.dataset.unrecorded ?? "");
  if (!kept || kept.dataset.state === state) return;
  kept.dataset.state = state;
  if (state === "lost") put($("[data-lost-at]"), clockFormat.format(lastSeen));
  lost.hidden = state !== "lost";
}
/* Only pages of whoever may acknowledge an alarm about the record have the place for it. */
function alarming(count) {
  const at = $("[data-alarms]");
  if (!at) return;
  put($("[data-alarms-count]"), String(count));
  at.hidden = !count;
}
function holding(word) { const at = $("[data-holds]"); if (at) at.dataset.holds = word; }
const sends = (event) => event.detail.ctx?.request?.method === "POST";
/* "Heard" is said of what is on its way only while the service is there to hear it. */
document.addEventListener("htmx:before:request", (event) => { if (sends(event) && kept?.dataset.state === "ok" && navigator.onLine !== false) holding("heard"); });
for (const came of ["htmx:after:request", "htmx:error"]) document.addEventListener(came, (event) => { if (sends(event)) holding("recorded"); });
document.addEventListener("answerable:unrecorded", () => connection(kept?.dataset.state === "lost" ? "lost" : "ok"));
addEventListener("offline", () => connection("lost"));
const live = $("#live");
if (live) {
  /* htmx may have begun before its stream extension was here: then nobody has connected yet. */
  if ($("[data-htmx-powered]") && !live._htmx) window.htmx.process(live);
  /* While the page is read again, what comes waits: it is newer than that page, and only what changed. */
  let rereading = null;
  live.addEventListener("htmx:sse:before:message", (event) => {
    heard = performance.now(); lastSeen = time.now(); connection("ok");
    if (rereading) event.detail.waitUntil(rereading);
  });
  live.addEventListener("htmx:sse:error", (event) => {
    if (event.detail.status === 401) location.reload();  /* the session has ended: to the door */
    connection("lost");
  });
  live.addEventListener("htmx:sse:close", () => connection("lost"));
  /* The service is there again: the stream asks at once for what it missed, whether it waits for its
     next try or has not noticed yet that it was cut. */
  let stream = null, opened = 0;
  live.addEventListener("htmx:sse:after:connection", (event) => { stream = event.detail.connection; opened = performance.now(); });
  const back = () => {
    if (kept?.dataset.state === "ok") return;
    stream?.delayCanceller?.();
    stream?.reader?.cancel();
  };
  addEventListener("online", back);
  document.addEventListener("answerable:once", back);
  live.addEventListener("beat", (event) => {
    const beat = JSON.parse(event.detail.data);
    time.set(beat.now, beat.speed);
    put($("[data-recorded]"), numbers.format(beat.recorded));
    alarming(beat.alarms);
    holding(beat.witnessed >= beat.recorded ? "witnessed" : beat.sealed >= beat.recorded ? "sealed" : "recorded");
    put($("[data-demo-speed]"), beat.jumping ? "»" : `${beat.chosen}×`);
    put($("[data-demo=pause] [aria-hidden]"), beat.paused ? "▶" : "❚❚");
    document.dispatchEvent(new CustomEvent("answerable:beat", { detail: beat }));
  });
  live.addEventListener("again", () => {
    /* A form that is being filled in is not drawn anew under the hands of whoever fills it in. */
    if (!$("#main[data-keeps]")) {
      const read = window.htmx.ajax("GET", location.pathname + location.search, { target: "#main", select: "#main", swap: "outerMorph" })
        .catch(() => {}).finally(() => { if (rereading === read) rereading = null; });
      rereading = read;
    }
    document.dispatchEvent(new CustomEvent("answerable:again"));
  });
  live.addEventListener("map", (event) => {
    document.dispatchEvent(new CustomEvent("answerable:map", { detail: JSON.parse(event.detail.data) }));
  });
  /* A connection that died without a word is given up, and asked for anew. */
  setInterval(() => {
    const now = performance.now();
    if (now - heard > 6000) connection("lost");
    if (now - Math.max(heard, opened) > 6000) stream?.reader?.cancel();
  }, 1000);
  addEventListener("pagehide", () => connection("ok"));
}

/* Anything htmx swapped in must show its clocks at once, and keep what was chosen. */
document.addEventListener("htmx:after:swap", (event) => {
  tick();
  keepSelection();
  const box = event.detail.ctx?.target;
  if (box?.matches?.(".answer")) $(".refusal", box)?.scrollIntoView({ block: "nearest" });
});

/* The row chosen before, or the first. */
if (listOf() && body.dataset.page === "board") {
  const first = $("#open > .row");
  if (first && matchMedia("(min-width: 861px)").matches) select(first.dataset.incident, { scroll: false });
}
