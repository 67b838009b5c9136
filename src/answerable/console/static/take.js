/* Taking a call by keyboard alone. The words typed go to the server in the bodies of POSTs, and
   come back as a proposal, questions and candidates; nothing is recorded before it is said to be.

   A half-typed form survives a reload: it is kept in this tab's sessionStorage, which no other tab
   reads and which goes with the tab: one for each call, because whoever turns to a second caller
   comes back to the first. These are a caller's words, which the record seals; so what is kept here
   goes as soon as they are recorded, the call is over, the form is emptied, an hour has passed, or
   another session signs in at this desk. The number to ring back is never kept: the line knows it. */

const $ = (selector, from = document) => from.querySelector(selector);
const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
const page = $("main.take");
const form = $("#take");
const words = form.elements.words;
const kind = form.elements.kind;
const priority = form.elements.priority;
const place = form.elements.address;
const list = () => $("#script-after") ?? $("#script");
const KEPT = "take";
const FIELDS = ["words", "address", "lon", "lat", "door", "kind", "priority", "unverified", "later"];
const FORGET_MS = 3600000;
const HEARD_MS = 110;  /* a pause in typing; the answer itself takes a few */
const AGAIN_LOST_MS = 1500;
const AGAIN_MS = 250;  /* a second Enter sooner than this is the first one's bounce */
const ANSWER_MS = 10000;  /* a connection that only falls silent is as lost as one that is cut */

let by = { kind: "", priority: "" };  /* who set it: hand, rules, or an answer of the script */
let answers = {};
let told = new Set();
let proposal = null;
let recorded = page.dataset.recorded ?? "";
let attached = null;  /* the call, incident and note that one key takes back */
let shownScript = null;
let heardWords = null;
let drawnAt = 0;
let nearAt = 0;  /* when another incident came to stand where Alt A attaches */
let sent = null;  /* what was sent and has no answer yet */

/* ---- What this tab keeps. ---- */

function keep() {
  if (recorded || attached) return;
  const fields = Object.fromEntries(FIELDS.map((name) => [name, form.elements[name].value]));
  const typed = FIELDS.some((name) => fields[name]) || Object.keys(answers).length;
  const draft = { at: Date.now(), key: form.elements.key.value, sent, fields, by, answers, told: [...told] };
  hold(form.elements.call.value, typed ? draft : undefined);
}
const drop = (call = form.elements.call.value) => hold(call);
function drafts() {
  let held = null;
  try { held = JSON.parse(sessionStorage.getItem(KEPT)); } catch { /* not ours */ }
  if (held?.whose !== page.dataset.whose) return {};
  return Object.fromEntries(Object.entries(held.drafts ?? {}).filter(([, { at }]) => Date.now() - at < FORGET_MS));
}
/* Keep the draft of a call; without one, let go of it. */
function hold(call, draft) {
  const held = { ...drafts(), [call]: draft };
  if (Object.values(held).some(Boolean)) sessionStorage.setItem(KEPT, JSON.stringify({ whose: page.dataset.whose, drafts: held }));
  else sessionStorage.removeItem(KEPT);
}

function back() {
  if (page.dataset.over !== undefined) { drop(page.dataset.call); return; }
  const draft = drafts()[form.elements.call.value];
  if (!draft) { drop(); return; }
  for (const name of FIELDS) form.elements[name].value = draft.fields[name] ?? "";
  for (const name of ["lon", "lat", "door"]) if (draft.fields[name]) form.elements[name].dataset.filled = draft.fields[name];
  form.elements.key.value = draft.key ?? "";
  ({ by, answers, sent } = draft);
  told = new Set(draft.told);
}

/* ---- While the caller speaks. ---- */

let asking = null;
let timer = 0;
const position = (name) => {
  const text = form.elements[name].value.replace("−", "-").trim();
  return text && Number.isFinite(Number(text)) ? Number(text) : null;
};

