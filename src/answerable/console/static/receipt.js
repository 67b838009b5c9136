/* A receipt that stays open looks again by itself, once a minute while it is looked at. The form does
   the same without this script. Nothing is kept here; number and code stay in the page. */

const EVERY_MS = 60_000;
const form = document.getElementById("again");
const shown = document.getElementById("shown");

async function look() {
  if (document.hidden) return;
  const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  if (!answer.ok) return;  /* the page says as of when it stood; the next look may be luckier */
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("shown");
  if (!fresh) return;
  if (fresh.innerHTML !== shown.innerHTML) shown.replaceChildren(...fresh.childNodes);
  document.getElementById("as-of").textContent = page.getElementById("as-of").textContent;
}

if (form && shown) setInterval(() => look().catch(() => {}), EVERY_MS);
