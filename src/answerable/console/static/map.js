/* The map: the town as hair lines, stations, hospitals, units on their way, open incidents. Letters
   are this machine's own, tiles come from this centre; nothing is asked of anybody else. Whatever
   happens on it is in the lists too. */

import { Map as Chart, addProtocol, setWorkerUrl, setWorkerCount } from "./vendor/maplibre-gl.mjs";
import { FONT, groundLayers, nameLayers, named, streetLayers, streetSource, tileSource } from "./basemap.js";
import { FOLLOWS_MS, Pace, byProcessor } from "./gentle.js";
import { time, stateOf, select, selection } from "./app.js";

setWorkerUrl(new URL("./vendor/maplibre-gl-worker.mjs", import.meta.url).href);
setWorkerCount(1);

const box = document.getElementById("map");
const still = matchMedia("(prefers-reduced-motion: reduce)");

/* Colours come from the style sheet, so the map always wears the page's clothes. */
const probe = box.appendChild(Object.assign(document.createElement("i"), { hidden: true }));
function colour(token) {
  probe.style.color = `var(--${token})`;
  const canvas = colour.canvas ??= document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  canvas.fillStyle = getComputedStyle(probe).color;
  return canvas.fillStyle;
}
const TOKENS = ["ground", "panel", "line", "edge", "ink", "dim", "accent", "ok", "near", "late", "street", "street-main", "label",
  "water", "water-name", "green", "built", "industrial", "building"];
const palette = () => Object.fromEntries(TOKENS.map((token) => [token, colour(token)]));

const none = { type: "FeatureCollection", features: [] };
const features = (list) => ({ type: "FeatureCollection", features: list });

/* Symbols get their room from the last layer to the first: calls before units, units before
   stations, and the names of the map where nothing of these stands. */
function style(c, town, base) {
  const state = ["match", ["get", "state"], "late", c.late, "near", c.near, "calm", c.ok, c.edge];
  const small = { "text-font": FONT, "text-size": 10.5 };
  const sides = { "text-variable-anchor": ["left", "right", "top", "bottom"], "text-padding": 1 };
  const halo = { "text-halo-color": c.ground, "text-halo-width": 1.6 };
  const under = base ? groundLayers(c) : streetLayers(c).slice(0, 2);
  const written = base ? nameLayers(c, document.documentElement.lang) : streetLayers(c).slice(2);
  return {
    version: 8,
    sources: {
      ...(base ? { base: tileSource(base) } : { streets: streetSource(town.streets ?? none) }),
      areas: { type: "geojson", data: town.areas ?? none, tolerance: 0.6 },
      names: { type: "geojson", data: base ? none : town.names ?? none },
      stations: { type: "geojson", data: town.stations ?? none },
      route: { type: "geojson", data: none }, incidents: { type: "geojson", data: none },
      units: { type: "geojson", data: none },
    },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": c.ground } },
      ...under,
      { id: "area-line", type: "line", source: "areas", paint: { "line-color": base ? c.edge : c.line, "line-width": base ? 0.7 : 1, "line-dasharray": base ? [1, 3] : [1, 0] } },
      ...written,
      { id: "area-name", type: "symbol", source: "names", minzoom: 11.2, maxzoom: 14.2,
        layout: { ...small, "text-field": ["coalesce", ["get", "name"], ""], "text-max-width": 7, "text-padding": 6,
          "text-variable-anchor": ["center", "top", "bottom", "left", "right"], "text-radial-offset": 0.9 },
        paint: { "text-color": c.label, "text-halo-color": c.ground, "text-halo-width": 1.4 } },
      { id: "station", type: "symbol", source: "stations", filter: ["!=", ["get", "type"], "hospital"],
        layout: { "icon-image": "station", "icon-allow-overlap": true } },
      { id: "hospital", type: "symbol", source: "stations", filter: ["==", ["get", "type"], "hospital"],
        layout: { ...small, ...sides, "icon-image": "hospital", "icon-allow-overlap": true, "text-optional": true, "text-radial-offset": 0.95, "text-max-width": 8,
          "text-field": ["step", ["zoom"], "", 12.5, named(document.documentElement.lang)] },
        paint: { "text-color": c.dim, ...halo } },
      { id: "route", type: "line", source: "route", layout: { "line-cap": "round", "line-join": "round" },
        paint: { "line-color": c.accent, "line-width": 2, "line-dasharray": [1.2, 1.8] } },
      { id: "ring", type: "circle", source: "incidents",
        layout: { "circle-sort-key": ["get", "order"] },
        paint: { "circle-radius": ["case", ["get", "on"], 12, 9.5], "circle-color": c.panel, "circle-stroke-color": state,
          "circle-stroke-width": ["case", ["get", "on"], 2.5, 1.75] } },
      { id: "ring-crew", type: "symbol", source: "incidents",
        layout: { ...small, ...sides, "text-field": ["get", "crew"], "text-radial-offset": 1.25, "symbol-sort-key": ["-", 0, ["get", "order"]] },
        paint: { "text-color": c.dim, ...halo } },
      { id: "unit", type: "symbol", source: "units",
        layout: { ...small, ...sides, "icon-image": ["concat", "unit-", ["get", "look"]], "icon-rotate": ["get", "turn"], "icon-rotation-alignment": "map", "icon-allow-overlap": true,
          "text-field": ["get", "u"], "text-radial-offset": 0.85, "text-optional": true },
        paint: { "text-color": ["match", ["get", "look"], "moving", c.ink, c.dim], ...halo } },
      { id: "ring-text", type: "symbol", source: "incidents",
        layout: { ...small, "text-field": ["get", "p"], "text-allow-overlap": true, "text-padding": 7, "symbol-sort-key": ["get", "order"] },
        paint: { "text-color": c.ink } },
    ],
  };
}