async function hear() {
  clearTimeout(timer);
  asking?.abort();
  asking = new AbortController();
  const held = ["kind", "priority"].filter((name) => by[name] && by[name] !== "rules" && form.elements[name].value);
  const body = { words: words.value.slice(0, 4000), kind: kind.value, priority: priority.value, held, lon: position("lon"), lat: position("lat"), script: shownScript };
  try {
    const answer = await fetch("/take/heard", {
      method: "POST", signal: AbortSignal.any([asking.signal, AbortSignal.timeout(ANSWER_MS)]), body: JSON.stringify(body),
      headers: { "content-type": "application/json", "x-token": document.body.dataset.token },
    });
    if (answer.status === 401) { location.reload(); return; }  /* the session has ended: to the door */
    if (!answer.ok) { settle(); return; }
    show(await answer.json());
    heardWords = body.words;
    settle();
  } catch (error) {
    if (error.name === "AbortError") return;  /* a newer one is under way */
    page.dataset.deaf = "";
    settle();
  }
}

/* What Enter asked for before the answer was there: the proposal taken, the cursor gone on. */
const wanted = { take: false, on: false };
function settle() {
  if (wanted.take) { wanted.take = false; take(); }
  if (wanted.on) { wanted.on = false; if (document.activeElement === place) onward().focus(); }
}
const soon = () => { clearTimeout(timer); timer = setTimeout(hear, HEARD_MS); };

function show(heard) {
  delete page.dataset.deaf;
  propose(heard.proposal);
  const seen = first();
  put($("#near"), heard.near);
  if (seen && first() !== seen) nearAt = performance.now();
  $("#near .cand")?.classList.add("at");
  if (heard.script && !recorded) {
    shownScript = heard.script.of;
    put($("#script"), heard.script.html);
    pressed();
  }
}
const first = () => $("#near [data-attach]")?.dataset.attach;
function put(box, html) { if (box.was !== html) { box.innerHTML = html; box.was = html; } }

function propose(found, taken = null) {
  proposal = found;
  const box = $("#proposal");
  box.classList.toggle("on", Boolean(found));
  if (taken) { box.classList.add("taken"); $(".takes", box).textContent = "✓"; }
  if (!found) {
    if (!box.classList.contains("taken") && (words.value.trim() || kind.value)) box.replaceChildren();
    return;
  }
  box.classList.remove("taken");
  const made = (tag, text, name) => { const node = document.createElement(tag); node.textContent = text; if (name) node.className = name; return node; };
  const key = document.createElement("kbd");
  key.textContent = "Enter";
  const takes = made("button", " " + page.dataset.takes.replace("Enter", "").trim(), "takes");
  takes.type = "button";
  takes.tabIndex = -1;  /* by keyboard Enter does it where the cursor is */
  takes.prepend(key);
  box.replaceChildren(made("b", found.what), made("span", found.because, "because"), takes);
}

/* Over what a hand chose nothing is set; what the rules set, later words may set again. */
function set(name, value, who) {
  if (!value || by[name] === "hand") return false;
  if (by[name] === "script" && who === "rules") return false;
  form.elements[name].value = value;
  if (form.elements[name].value === value) by[name] = who;
  return true;
}
function take() {
  if (!proposal) return;
  const { kind: named, priority: raised } = proposal;
  set("kind", named, "rules");
  set("priority", raised, "rules");
  propose(null, proposal);
  keep();
  hear();
}

/* ---- Questions: one digit, one answer. ---- */

