/* The map of repeat places, and the keys of their list. What is on the map is in the list: a ring
   has the number of its row, the scan's are drawn stronger. Filters act as they are chosen. */

import { Map as Chart, addProtocol, setWorkerUrl, setWorkerCount } from "./vendor/maplibre-gl.mjs";
import { Pace, byProcessor } from "./gentle.js";
import { FONT, groundLayers, nameLayers, streetLayers, streetSource, tileSource } from "./basemap.js";

const $$ = (selector) => [...document.querySelectorAll(selector)];
const box = document.getElementById("places-map");
const rows = () => $$(".repeat");
const spot = (row) => [Number(row.dataset.lon), Number(row.dataset.lat)];
const still = matchMedia("(prefers-reduced-motion: reduce)");

/* Colours come from the style sheet, so the map always wears the page's clothes. */
const probe = box.appendChild(Object.assign(document.createElement("i"), { hidden: true }));
const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const TOKENS = ["ground", "panel", "line", "edge", "ink", "dim", "near", "accent", "street", "street-main", "label",
  "water", "water-name", "green", "built", "industrial", "building"];
const palette = () => Object.fromEntries(TOKENS.map((token) => {
  probe.style.color = `var(--${token})`;
  canvas.fillStyle = getComputedStyle(probe).color;
  return [token, canvas.fillStyle];
}));

const features = (list) => ({ type: "FeatureCollection", features: list });
const placed = () => features(rows().filter((row) => row.dataset.lon).map((row) => ({
  type: "Feature", geometry: { type: "Point", coordinates: spot(row) },
  properties: {
    number: Number(row.dataset.number), scan: "scan" in row.dataset, name: row.dataset.place,
    on: row.querySelector("details").open,
  },
})));

function layers(c) {
  const beside = { "text-font": FONT, "text-size": 10.5, "text-variable-anchor": ["left", "right", "top", "bottom"], "text-radial-offset": 1.3, "text-optional": true };
  const first = ["-", 0, ["get", "number"]];
  return [
    { id: "ring", type: "circle", source: "places", layout: { "circle-sort-key": first },
      paint: { "circle-radius": ["case", ["get", "on"], 13, 10], "circle-color": c.panel,
        "circle-stroke-color": ["case", ["get", "on"], c.accent, ["get", "scan"], c.near, c.edge],
        "circle-stroke-width": ["case", ["any", ["get", "on"], ["get", "scan"]], 2.5, 1.5] } },
    { id: "ring-name", type: "symbol", source: "places", minzoom: 13.2, layout: { ...beside, "text-field": ["get", "name"], "symbol-sort-key": ["get", "number"] },
      paint: { "text-color": c.dim, "text-halo-color": c.ground, "text-halo-width": 1.6 } },
    { id: "ring-text", type: "symbol", source: "places",
      layout: { "text-font": FONT, "text-size": 10.5, "text-field": ["to-string", ["get", "number"]], "text-allow-overlap": true, "symbol-sort-key": ["get", "number"] },
      paint: { "text-color": c.ink } },
  ];
}

let map = null;
/* Where the machine draws slowly the map gives way to the keys, as the board's does. */
const pace = new Pace(byProcessor(), lags);
function lags(slow) {
  box.dataset.slow = String(slow);
  box.querySelector("[data-slowly]").hidden = !slow;
}
let base = box.dataset.basemap ? new URL(box.dataset.basemap, location.href).href : "";

function style(c, streets) {
  return {
    version: 8,
    sources: {
      ...(base ? { base: tileSource(base) } : { streets: streetSource(streets) }),
      places: { type: "geojson", data: placed() },
    },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": c.ground } },
      ...(base ? [...groundLayers(c), ...nameLayers(c, document.documentElement.lang)] : streetLayers(c)),
      ...layers(c),
    ],
  };
}

const read = (url) => fetch(url).then((answer) => {
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
});

