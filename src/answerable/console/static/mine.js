/* What a person is at stays theirs: a field with the cursor in it or with unsaved text, a detail or
   dialog they opened, the focus and the scroll survive every live change of the page around them.

   A change comes as fragments that are morphed into the page. Before that, every form and detail is
   given the same name on both sides, so that it is found again wherever it has moved and never turns
   into another under somebody's finger; a held form is passed over. What has no place any more is
   kept below, with what was written in it. */

const words = document.getElementById("here-words")?.dataset ?? {};
const FIELDS = "input:not([type=hidden]):not([type=submit]):not([type=button]), textarea, select";
const KEPT_MS = 30000;  // how long a refusal that was just read stays although its button has gone
let count = 0;

/* ---- What is held. ---- */

function usual(select) {
  const chosen = [...select.options].filter((option) => option.defaultSelected);
  return chosen.length ? chosen : [...select.options].slice(0, select.multiple ? 0 : 1);
}
export function unsaved(field) {
  if (field.disabled || field.readOnly) return false;
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.tagName === "SELECT") {
    const expected = usual(field);
    return [...field.selectedOptions].some((option) => !expected.includes(option)) || expected.some((option) => !option.selected);
  }
  return field.value !== field.defaultValue;
}
const typing = () => (document.activeElement?.matches(FIELDS) ? document.activeElement : null);
const ownerOf = (field) => field.closest("dialog[open]") ?? field.form ?? field;
const told = new WeakMap();
const sending = new Set();  // forms whose answer is awaited: it must find them
const justRefused = (form) => performance.now() - (told.get(form) ?? -KEPT_MS) < KEPT_MS && form.querySelector(".answer .refusal");

function heldIn(target) {
  const held = new Set();
  for (const field of target.querySelectorAll(FIELDS)) if (field === typing() || unsaved(field)) held.add(ownerOf(field));
  for (const form of target.querySelectorAll("form")) if (sending.has(form) || justRefused(form)) held.add(form);
  for (const dialog of target.querySelectorAll("dialog[open]")) held.add(dialog);
  held.delete(target);
  return [...held].filter((one) => target.contains(one) && ![...held].some((other) => other !== one && other.contains(one)));
}

/* ---- Finding the same thing in what has come. ---- */

const same = {
  FORM: (form) => [form.getAttribute("action"), ...[...form.querySelectorAll("input[type=hidden]")]
    .filter(({ name }) => name !== "token" && name !== "key" && name !== "lon" && name !== "lat").map(({ name, value }) => `${name}=${value}`)].join("\n"),
  DETAILS: (details) => `${details.querySelector("summary")?.textContent.trim()}\n${[...details.querySelectorAll("form")].map((form) => same.FORM(form)).join("\n\n")}`,
};
const keyOf = (node) => `${node.tagName}\n${(same[node.tagName] ?? ((one) => `${one.name ?? ""}\n${one.getAttribute("href") ?? ""}\n${one.matches(FIELDS) ? "" : one.textContent.trim()}\n${one.form ? same.FORM(one.form) : ""}`))(node)}`;
function byKey(from, selector) {
  const found = new Map();
  for (const node of from.querySelectorAll(selector)) {
    const key = node.id ? `#${node.id}` : keyOf(node);
    if (found.has(key)) found.get(key).push(node); else found.set(key, [node]);
  }
  return found;
}
/* Each thing of the page with the same thing of what has come, null where it is there no more. */
function pairs(target, fragment, selector) {
  const made = new Map(), fresh = byKey(fragment, selector);
  for (const [key, nodes] of byKey(target, selector)) nodes.forEach((node, nth) => made.set(node, fresh.get(key)?.[nth] ?? null));
  return made;
}
function name(node, other) {
  if (!node.id) { count += 1; node.id = `mine-${count}`; }
  if (other) other.id = node.id;
}

/* ---- Fields of a held form that nobody has touched follow the change; the others are told. ---- */

const shown = (field) => (field.tagName === "SELECT" ? [...usual(field)].map((option) => option.textContent.trim()).join(", ") : field.defaultValue);
const labelOf = (field) => field.closest("label")?.querySelector("span")?.textContent.trim() ?? field.getAttribute("aria-label") ?? field.name;
function follow(form, fresh) {
  const news = [];
  for (const field of form.querySelectorAll(FIELDS)) {
    const now = field.name && field.type !== "radio" && field.type !== "checkbox" && fresh.querySelector(`[name="${CSS.escape(field.name)}"]`);
    if (!now || now.tagName !== field.tagName || shown(now) === shown(field)) continue;
    const touched = field === typing() || unsaved(field);
    if (field.tagName === "SELECT") {
      const wanted = usual(now).map((option) => option.value);
      const chosen = touched ? [...field.selectedOptions].map((option) => option.value) : wanted;
      for (const option of field.options) option.toggleAttribute("selected", wanted.includes(option.value));
      for (const option of field.options) option.selected = chosen.includes(option.value);
    } else {
      const value = field.value;
      field.defaultValue = now.defaultValue;
      field.value = touched ? value : now.defaultValue;
    }
    news.push((words.meanwhile ?? "{field}: {value}").replace("{field}", labelOf(field)).replace("{value}", shown(now)));
  }
  if (!news.length) return;
  const said = form.querySelector(".meanwhile") ?? form.appendChild(Object.assign(document.createElement("p"), { className: "meanwhile" }));
  said.setAttribute("role", "status");
  said.textContent = news.join(" ");
}