const questions = () => $$(".q", list());
const open = () => questions().find((one) => !(one.dataset.question in answers));
function pressed() {
  const now = open();
  for (const one of questions()) {
    one.classList.toggle("at", one === now);
    if (one === now) one.scrollIntoView({ block: "nearest" });
    for (const choice of $$(".ans", one)) choice.setAttribute("aria-pressed", String(answers[one.dataset.question] === choice.dataset.choice));
  }
  const brought = new Set(questions().map((one) => $(".ans[aria-pressed=true]", one)?.dataset.instruct));
  for (const one of $$(".i", list())) {
    one.hidden = one.dataset.always === undefined && !brought.has(one.dataset.instruction) && !told.has(one.dataset.instruction);
    $("[data-told]", one).setAttribute("aria-pressed", String(told.has(one.dataset.instruction)));
  }
}
function answer(question, choice) {
  if (!question || !choice) return;
  const before = answers[question.dataset.question];
  answers[question.dataset.question] = choice.dataset.choice;
  const { kind: other, priority: raised } = choice.dataset;
  pressed();
  if (recorded) { say(question.dataset.question, choice.dataset.choice, before); return; }
  for (const [name, value] of [["kind", other], ["priority", raised]]) {
    if (value && form.elements[name].value !== value && !set(name, value, "script")) {
      tell(page.dataset.holds.replace("{what}", $(".effect", choice).textContent.replace("→ ", "")));
    }
  }
  keep();
  if (other) hear();
}
async function say(question, choice) {
  const held = ["kind", "priority"].filter((name) => by[name] === "hand").join(" ");
  const done = await send("/take/answer", { incident: recorded, question, choice, keep: held, key: newKey() });
  if (done === undefined) tell(page.dataset.gone);
  if (!done) { delete answers[question]; pressed(); }
}
async function readOut(one) {
  if (!one) return;
  const code = one.dataset.instruction;
  if (told.has(code) && recorded) return;
  if (told.has(code)) told.delete(code); else told.add(code);
  pressed();
  keep();
  if (recorded) {
    const body = { type: "intake.GiveInstruction", incident: recorded, instruction: code, key: newKey() };
    if (!await send("/do", body)) { told.delete(code); pressed(); }
  }
}
const unread = () => $$(".i", list()).find((one) => !one.hidden && !told.has(one.dataset.instruction));

/* ---- The place on the map beside the form, so that a wrong one is seen at once. ---- */

function point() {
  const map = $("#map").chart;
  const [lon, lat] = [position("lon"), position("lat")];
  if (!map || $("#map").dataset.ready !== "true") { if (lon !== null) setTimeout(point, 400); return; }
  const at = lon === null || lat === null ? [] : [{ type: "Feature", properties: {}, geometry: { type: "Point", coordinates: [lon, lat] } }];
  const data = { type: "FeatureCollection", features: at };
  if (map.getSource("place")) map.getSource("place").setData(data);
  else if (at.length) {
    map.addSource("place", { type: "geojson", data });
    const colour = getComputedStyle($("[data-record]")).backgroundColor;
    map.addLayer({ id: "place", type: "circle", source: "place", paint: { "circle-radius": 13, "circle-color": "rgba(0,0,0,0)", "circle-stroke-color": colour, "circle-stroke-width": 4 } });
  }
  if (at.length) map.easeTo({ center: [lon, lat], zoom: Math.max(map.getZoom(), 14.5), animate: !matchMedia("(prefers-reduced-motion: reduce)").matches });
}

/* ---- Recording, attaching, undoing. ---- */

const newKey = () => `take-${Date.now().toString(36)}-${[...crypto.getRandomValues(new Uint8Array(12))].map((b) => b.toString(16).padStart(2, "0")).join("")}`;
const saysAt = () => $(form.hidden ? "#after-answer" : "#take-answer");
const tell = (text) => { saysAt().textContent = text; };
/* Whoever has gone on to something else meanwhile (a line, a reason at another unit) keeps the cursor:
   an answer that comes late would put it on a button, and their next Enter would press that. */
const elsewhere = () => {
  const at = document.activeElement;
  return at && (writing(at) ? !form.contains(at) : at !== document.body && !page.contains(at));
};

async function send(to, fields) {
  try {
    const answer = await fetch(to, {
      method: "POST", body: new URLSearchParams({ token: document.body.dataset.token, ...fields }), signal: AbortSignal.timeout(ANSWER_MS),
      headers: { accept: "application/json", "hx-request": "true" },
    });
    if (answer.status === 401) { location.reload(); return null; }
    if (answer.status === 201) return answer.headers.get("content-type")?.includes("json") ? await answer.json() : {};
    saysAt().innerHTML = await answer.text();
    saysAt().scrollIntoView({ block: "nearest" });
    if (answer.status < 500 && answer.status !== 409) form.elements.key.value = "";
    return answer.status === 503 ? undefined : null;
  } catch { return undefined; }  /* nobody knows whether it was recorded */
}

/* A form whose answer was lost may be in the record. So it is left as it is, and sent again under
   its key until that is known: it is recorded once, and what is shown is what is saved. */