/* Where the basemap cannot be read, the town's own streets stand in for it. */
let told = false;
async function missing(event) {
  if (told || event.sourceId !== "base") return;
  told = true;
  box.querySelector("[data-partly]").hidden = false;
  const streets = await read(box.dataset.streets);
  base = "";
  map.setStyle(style(palette(), streets));
}

const around = (points) => points.reduce(
  ([[w, s], [e, n]], [x, y]) => [[Math.min(w, x), Math.min(s, y)], [Math.max(e, x), Math.max(n, y)]],
  [[180, 90], [-180, -90]],
);

async function open() {
  const points = rows().filter((row) => row.dataset.lon).map(spot);
  if (!points.length) return;
  if (base) addProtocol("pmtiles", new window.pmtiles.Protocol().tile);
  const streets = base ? null : await read(box.dataset.streets);
  setWorkerUrl(new URL("./vendor/maplibre-gl-worker.mjs", import.meta.url).href);
  setWorkerCount(1);
  map = new Chart({
    container: box.querySelector("[data-canvas]"), style: style(palette(), streets), bounds: around(points),
    fitBoundsOptions: { padding: 48, maxZoom: 15 }, attributionControl: false, dragRotate: false, pitchWithRotate: false,
    maxPitch: 0, fadeDuration: 0, minZoom: 9, maxZoom: 17.5, localIdeographFontFamily: "'Noto Sans CJK SC', sans-serif",
    canvasContextAttributes: { antialias: !pace.slow }, renderWorldCopies: false, trackResize: true,
  });
  box.chart = map;
  pace.follow(map, box);
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.getCanvas().setAttribute("aria-label", box.getAttribute("aria-label"));
  map.on("error", missing);
  map.on("load", () => {
    box.querySelector("[data-absent]").hidden = true;
    box.dataset.ready = "true";
    lags(pace.slow);
  });
  map.on("click", "ring", (event) => {
    const number = String(event.features[0].properties.number);
    const row = rows().find((one) => one.dataset.number === number);
    row.querySelector("details").open = true;
    row.querySelector("summary").focus();
  });
  map.on("mousemove", "ring", () => { map.getCanvas().style.cursor = "pointer"; });
  map.on("mouseleave", "ring", () => { map.getCanvas().style.cursor = ""; });
}

/* A row that is opened is shown on the map; the others stay where they are. */
document.addEventListener("toggle", (event) => {
  const row = event.target.closest?.(".repeat");
  if (!row || !map?.getSource("places")) return;
  map.getSource("places").setData(placed());
  if (event.target.open && row.dataset.lon) {
    map.easeTo({ center: spot(row), zoom: Math.max(map.getZoom(), 14.2), animate: !still.matches && !pace.slow });
  }
}, true);

/* j and k go from row to row, m to the map and back. */
const typing = (node) => node?.closest?.("input, textarea, select, [contenteditable], dialog[open]");
let before = null;
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const all = rows().map((row) => row.querySelector("summary"));
  if ((event.key === "j" || event.key === "k") && all.length) {
    const at = all.indexOf(document.activeElement?.closest?.(".repeat")?.querySelector("summary"));
    const next = event.key === "j" ? Math.min(at + 1, all.length - 1) : Math.max(at - 1, 0);
    all[next].focus();
  } else if (event.key === "m" && map) {
    const back = document.activeElement === map.getCanvas();
    if (back) (before ?? all[0])?.focus(); else { before = document.activeElement; map.getCanvas().focus(); }
  }
});

const sieve = document.querySelector(".sieve");
sieve?.addEventListener("change", () => sieve.requestSubmit());

function dress() {
  if (!map) return;
  for (const layer of style(palette(), features([])).layers) {
    for (const [name, value] of Object.entries(layer.paint ?? {})) map.setPaintProperty(layer.id, name, value);
  }
}
document.addEventListener("answerable:theme", dress);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", dress);

open().catch((fault) => {
  console.error(fault);
  box.querySelector("[data-partly]").hidden = false;
});
