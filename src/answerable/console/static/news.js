/* A page that reads itself again when the record says that there is news for it. What somebody is
   writing in, what they opened, and what is shown once stay as they are, and are read when they are
   left: nothing stands there longer than somebody is at it. */

const news = document.querySelector("#news");
const touched = "details[open]:not([data-open]), details[data-open]:not([open])";

function changed(field) {
  if (field.matches("select")) {
    const usual = [...field.options].findIndex((one) => one.defaultSelected);
    return field.selectedIndex !== Math.max(0, usual);
  }
  return field.matches("[type=radio], [type=checkbox]")
    ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
}

function kept(part) {
  const at = document.activeElement;
  if (part.querySelector("[data-link]")) return true;
  if (part.contains(at) && at.matches("input, textarea, select")) return true;
  if (part.matches("[data-reads=idle]") && part.querySelector(touched)) return true;
  return [...part.querySelectorAll("input:not([type=hidden]), textarea, select")].some(changed);
}

const LEFT_MS = 300;  /* a press that left the field is done by then */
const behind = new Set();

function look(part) {
  behind.delete(part);
  if (kept(part)) behind.add(part); else window.htmx?.trigger(part, "news");
}
function read() { for (const part of document.querySelectorAll("[data-reads]")) look(part); }
function later() {
  if (behind.size) setTimeout(() => { for (const part of [...behind]) if (part.isConnected) look(part); else behind.delete(part); }, LEFT_MS);
}
document.addEventListener("focusout", later);
document.addEventListener("toggle", later, true);
document.addEventListener("htmx:after:request", later);

if (news) new MutationObserver(read).observe(news, { childList: true, characterData: true, subtree: true });
