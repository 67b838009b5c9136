/* How much a supervisor was told and has not noted: a number in the head of every page, and, for who
   wants it, a short sound when it grows. It is off until somebody at this desk turns it on, in this tab. */

const at = document.querySelector("[data-escalations]");
const number = at?.querySelector("[data-escalations-count]");
const wish = "answerable.sound";
const wanted = () => { try { return sessionStorage.getItem(wish) === "on"; } catch { return false; } };
let seen = Number(number?.textContent ?? 0);

function ring() {
  const audio = new AudioContext();
  const tone = audio.createOscillator(), loud = audio.createGain();
  tone.frequency.value = 660;
  loud.gain.setValueAtTime(0.12, audio.currentTime);
  loud.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.45);
  tone.connect(loud).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + 0.5);
  tone.addEventListener("ended", () => audio.close());
}

document.addEventListener("answerable:beat", (event) => {
  const told = event.detail.told;
  if (!at || told === undefined) return;
  if (number.textContent !== String(told)) number.textContent = String(told);
  at.hidden = !told;
  if (told > seen && wanted()) {
    document.documentElement.dataset.sounded = String(Number(document.documentElement.dataset.sounded ?? 0) + 1);
    ring();
  }
  seen = told;
});

const box = document.querySelector("[data-sound]");
if (box) {
  box.checked = wanted();
  box.addEventListener("change", () => { try { sessionStorage.setItem(wish, box.checked ? "on" : "off"); } catch { /* a browser that keeps nothing */ } if (box.checked) ring(); });
}