/* ---- What has no place any more. ---- */

const whatOf = (node) => [node.closest(".crew")?.querySelector(".who"), node.closest("details")?.querySelector("summary")]
  .map((part) => part?.textContent.trim()).filter(Boolean).join(" · ");
function keepAside(fragment, node) {
  let box = fragment.querySelector("#kept-aside");
  if (!box) {
    box = Object.assign(document.createElement("section"), { id: "kept-aside", className: "block" });
    const head = box.appendChild(Object.assign(document.createElement("h2"), { className: "caption" }));
    head.appendChild(Object.assign(document.createElement("span"), { textContent: words.aside }));
    box.appendChild(Object.assign(document.createElement("p"), { className: "dim", textContent: words.why }));
    (fragment.querySelector("#side") ?? fragment.querySelector("main") ?? fragment).append(box);
  }
  node.dataset.what ??= whatOf(node);
  if (node.dataset.what) box.appendChild(Object.assign(document.createElement("p"), { className: "what", textContent: node.dataset.what }));
  box.append(document.createElement(node.tagName));
  box.lastElementChild.id = node.id;
  box.dataset.shown = `${box.dataset.shown ?? ""}${sending.has(node) ? "" : "1"}`;
  box.hidden = !box.dataset.shown;  /* what is only on its way to the service is not yet refused */
}

/* What was kept below and has been done is not there any more as "not sent". */
function letGo(form) {
  const box = form?.closest("#kept-aside");
  if (!box || [...form.querySelectorAll(FIELDS)].some(unsaved)) return;
  const one = [...box.children].find((child) => child.contains(form));
  if (one.previousElementSibling?.matches(".what")) one.previousElementSibling.remove();
  one.remove();
  if (!box.querySelector("form, details, dialog")) box.remove();
}

/* ---- Before and after a change. ---- */

let focused = null;
const marked = new Set();
function prepare(task) {
  const target = typeof task.target === "string" ? document.querySelector(task.target) : task.target;
  const style = typeof task.swapSpec === "string" ? task.swapSpec : task.swapSpec?.style;
  if (!target || !task.fragment || !/Morph|HTML/.test(style ?? "")) return;
  const held = heldIn(target);
  if (/HTML/.test(style)) {
    if (!held.length) return;
    const morph = style.replace("HTML", "Morph");  /* nothing held is ever thrown away */
    if (typeof task.swapSpec === "string") task.swapSpec = morph; else task.swapSpec.style = morph;
  }
  const known = pairs(target, task.fragment, "form, details, dialog");
  for (const [one, fresh] of known) name(one, fresh);
  for (const one of held) {
    const fresh = known.get(one) ?? pairs(target, task.fragment, one.tagName).get(one);
    name(one, fresh);
    if (fresh) follow(one, fresh); else keepAside(task.fragment, one);
    one.setAttribute("hx-morph-skip", "");
    marked.add(one);
  }
  const active = document.activeElement;
  if (!active || active === target || !target.contains(active)) return;
  focused = { node: active, start: active.selectionStart ?? null, end: active.selectionEnd, target };
  const within = active.closest("form");
  if (held.some((one) => one.contains(active)) || (within && target.contains(within))) return;
  const fresh = pairs(target, task.fragment, active.tagName).get(active);
  if (fresh) name(active, fresh);
}
function restore() {
  for (const one of marked) one.removeAttribute("hx-morph-skip");
  marked.clear();
  for (const one of document.querySelectorAll('[id^="mine-"]')) one.removeAttribute("id");
  if (!focused) return;
  const { node, start, end, target } = focused;
  focused = null;
  if (document.activeElement === node || document.activeElement !== document.body) return;
  if (node.isConnected) {
    node.focus({ preventScroll: true });
    if (start !== null) node.setSelectionRange(start, end);
  } else (target.isConnected ? target.closest("[tabindex]") : null)?.focus({ preventScroll: true });
}
document.addEventListener("htmx:before:swap", (event) => { for (const task of event.detail.tasks ?? []) prepare(task); });
document.addEventListener("htmx:finally:swap", restore);
document.addEventListener("htmx:before:request", (event) => { const { form } = event.detail.ctx?.request ?? {}; if (form) sending.add(form); });
document.addEventListener("htmx:finally:request", (event) => {
  const { request, response } = event.detail.ctx ?? {};
  sending.delete(request?.form);
  if (response?.status === 201) letGo(request?.form);
});
document.addEventListener("htmx:after:swap", (event) => {
  const form = event.detail.ctx?.target?.closest?.("form");
  if (!form?.querySelector(".answer .refusal")) return;
  told.set(form, performance.now());
  const box = form.closest("#kept-aside");
  if (box) box.hidden = false;
});