/* Icons are drawn, not fetched: an arrow for what moves, a dot for what stands, a square station. */
function drawn(size, draw) {
  const scale = 2, canvas = document.createElement("canvas");
  canvas.width = canvas.height = size * scale;
  const pen = canvas.getContext("2d");
  pen.scale(scale, scale);
  draw(pen, size);
  return pen.getImageData(0, 0, size * scale, size * scale);
}
function icons(map, c) {
  const add = (name, image) => (map.hasImage(name) ? map.updateImage(name, image) : map.addImage(name, image, { pixelRatio: 2 }));
  const arrow = (fill) => drawn(16, (pen) => {
    pen.beginPath(); pen.moveTo(8, 1.5); pen.lineTo(13, 13.5); pen.lineTo(8, 10.8); pen.lineTo(3, 13.5); pen.closePath();
    pen.lineJoin = "round"; pen.lineWidth = 2.4; pen.strokeStyle = c.ground; pen.stroke(); pen.fillStyle = fill; pen.fill();
  });
  add("unit-moving", arrow(c.accent));
  add("unit-sent", arrow(c.dim));
  add("unit-scene", drawn(10, (pen) => { pen.beginPath(); pen.arc(5, 5, 3, 0, 7); pen.lineWidth = 2; pen.strokeStyle = c.ground; pen.stroke(); pen.fillStyle = c.accent; pen.fill(); }));
  add("hospital", drawn(13, (pen) => {
    pen.fillStyle = c.ground; pen.fillRect(1, 1, 11, 11); pen.strokeStyle = c.dim; pen.lineWidth = 1; pen.strokeRect(1.5, 1.5, 10, 10);
    pen.fillStyle = c.dim; pen.fillRect(5.5, 3.5, 2, 6); pen.fillRect(3.5, 5.5, 6, 2);
  }));
  add("station", drawn(9, (pen) => { pen.fillStyle = c.ground; pen.strokeStyle = c.label; pen.lineWidth = 1; pen.fillRect(1.5, 1.5, 6, 6); pen.strokeRect(1.5, 1.5, 6, 6); }));
}

/* ---- What is on it ---- */

const live = { units: new Map(), incidents: new Map() };
let map = null, home = null, marked = null;

function along(unit, now) {
  const path = unit.path;
  if (!path?.length) return { at: unit.at, turn: 0 };
  const s = (now - unit.t0) / 1000;
  let lo = 0, hi = path.length - 1;
  if (s <= path[0][2]) hi = Math.min(1, hi);
  else if (s >= path[hi][2]) lo = Math.max(0, hi - 1);
  else while (hi - lo > 1) { const mid = (lo + hi) >> 1; if (path[mid][2] <= s) lo = mid; else hi = mid; }
  const [a, b] = [path[lo], path[hi]];
  const share = b[2] > a[2] ? Math.max(0, Math.min(1, (s - a[2]) / (b[2] - a[2]))) : 1;
  const east = (b[0] - a[0]) * Math.cos((a[1] * Math.PI) / 180);
  return {
    at: [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share],
    turn: (Math.atan2(east, b[1] - a[1]) * 180) / Math.PI, upto: lo, share,
  };
}
const point = (at, properties) => ({ type: "Feature", geometry: { type: "Point", coordinates: at }, properties });