let sending = false;
let retry = 0;
let stood = null;  /* where the cursor was when the form was sent */
async function record(incident = "") {
  if (sending || recorded || attached) return;
  if (form.inert && sent) ({ incident } = sent);  /* the key belongs to what it was sent for */
  if (!incident && !form.inert && !form.reportValidity()) return;
  clearTimeout(retry);
  sending = true;
  if (!form.inert) { tell(page.dataset.waits); stood = form.contains(document.activeElement) ? document.activeElement : null; }
  sent = { incident };
  form.elements.key.value ||= newKey();
  keep();
  const fields = Object.fromEntries(new FormData(form));
  for (const [code, choice] of Object.entries(answers)) if ($(`[data-question="${CSS.escape(code)}"]`)) fields[`answer.${code}`] = choice;
  for (const code of told) fields[`told.${code}`] = "1";
  form.inert = true;  /* what were written now would be in no record */
  const done = await send("/take", { ...fields, incident });
  sending = false;
  form.inert = done === undefined;
  if (form.inert) { tell(page.dataset.lost); retry = setTimeout(record, AGAIN_LOST_MS, incident); return; }
  sent = null;
  if (done) { after(done); return; }
  keep();
  if (!elsewhere()) stood?.focus({ preventScroll: true });
}

function after(done) {
  const gone = elsewhere();
  const go = (node) => { if (!gone) node.focus(); };
  drop();
  tell("");
  $("[data-after]").hidden = false;
  $("[data-after-said]").textContent = done.said;
  $("[data-after-open]").href = `/incidents/${encodeURIComponent(done.incident)}`;
  if (done.trouble) $("[data-after-said]").insertAdjacentHTML("afterend", done.trouble);
  const undo = $("[data-undo]");
  undo.hidden = done.how !== "attached";
  form.hidden = true;
  tell("");
  if (done.how === "attached") {
    attached = { call: done.call, incident: done.incident, note: done.note };
    go(undo);
    return;
  }
  $("[data-after-what]").textContent = [kind.selectedOptions[0]?.text, priority.value, place.value].filter(Boolean).join(" · ");
  $("[data-near]").hidden = true;
  if (done.how === "booked") { go($("[data-next]")); return; }
  recorded = done.incident;
  list().id = "script-after";
  $(".form").append(list());
  pressed();
  history.replaceState(null, "", `/take?incident=${encodeURIComponent(done.incident)}`);
  if (done.advice) {
    $("#advice").innerHTML = done.advice;
    window.htmx?.process($("#advice"));
    drawnAt = performance.now();
  }
  go($("#advice .do.first") ?? $("[data-next]"));
}

async function undo() {
  if (!attached) return;
  attached.key ??= newKey();  /* pressed again after a lost answer it is the same undo */
  const done = await send("/take/undo", attached);
  if (done === undefined) tell(page.dataset.gone);
  if (!done || !attached) return;
  const gone = elsewhere();
  form.elements.call.value = attached.call;
  history.replaceState(null, "", `/take?call=${encodeURIComponent(attached.call)}`);  /* a reload finds it again */
  form.elements.key.value = "";
  attached = null;
  form.hidden = false;
  $("[data-after]").hidden = true;
  $("[data-near]").hidden = false;
  keep();
  if (!gone) words.focus();
  tell(page.dataset.undone);
  hear();
}

/* The unit is sent: the next one of the proposal is under Enter. */
document.addEventListener("htmx:after:request", (event) => {
  const { response, request } = event.detail.ctx ?? {};
  if (response?.status !== 201 || !request?.form?.closest("#advice") || !recorded) return;
  setTimeout(async () => {
    const path = `/board/advice/${encodeURIComponent(recorded)}`;
    await window.htmx.ajax("GET", path, { source: "#advice", target: "#advice", swap: "innerMorph" });
    drawnAt = performance.now();
    if (!elsewhere()) ($("#advice .do.first") ?? $("[data-next]")).focus();
  }, 0);
});

function empty() {
  form.reset();
  for (const name of ["kind", "priority", "lon", "lat", "door"]) delete form.elements[name].dataset.filled;
  [by, answers, told, proposal, shownScript] = [{ kind: "", priority: "" }, {}, new Set(), null, null];
  form.elements.key.value = "";
  $("#proposal").classList.remove("taken");
  tell("");
  drop();
  hear();
  words.focus();
}

