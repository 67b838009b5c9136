/* The strip of calls that ring: drawn from what the live stream says, claimed with one key. */

import { time, left } from "./app.js";
import { unsaved } from "./mine.js";

const box = document.getElementById("ringing");
const $ = (selector, from = box) => from.querySelector(selector);
const put = (node, text) => { if (node && node.textContent !== text) node.textContent = text; };
const ANSWER_MS = 10000;
const STAYS_MS = 5000;    /* who was asked whether to leave, and stays, claims again after so long */
const LINGERS_MS = 1500;  /* a call that somebody else took stays so long, dimmed: it did ring */
const own = (chip) => chip.dataset.by === box.dataset.by && chip.dataset.desk === box.dataset.desk;

function chip(kind, call) {
  const list = $("[data-chips]");
  const old = [...list.children].find((one) => one.dataset.call === call && one.classList.contains(kind));
  if (old) return old;
  const made = document.getElementById(`${kind}-chip`).content.firstElementChild.cloneNode(true);
  made.dataset.call = call;
  put($(".number", made), call);
  return made;
}
function rung(told) {
  const made = chip("rung", told.call);
  made.classList.remove("gone");
  $("[name=call]", made).value = told.call;
  $("[data-age]", made).dataset.age = told.since;
  $(".how", made).dataset.medium = told.medium;
  put($(".line-name", made), told.line);
  return made;
}
function held(told) {
  const made = chip("held", told.call);
  Object.assign(made.dataset, { by: told.by, desk: told.desk });
  $("a", made).href = `/take?call=${encodeURIComponent(told.call)}`;
  $("[data-age]", made).dataset.age = told.since;
  put($(".who", made), told.desk || told.by);
  put($("[data-says]", made), told.says);
  return made;
}
function draw(told) {
  const list = $("[data-chips]");
  const wanted = [...told.ringing.map(rung), ...told.held.map(held)];
  for (const old of [...list.children]) {
    if (wanted.includes(old) || old.classList.contains("gone")) continue;
    if (old.classList.contains("rung") && !told.held.some((one) => one.call === old.dataset.call)) {
      old.classList.add("gone");  /* answered elsewhere, or hung up: seen for a moment, then away */
      setTimeout(() => { if (old.classList.contains("gone")) { old.remove(); quiet(); } }, LINGERS_MS);
    } else old.remove();
  }
  wanted.forEach((one, at) => { if (list.children[at] !== one) list.insertBefore(one, list.children[at] ?? null); });
  for (const name of ["back", "texts", "transfers"]) {
    const link = $(`[data-count=${name}]`);
    put($("b", link), String(told[name]));
    link.hidden = !told[name];
  }
  const rest = $("[data-rest]");
  rest.hidden = !told.more;
  put(rest, box.dataset.more.replace("{more}", told.more));
  age();
}
function quiet() { $("[data-none]").hidden = Boolean($(".rung:not(.gone), .rung.gone")); }
function age() {
  const now = time.now();
  for (const node of box.querySelectorAll("[data-age]")) put(node, left(Math.max(0, now - Number(node.dataset.age))));
  for (const one of box.querySelectorAll(".held")) {
    const late = now - Number($("[data-age]", one).dataset.age) >= Number(box.dataset.amber) * 1000;
    one.classList.toggle("amber", late);
    one.hidden = !late && !own(one);
  }
  quiet();
}

/* What somebody is writing is not left behind: then the call is theirs, and opened later. */
const writing = () => [...document.querySelectorAll("main input:not([type=hidden]), main textarea, main select")].some(unsaved);

/* One press, one call: also while the form of the call that was claimed is only on its way. */
let claiming = false, quieter = 0;
addEventListener("pageshow", () => { claiming = false; });
async function claim(form) {
  if (claiming || !form) return;
  claiming = true;
  let leaving = false;
  const body = new URLSearchParams(new FormData(form));
  body.set("key", `claim-${Date.now().toString(36)}-${crypto.randomUUID?.() ?? Math.random().toString(36).slice(2)}`);
  try {
    const answer = await fetch("/calls/claim", {
      method: "POST", body, signal: AbortSignal.timeout(ANSWER_MS), headers: { "hx-request": "true", "x-token": document.body.dataset.token },
    });
    if (answer.status === 401) { location.reload(); return; }
    const to = answer.headers.get("hx-redirect");
    leaving = Boolean(to) && !writing();
    if (leaving) { setTimeout(() => { claiming = false; }, STAYS_MS); location.assign(to); return; }
    if (to) put($("[data-told]"), box.dataset.claimed.replace("{call}", body.get("call")));
    else $("[data-told]").innerHTML = await answer.text();
    clearTimeout(quieter);  /* what is told now is read as long as what was told before */
    quieter = setTimeout(() => $("[data-told]").replaceChildren(), 8000);
  } catch { /* the lost connection is said by the page; the call still rings */ }
  finally { claiming = leaving; }
}
const first = () => $(".rung:not(.gone) form");
/* On the page of calls a letter speaks of the row that is chosen there. */
const chosen = () => document.querySelector("[data-row][aria-current=true] form[action='/calls/claim']");

if (box) {
  document.getElementById("live")?.addEventListener("ringing", (event) => draw(JSON.parse(event.detail.data)));
  box.addEventListener("submit", (event) => { event.preventDefault(); event.stopImmediatePropagation(); claim(event.target); }, true);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (event.key !== "F2" && (event.key !== "c" || typing || going)) return;
    if (!first()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!event.repeat) claim((event.key === "c" && chosen()) || first());
  }, true);
  setInterval(age, 250);
  age();
}

/* "g c" leads to the page of calls; the c of it claims nothing. */
let going = false;
document.addEventListener("keydown", (event) => {
  if (event.key === "g" && !event.target.closest?.("input, textarea, select")) { going = true; setTimeout(() => { going = false; }, 1200); }
}, true);
