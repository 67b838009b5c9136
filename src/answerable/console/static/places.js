/* The place of a call, looked up while it is written: a combobox with a list (ARIA pattern), all by
   keyboard. Choosing fills the position; changing the words afterwards takes it away again, so that
   an old position never stands under new words. What is typed goes in the body of a POST. */

const $ = (selector, from = document) => from.querySelector(selector);
const WAIT_MS = 140;
let asking = null;  /* the look-up under way */
let timer = 0;

const listOf = (input) => document.getElementById(input.getAttribute("aria-controls"));
const formField = (input, name) => input.form?.elements[name];

async function look(text, near) {
  asking?.abort();
  asking = new AbortController();
  const answer = await fetch("/api/places", {
    method: "POST", signal: asking.signal,
    headers: { "content-type": "application/json", "x-token": document.body.dataset.token },
    body: JSON.stringify({ text: text.slice(0, 160), near }),
  });
  return answer.ok ? (await answer.json()).found : null;
}

function close(input) {
  clearTimeout(timer);
  asking?.abort();
  const list = listOf(input);
  list.hidden = true;
  list.replaceChildren();
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}

const part = (name, text) => {
  const node = document.createElement("span");
  node.className = name;
  node.textContent = text;
  return node;
};

function show(input, found, text) {
  const list = listOf(input);
  list.of = text;
  const words = list.dataset;
  list.replaceChildren(...found.map((one, at) => {
    const option = document.createElement("li");
    option.id = `${list.id}-${at}`;
    option.role = "option";
    option.setAttribute("aria-selected", "false");
    option.place = one;
    option.append(part("name", one.door || one.address), part("how", words[one.precision]), part("why", one.reasons.join(" · ")));
    if (!one.inside) option.classList.add("away");
    return option;
  }));
  list.hidden = found.length === 0;
  input.setAttribute("aria-expanded", String(found.length > 0));
  input.removeAttribute("aria-activedescendant");
  say(input, found.length ? words.count.replace("{count}", found.length) : words.none);
  if (input.dataset.wanted === undefined) return;
  delete input.dataset.wanted;
  if (found.length) choose(input, found[0]); else tell(input, null);
}

/* Whoever takes a call goes on once the place is chosen, and hears where there is none. */
const tell = (input, place) => input.dispatchEvent(new CustomEvent("answerable:place", { bubbles: true, detail: place }));

function say(input, text) {
  const told = $("[data-places-told]", input.closest(".field"));
  if (told.textContent !== text) told.textContent = text;
}

function point(input, by) {
  const options = [...listOf(input).children];
  if (!options.length) return;
  const now = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
  const next = now < 0 ? (by > 0 ? 0 : options.length - 1) : (now + by + options.length) % options.length;
  options.forEach((option, at) => option.setAttribute("aria-selected", String(at === next)));
  input.setAttribute("aria-activedescendant", options[next].id);
  options[next].scrollIntoView({ block: "nearest" });
}

function put(input, name, value) {
  const field = formField(input, name);
  if (!field) return;
  field.value = value;
  field.dataset.filled = value;
}

function choose(input, one) {
  input.value = one.address;
  put(input, "lon", String(one.lon));
  put(input, "lat", String(one.lat));
  const door = formField(input, "door");
  if (door && (!door.value || door.value === door.dataset.filled)) put(input, "door", one.door);
  close(input);
  say(input, input.dataset.chosen);
  warn(input.form, one);
  tell(input, one);
}

/* Enter takes the first place (the list says so by its order), also before the list is there: the
   look-up is made at once, and what it finds is shown in the field. */
function first(input) {
  const option = listOf(input).firstElementChild;
  const fresh = listOf(input).of === input.value.trim();  /* not what was found for fewer letters */
  if (fresh && input.getAttribute("aria-expanded") === "true" && option) { choose(input, option.place); return true; }
  if (input.value.trim().length < 2 || formField(input, "lon")?.value.trim()) return false;
  input.dataset.wanted = "";
  ask(input, 0);
  return true;
}

/* What was filled in for other words goes with them; what somebody wrote stays. */
function forget(input) {
  for (const name of ["lon", "lat", "door"]) {
    const field = formField(input, name);
    if (field?.dataset.filled && field.value === field.dataset.filled) field.value = "";
    if (field) delete field.dataset.filled;
  }
  delete input.dataset.wanted;
  warn(input.form, null);
}

function warn(form, one) {
  const box = $("[data-outside]", form);
  if (box) box.hidden = !one || one.inside;
}

function ask(input, wait = WAIT_MS) {
  clearTimeout(timer);
  const text = input.value.trim();
  if (text.length < 2) { close(input); return; }
  timer = setTimeout(async () => {
    try {
      const lon = Number(formField(input, "lon")?.value), lat = Number(formField(input, "lat")?.value);
      const found = await look(text, lon && lat ? [lon, lat] : null);
      if (input.value.trim() !== text || document.activeElement !== input) return;
      if (found) show(input, found, text); else { close(input); say(input, listOf(input).dataset.failed); }
    } catch (error) {
      if (error.name !== "AbortError") { close(input); say(input, listOf(input).dataset.failed); }
    }
  }, wait);
}

const combobox = (node) => node?.closest?.("[data-places]");

document.addEventListener("input", (event) => {
  const input = combobox(event.target);
  if (input) { forget(input); ask(input); }
});

document.addEventListener("keydown", (event) => {
  const input = combobox(event.target);
  if (!input || event.ctrlKey || event.metaKey || event.isComposing) return;
  const open = input.getAttribute("aria-expanded") === "true";
  const chosen = document.getElementById(input.getAttribute("aria-activedescendant"));
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (open) point(input, event.key === "ArrowDown" ? 1 : -1); else ask(input);
  } else if (event.key === "Enter" && open && chosen) choose(input, chosen.place);
  else if (event.key === "Enter" && input.dataset.first !== undefined && !event.shiftKey && first(input));
  else if (event.key === "Escape" && open) close(input);
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);

/* A press keeps the field in focus, so that leaving it does not take the list away first. */
document.addEventListener("pointerdown", (event) => {
  if (event.target.closest?.(".places")) event.preventDefault();
});
document.addEventListener("click", (event) => {
  const option = event.target.closest?.(".places > [role=option]");
  if (option) choose($(`[aria-controls="${option.parentElement.id}"]`), option.place);
});
document.addEventListener("focusout", (event) => {
  const input = combobox(event.target);
  if (input) close(input);
});

/* A position written by hand, or clicked on the map, is asked about too: outside the town it is
   taken all the same, but said to be. */
document.addEventListener("change", async (event) => {
  const form = event.target.form;
  if (!["lon", "lat"].includes(event.target.name) || !form || !$("[data-outside]", form)) return;
  const lon = form.elements.lon.value.replace("−", "-"), lat = form.elements.lat.value.replace("−", "-");
  if (!lon.trim() || !lat.trim() || Number.isNaN(Number(lon) + Number(lat))) { warn(form, null); return; }
  try {
    const found = await look(`geo:${Number(lat)},${Number(lon)}`, null);
    warn(form, found?.[0] ?? null);
  } catch { warn(form, null); }
});
document.addEventListener("reset", (event) => warn(event.target, null));
