/* What lies under the calls: water, green, houses, streets and names out of basemap.pmtiles, or,
   where the town has none, its streets alone. Hair lines, no decoration, colours from the page. */

export const FONT = ["Inter, 'Noto Sans CJK SC', sans-serif"];
export const width = (thin, thick) => ["interpolate", ["exponential", 1.4], ["zoom"], 10, thin, 13, thick, 16, thick * 2.6];

const kind = ["get", "kind"];
const is = (...kinds) => ["in", kind, ["literal", kinds]];
const round = { "line-cap": "round", "line-join": "round" };

/* A name in the language of the page where the map has one, else as the place itself says it. */
export function named(lang) {
  const tag = lang.slice(0, 2);
  return ["coalesce", ["get", `name:${tag}`], ["get", tag], ["get", "name"], ""];
}

const label = (c, tone, size, field, more = {}) => ({
  type: "symbol",
  layout: { "text-font": FONT, "text-size": size, "text-field": field, "text-padding": 4, ...more },
  paint: { "text-color": tone, "text-halo-color": c.ground, "text-halo-width": 1.4 },
});
const street = (id, color, thin, thick, more) => ({
  id, type: "line", layout: round,
  paint: { "line-color": color, "line-width": width(thin, thick) }, ...more,
});
/* A place's name stands on it, or beside it where something more urgent stands there already; a
   town's may stand a little farther off, for it is missed more. */
const near = ["center", [0, 0], "top", [0, 0.8], "bottom", [0, -0.8], "left", [0.8, 0], "right", [-0.8, 0]];
const beside = { "text-variable-anchor-offset": near };
const farther = { "text-variable-anchor-offset": [...near, "top", [0, 2.2], "bottom", [0, -2.2], "left", [2.4, 0], "right", [-2.4, 0]] };
const along = { "symbol-placement": "line", "symbol-spacing": 320, "text-max-angle": 30 };

/* ---- Without a basemap: the town's own streets. ---- */

export const streetSource = (data) => ({ type: "geojson", data, tolerance: 0.6, buffer: 4, maxzoom: 15 });
export function streetLayers(c) {
  const rank = ["coalesce", ["get", "c"], 0];
  return [
    street("street", c.street, 0.45, 0.85, { source: "streets", filter: ["<", rank, 1] }),
    street("street-main", c["street-main"], 0.8, 1.5, { source: "streets", filter: [">=", rank, 1] }),
    { id: "street-name", source: "streets", minzoom: 14.2, filter: ["has", "n"], ...label(c, c.label, 10.5, ["get", "n"], along) },
  ];
}

/* ---- With one. ---- */

export const tileSource = (url) => ({ type: "vector", url: `pmtiles://${url}` });

const from = (layer) => ({ source: "base", "source-layer": layer });
const surface = (id, layer, color, more = {}) =>
  ({ id, type: "fill", ...from(layer), paint: { "fill-color": color, "fill-antialias": false }, ...more });

function ground(c) {
  return [
    surface("base-built", "landuse", c.built, { filter: is("built"), minzoom: 10 }),
    surface("base-industrial", "landuse", c.industrial, { filter: is("industrial"), minzoom: 10 }),
    surface("base-green", "landuse", c.green, { filter: is("green") }),
    surface("base-water", "water", c.water),
    { id: "base-waterway", type: "line", ...from("waterways"), layout: round,
      paint: { "line-color": c.water, "line-width": ["interpolate", ["exponential", 1.5], ["zoom"], 9, ["match", kind, "river", 1, 0.4], 16, ["match", kind, "river", 8, 2.2]] } },
    surface("base-building", "buildings", c.building, { minzoom: 14.4 }),
    { id: "base-boundary", type: "line", ...from("boundaries"), filter: ["<", ["get", "level"], 7], layout: { "line-join": "round" },
      paint: { "line-color": c.edge, "line-dasharray": [5, 3], "line-width": ["step", ["get", "level"], 1, 5, 0.5], "line-opacity": ["step", ["get", "level"], 0.9, 5, 0.55] } },
  ];
}

