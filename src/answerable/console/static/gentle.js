/* A machine that draws the map with its processor, or with an old graphics card, has one line for
   the map and for the page: while a picture of the map is made, no key is shown. There the map gives
   way: it is drawn when the hands rest, seldom, and no finer than needed. Quick machines go on as ever. */

const REST_MS = 600;      /* so long after the last key the hands rest */
const LATEST_MS = 10000;  /* so long a picture waits for hands that never do */
const HANDS_MS = 1500;    /* so long after a touch of the map the hands are on it: then it comes first */
const SLOW_MS = 60, QUICK_MS = 20, LOOKS = 7, SELDOM = 8;
export const FOLLOWS_MS = 3000;  /* so often it follows on a slow machine */

/* Whether pictures are made by the processor, as far as the browser says so. */
export function byProcessor() {
  const gl = document.createElement("canvas").getContext("webgl2");
  if (!gl) return false;
  const told = gl.getExtension("WEBGL_debug_renderer_info");
  const name = String(gl.getParameter(told ? told.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return /swiftshader|llvmpipe|softpipe|basic render|software/i.test(name);
}

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

export class Pace {
  /* `told` is called with true where the map begins to lag, and with false where it no longer does. */
  constructor(slow, told) {
    Object.assign(this, { slow, told, took: [], cost: slow ? SLOW_MS : 0, timer: 0, wanted: 0, count: 0 });
    this.key = performance.now();  /* who comes to a page by keyboard goes on at once */
    this.touch = this.last = -Infinity;
  }

  follow(map, box) {
    const draw = map.triggerRepaint.bind(map);
    this.ask = () => {
      clearTimeout(this.timer);
      this.timer = 0;
      if (!this.wanted) return;
      const now = performance.now(), wait = this.slow ? this.due(now) - now : 0;
      if (wait > 0) { this.timer = setTimeout(this.ask, wait); return; }
      this.wanted = 0;
      this.last = now;
      draw();
    };
    map.triggerRepaint = () => {
      if (!this.slow) { draw(); return; }
      this.wanted ||= performance.now();
      if (!this.timer) this.ask();
    };
    map.on("render", () => this.look(map));
    const on = () => { this.touch = performance.now(); this.ask(); };
    document.addEventListener("keydown", (event) => { if (box.contains(event.target)) on(); else this.key = performance.now(); }, true);
    for (const kind of ["pointerdown", "pointermove", "wheel"]) box.addEventListener(kind, (event) => { if (kind !== "pointermove" || event.buttons) on(); }, { passive: true });
  }

  /* When the next picture may be begun: never before the last one is done and the page had its turn. */
  due(now) {
    const free = this.last + 2 * this.cost;
    if (now - this.touch < HANDS_MS) return this.last + this.cost;
    return Math.max(free, Math.min(this.key + REST_MS, this.wanted + LATEST_MS));
  }

  /* What a picture takes until it is really made: the calls return long before. */
  look(map) {
    const gl = map.getCanvas().getContext("webgl2");
    if (!gl || this.looking || document.hidden || (!this.slow && ++this.count % SELDOM)) return;
    const made = gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
    if (!made) return;
    const began = document.timeline.currentTime;
    gl.flush();
    this.looking = true;
    const again = () => {
      const took = performance.now() - began;
      if (gl.clientWaitSync(made, 0, 0) === gl.TIMEOUT_EXPIRED && took < 3000) { setTimeout(again, 4); return; }
      gl.deleteSync(made);
      this.looking = false;
      this.learn(took);
    };
    setTimeout(again);
  }

  learn(took) {
    this.took = [...this.took, took].slice(-LOOKS);
    this.cost = median(this.took);
    if (this.took.length < LOOKS) return;
    const slow = this.cost > (this.slow ? QUICK_MS : SLOW_MS);
    if (slow === this.slow) return;
    this.slow = slow;
    this.took = [];
    this.told(slow);
    this.ask();
  }
}
