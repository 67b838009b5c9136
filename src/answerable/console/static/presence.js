/* Who is on what at this moment: desks, told by the live stream, shown where a page has a place for
   it (data-here), and said by this page while somebody types on it or takes a call. */

const words = document.getElementById("here-words")?.dataset;
const own = document.body.dataset.desk;
const token = document.body.dataset.token;
const on = new Map();
const AGAIN_MS = 3000;       // says it again while it goes on; the service forgets it after 8 s
const AWAKE_MS = 300000;     // nobody takes a call who has touched nothing for five minutes

function sentence(subject) {
  const others = (on.get(subject) ?? []).filter(([desk]) => desk !== own);
  return others.map(([desk, doing]) => (words[doing] ?? words.open).replace("{desk}", desk)).join(" · ");
}
function show(place) {
  const said = sentence(place.dataset.here);
  if (place.textContent !== said) place.textContent = said;
  if (place.title !== said) place.title = said;
}
const places = (from) => [...(from.matches?.("[data-here]") ? [from] : []), ...(from.querySelectorAll?.("[data-here]") ?? [])];
const showAll = () => places(document).forEach(show);

function take({ whole, on: told }) {
  const before = whole ? new Set(on.keys()) : new Set();
  if (whole) on.clear();
  for (const [subject, desks] of Object.entries(told)) {
    if (desks.length) on.set(subject, desks); else on.delete(subject);
    before.add(subject);
  }
  for (const place of places(document)) if (before.has(place.dataset.here)) show(place);
}

if (words) {
  const live = document.getElementById("live");
  const ask = () => fetch("/presence", { headers: { Accept: "application/json" } })
    .then((answer) => (answer.ok ? answer.json() : null)).then((told) => told && take(told)).catch(() => {});
  live?.addEventListener("presence", (event) => take(JSON.parse(event.detail.data)));
  /* The stream may have begun, and have told all of it, before this part of the page was there. */
  if (live?._htmx?.sse || document.readyState === "complete") ask();
  /* A part of the page that was drawn anew shows it before anybody sees it without. */
  new MutationObserver((changes) => {
    for (const change of changes) for (const node of change.addedNodes) if (node.nodeType === 1) places(node).forEach(show);
  }).observe(document.body, { childList: true, subtree: true });
  /* A page that had to be loaded again may have missed what was told meanwhile. */
  document.addEventListener("answerable:again", ask);
  addEventListener("pageshow", showAll);
}

/* ---- What this page says of its own desk. ---- */

const said = new Map();
const form = (subject, doing) => new URLSearchParams({ about: subject, doing, token });
function say(subject, doing) {
  const before = said.get(subject);
  if (before?.doing === doing && performance.now() - before.at < AGAIN_MS) return;
  said.set(subject, { doing, at: performance.now() });
  fetch("/presence", { method: "POST", body: form(subject, doing), keepalive: true }).catch(() => said.delete(subject));
}
function leave(subject) {
  if (said.delete(subject)) navigator.sendBeacon("/presence", form(subject, "gone"));
}
function subjectOf(node) {
  const fields = node.closest?.("form")?.elements;
  if (!fields || node.type === "password") return "";
  if (fields.incident?.value) return `incident:${fields.incident.value}`;
  return fields.call?.type === "hidden" && fields.call.value ? `call:${fields.call.value}` : "";
}
let awake = performance.now();
for (const what of ["keydown", "pointerdown"]) addEventListener(what, () => { awake = performance.now(); }, { passive: true, capture: true });

if (own && token && words) {
  document.addEventListener("input", (event) => {
    const subject = event.target.closest?.("input, textarea, select") && subjectOf(event.target);
    if (subject) say(subject, "typing");
  });
  document.addEventListener("htmx:after:request", (event) => {
    const { request, response } = event.detail.ctx ?? {};
    const subject = response?.status < 300 && request?.method === "POST" && request.form && subjectOf(request.form.elements[0] ?? request.form);
    if (subject) leave(subject);
  });
  const taking = () => {
    const subject = document.querySelector("[data-presence]")?.dataset.presence;
    if (subject && performance.now() - awake < AWAKE_MS) say(subject, "call");
  };
  taking();
  setInterval(taking, AGAIN_MS + 200);
  addEventListener("pagehide", () => { for (const subject of [...said.keys()]) leave(subject); });
}