function ways(c) {
  const over = (...kinds) => ["all", is(...kinds), ["!", ["has", "tunnel"]]];
  const streets = from("streets");
  return [
    { id: "base-tunnel", type: "line", ...streets, minzoom: 13, filter: ["all", ["has", "tunnel"], ["!", is("path")]],
      paint: { "line-color": c["street-main"], "line-width": width(0.5, 0.9), "line-dasharray": [2, 2] } },
    street("base-path", c.street, 0.3, 0.5, { ...streets, minzoom: 14.4, filter: over("path"), layout: {},
      paint: { "line-color": c["street-main"], "line-width": width(0.3, 0.4), "line-dasharray": [2, 1.6] } }),
    street("base-lane", c.street, 0.3, 0.6, { ...streets, minzoom: 13, filter: over("lane") }),
    street("base-street", c.street, 0.3, 0.95, { ...streets, filter: over("street") }),
    street("base-main", c["street-main"], 0.8, 1.5, { ...streets, filter: over("main") }),
    street("base-motorway", c["street-main"], 1.1, 2.2, { ...streets, filter: over("motorway") }),
    { id: "base-rail", type: "line", ...from("railways"), filter: is("rail"),
      paint: { "line-color": c.edge, "line-width": ["interpolate", ["linear"], ["zoom"], 9, 0.5, 16, 1], "line-dasharray": [8, 4] } },
    { id: "base-track", type: "line", ...from("railways"), minzoom: 15, filter: is("siding", "tram"), paint: { "line-color": c.edge, "line-width": 0.5 } },
  ];
}

/* The later a layer stands here, the sooner it gets its room: houses give way to streets, streets
   to places, and all of them to what is happening. */
function names(c, lang) {
  const name = named(lang), said = ["has", "name"];
  return [
    { id: "base-house", ...from("houses"), minzoom: 16.5, ...label(c, c.label, 9.5, ["get", "number"], { "text-padding": 2 }) },
    { id: "base-street-name", ...from("streets"), minzoom: 13.4, filter: said, ...label(c, c.label, 10.5, name, along) },
    { id: "base-river-name", ...from("waterways"), minzoom: 12.5, filter: said, ...label(c, c["water-name"], 10.5, name, along) },
    { id: "base-halt", ...from("landmarks"), minzoom: 12.5, filter: is("station"), ...label(c, c.label, 10.5, name, { "text-max-width": 7 }) },
    { id: "base-water-name", ...from("places"), minzoom: 12, filter: is("water"), ...label(c, c["water-name"], 10.5, name, { "text-max-width": 6 }) },
    { id: "base-place-minor", ...from("places"), minzoom: 13, maxzoom: 16.5, filter: ["all", [">", ["get", "rank"], 4], ["!", is("water")]],
      ...label(c, c.label, 10.5, name, { "text-max-width": 7, "symbol-sort-key": ["get", "rank"] }) },
    { id: "base-place", ...from("places"), maxzoom: 15.5, filter: ["all", [">", ["get", "rank"], 1], ["<=", ["get", "rank"], 4]],
      ...label(c, c.dim, ["match", kind, "village", 12, 10.5], name, { ...beside, "text-max-width": 8, "text-padding": 6, "symbol-sort-key": ["get", "rank"] }) },
    { id: "base-town", ...from("places"), maxzoom: 15.5, filter: ["<=", ["get", "rank"], 1],
      ...label(c, c.dim, 13, name, { ...farther, "text-max-width": 8, "text-padding": 6, "symbol-sort-key": ["get", "rank"] }) },
  ];
}

export const groundLayers = (c) => [...ground(c), ...ways(c)];
export const nameLayers = (c, lang) => names(c, lang);