/* ---- Keys. ---- */

const digit = (event) => /^(Digit|Numpad)[1-9]$/.test(event.code) && event.code.slice(-1);
const writing = (node) => node?.matches?.("input, textarea, select");

/* Where the cursor goes on: what is still missing, in the order of the form. */
function onward() {
  if (!place.value.trim()) return place;
  if (!kind.value) return kind;
  if (!position("lon") && !form.elements.unverified.value.trim()) return form.elements.unverified;
  return list();
}

function chord(event) {
  const number = digit(event);
  if (number) answer(open(), $(`.ans[data-choice="${number}"]`, open() ?? document.createElement("i")));
  else if (event.code === "KeyA") { if (performance.now() - nearAt >= AGAIN_MS) $("#near [data-attach]")?.click(); }
  else if (event.code === "KeyU") undo();
  else if (event.code === "KeyI") readOut(unread());
  else if (event.code === "KeyC") location.assign("/take");
  else return false;
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.key === "Process" || $("dialog[open]")) return;
  const at = event.target;
  if (event.altKey && !event.ctrlKey && !event.metaKey) {
    if (chord(event)) { event.preventDefault(); event.stopPropagation(); }
    return;
  }
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); if (!event.repeat) record(); return; }
  if (event.ctrlKey || event.metaKey) return;
  if (event.key === "Enter" && event.repeat) { event.preventDefault(); return; }
  if (event.key === "Enter" && at.closest?.("#advice") && performance.now() - drawnAt < AGAIN_MS) { event.preventDefault(); return; }
  if (!writing(at) && at === list()) {
    const number = digit(event);
    if (number) { chord(event); event.preventDefault(); event.stopPropagation(); return; }
    if (event.key === "Enter" && !recorded) { event.preventDefault(); record(); return; }
  }
  if (event.key !== "Enter" || event.shiftKey || !form.contains(at) || !writing(at)) return;
  event.preventDefault();
  if (at === words) {
    wanted.take = true;
    wanted.on = Boolean(place.value.trim());
    place.focus();
    if (heardWords === words.value) settle(); else hear();
  } else {
    const to = onward();
    if (to === at) return;
    to.focus();
  }
}, true);

form.addEventListener("submit", (event) => { event.preventDefault(); record(); });
form.addEventListener("input", (event) => {
  if (event.target === words) { soon(); } else if (["lon", "lat"].includes(event.target.name)) soon();
  keep();
});
form.addEventListener("change", (event) => {
  const { name } = event.target;
  if (name === "kind" || name === "priority") {
    by[name] = event.target.value ? "hand" : "";
    if (name === "kind" && by.priority === "hand") event.stopPropagation();  /* its usual one is not set over that */
    setTimeout(hear, 0);
  }
  if (name === "lon" || name === "lat") { hear(); point(); }
  keep();
});
form.addEventListener("answerable:place", (event) => {
  keep();
  point();
  wanted.on = Boolean(event.detail);
  if (!event.detail) form.elements.unverified.focus();
  hear();
});
page.addEventListener("click", (event) => {
  const choice = event.target.closest(".ans");
  if (choice) answer(choice.closest(".q"), choice);
  if (event.target.closest("[data-told]")) readOut(event.target.closest(".i"));
  if (event.target.closest("#proposal.on .takes")) { take(); place.focus(); }
  const attach = event.target.closest("[data-attach]");
  if (attach) record(attach.dataset.attach);
  if (event.target.closest("[data-undo]")) undo();
  if (event.target.closest("[data-discard]")) empty();
});
document.addEventListener("answerable:map", () => { if (!recorded && position("lon")) soon(); });

if (recorded) {
  answers = Object.fromEntries((page.dataset.asked || "").split(" ").filter(Boolean).map((code) => [code, ""]));
  told = new Set((page.dataset.told || "").split(" ").filter(Boolean));
  pressed();
  ($("#advice .do.first") ?? $("[data-next]")).focus();
} else {
  back();
  point();
  if (page.dataset.over === undefined) words.focus();
  hear();
  if (sent) { form.inert = true; tell(page.dataset.lost); retry = setTimeout(record, AGAIN_MS, sent.incident); }
}
