/* A command that the service could not be told is shown at once as not yet recorded, kept, and sent
   once when the connection is back: in the order in which they were given, each under the key it
   had, so that one whose answer was lost is recorded a single time. What came of each is told.

   Kept in this tab's session storage, which no other tab and no other site can read and which goes
   with the tab: a reload or another page of the console does not lose it, a closed tab does, and
   says so before. It may hold words that the service would seal, so it holds them no longer than it
   must: until the answer is there, never sent by itself after an hour (the incident has moved on),
   forgotten after twelve (a shift), and never sent under another person's name. */

import { fold, time, untouched } from "./app.js";

const words = document.getElementById("once-words")?.dataset;
const body = document.body;
const KEPT = "answerable-once";
const SLOW_MS = 700;             // an answer that takes longer is shown as not yet there
const TRY_MS = [1000, 2000, 3000, 5000];
const ANSWER_MS = 10000;
const OLD_MS = 3600000, FORGET_MS = 12 * OLD_MS;
const RECORDED_MS = 15000;
const MOST = 200;
const UNREACHED = new Set([0, 502, 503, 504]);

let entries = load();
let tries = 0, timer = 0, busy = false, signedOut = false;
const underway = new Map();      // the ctx of a request that htmx has out -> its entry

const clock = new Intl.DateTimeFormat("en-GB", { timeZone: body.dataset.zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const waits = (entry) => entry.state === "sending" || entry.state === "waiting";
const pending = () => entries.filter(waits);

function load() {
  try {
    const held = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]").filter(({ at }) => Date.now() - at < FORGET_MS);
    for (const entry of held) {
      if (entry.state === "sending") entry.state = "waiting";
      if (entry.who !== body.dataset.who) entry.state = "theirs";
    }
    return held;
  } catch { return []; }
}
function save() {
  const held = entries.filter(({ state }) => state !== "recorded");
  try {
    if (held.length) sessionStorage.setItem(KEPT, JSON.stringify(held)); else sessionStorage.removeItem(KEPT);
  } catch { /* no room: what is shown is still in this page */ }
}

/* ---- Which forms, and what a person has given in them. ---- */

const once = (form) => form && words && form.dataset.once !== "no" && !form.querySelector("[type=password]")
  && (form.dataset.once !== undefined || form.querySelector("[data-key]"));
const plain = (node) => node && [...node.childNodes].filter((one) => one.nodeName !== "KBD").map((one) => one.textContent).join("").trim();
const picks = (field) => field.type === "radio" || field.type === "checkbox";
const labelOf = (field) => (field.type === "radio" ? plain(field.closest("fieldset")?.querySelector("legend")) : field.type === "checkbox" ? plain(field.closest("label"))
  : field.closest("label")?.querySelector("span")?.textContent.trim()) ?? field.getAttribute("aria-label") ?? field.name;
const shown = (field) => (field.tagName === "SELECT" ? [...field.selectedOptions].map((one) => one.textContent.trim()).join(", ")
  : field.type === "radio" ? plain(field.closest("label")) || field.value : field.type === "checkbox" ? "✓" : field.value);
function described(form, submitter) {
  const fields = [...form.elements].filter((one) => one.name && one.value && one.matches("input:not([type=hidden]), textarea, select") && (!picks(one) || one.checked));
  const button = submitter ?? form.querySelector("button:not([type=button])");
  const about = ["unit", "incident", "call"].map((name) => form.elements[name]).filter((one) => one?.type === "hidden" && one.value).map((one) => one.value);
  const line = form.elements.line?.value;
  return {
    what: line ?? [plain(button), ...about].filter(Boolean).join(" · "),
    fields: line ? [] : fields.map((one) => [labelOf(one), shown(one)]),
    incident: form.elements.incident?.value ?? "",
  };
}
function made(ctx) {
  const { form, submitter, action, body: data } = ctx.request;
  const sent = new URLSearchParams(data);
  sent.delete("token");
  return { id: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`, ...described(form, submitter), to: action, body: sent.toString(),
    at: Date.now(), shown: time.now(), who: body.dataset.who, state: "sending", tried: false, told: "" };
}

/* ---- What htmx sends: watched, and taken over where the service cannot be reached. ---- */

const mine = (ctx) => ctx?.request?.method === "POST" && once(ctx.request.form);
const content = (data) => { const told = new URLSearchParams(data); told.delete("key"); told.delete("token"); return told.toString(); };
const newKey = () => `web-${Date.now().toString(36)}-${crypto.randomUUID()}`;
function takenOver(event) {
  const { ctx } = event.detail;
  const ahead = pending().length || [...underway.values()].some((one) => one.slow);
  if (!ahead && navigator.onLine !== false) return false;
  event.preventDefault();  /* what was given before it goes before it */
  const entry = made(ctx);
  const twin = pending().some((one) => one.to === entry.to && content(one.body) === content(entry.body) && entry.at - one.at < 1000);
  if (!twin) take(entry, ctx.request.form);  /* pressed twice it is one command */
  return true;
}
document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail;
  if (!mine(ctx)) return;
  const { form, body: data } = ctx.request;
  const before = [...underway].find(([one]) => one.request.form === form)?.[1];
  /* Pressed twice it is one command; with something else in the form it is another. */
  if (before && before.body !== "" && data.get("key") === new URLSearchParams(before.body).get("key") && content(data) !== content(before.body)) data.set("key", newKey());
  takenOver(event);
});
document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = event.detail;
  if (!mine(ctx) || takenOver(event)) return;
  const entry = made(ctx);
  entry.timer = setTimeout(() => { entry.slow = true; entry.tried = true; keep(entry); }, SLOW_MS);
  underway.set(ctx, entry);
});
function settled(ctx) {
  const entry = underway.get(ctx);
  underway.delete(ctx);
  clearTimeout(entry?.timer);
  return entry;
}
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  const entry = ctx && settled(ctx);
  if (!entry) return;
  if (ctx.response.status === 502 || ctx.response.status === 504) {
    entry.tried = true;
    take(entry, ctx.request.form);
  } else drop(entry);
});
document.addEventListener("htmx:error", (event) => {
  const { ctx } = event.detail;
  const entry = ctx && settled(ctx);
  if (!entry) return;
  entry.tried = true;
  take(entry, ctx.request.form);
});

function keep(entry) {
  if (!entries.includes(entry)) entries.push(entry);
  entries.sort((one, other) => one.at - other.at);
  save();
  draw();
}
/* The form is free for the next command; its key belongs to what is kept. */
function take(entry, form) {
  if (pending().length >= MOST && !entries.includes(entry)) { answer(form, words.full); return; }
  entry.state = "waiting";
  delete entry.timer; delete entry.slow;
  keep(entry);
  const key = form.querySelector("[data-key]");
  if (key) key.value = "";
  if (form.dataset.clear !== undefined && untouched(form, entry.body)) form.reset();
  fold(form);
  answer(form, words.kept);
  later(true);
}
function answer(form, text) {
  const at = form.id === "line" ? document.getElementById("hint") : form.querySelector(".answer");
  if (at) { at.textContent = text; if (at.id === "hint") at.dataset.kind = "no"; }
}
function drop(entry) {
  entries = entries.filter((one) => one !== entry);
  save();
  draw();
}

/* ---- Sending, one after the other. ---- */

function later(first = false) {
  clearTimeout(timer);
  if (first) tries = 0;
  if (!pending().length || signedOut) return;
  timer = setTimeout(drain, TRY_MS[Math.min(tries, TRY_MS.length - 1)]);
  tries += 1;
}
async function drain() {
  if (busy || signedOut || underway.size) { later(); return; }
  busy = true;
  try {
    for (const entry of entries.filter(({ state }) => state === "waiting")) {
      if (Date.now() - entry.at > OLD_MS) { entry.state = "old"; save(); draw(); continue; }
      if (!(await send(entry))) break;
      tries = 0;
    }
  } finally { busy = false; }
  later();
}
async function send(entry) {
  entry.state = "sending"; entry.tried = true;
  save();
  draw();
  let response, html;
  try {
    response = await fetch(entry.to, {
      method: "POST", body: new URLSearchParams(entry.body), signal: AbortSignal.timeout(ANSWER_MS),
      headers: { "X-Token": body.dataset.token, "HX-Request": "true", Accept: "text/html" },
    });
    html = await response.text();
  } catch { response = { status: 0 }; }
  if (UNREACHED.has(response.status) || response.status === 401) {
    entry.state = "waiting";
    signedOut = response.status === 401;
    save();
    draw();
    return false;
  }
  const page = new DOMParser().parseFromString(html, "text/html");
  const refusal = page.querySelector(".refusal, #hint[data-kind=no]");
  entry.state = response.ok && !refusal ? "recorded" : "refused";
  for (const one of page.querySelectorAll("button, form, .undo")) one.remove();  /* the words, not what can be done */
  entry.told = (refusal ? [...refusal.children].map((one) => one.textContent.trim()).join(" ") || refusal.textContent : page.body.textContent).trim();
  entry.href = response.headers.get("hx-redirect") ?? "";
  save();
  draw();
  if (entry.state === "recorded") setTimeout(() => drop(entry), RECORDED_MS);
  document.dispatchEvent(new CustomEvent("answerable:once", { detail: { state: entry.state, to: entry.to } }));
  return true;
}
/* Whatever shows that the service is there again. */
const back = () => { if (pending().length && !busy) { tries = 0; clearTimeout(timer); drain(); } };
addEventListener("online", back);
document.getElementById("live")?.addEventListener("htmx:sse:before:message", back);

/* ---- The list. ---- */

let box = null;
const element = (tag, className, text = "") => Object.assign(document.createElement(tag), { className, textContent: text });
function button(text, act) {
  const made_ = element("button", "do small", text);
  made_.type = "button";
  made_.addEventListener("click", act);
  return made_;
}
function row(entry) {
  const item = element("li", "");
  item.dataset.state = entry.state;
  item.append(element("span", "num dim", clock.format(entry.shown)), element("b", "", entry.what || entry.to));
  const state = item.appendChild(element("span", "state", entry.told || (signedOut && waits(entry) ? words.signedout : words[entry.state])));
  if (entry.state === "refused") state.setAttribute("role", "alert");
  if (entry.fields?.length && entry.state !== "recorded") {
    const given = item.appendChild(element("dl", ""));
    for (const [label, value] of entry.fields) given.append(element("dt", "", label), element("dd", "", value));
  }
  const acts = item.appendChild(element("span", "acts"));
  const lead = entry.href || (entry.state === "refused" && entry.incident ? `/incidents/${entry.incident}` : "");
  if (lead.startsWith("/")) acts.append(Object.assign(element("a", "do small", words.look), { href: lead }));
  if (entry.state === "refused" || entry.state === "old") acts.append(button(words.again, () => {
    if (entry.state === "refused") {  /* another try is another command */
      const data = new URLSearchParams(entry.body);
      data.set("key", newKey());
      entry.body = data.toString();
    }
    entry.at = Date.now(); entry.state = "waiting"; entry.told = "";
    entries.sort((one, other) => one.at - other.at);
    save(); draw(); back();
  }));
  if (entry.state !== "sending") acts.append(button(entry.state === "recorded" ? words.seen : entry.tried && entry.state === "waiting" ? words.dropped : words.drop, () => drop(entry)));
  return item;
}
function draw() {
  const waiting = pending().length;
  if (!waiting) for (const at of document.querySelectorAll(".answer, #hint")) if (at.textContent === words?.kept) at.textContent = "";
  if (waiting) body.dataset.unrecorded = String(waiting); else delete body.dataset.unrecorded;
  document.dispatchEvent(new CustomEvent("answerable:unrecorded"));
  if (!words) return;
  if (!entries.length) { box?.remove(); box = null; return; }
  if (!box) {
    box = element("section", "once");
    box.id = "once";
    box.setAttribute("aria-labelledby", "once-title");
    const head = box.appendChild(element("h2", ""));
    head.id = "once-title";
    head.setAttribute("role", "status");
    box.append(element("ol", ""));
    body.append(box);
  }
  const left = entries.filter(({ state }) => state !== "recorded").length;
  const head = waiting ? words.title.replace("{count}", waiting) : left ? words.titleNo.replace("{count}", left) : words.titleDone;
  if (box.firstElementChild.textContent !== head) box.firstElementChild.textContent = head;
  box.lastElementChild.replaceChildren(...entries.map(row));
}

/* ---- Leaving. ---- */

addEventListener("beforeunload", (event) => { if (pending().length) event.preventDefault(); });
const LEAVES = new Set(["/session", "/session/end", "/hand-over/sign", "/hand-over/code"]);
document.addEventListener("submit", (event) => {
  if (!pending().length || !LEAVES.has(event.target.getAttribute("action"))) return;
  event.preventDefault();  /* the next person must not find, nor send, what is not theirs */
  event.stopImmediatePropagation();
  box?.querySelector("h2")?.scrollIntoView();
  if (box) box.dataset.first = words.first;
}, true);

draw();
if (pending().length) back();
