"use strict";
(() => {
// Text of articles reaches the page only as textContent and as text on a canvas, never as markup.
const data = JSON.parse(document.getElementById("data").textContent);
const S = data.strings, C = data.columns, N = data.rows;
const $ = (id) => document.getElementById(id);
const str = (name, i) => { const at = C[name]; return at ? S[at[i]] : ""; };
const num = (name, i) => { const at = C[name]; return at ? at[i] : null; };
const has = (name) => data.has.includes(name);

function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === false) continue;
    if (name === "class") node.className = value; else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== ""));
  return node;
}
const many = (n, noun) => `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;

// ---- types: colours of Okabe and Ito, and a shape each ----------------------------------------------

const COLOURS = data.colours, SHAPES = data.shapes;
const TYPES = data.types;
const kind = TYPES.map((name, t) => Math.min(t, COLOURS.length - 1));
const typeOf = C.type;
const polygon = (n, turn) => Array.from({ length: n }, (_, k) => [Math.cos(turn + (2 * Math.PI * k) / n), Math.sin(turn + (2 * Math.PI * k) / n)]);
const OUTLINE = {
  up: polygon(3, -Math.PI / 2).map(([x, y]) => [1.2 * x, 1.2 * y + 0.15]), down: polygon(3, Math.PI / 2).map(([x, y]) => [1.2 * x, 1.2 * y - 0.15]),
  diamond: polygon(4, 0).map(([x, y]) => [1.15 * x, 1.15 * y]), square: polygon(4, Math.PI / 4).map(([x, y]) => [1.18 * x, 1.18 * y]),
  pentagon: polygon(5, -Math.PI / 2),
  cross: [[-.4, -1.1], [.4, -1.1], [.4, -.4], [1.1, -.4], [1.1, .4], [.4, .4], [.4, 1.1], [-.4, 1.1], [-.4, .4], [-1.1, .4], [-1.1, -.4], [-.4, -.4]],
};
function trace(c, shape, x, y, r) {
  c.beginPath();
  if (shape === "circle") c.arc(x, y, r, 0, 2 * Math.PI);
  else { OUTLINE[shape].forEach(([px, py], k) => c[k ? "lineTo" : "moveTo"](x + r * px, y + r * py)); c.closePath(); }
}
function icon(t, size = 14) {
  const ns = "http://www.w3.org/2000/svg", svg = document.createElementNS(ns, "svg"), k = kind[t];
  for (const [name, value] of [["width", size], ["height", size], ["viewBox", "-1.5 -1.5 3 3"], ["aria-hidden", "true"]]) svg.setAttribute(name, value);
  const mark = document.createElementNS(ns, SHAPES[k] === "circle" ? "circle" : "polygon");
  if (SHAPES[k] === "circle") mark.setAttribute("r", 1); else mark.setAttribute("points", OUTLINE[SHAPES[k]].map((p) => p.map((v) => v.toFixed(3)).join()).join(" "));
  mark.setAttribute("fill", COLOURS[k]); mark.setAttribute("stroke", "#333"); mark.setAttribute("stroke-width", ".16");
  svg.append(mark);
  return svg;
}

// ---- days -------------------------------------------------------------------------------------------

const DAY = 86400000;
const iso = (day) => new Date(day * DAY).toISOString().slice(0, 10);
const dayOf = (text) => { const ms = Date.parse(text + "T00:00:00Z"); return Number.isNaN(ms) ? null : ms / DAY; };
function begin(day, unit) {
  if (unit === "day") return day;
  const d = new Date(day * DAY);
  if (unit === "week") return day - ((d.getUTCDay() + 1) % 7);  // Saturday, as ACLED's weeks
  d.setUTCDate(1); if (unit === "year") d.setUTCMonth(0);
  return Math.round(d.getTime() / DAY);
}
function following(start, unit) {
  if (unit === "day") return start + 1;
  if (unit === "week") return start + 7;
  const d = new Date(start * DAY);
  if (unit === "month") d.setUTCMonth(d.getUTCMonth() + 1); else d.setUTCFullYear(d.getUTCFullYear() + 1);
  return Math.round(d.getTime() / DAY);
}

// ---- filters: each is a bit of a row's mask; a row counts where no bit is set ----------------------

const BIT = { type: 1, governorate: 2, actor: 4, date: 8, confidence: 16, text: 32, map: 64, pair: 128, sub: 256, lack: 512 };
const mask = new Uint16Array(N);
const state = fresh();
function fresh() {
  return { type: new Set(), governorate: new Set(), actor: new Set(), actorPart: "", from: null, to: null, confidence: 0, text: "", map: null, mapLabel: "", pair: new Set(), sub: new Set(), lack: "" };
}
const located = (i) => C.lat[i] !== null && C.lon[i] !== null;
const pairOf = (i) => { const a = str("actor1", i), b = str("actor2", i); return a && b ? (a < b ? a + "\u0000" + b : b + "\u0000" + a) : ""; };
const governorateOf = (i) => str("admin1", i) || "not known";
let hay = null;
function haystack(i) {
  if (!hay) hay = new Array(N);
  if (hay[i] === undefined) {
    const own = data.own[i];
    hay[i] = [...data.searched.map((name) => str(name, i)), ...(own ? Object.values(own) : [])].join("\n").toLowerCase();
  }
  return hay[i];
}
const TESTS = {
  type: () => state.type.size && ((i) => !state.type.has(typeOf[i])),
  governorate: () => state.governorate.size && ((i) => state.governorate.has(governorateOf(i))),
  actor: () => {
    const part = state.actorPart.toLowerCase();
    return (state.actor.size || part) && ((i) => {
      const a = str("actor1", i), b = str("actor2", i);
      if (state.actor.size && !state.actor.has(a) && !state.actor.has(b)) return false;
      return !part || [a, b, str("assoc_actor_1", i), str("assoc_actor_2", i)].some((name) => name.toLowerCase().includes(part));
    });
  },
  pair: () => state.pair.size && ((i) => state.pair.has(pairOf(i))),
  sub: () => state.sub.size && ((i) => state.sub.has(str("sub", i) || "not known")),
  date: () => (state.from !== null || state.to !== null) && ((i) => {
    const day = C.day[i];
    return day !== null && (state.from === null || day >= state.from) && (state.to === null || day <= state.to);
  }),
  confidence: () => state.confidence > 0 && ((i) => num("confidence", i) !== null && num("confidence", i) >= state.confidence - 1e-9),
  text: () => {
    const words = state.text.toLowerCase().split(/\s+/).filter(Boolean);
    return words.length && ((i) => { const h = haystack(i); return words.every((word) => h.includes(word)); });
  },
  map: () => state.map && ((i) => state.map.has(i)),
  lack: () => state.lack && ((i) => (state.lack === "date" ? C.day[i] === null : !located(i))),
};
function refilter(...names) {
  for (const name of names) {
    const bit = BIT[name], test = TESTS[name]();
    for (let i = 0; i < N; i++) if (!test || test(i)) mask[i] &= ~bit; else mask[i] |= bit;
  }
  soon();
}
const passes = (i, but = 0) => (mask[i] & ~but) === 0;
let pending = false;
function soon() { if (!pending) { pending = true; requestAnimationFrame(() => { pending = false; show(); }); } }
function toggle(set, value) { if (!set.delete(value)) set.add(value); }

// ---- what stands at the top -------------------------------------------------------------------------

let active = [];
function show() {
  active = [];
  let deaths = 0;
  for (let i = 0; i < N; i++) if (mask[i] === 0) { active.push(i); deaths += C.deaths[i]; }
  const of = active.length === N ? many(N, "event") : `${active.length.toLocaleString("en")} of ${many(N, "event")}`;
  $("state").textContent = `${of}, ${many(deaths, "death")}`;
  showChips(); showTypes(); showMenu(); showFields();
  layMap(); drawMap(); drawTime(); showList(); sortTable(); fillTable();
}
function chip(label, undo) {
  const button = el("button", { type: "button", "aria-label": `Remove the filter ${label}` }, `${label} ✕`);
  button.addEventListener("click", () => { undo(); $("reset").focus(); });
  return el("li", {}, button);
}
function setChips(name, label) {
  return [...state[name]].map((value) => chip(label(value), () => { state[name].delete(value); refilter(name); }));
}
function showChips() {
  const chips = [
    ...setChips("type", (t) => `without ${TYPES[t]}`), ...setChips("sub", (v) => v), ...setChips("governorate", (v) => v),
    ...setChips("actor", (v) => v), ...setChips("pair", (v) => v.replace("\u0000", " and ")),
  ];
  if (state.actorPart) chips.push(chip(`actor: ${state.actorPart}`, () => { state.actorPart = $("actor").value = ""; refilter("actor"); }));
  if (state.from !== null || state.to !== null) chips.push(chip(dates(), () => setDays(null, null)));
  if (state.confidence) chips.push(chip(`confidence ${state.confidence.toFixed(2)} or more`, () => { state.confidence = 0; refilter("confidence"); }));
  if (state.text) chips.push(chip(`text: ${state.text}`, () => { state.text = $("text").value = ""; refilter("text"); }));
  if (state.map) chips.push(chip(`${state.mapLabel}: ${many(state.map.size, "event")}`, () => selectOnMap(null)));
  if (state.lack) chips.push(chip(`without ${state.lack}`, () => { state.lack = ""; refilter("lack"); }));
  $("chips").replaceChildren(...chips);
  $("reset").disabled = chips.length === 0;
}
function dates() {
  const from = state.from === null ? "" : iso(state.from), to = state.to === null ? "" : iso(state.to);
  return from === to ? from : from && to ? `${from} to ${to}` : from ? `from ${from}` : `to ${to}`;
}
function setDays(from, to) { state.from = from; state.to = to; refilter("date"); }
function reset() {
  Object.assign(state, fresh());
  for (const id of ["actor", "text"]) $(id).value = "";
  mask.fill(0);
  closeEvidence();
  fitMap();
  soon();
}

// ---- the filter fields ------------------------------------------------------------------------------

const typeBoxes = TYPES.map((name, t) => {
  const box = el("input", { type: "checkbox", checked: true, "aria-label": name }), count = el("span", { class: "count" });
  box.addEventListener("change", () => { toggle(state.type, t); refilter("type"); });
  $("types").append(el("label", {}, box, icon(t), el("span", {}, name), count));
  return { box, count };
});
function showTypes() {
  const counts = TYPES.map(() => 0);
  for (let i = 0; i < N; i++) if (passes(i, BIT.type)) counts[typeOf[i]]++;
  typeBoxes.forEach(({ box, count }, t) => { box.checked = !state.type.has(t); count.textContent = counts[t].toLocaleString("en"); });
}
const collator = new Intl.Collator("en");
const governorates = [...new Set(Array.from({ length: N }, (_, i) => governorateOf(i)))].sort(collator.compare);
const governorateBoxes = governorates.map((name) => {
  const box = el("input", { type: "checkbox" });
  box.addEventListener("change", () => { toggle(state.governorate, name); refilter("governorate"); });
  $("governorates").append(el("label", {}, box, el("bdi", {}, name)));
  return box;
});
function showMenu() {
  governorateBoxes.forEach((box, k) => { box.checked = state.governorate.has(governorates[k]); });
  const chosen = [...state.governorate];
  $("governorate-summary").textContent = `Governorate: ${chosen.length ? chosen.join(", ") : "all"}`;
}
function showFields() {
  $("from").value = state.from === null ? "" : iso(state.from);
  $("to").value = state.to === null ? "" : iso(state.to);
  $("confidence").value = state.confidence;
  $("confidence-shown").textContent = state.confidence.toFixed(2);
  $("time-clear").hidden = state.from === null && state.to === null;
}
const actorNames = [...new Set(Array.from({ length: N }, (_, i) => [str("actor1", i), str("actor2", i)]).flat())].filter(Boolean).sort(collator.compare);
$("actors-known").append(...actorNames.map((name) => el("option", { value: name })));
const known = new Set(actorNames);
$("actor").addEventListener("input", () => {
  const text = $("actor").value;
  if (known.has(text)) { state.actor.add(text); state.actorPart = $("actor").value = ""; } else state.actorPart = text.trim();
  refilter("actor");
});
for (const id of ["from", "to"]) $(id).addEventListener("change", () => { state[id] = $(id).value ? dayOf($(id).value) : null; refilter("date"); });
$("confidence").addEventListener("input", () => { state.confidence = Number($("confidence").value); refilter("confidence"); });
$("confidence-field").hidden = !has("confidence");
$("text").addEventListener("input", () => { state.text = $("text").value.trim(); refilter("text"); });
$("reset").addEventListener("click", reset);
$("print").addEventListener("click", () => print());
for (const [what, count] of [["date", data.undated], ["coordinates", data.unlocated]]) {
  if (!count) continue;
  const button = el("button", { type: "button" }, `${count.toLocaleString("en")} without ${what}`);
  button.addEventListener("click", () => { state.lack = state.lack === what ? "" : what; refilter("lack"); });
  $("lacks").append(button, " ");
}
if (matchMedia("(max-width: 860px)").matches) $("filters").open = false;
document.addEventListener("click", (event) => { for (const menu of document.querySelectorAll(".menu[open]")) if (!menu.contains(event.target)) menu.open = false; });

// ---- the map ----------------------------------------------------------------------------------------

const map = $("map"), frame = $("map-frame");
const mercator = (lat) => (180 / Math.PI) * Math.log(Math.tan(Math.PI / 4 + (Math.max(-85, Math.min(85, lat)) * Math.PI) / 360));
const SYRIA = [data.bounds[0], mercator(data.bounds[1]), data.bounds[2], mercator(data.bounds[3])];
const shapes = data.outlines.map((one) => ({ ...one, lines: one.lines.map((line) => line.map(([x, y]) => [x, mercator(y)])) }));
const view = { k: 1, x: 0, y: 0, w: 0, h: 0 };  // pixels a degree, and the degree at the top left
const X = (lon) => (lon - view.x) * view.k, Y = (m) => (view.y - m) * view.k;
let places = [];  // rows at one point: {x, y, rows}
{
  const at = new Map();
  for (let i = 0; i < N; i++) if (located(i)) {
    const key = `${C.lon[i]} ${C.lat[i]}`;
    if (!at.has(key)) at.set(key, { x: C.lon[i], y: mercator(C.lat[i]), rows: [] });
    at.get(key).rows.push(i);
  }
  places = [...at.values()];
  const outside = places.filter((p) => p.x < SYRIA[0] || p.x > SYRIA[2] || p.y < SYRIA[1] || p.y > SYRIA[3]).reduce((n, p) => n + p.rows.length, 0);
  const notes = [];
  if (outside) notes.push(`${many(outside, "event")} outside this map: zoom out`);
  if (data.unlocated) notes.push(`${data.unlocated.toLocaleString("en")} without coordinates`);
  $("map-note").textContent = notes.join("; ");
}
function canvas(node, width, height) {
  const ratio = Math.max(devicePixelRatio || 1, printing ? 3 : 1);
  node.width = Math.round(width * ratio); node.height = Math.round(height * ratio);
  const c = node.getContext("2d");
  c.setTransform(ratio, 0, 0, ratio, 0, 0);
  return c;
}
let printing = false;
function fitMap() {
  view.w = frame.clientWidth; view.h = frame.clientHeight;
  view.k = Math.min(view.w / (SYRIA[2] - SYRIA[0]), view.h / (SYRIA[3] - SYRIA[1]));
  view.least = view.k / 2.5; view.most = view.k * 400; view.fit = view.k;
  view.x = (SYRIA[0] + SYRIA[2]) / 2 - view.w / view.k / 2; view.y = (SYRIA[1] + SYRIA[3]) / 2 + view.h / view.k / 2;
}
function zoom(factor, px = view.w / 2, py = view.h / 2) {
  const k = Math.max(view.least, Math.min(view.most, view.k * factor));
  view.x += px / view.k - px / k; view.y -= py / view.k - py / k; view.k = k;
  layMap(); drawMap();
}
const radius = (deaths) => Math.min(26, 3.6 + 1.45 * Math.sqrt(deaths));
const RING = 9;  // more events at one point than this are one disc

// What is drawn: single events with shapes of their own, rings of a few, discs of many. What lies closer
// together than marks are wide is put into one disc, so that ten thousand events stay readable.
let marks = [];
function layMap() {
  const some = [];
  let total = 0;
  for (const place of places) {
    const rows = place.rows.filter((i) => passes(i, BIT.map));
    if (rows.length) { some.push({ x: X(place.x), y: Y(place.y), rows, points: 1 }); total += rows.length; }
  }
  some.sort((a, b) => b.rows.length - a.rows.length || a.rows[0] - b.rows[0]);
  const groups = total > 150 ? gathered(some, Math.min(34, 8 + total / 250)) : some;
  marks = [];
  for (const group of groups) if (group.rows.length <= RING && group.points === 1) ring(group); else marks.push(disc(group));
  marks.sort((a, b) => b.r - a.r || a.rows[0] - b.rows[0]);
}
function gathered(some, near) {
  const cells = new Map(), kept = [];
  for (const one of some) {
    const cx = Math.floor(one.x / near), cy = Math.floor(one.y / near);
    let best = null, least = near * near;
    for (let dx = -1; dx <= 1; dx++) for (let dy = -1; dy <= 1; dy++) for (const other of cells.get(`${cx + dx} ${cy + dy}`) || []) {
      const d = (other.x - one.x) ** 2 + (other.y - one.y) ** 2;
      if (d < least) { least = d; best = other; }
    }
    if (best) { best.rows.push(...one.rows); best.points++; continue; }
    const key = `${cx} ${cy}`;
    if (!cells.has(key)) cells.set(key, []);
    cells.get(key).push(one); kept.push(one);
  }
  return kept;
}
const vague = (i) => num("geo_precision", i) || 1;
function ring(group) {
  const rows = [...group.rows].sort((a, b) => C.deaths[b] - C.deaths[a] || a - b), sizes = rows.map((i) => radius(C.deaths[i]));
  const n = rows.length, reach = n === 1 ? 0 : Math.max(...sizes.map((r, k) => (r + sizes[(k + 1) % n]) / 2)) / Math.sin(Math.PI / n);
  rows.forEach((i, k) => {
    const turn = (2 * Math.PI * k) / n - Math.PI / 2;
    marks.push({ x: group.x + (n > 1 ? reach * Math.cos(turn) : 0), y: group.y + (n > 1 ? reach * Math.sin(turn) : 0), r: sizes[k], rows: [i], cx: group.x, cy: group.y, n });
  });
}
function disc(group) {
  const parts = new Map();
  let deaths = 0;
  for (const i of group.rows) {
    const key = kind[typeOf[i]] * 2 + (vague(i) > 1 ? 1 : 0);
    parts.set(key, (parts.get(key) || 0) + 1);
    deaths += C.deaths[i];
  }
  const text = group.rows.length.toLocaleString("en");
  return { x: group.x, y: group.y, r: Math.max(radius(deaths), 8 + 2.4 * text.length), rows: group.rows, parts: [...parts].sort((a, b) => a[0] - b[0]), text, points: group.points };
}
function drawMap() {
  if (!view.w) return;
  const c = canvas(map, view.w, view.h);
  c.fillStyle = "#eceae6"; c.fillRect(0, 0, view.w, view.h);
  c.lineJoin = "round";
  for (const one of shapes) {
    c.beginPath();
    for (const line of one.lines) line.forEach(([x, y], k) => c[k ? "lineTo" : "moveTo"](X(x), Y(y)));
    if (one.kind === "sea") { c.fillStyle = "#dbe7ef"; c.fill(); }
    else if (one.kind === "neighbour") { c.strokeStyle = "#cbc6bd"; c.lineWidth = 1; c.stroke(); }
    else if (one.kind === "governorate") { c.fillStyle = "#fdfdfb"; c.fill(); c.strokeStyle = "#9a958b"; c.lineWidth = 1; c.stroke(); }
    else { c.strokeStyle = "#8db8d6"; c.lineWidth = 1.6; c.stroke(); }
  }
  drawNames(c);
  for (const mark of marks) if (mark.n > 1 && mark.r > 0) { c.strokeStyle = "#00000033"; c.lineWidth = 0.7; c.beginPath(); c.moveTo(mark.cx, mark.cy); c.lineTo(mark.x, mark.y); c.stroke(); }
  for (const mark of marks) if (!mark.rows.some((i) => mask[i] === 0)) drawMark(c, mark, true);
  for (const mark of marks) if (mark.rows.some((i) => mask[i] === 0)) drawMark(c, mark, false);
  if (cursor && document.activeElement === map) { c.strokeStyle = "#0b5394"; c.lineWidth = 3; c.beginPath(); c.arc(cursor.x, cursor.y, cursor.r + 5, 0, 7); c.stroke(); }
  if (drawn) drawDrawn(c);
  drawScale(c);
}
const FONT = '"Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif';
function drawNames(c) {
  c.textAlign = "center"; c.textBaseline = "middle";
  for (const one of data.labels) {
    const far = one.kind === "neighbour";
    c.font = `${far ? "italic 13px" : "11px"} ${FONT}`;
    c.fillStyle = far ? "#8b857a" : "#6f6a61";
    const half = c.measureText(one.name).width / 2, x = X(one.x);
    if (view.k < one.scale || x < half + 2 || x > view.w - half - 2) continue;
    c.strokeStyle = far ? "#eceae6" : "#fdfdfb"; c.lineWidth = 3; c.strokeText(one.name, x, Y(mercator(one.y)));
    c.fillText(one.name, x, Y(mercator(one.y)));
  }
}
function drawMark(c, mark, dim) {
  c.globalAlpha = dim ? 0.16 : 1;
  if (mark.parts) drawDisc(c, mark);
  else {
    const i = mark.rows[0], t = kind[typeOf[i]], precision = vague(i);
    if (precision === 3) { c.globalAlpha *= 0.18; c.fillStyle = COLOURS[t]; c.beginPath(); c.arc(mark.x, mark.y, mark.r + 9, 0, 7); c.fill(); c.globalAlpha = dim ? 0.16 : 1; }
    if (precision > 1) { c.setLineDash([2.5, 2]); c.strokeStyle = "#333"; c.lineWidth = 0.9; c.beginPath(); c.arc(mark.x, mark.y, mark.r + (precision === 3 ? 9 : 4), 0, 7); c.stroke(); c.setLineDash([]); }
    trace(c, SHAPES[t], mark.x, mark.y, mark.r);
    c.fillStyle = COLOURS[t];
    c.globalAlpha *= precision === 1 ? 0.88 : precision === 2 ? 0.5 : 0.3; c.fill();
    c.globalAlpha = dim ? 0.16 : 1;
    c.strokeStyle = "#2b2b2b"; c.lineWidth = 0.9; c.stroke();
  }
  if (opened !== null && mark.rows.includes(opened)) { c.strokeStyle = "#000"; c.lineWidth = 2.4; c.beginPath(); c.arc(mark.x, mark.y, mark.r + 4, 0, 7); c.stroke(); }
  c.globalAlpha = 1;
}
function drawDisc(c, mark) {
  const alpha = c.globalAlpha, total = mark.rows.length;
  let turn = -Math.PI / 2;
  c.fillStyle = "#fff"; c.beginPath(); c.arc(mark.x, mark.y, mark.r, 0, 7); c.fill();
  for (const [key, count] of mark.parts) {
    const next = turn + (2 * Math.PI * count) / total;
    c.beginPath(); c.moveTo(mark.x, mark.y); c.arc(mark.x, mark.y, mark.r, turn, next); c.closePath();
    c.fillStyle = COLOURS[key >> 1]; c.globalAlpha = alpha * (key & 1 ? 0.42 : 0.95); c.fill();
    turn = next;
  }
  c.globalAlpha = alpha;
  c.fillStyle = "#fff"; c.beginPath(); c.arc(mark.x, mark.y, Math.max(mark.r * 0.62, mark.r - 7), 0, 7); c.fill();
  c.strokeStyle = "#2b2b2b"; c.lineWidth = 0.8; c.beginPath(); c.arc(mark.x, mark.y, mark.r, 0, 7); c.stroke();
  c.fillStyle = "#1b1f24"; c.font = `600 ${mark.text.length > 3 ? 9.5 : 11}px ${FONT}`; c.textAlign = "center"; c.textBaseline = "middle";
  c.fillText(mark.text, mark.x, mark.y + 0.5);
}
function drawScale(c) {
  const lat = 2 * (Math.atan(Math.exp(((view.y - view.h / view.k) * Math.PI) / 180)) - Math.PI / 4);
  const pixelsAKm = view.k / (111.32 * Math.cos(lat));
  const km = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].filter((d) => d * pixelsAKm < 130).pop() || 1, w = km * pixelsAKm, x = view.w - w - 14, y = view.h - 12;
  c.strokeStyle = c.fillStyle = "#444"; c.lineWidth = 1.5; c.beginPath(); c.moveTo(x, y - 4); c.lineTo(x, y); c.lineTo(x + w, y); c.lineTo(x + w, y - 4); c.stroke();
  c.font = `11px ${FONT}`; c.textAlign = "center"; c.textBaseline = "bottom"; c.fillText(`${km} km`, x + w / 2, y - 3);
}

// ---- selecting on the map ---------------------------------------------------------------------------

function selectOnMap(rows, label = "on the map") {
  state.map = rows && rows.length ? new Set(rows) : null;
  state.mapLabel = label;
  refilter("map");
  if (state.map && state.map.size === 1) openEvidence(rows[0]); else closeEvidence();
}
const under = (x, y, slack) => marks.filter((m) => (m.x - x) ** 2 + (m.y - y) ** 2 <= (m.r + slack) ** 2);
function rowsAt(x, y, slack) {
  const found = under(x, y, 0);
  if (found.length) return [...new Set(found.flatMap((m) => m.rows))];
  const near = under(x, y, slack).sort((a, b) => (a.x - x) ** 2 + (a.y - y) ** 2 - (b.x - x) ** 2 - (b.y - y) ** 2);
  return near.length ? near[0].rows : [];
}
function placeLabel(rows) {
  const names = [...new Set(rows.map((i) => str("location", i)).filter(Boolean))];
  return names.length === 1 ? names[0] : names.length && names.length < 4 ? names.join(", ") : "on the map";
}
let drawn = null;  // the box or lasso being drawn: {box, points}
function drawDrawn(c) {
  const p = outline();
  c.beginPath(); p.forEach(([x, y], k) => c[k ? "lineTo" : "moveTo"](x, y)); c.closePath();
  c.fillStyle = "#0b539422"; c.fill(); c.strokeStyle = "#0b5394"; c.lineWidth = 1.5; c.stroke();
}
function outline() {
  if (!drawn.box) return drawn.points;
  const [ax, ay] = drawn.points[0], [bx, by] = drawn.points[drawn.points.length - 1];
  return [[ax, ay], [bx, ay], [bx, by], [ax, by]];
}
function within(points, x, y) {
  let inside = false;
  for (let a = 0, b = points.length - 1; a < points.length; b = a++) {
    const [xa, ya] = points[a], [xb, yb] = points[b];
    if (ya > y !== yb > y && x < ((xb - xa) * (y - ya)) / (yb - ya) + xa) inside = !inside;
  }
  return inside;
}
const dragMode = () => document.querySelector("input[name=drag]:checked").value;
for (const input of document.querySelectorAll("input[name=drag]")) input.addEventListener("change", () => map.classList.toggle("drawing", dragMode() !== "move"));
const fingers = new Map();
let press = null;
const spot = (event) => { const box = map.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; };
map.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  const [x, y] = spot(event);
  fingers.set(event.pointerId, [x, y]);
  try { map.setPointerCapture(event.pointerId); } catch (_) { /* the pointer is gone already */ }
  const mode = event.shiftKey ? "box" : dragMode();
  press = { x, y, mode, moved: false, touch: event.pointerType === "touch", vx: view.x, vy: view.y };
  if (mode !== "move" && fingers.size === 1) drawn = { box: mode === "box", points: [[x, y]] };
  $("tip").hidden = true;
});
map.addEventListener("pointermove", (event) => {
  const [x, y] = spot(event);
  if (fingers.size === 2 && fingers.has(event.pointerId)) { pinch(event.pointerId, x, y); return; }
  if (!press || !fingers.has(event.pointerId)) { if (event.pointerType === "mouse") tip(x, y); return; }
  if (Math.hypot(x - press.x, y - press.y) > 4) press.moved = true;
  if (!press.moved) return;
  if (drawn) { drawn.points.push([x, y]); drawMap(); } else if (!press.touch) { view.x = press.vx - (x - press.x) / view.k; view.y = press.vy + (y - press.y) / view.k; layMap(); drawMap(); }
});
function pinch(id, x, y) {
  const [other] = [...fingers].filter(([key]) => key !== id).map(([, at]) => at), [ox, oy] = fingers.get(id);
  const before = Math.hypot(ox - other[0], oy - other[1]) || 1, after = Math.hypot(x - other[0], y - other[1]) || 1;
  fingers.set(id, [x, y]); press = null; drawn = null;
  view.x -= (x - ox) / 2 / view.k; view.y += (y - oy) / 2 / view.k;
  zoom(after / before, (x + other[0]) / 2, (y + other[1]) / 2);
}
map.addEventListener("pointerup", (event) => {
  fingers.delete(event.pointerId);
  const [x, y] = spot(event), was = press;
  press = null;
  if (!was) return;
  if (drawn && was.moved) {
    const points = outline(), rows = marks.filter((m) => within(points, m.x, m.y)).flatMap((m) => m.rows);
    drawn = null;
    selectOnMap(rows, "drawn on the map");
    $("map-said").textContent = `${many(rows.length, "event")} selected`;
    return;
  }
  drawn = null;
  if (was.moved) return;
  const rows = rowsAt(x, y, was.touch ? 12 : 5);
  selectOnMap(rows, placeLabel(rows));
});
map.addEventListener("pointercancel", (event) => { fingers.delete(event.pointerId); press = drawn = null; drawMap(); });
map.addEventListener("pointerleave", () => { $("tip").hidden = true; });
map.addEventListener("dblclick", (event) => { const [x, y] = spot(event); zoom(2, x, y); });
map.addEventListener("wheel", (event) => {
  if (!event.ctrlKey && document.activeElement !== map) return;  // else the page scrolls
  event.preventDefault();
  const [x, y] = spot(event);
  zoom(Math.exp(-event.deltaY * 0.0016), x, y);
}, { passive: false });
$("zoom-in").addEventListener("click", () => zoom(1.8));
$("zoom-out").addEventListener("click", () => zoom(1 / 1.8));
$("zoom-all").addEventListener("click", () => { fitMap(); layMap(); drawMap(); });
function describe(rows) {
  const deaths = rows.reduce((n, i) => n + C.deaths[i], 0);
  if (rows.length > 1) return [placeLabel(rows) === "on the map" ? "several places" : placeLabel(rows), `${many(rows.length, "event")}, ${many(deaths, "death")}`];
  const i = rows[0];
  return [`${str("sub", i) || TYPES[typeOf[i]]}, ${str("location", i)}`, [str("actor1", i), str("actor2", i)].filter(Boolean).join(" – "), `${C.day[i] === null ? "no date" : iso(C.day[i])}, ${many(deaths, "death")}${vague(i) > 1 ? ", place approximate" : ""}`];
}
function tip(x, y) {
  const rows = rowsAt(x, y, 5), box = $("tip");
  box.hidden = !rows.length;
  if (!rows.length) return;
  box.replaceChildren(...describe(rows).filter(Boolean).map((line) => el("div", { dir: "auto" }, line)));
  box.style.left = `${Math.min(x + 14, Math.max(0, view.w - box.offsetWidth - 4))}px`;
  box.style.top = `${y + 16 + box.offsetHeight > view.h ? Math.max(0, y - box.offsetHeight - 10) : y + 16}px`;
}
let cursor = null;
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
map.addEventListener("keydown", (event) => {
  const way = DIRECTIONS[event.key];
  if (way) { event.preventDefault(); moveCursor(way); }
  else if (event.key === "+" || event.key === "=") zoom(1.6);
  else if (event.key === "-") zoom(1 / 1.6);
  else if (event.key === "Enter" && cursor) { event.preventDefault(); selectOnMap(cursor.rows, placeLabel(cursor.rows)); }
  else if (event.key === "Escape" && state.map) { event.stopPropagation(); selectOnMap(null); }
  else return;
  if (cursor && way) $("map-said").textContent = describe(cursor.rows).join(", ");
});
function moveCursor([dx, dy]) {
  const from = cursor && marks.includes(cursor) ? cursor : null;
  const ahead = from ? marks.filter((m) => m !== from && (m.x - from.x) * dx + (m.y - from.y) * dy > 0.5) : marks;
  const cost = (m) => { const along = (m.x - from.x) * dx + (m.y - from.y) * dy, aside = Math.abs((m.x - from.x) * dy) + Math.abs((m.y - from.y) * dx); return along + 2.5 * aside; };
  const best = from ? ahead.reduce((a, b) => (a && cost(a) <= cost(b) ? a : b), null) : ahead[0];
  if (best) cursor = best;
  if (cursor && (cursor.x < 0 || cursor.y < 0 || cursor.x > view.w || cursor.y > view.h)) {
    const old = cursor.rows[0];
    view.x += (cursor.x - view.w / 2) / view.k; view.y -= (cursor.y - view.h / 2) / view.k;
    layMap();
    cursor = marks.find((m) => m.rows.includes(old)) || null;
  }
  drawMap();
}
map.addEventListener("focus", drawMap); map.addEventListener("blur", drawMap);
{
  const key = [["exact place", 1], ["near it", 2], ["region only", 3]].map(([text, precision]) => {
    const node = el("canvas", { width: 34, height: 34, "aria-hidden": "true" }), c = node.getContext("2d");
    node.style.width = node.style.height = "17px";
    c.scale(2, 2); c.fillStyle = "#777";
    if (precision > 1) { c.globalAlpha = 0.2; if (precision === 3) { c.beginPath(); c.arc(8.5, 8.5, 7.5, 0, 7); c.fill(); } c.globalAlpha = 1; c.setLineDash([2, 1.5]); c.strokeStyle = "#333"; c.beginPath(); c.arc(8.5, 8.5, precision === 2 ? 6 : 7.5, 0, 7); c.stroke(); c.setLineDash([]); }
    c.beginPath(); c.arc(8.5, 8.5, 3.4, 0, 7); c.globalAlpha = [0.9, 0.5, 0.3][precision - 1]; c.fill(); c.globalAlpha = 1; c.strokeStyle = "#2b2b2b"; c.stroke();
    return el("span", {}, node, ` ${text}`);
  });
  $("legend").append(...TYPES.map((name, t) => el("span", {}, icon(t, 12), ` ${name}`)), el("span", {}, "Size: deaths."), el("span", {}, "Numbers: events at one place or close together."), ...key);
}

// ---- the timeline -----------------------------------------------------------------------------------

const MOST_BINS = 6000;  // more bars than that are no timeline
const time = $("time"), dated = Array.from({ length: N }, (_, i) => i).filter((i) => C.day[i] !== null);
const first = dated.reduce((a, i) => Math.min(a, C.day[i]), Infinity), last = dated.reduce((a, i) => Math.max(a, C.day[i]), -Infinity);
$("unit").value = data.unit;
for (const option of $("unit").options) option.disabled = last - first > MOST_BINS * { day: 1, week: 7, month: 30, year: 365 }[option.value];
let bins = [], binOf = null, caret = null, anchor = null, brush = null;
function layTime() {
  bins = []; binOf = new Int32Array(N).fill(-1);
  if (!dated.length) return;
  const unit = $("unit").value, at = new Map();
  for (let start = begin(first, unit); start <= last && bins.length <= 2 * MOST_BINS; start = following(start, unit)) { at.set(start, bins.length); bins.push({ start, end: following(start, unit) - 1 }); }
  for (const i of dated) binOf[i] = at.get(begin(C.day[i], unit)) ?? -1;
}
const EDGE = { left: 40, right: 8, top: 8, bottom: 20 };
const timeX = (k) => EDGE.left + (k / bins.length) * (time.clientWidth - EDGE.left - EDGE.right);
const binAt = (x) => Math.max(0, Math.min(bins.length - 1, Math.floor(((x - EDGE.left) / (time.clientWidth - EDGE.left - EDGE.right)) * bins.length)));
function drawTime() {
  const w = time.clientWidth, h = time.clientHeight;
  if (!w) return;
  const c = canvas(time, w, h), bottom = h - EDGE.bottom;
  c.font = `11px ${FONT}`; c.fillStyle = "#5b6470"; c.textBaseline = "middle";
  if (!bins.length) { c.fillText("No event has a date.", EDGE.left, h / 2); return; }
  const all = bins.map(() => new Float64Array(TYPES.length)), deaths = $("measure").value === "deaths";
  for (const i of dated) if (binOf[i] >= 0 && passes(i, BIT.date)) all[binOf[i]][typeOf[i]] += deaths ? C.deaths[i] : 1;
  const most = Math.max(1, ...all.map((counts) => counts.reduce((a, b) => a + b, 0))), step = niceStep(most);
  const top = Math.ceil(most / step) * step, y = (v) => bottom - (v / top) * (bottom - EDGE.top);
  c.textAlign = "right";
  for (let v = 0; v <= top; v += step) { c.fillText(v.toLocaleString("en"), EDGE.left - 6, y(v)); c.fillStyle = "#e3e6ea"; c.fillRect(EDGE.left, Math.round(y(v)), w - EDGE.left - EDGE.right, 1); c.fillStyle = "#5b6470"; }
  all.forEach((counts, k) => {
    const x = timeX(k), wide = timeX(k + 1) - x, gap = wide > 4 ? 1 : 0, chosen = brush ? k >= brush[0] && k <= brush[1] : binChosen(bins[k]);
    let base = 0;
    counts.forEach((count, t) => {
      if (!count) return;
      c.globalAlpha = chosen ? 1 : 0.22; c.fillStyle = COLOURS[kind[t]];
      c.fillRect(x, y(base + count), Math.max(wide - gap, 1), y(base) - y(base + count));
      base += count;
    });
  });
  c.globalAlpha = 1;
  if (caret !== null && document.activeElement === time) { const [a, b] = range(); c.strokeStyle = "#0b5394"; c.lineWidth = 2; c.strokeRect(timeX(a), EDGE.top - 4, Math.max(timeX(b + 1) - timeX(a), 3), bottom - EDGE.top + 6); }
  drawTicks(c, bottom);
}
const binChosen = (bin) => (state.from === null || bin.end >= state.from) && (state.to === null || bin.start <= state.to);
function niceStep(most) { const raw = most / 4, power = 10 ** Math.floor(Math.log10(Math.max(raw, 1))); return Math.max(1, [1, 2, 5, 10].map((n) => n * power).find((n) => n >= raw)); }
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
function binLabel(bin, unit = $("unit").value) {
  const d = new Date(bin.start * DAY), month = MONTHS[d.getUTCMonth()], year = d.getUTCFullYear();
  return unit === "year" ? `${year}` : unit === "month" ? `${month} ${year}` : `${d.getUTCDate()} ${month} ${year}`;
}
function drawTicks(c, bottom) {
  const every = Math.max(1, Math.ceil((bins.length * 82) / (time.clientWidth - EDGE.left - EDGE.right)));
  c.fillStyle = "#5b6470"; c.textAlign = "left"; c.textBaseline = "top";
  for (let k = 0; k < bins.length; k += every) { c.fillRect(Math.round(timeX(k)), bottom, 1, 4); if (timeX(k) + 70 < time.clientWidth || k === 0) c.fillText(binLabel(bins[k]), timeX(k) + 2, bottom + 5); }
}
const range = () => (anchor === null ? [caret, caret] : [Math.min(anchor, caret), Math.max(anchor, caret)]);
function chooseBins(a, b) {
  const from = bins[a].start, to = bins[b].end;
  if (state.from === from && state.to === to) setDays(null, null); else setDays(from, to);
}
time.addEventListener("pointerdown", (event) => { if (!bins.length || event.button !== 0) return; const k = binAt(event.offsetX); try { time.setPointerCapture(event.pointerId); } catch (_) { /* the pointer is gone already */ } brush = [k, k, k]; drawTime(); });
time.addEventListener("pointermove", (event) => {
  if (!brush) { if (bins.length) time.title = binTold(binAt(event.offsetX), binAt(event.offsetX)); return; }
  const k = binAt(event.offsetX);
  brush = [Math.min(k, brush[2]), Math.max(k, brush[2]), brush[2]]; drawTime();
});
time.addEventListener("pointerup", () => { if (!brush) return; const [a, b] = brush; brush = null; chooseBins(a, b); });
time.addEventListener("pointercancel", () => { brush = null; drawTime(); });
function binTold(a, b) {
  let count = 0, deaths = 0;
  for (const i of dated) if (binOf[i] >= a && binOf[i] <= b && passes(i, BIT.date)) { count++; deaths += C.deaths[i]; }
  const days = bins[a].start === bins[b].end ? iso(bins[a].start) : `${iso(bins[a].start)} to ${iso(bins[b].end)}`;
  return `${days}: ${many(count, "event")}, ${many(deaths, "death")}`;
}
time.addEventListener("keydown", (event) => {
  if (!bins.length) return;
  const move = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity }[event.key];
  if (move !== undefined) {
    event.preventDefault();
    if (event.shiftKey) anchor = anchor ?? caret ?? 0; else anchor = null;
    caret = Math.max(0, Math.min(bins.length - 1, (caret ?? (move > 0 ? -1 : bins.length)) + move));
    drawTime();
    $("time-said").textContent = binTold(...range());
  } else if (event.key === "Enter" && caret !== null) { event.preventDefault(); chooseBins(...range()); }
  else if (event.key === "Escape" && (state.from !== null || state.to !== null)) { event.stopPropagation(); anchor = null; setDays(null, null); }
});
time.addEventListener("focus", drawTime); time.addEventListener("blur", drawTime);
$("unit").addEventListener("change", () => { layTime(); caret = anchor = null; drawTime(); });
$("measure").addEventListener("change", drawTime);
$("time-clear").addEventListener("click", () => setDays(null, null));

// ---- the lists --------------------------------------------------------------------------------------

const LISTS = [
  { id: "actors", name: "Actors", filter: "actor", keys: (i) => { const a = str("actor1", i), b = str("actor2", i); return a === b ? [a] : [a, b]; } },
  { id: "pairs", name: "Pairs", filter: "pair", keys: (i) => [pairOf(i)] },
  { id: "subs", name: "Sub-types", filter: "sub", keys: (i) => [str("sub", i) || "not known"] },
  { id: "governorates-list", name: "Governorates", filter: "governorate", keys: (i) => [governorateOf(i)] },
  { id: "places", name: "Places", filter: "map", keys: (i) => [str("location", i)] },
];
let list = LISTS[0], longest = 12;
const tabs = LISTS.map((one) => {
  const tab = el("button", { type: "button", role: "tab", id: `tab-${one.id}`, "aria-controls": "list" }, one.name);
  tab.addEventListener("click", () => chooseList(one));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = (LISTS.indexOf(one) + step + LISTS.length) % LISTS.length;
    chooseList(LISTS[next]); tabs[next].focus();
  });
  $("tabs").append(tab);
  return tab;
});
function chooseList(one) { list = one; longest = 12; showList(); }
function showList() {
  tabs.forEach((tab, k) => { tab.setAttribute("aria-selected", LISTS[k] === list); tab.tabIndex = LISTS[k] === list ? 0 : -1; });
  $("list").setAttribute("aria-labelledby", `tab-${list.id}`);
  const counts = new Map(), bit = BIT[list.filter];
  for (let i = 0; i < N; i++) if (passes(i, bit)) for (const key of list.keys(i)) if (key) {
    const one = counts.get(key) || [0, 0];
    one[0]++; one[1] += C.deaths[i];
    counts.set(key, one);
  }
  const sorted = [...counts].sort((a, b) => b[1][0] - a[1][0] || b[1][1] - a[1][1] || (a[0] < b[0] ? -1 : 1));
  const most = sorted.length ? sorted[0][1][0] : 1, focused = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.key : undefined;
  const items = sorted.slice(0, longest).map(([key, [n, deaths]]) => {
    const fill = el("i"), chosen = list.filter === "map" ? Boolean(state.map) && state.mapLabel === key : state[list.filter].has(key);
    fill.style.width = `${(100 * n) / most}%`;
    const label = key.replace("\u0000", " – ");
    const button = el("button", { type: "button", "aria-pressed": String(chosen), "data-key": key, "aria-label": `${label}: ${many(n, "event")}, ${many(deaths, "death")}` }, el("bdi", {}, label), el("span", { class: "count" }, `${n.toLocaleString("en")} · ${deaths.toLocaleString("en")}`), el("span", { class: "bar" }, fill));
    button.addEventListener("click", () => pick(key, chosen));
    return el("li", {}, button);
  });
  const body = [items.length ? el("p", { class: "columns", "aria-hidden": "true" }, "events · deaths") : "", items.length ? el("ol", {}, ...items) : el("p", { class: "none" }, "Nothing to count.")];
  if (sorted.length > longest) {
    const more = el("button", { type: "button", class: "more" }, `${(sorted.length - longest).toLocaleString("en")} more`);
    more.addEventListener("click", () => { longest += 100; showList(); });
    body.push(more);
  }
  $("list").replaceChildren(...body.filter(Boolean));
  if (focused !== undefined) for (const button of $("list").querySelectorAll("button")) if (button.dataset.key === focused) button.focus({ preventScroll: true });
}
function pick(key, chosen) {
  if (list.filter !== "map") { toggle(state[list.filter], key); refilter(list.filter); return; }
  selectOnMap(chosen ? null : Array.from({ length: N }, (_, i) => i).filter((i) => str("location", i) === key), key);
}

// ---- the table: only the rows in sight are in the document -----------------------------------------

const confidenceText = (i) => { const v = num("confidence", i); return v === null ? "" : v.toFixed(2); };
const COLUMNS = [
  { id: "date", name: "Date", value: (i) => C.day[i], text: (i) => (C.day[i] === null ? "" : iso(C.day[i])), up: true },
  { id: "type", name: "Type", value: (i) => [typeOf[i], str("sub", i)].join(), text: (i) => str("sub", i) || TYPES[typeOf[i]], up: true },
  { id: "actor1", name: "Actor 1", value: (i) => str("actor1", i), up: true },
  { id: "actor2", name: "Actor 2", value: (i) => str("actor2", i), up: true },
  { id: "location", name: "Place", value: (i) => str("location", i), up: true },
  { id: "admin1", name: "Governorate", value: (i) => str("admin1", i), up: true },
  { id: "deaths", name: "Deaths", value: (i) => C.deaths[i], text: (i) => String(C.deaths[i]), number: true },
  { id: "confidence", name: "Confidence", value: (i) => num("confidence", i), text: confidenceText, number: true },
  { id: "source", name: "Source", value: (i) => str("source", i), up: true },
];
const table = $("table"), head = el("div", { class: "head", role: "row", "aria-rowindex": 1 }), body = el("div", { class: "body", role: "rowgroup" });
table.append(el("div", { role: "rowgroup" }, head), body);
table.setAttribute("aria-colcount", COLUMNS.length);
let sorting = { column: COLUMNS[0], up: true }, order = [], at = 0, opened = null;
const heads = COLUMNS.map((column) => {
  const button = el("button", { type: "button", tabindex: -1 }, column.name), cell = el("div", { role: "columnheader" }, button);
  button.addEventListener("click", () => sortBy(column, sorting.column === column ? !sorting.up : Boolean(column.up)));
  head.append(cell);
  $("sort").append(el("option", { value: column.id }, column.name));
  return { column, cell, button };
});
heads[0].button.tabIndex = 0;
head.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key], k = heads.findIndex((one) => one.button === event.target);
  event.stopPropagation();
  if (!step || k < 0) return;
  const next = heads[(k + step + heads.length) % heads.length].button;
  for (const one of heads) one.button.tabIndex = one.button === next ? 0 : -1;
  next.focus();
});
$("sort").addEventListener("change", () => { const column = COLUMNS.find((one) => one.id === $("sort").value); sortBy(column, Boolean(column.up)); });
function sortBy(column, up) { sorting = { column, up }; sortTable(); table.scrollTop = 0; at = 0; fillTable(); }
function sortTable() {
  const { column, up } = sorting, values = new Map(active.map((i) => [i, column.value(i)])), sign = up ? 1 : -1;
  const empty = (v) => v === null || v === "";
  const compare = (a, b) => (typeof a === "number" ? a - b : collator.compare(a, b));
  order = [...active].sort((a, b) => {
    const x = values.get(a), y = values.get(b);
    if (empty(x) || empty(y)) return (empty(x) ? 1 : 0) - (empty(y) ? 1 : 0) || a - b;
    return sign * compare(x, y) || a - b;
  });
  for (const one of heads) {
    const now = one.column === column;
    one.cell.setAttribute("aria-sort", now ? (up ? "ascending" : "descending") : "none");
    one.button.textContent = one.column.name + (now ? (up ? " ▲" : " ▼") : "");
  }
  $("sort").value = column.id;
  at = Math.max(0, Math.min(at, order.length - 1));
}
const tall = () => (matchMedia("(max-width: 860px)").matches ? 96 : 34);
function fillTable() {
  const height = tall(), from = Math.max(0, Math.floor(table.scrollTop / height) - 6), to = Math.min(order.length, Math.ceil((table.scrollTop + table.clientHeight) / height) + 6);
  table.setAttribute("aria-rowcount", order.length + 1);
  body.style.height = `${order.length * height}px`;
  if (!order.length) { body.replaceChildren(el("p", { class: "none" }, N ? "No event passes the filters." : "The file holds no events.")); table.removeAttribute("aria-activedescendant"); return; }
  const rows = [];
  for (let k = from; k < to; k++) rows.push(rowOf(k, height));
  if (at < from || at >= to) rows.push(rowOf(at, height));
  body.replaceChildren(...rows);
  table.setAttribute("aria-activedescendant", `row-${order[at]}`);
}
function rowOf(k, height) {
  const i = order[k], cells = COLUMNS.map((column) => {
    const text = (column.text || column.value)(i), cell = el("span", { role: "gridcell", dir: "auto", class: column.id + (column.number ? " number" : ""), title: text || null });
    if (column.id === "type") cell.append(icon(typeOf[i]), " ");
    cell.append(text);
    return cell;
  });
  const row = el("div", { role: "row", class: `row${k === at ? " active" : ""}${i === opened ? " open" : ""}`, id: `row-${i}`, "aria-rowindex": k + 2, "aria-selected": String(i === opened) }, ...cells);
  row.style.top = `${k * height}px`;
  row.addEventListener("click", () => { at = k; openEvidence(i); });
  return row;
}
table.addEventListener("scroll", () => requestAnimationFrame(fillTable), { passive: true });
table.addEventListener("keydown", (event) => {
  const page = Math.max(1, Math.floor(table.clientHeight / tall()) - 2);
  const move = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }[event.key];
  if (move !== undefined) { event.preventDefault(); goTo(at + move); }
  else if ((event.key === "Enter" || event.key === " ") && order.length) { event.preventDefault(); openEvidence(order[at]); }
});
function goTo(k) {
  if (!order.length) return;
  at = Math.max(0, Math.min(order.length - 1, k));
  const height = tall(), top = at * height, headTall = head.offsetHeight;
  if (top < table.scrollTop) table.scrollTop = top;
  else if (top + height > table.scrollTop + table.clientHeight - headTall) table.scrollTop = top + height - table.clientHeight + headTall;
  fillTable();
}

// ---- the evidence of a row --------------------------------------------------------------------------

const PRECISION = { 1: "the named place itself", 2: "near the named place, or part of the region around it", 3: "only the region is known; the point is that of its capital" };
const TIME = { 1: "the day is known", 2: "within the week", 3: "within the month" };
const BASIS = { weekday: "a weekday, counted from the day of publication", published: "the day of publication", dateline: "the dateline" };
const MARKED = { trigger: "what happened", actor1: "actor 1", actor2: "actor 2", place: "where", date: "when", fatalities: "how many died" };
const panel = $("evidence");
let before = null;
function openEvidence(i) {
  if (panel.hidden) before = document.activeElement;
  opened = i;
  const k = order.indexOf(i);
  if (k >= 0) at = k;
  panel.replaceChildren(...evidence(i));
  panel.hidden = false;
  panel.scrollTop = 0;
  $("evidence-close").focus({ preventScroll: true });
  fillTable(); drawMap();
}
function closeEvidence() {
  if (panel.hidden) return;
  panel.hidden = true; opened = null;
  fillTable(); drawMap();
  if (before && document.contains(before)) before.focus({ preventScroll: true });
}
function step(by) { const k = order.indexOf(opened); if (order[k + by] !== undefined) { goTo(k + by); openEvidence(order[k + by]); } }
function button(id, label, text, action) { const node = el("button", { type: "button", id, "aria-label": label }, text); node.addEventListener("click", action); return node; }
function evidence(i) {
  const sides = [str("actor1", i), str("actor2", i)].filter(Boolean).join(" – ") || "actors not known";
  const k = order.indexOf(i);
  return [
    el("div", { class: "bar" }, button("evidence-back", "Previous event", "‹ previous", () => step(-1)), button("evidence-next", "Next event", "next ›", () => step(1)), el("span", { class: "count" }, k < 0 ? "" : `${(k + 1).toLocaleString("en")} of ${order.length.toLocaleString("en")}`), button("evidence-close", "Close the evidence", "✕ close", closeEvidence)),
    el("h2", { id: "evidence-title", dir: "auto" }, icon(typeOf[i], 18), ` ${str("sub", i) || TYPES[typeOf[i]]}: ${sides}`),
    el("p", { dir: "auto" }, [str("location", i) || "place not known", C.day[i] === null ? "date not known" : iso(C.day[i]), many(C.deaths[i], "death")].join(", ")),
    ...quote(i), el("dl", {}, ...facts(i)), ...own(i),
  ];
}
function quote(i) {
  const sentence = str("sentence", i);
  if (!sentence) return [el("p", { class: "notice" }, has("sentence") ? "This row names no sentence: a person may have added it." : "The file holds no evidence. Write it with --columns full, and each row shows here the sentence it came from.")];
  const parts = data.marks[i] || [], nodes = [], kinds = [];
  let from = 0;
  for (let p = 0; p < parts.length; p += 3) {
    const name = data.kinds[parts[p + 2]];
    nodes.push(sentence.slice(from, parts[p]), el("mark", { class: name, title: MARKED[name] }, sentence.slice(parts[p], parts[p + 1])));
    kinds.push(name); from = parts[p + 1];
  }
  nodes.push(sentence.slice(from));
  return [el("blockquote", { dir: "auto" }, ...nodes), el("p", { class: "key" }, ...kinds.filter((name, k) => kinds.indexOf(name) === k).map((name) => el("mark", { class: name }, MARKED[name])))];
}
function facts(i) {
  const out = [];
  const add = (name, ...values) => { const kept = values.filter((value) => value !== "" && value !== null); if (kept.length) out.push(el("dt", {}, name), el("dd", { dir: "auto" }, ...kept)); };
  const why = (text) => (text ? el("div", { class: "why", dir: "auto" }, text) : "");
  const quoted = (text) => (text ? `“${text}”` : "");
  add("What", TYPES[typeOf[i]], why([quoted(str("trigger", i)), str("rule", i) && `rule ${str("rule", i)}`].filter(Boolean).join(", ")));
  add("Actor 1", str("actor1", i), why(str("assoc_actor_1", i) && `with ${str("assoc_actor_1", i)}`));
  add("Actor 2", str("actor2", i), why(str("assoc_actor_2", i) && `with ${str("assoc_actor_2", i)}`));
  add("Civilians", str("civilian_targeting", i));
  add("Where", [...new Set([str("location", i), str("admin3", i), str("admin2", i), str("admin1", i)])].filter(Boolean).join(", "),
    why([quoted(str("place_text", i)), str("place_id", i) && `place ${str("place_id", i)}`, num("geo_precision", i) && `precision ${num("geo_precision", i)}: ${PRECISION[num("geo_precision", i)] || ""}`].filter(Boolean).join(", ")),
    why(located(i) ? `${C.lat[i].toFixed(4)}, ${C.lon[i].toFixed(4)}` : "no coordinates"));
  add("When", C.day[i] === null ? "not known" : iso(C.day[i]),
    why([quoted(str("date_text", i)), BASIS[str("date_basis", i)] || str("date_basis", i), num("time_precision", i) && TIME[num("time_precision", i)], str("published", i) && `published ${str("published", i)}`].filter(Boolean).join(", ")));
  add("Deaths", String(C.deaths[i]), why(quoted(str("fatalities_text", i))));
  const sure = num("confidence", i);
  if (sure !== null) { const meter = el("span", { class: "meter", "aria-hidden": "true" }, el("i")); meter.firstChild.style.width = `${100 * sure}%`; add("Confidence", meter, sure.toFixed(2)); }
  add("Source", [str("source", i), str("source_scale", i)].filter(Boolean).join(" · "));
  add("Article", str("article_title", i), link(str("article_url", i)), why(str("article_id", i)));
  add("Notes", str("notes", i));
  add("Tags", str("tags", i));
  add("Row", `${data.numbers[i]}`, why(str("event_id_cnty", i)));
  return out;
}
function link(address) {
  if (!address) return "";
  let url = null;
  try { url = new URL(address); } catch (_) { /* shown as text */ }
  if (!url || !["http:", "https:"].includes(url.protocol)) return el("div", {}, address);
  return el("div", {}, el("a", { href: url.href, rel: "noopener noreferrer", target: "_blank" }, address));
}
function own(i) {
  const cells = Object.entries(data.own[i] || {});
  if (!cells.length) return [];
  return [el("h2", {}, "Columns of your own"), el("dl", {}, ...cells.flatMap(([name, text]) => [el("dt", { dir: "auto" }, name), el("dd", { dir: "auto" }, text)]))];
}
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !panel.hidden) { event.preventDefault(); closeEvidence(); return; }
  if (event.key === "Escape") for (const menu of document.querySelectorAll(".menu[open]")) { menu.open = false; menu.querySelector("summary").focus(); }
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
  if (panel.hidden || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "j" || (event.key === "ArrowRight" && panel.contains(event.target))) step(1);
  if (event.key === "k" || (event.key === "ArrowLeft" && panel.contains(event.target))) step(-1);
});

// ---- paper ------------------------------------------------------------------------------------------

const ON_PAPER = 400;
function fillPaper() {
  const line = (tag, cells) => el("tr", {}, ...cells.map((text) => el(tag, { dir: "auto" }, text)));
  const rows = order.slice(0, ON_PAPER).map((i) => line("td", COLUMNS.map((column) => String((column.text || column.value)(i) ?? ""))));
  if (order.length > ON_PAPER) rows.push(el("tr", {}, el("td", { colspan: COLUMNS.length }, `and ${many(order.length - ON_PAPER, "more event")}`)));
  $("printed").replaceChildren(el("thead", {}, line("th", COLUMNS.map((column) => column.name))), el("tbody", {}, ...rows));
}
addEventListener("beforeprint", () => { printing = true; $("filters").open = true; fillPaper(); drawMap(); drawTime(); });
addEventListener("afterprint", () => { printing = false; $("printed").replaceChildren(); drawMap(); drawTime(); });

// ---- begin ------------------------------------------------------------------------------------------

let width = 0;
new ResizeObserver(() => {
  if (printing || frame.clientWidth === width) return;
  width = frame.clientWidth;
  fitMap(); layMap(); drawMap(); drawTime(); fillTable();
}).observe(frame);
if (dated.length) for (const id of ["from", "to"]) { $(id).min = iso(first); $(id).max = iso(last); }
if (data.complaints.length) $("complaints").replaceChildren(`Cells that could not be used as they stand: ${data.complaints.join(" · ")}`);
fitMap(); layTime(); show();
document.documentElement.dataset.ready = "yes";
})();
