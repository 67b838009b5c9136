/* A page that reads itself again when the record says that there is news for it. What somebody is
   writing in, what they opened, and what is shown once stay as they are. */

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

function read() {
  for (const part of document.querySelectorAll("[data-reads]"))
    if (!kept(part)) window.htmx?.trigger(part, "news");
}

if (news) new MutationObserver(read).observe(news, { childList: true, characterData: true, subtree: true });