function drawUnits(now) {
  const found = [];
  let moving = false;
  for (const unit of live.units.values()) {
    if (unit.look === "home" || (unit.look === "scene" && live.incidents.has(unit.inc))) continue;
    const { at, turn } = along(unit, now);
    if (!at) continue;
    moving ||= unit.look === "moving";
    found.push(point(at, { u: unit.u, look: unit.look, turn: unit.look === "moving" ? turn : 0 }));
  }
  const shape = JSON.stringify(found);
  if (shape !== drawUnits.last) map.getSource("units").setData(features(found));
  drawUnits.last = shape;
  return moving;
}
/* Who is on the scene stands beside the ring, not on top of it. */
function crews() {
  const names = new Map();
  for (const unit of live.units.values()) {
    if (unit.look !== "scene" || !unit.inc) continue;
    names.set(unit.inc, [...(names.get(unit.inc) ?? []), unit.u]);
  }
  return (id) => {
    const all = names.get(id) ?? [];
    return all.slice(0, 3).join(" ") + (all.length > 3 ? ` +${all.length - 3}` : "");
  };
}
function drawIncidents(now) {
  const crew = crews();
  const found = [...live.incidents.values()].filter((i) => i.at).map((i) => {
    const state = i.due ? stateOf(i.due, i.from, now) : "none";
    const on = i.id === selection();
    return point(i.at, { id: i.id, p: i.p, state, on, crew: crew(i.id), order: on ? 9 : state === "late" ? 5 : 1 });
  });
  const shape = JSON.stringify(found.map((f) => f.properties));
  if (shape === drawIncidents.last) return;
  drawIncidents.last = shape;
  map.getSource("incidents").setData(features(found));
}
function drawRoute(now) {
  const lines = [];
  for (const unit of live.units.values()) {
    if (unit.look !== "moving" || !unit.path || (unit.inc !== selection() && unit.u !== marked)) continue;
    const { at, upto } = along(unit, now);
    lines.push({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: [at, ...unit.path.slice(upto + 1).map((p) => [p[0], p[1]])] } });
  }
  if (!lines.length && !drawRoute.any) return;
  drawRoute.any = lines.length > 0;
  map.getSource("route").setData(features(lines));
}

/* Movement is redrawn ten times a second, or once in two where less motion is asked for; where the
   machine is slow at it, every few seconds, and soon after something else was chosen. */
const pace = new Pace(byProcessor(), lags);
function lags(slow) {
  box.dataset.slow = String(slow);
  box.querySelector("[data-slowly]").hidden = !slow;
  if (!slow && map) frame();
}
let timer = 0, stale = true, hurried = false;
function frame() {
  clearTimeout(timer);
  timer = setTimeout(frame, pace.slow ? FOLLOWS_MS : still.matches ? 2000 : 100);
  hurried = false;
  if (document.hidden || !map) return;
  const now = time.now();
  drawIncidents(now);
  if (stale || time.speed > 0) { stale = drawUnits(now); drawRoute(now); }
}

function take(state) {
  if (state.whole) { live.units.clear(); live.incidents.clear(); drawIncidents.last = ""; }
  for (const unit of state.units ?? []) live.units.set(unit.u, unit);
  for (const incident of state.incidents ?? []) {
    if (incident.gone) live.incidents.delete(incident.id); else live.incidents.set(incident.id, incident);
  }
  drawIncidents.last = "";
  stale = true;
}

function dress() {
  const c = palette();
  icons(map, c);
  for (const layer of style(c, none, base).layers) {
    for (const [name, value] of Object.entries(layer.paint ?? {})) map.setPaintProperty(layer.id, name, value);
  }
}

/* ---- The tiles under it: one file, read in parts; where it cannot be, the calls go on. ---- */

let base = box.dataset.basemap ? new URL(box.dataset.basemap, location.href).href : "";
if (base) addProtocol("pmtiles", new window.pmtiles.Protocol().tile);

const read = (url) => fetch(url).then((answer) => {
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
});

let told = false, seen = false;
function missing(event) {
  if (event.sourceId !== "base") { console.error(event.error); return; }
  if (told) return;
  told = true;
  box.querySelector("[data-partly]").hidden = false;
  if (!seen) bare().catch(() => {});  /* the words stand already */
}
/* Nothing of the basemap could be read: the town's own streets stand in for it. */
async function bare() {
  const streets = await read(box.dataset.streets);
  const c = palette();
  base = "";
  for (const layer of map.getStyle().layers) if (layer.id.startsWith("base-")) map.removeLayer(layer.id);
  map.removeSource("base");
  map.addSource("streets", streetSource(streets));
  for (const layer of streetLayers(c)) map.addLayer(layer, "station");
}

/* Where less motion is asked for, the wheel moves the map in steps instead of gliding. */
function steady(map) {
  map.scrollZoom[still.matches ? "disable" : "enable"]();
}
function wheel(event) {
  if (!still.matches) return;
  event.preventDefault();
  const { left, top } = map.getCanvas().getBoundingClientRect();
  const around = map.unproject([event.clientX - left, event.clientY - top]);
  map.easeTo({ zoom: map.getZoom() + (event.deltaY < 0 ? 0.5 : -0.5), around, animate: false });
}

async function open() {
  const [town, state, streets] = await Promise.all(
    [read(box.dataset.town), read(box.dataset.state), base ? none : read(box.dataset.streets)]);
  const c = palette();
  home = town.bounds;
  const slow = pace.slow;
  map = box.chart = new Chart({
    container: box.querySelector("[data-canvas]"), style: style(c, { ...town, streets }, base), bounds: home,
    fitBoundsOptions: { padding: 24 }, attributionControl: false, dragRotate: false, pitchWithRotate: false,
    maxPitch: 0, fadeDuration: 0, minZoom: 9, maxZoom: 17.5, localIdeographFontFamily: "'Noto Sans CJK SC', sans-serif",
    canvasContextAttributes: { antialias: !slow }, renderWorldCopies: false, trackResize: true,
  });
  if (slow) map.setPixelRatio(Math.min(1, devicePixelRatio));
  pace.follow(map, box);
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.getCanvas().setAttribute("aria-label", box.getAttribute("aria-label"));
  map.on("error", missing);
  map.on("sourcedata", (event) => { seen ||= event.sourceId === "base" && event.tile?.state === "loaded"; });
  steady(map);
  still.addEventListener("change", () => steady(map));
  map.getCanvasContainer().addEventListener("wheel", wheel, { passive: false });
  take({ whole: true, ...state });
  map.on("style.load", () => icons(map, c));
  map.on("load", () => {
    box.querySelector("[data-absent]").hidden = true;
    box.dataset.ready = "true";
    lags(pace.slow);
    frame();
  });
  map.on("click", (event) => {
    const form = box.dataset.fills && document.querySelector(box.dataset.fills);
    if (form) {  /* a call is being taken: the click is its place */
      form.elements.lon.value = event.lngLat.lng.toFixed(5);
      form.elements.lat.value = event.lngLat.lat.toFixed(5);
      form.elements.lat.dispatchEvent(new Event("change", { bubbles: true }));
      return;
    }
    const near = [[event.point.x - 8, event.point.y - 8], [event.point.x + 8, event.point.y + 8]];
    const hit = map.queryRenderedFeatures(near, { layers: ["ring"] })[0];
    if (hit) select(hit.properties.id);
  });
  map.on("mousemove", "ring", () => { map.getCanvas().style.cursor = "pointer"; });
  map.on("mouseleave", "ring", () => { map.getCanvas().style.cursor = ""; });
}

/* By keyboard: m goes to the map and back, Escape back; on it the arrows move, + and − zoom, and
   say nothing to the demonstration's clock. */
let before = null;
const typing = (node) => node?.closest?.("input, textarea, select, [contenteditable], dialog[open]");
function leave() {
  const back = before?.isConnected ? before : document.querySelector("#open > .row[aria-current=true] a, #open > .row a");
  if (back && back !== document.body) back.focus({ preventScroll: true }); else map.getCanvas().blur();
}
box.addEventListener("keydown", (event) => {
  if (event.target !== map?.getCanvas()) return;
  if (["+", "=", "-"].includes(event.key)) event.stopPropagation();
  if (event.key !== "Escape" && event.key !== "m") return;
  event.stopPropagation();
  leave();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "m" || !map || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  before = document.activeElement;
  map.getCanvas().focus();
});

box.addEventListener("click", (event) => {
  const way = event.target.closest("[data-zoom]")?.dataset.zoom;
  if (!way || !map) return;
  const quick = { animate: !still.matches && !pace.slow };
  if (way === "in") map.zoomIn(quick);
  if (way === "out") map.zoomOut(quick);
  if (way === "home") map.fitBounds(home, { padding: 24, ...quick });
});
document.addEventListener("answerable:select", () => {
  drawIncidents.last = "";
  stale = true;
  if (!pace.slow || hurried || !box.dataset.ready) return;
  hurried = true;
  clearTimeout(timer);
  timer = setTimeout(frame, 500);
});
document.addEventListener("answerable:unit", (event) => { marked = event.detail.name; stale = true; });
document.addEventListener("answerable:theme", () => map && dress());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => map && dress());
document.addEventListener("answerable:again", async () => {
  const answer = await fetch(box.dataset.state);
  if (answer.ok) take({ whole: true, ...(await answer.json()) });
});
document.addEventListener("answerable:map", (event) => take(event.detail));

open().catch(() => {
  const absent = box.querySelector("[data-absent]");
  absent.textContent = box.dataset.absent ?? absent.textContent;
  absent.hidden = false;
});
