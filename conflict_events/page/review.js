"use strict";
// What articles say is text here and never markup: everything is set by textContent.

const by = (id) => document.getElementById(id);
const state = { rows: [], at: 0, types: [], inter: [], learn: "", unsaved: 0, row: null, started: 0, done: 0 };
const cache = new Map();
const SIGNS = { "": "", accepted: "✓", corrected: "✎", rejected: "✕" };
const MARKS = [["trigger", "trigger"], ["actor1", "actor 1"], ["actor2", "actor 2"], ["place", "place"],
  ["date", "date"], ["count", "deaths"], ["other", "another actor"], ["elsewhere", "another place"]];

function make(tag, text, classes) {
  const element = document.createElement(tag);
  if (text !== undefined && text !== null) element.textContent = String(text);
  if (classes) element.className = classes;
  return element;
}

function fill(element, ...children) {
  element.replaceChildren(...children.filter((child) => child !== null));
}

function say(text, bad = false) {
  by("status").textContent = text;
  by("status").classList.toggle("bad", bad);
}

// ---- asking the server ----

async function answered(request) {
  let response;
  try {
    response = await request;
  } catch {
    throw new Error("review has ended. What was decided is kept: start it again to go on.");
  }
  const content = await response.json();
  if (!response.ok || content.error) throw new Error(content.error || response.statusText);
  return content;
}

const ask = (name, fields = {}) => answered(fetch(`api/${name}?${new URLSearchParams(fields)}`, { cache: "no-store" }));
const tell = (name, fields = {}) => answered(fetch(`api/${name}`, {
  method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(fields) }));

function detail(number) {
  if (!cache.has(number)) {
    const asked = ask("row", { row: number });
    asked.catch(() => cache.delete(number));
    cache.set(number, asked);
    if (cache.size > 40) cache.delete(cache.keys().next().value);
  }
  return cache.get(number);
}

// ---- what is shown ----

const current = () => state.rows[state.at];

function showList() {
  const room = Math.max(5, Math.floor(by("list").parentElement.clientHeight / 44));
  const first = Math.max(0, Math.min(state.at - Math.floor(room / 2), state.rows.length - room));
  fill(by("list"), ...state.rows.slice(first, first + room).map((row, i) => {
    const item = make("li", null, row.state);
    const confidence = row.confidence === null || row.confidence === undefined || row.confidence === "" ? ""
      : Number(row.confidence).toFixed(2);
    const place = [row.location, row.admin1].filter(Boolean).join(", ");
    item.append(make("span", row.changed ? "⚠" : SIGNS[row.state]), make("span", row.sub_event_type), make("span", confidence),
      make("span", `${row.event_date || "no date"} · ${place || "no place"}`, "under"));
    if (first + i === state.at) item.setAttribute("aria-current", "true");
    item.addEventListener("click", () => press(() => go(first + i)));
    return item;
  }));
}

function showCounts() {
  const decided = state.rows.filter((row) => row.state).length;
  const hours = state.started ? (Date.now() - state.started) / 3.6e6 : 0;
  const pace = hours > 1 / 60 ? ` · ${Math.round(state.done / hours)} an hour` : "";
  by("counts").textContent = `${decided} of ${state.rows.length} decided · ${state.unsaved} not yet in the sheet${pace}`;
  by("progress").setAttribute("aria-valuemax", state.rows.length);
  by("progress").setAttribute("aria-valuenow", decided);
  by("bar").style.width = `${state.rows.length ? 100 * decided / state.rows.length : 0}%`;
}

function marked(shown) {
  const parts = [make("span", shown.before, "around")];
  const sentence = Array.from(shown.sentence);  // offsets count characters, not UTF-16 units
  let at = 0;
  for (const [start, end, kind] of shown.marks) {
    parts.push(document.createTextNode(sentence.slice(at, start).join("")));
    parts.push(make("mark", sentence.slice(start, end).join(""), kind));
    at = end;
  }
  parts.push(document.createTextNode(sentence.slice(at).join("")), make("span", shown.after, "around"));
  return parts;
}

function showRow() {
  const row = state.row;
  if (!row) return;
  const cells = row.cells;
  const head = [make("bdi", cells.article_title || cells.article_id || cells.event_id_cnty || "")];
  const published = [cells.source, cells.published].filter(Boolean).join(" · ");
  if (published) head.push(document.createTextNode("  ·  "), make("bdi", published));
  const url = String(cells.article_url || "");
  if (/^https?:\/\//i.test(url)) {
    const link = make("a", "open the article");
    link.href = url;
    link.rel = "noopener noreferrer";
    link.target = "_blank";
    head.push(document.createTextNode("  ·  "), link);
  }
  fill(by("head"), ...head);
  if (row.shown.sentence) fill(by("text"), ...marked(row.shown));
  else fill(by("text"), make("span", cells.notes || "The sheet does not say which sentence this is from.", "around"));
  const kinds = new Set(row.shown.marks.map((mark) => mark[2]));
  fill(by("legend"), ...MARKS.filter(([kind]) => kinds.has(kind)).map(([kind, name]) => make("mark", name, kind)));
  showFields(row);
  fill(by("evidence"));
}

const NAMES = { time_precision: ["", "day known", "week", "month"], geo_precision: ["", "the named place", "near it", "only a region"] };

function showFields(row) {
  const cells = row.cells;
  const text = (name) => (cells[name] === null || cells[name] === undefined ? "" : String(cells[name]));
  const units = [text("admin1"), text("admin2"), text("admin3")].filter(Boolean).join(" › ");
  const point = text("latitude") ? ` · ${text("latitude")}, ${text("longitude")}` : "";
  const lines = [
    ["t", "type", text("sub_event_type"), text("event_type"), "sub_event_type"],
    ["1", "actor 1", text("actor1"), [text("inter1"), text("assoc_actor_1")].filter(Boolean).join(" · with "), "actor1"],
    ["2", "actor 2", text("actor2") || "–", [text("inter2"), text("assoc_actor_2")].filter(Boolean).join(" · with "), "actor2"],
    ["p", "place", text("location") || "–", units + point + (row.reason ? ` · chosen: ${row.reason}` : ""), "location"],
    ["g", "geo precision", text("geo_precision"), NAMES.geo_precision[text("geo_precision")], "geo_precision"],
    ["d", "date", text("event_date") || "–", [text("date_text"), text("date_basis")].filter(Boolean).join(" · "), "event_date"],
    ["y", "time precision", text("time_precision"), NAMES.time_precision[text("time_precision")], "time_precision"],
    ["f", "fatalities", text("fatalities") || "0", text("fatalities_text"), "fatalities"],
    ["", "source", text("source"), text("source_scale")],
    ["", "made by", text("trigger") ? `“${text("trigger")}”` : "", [text("rule"), text("confidence") && `confidence ${text("confidence")}`].filter(Boolean).join(" · ")],
    ["", "id", text("event_id_cnty"), row.changed ? "somebody changed this row in the sheet: decide again" : ""],
  ];
  fill(by("fields"), ...lines.flatMap(([key, name, value, more, column]) => {
    const cell = make("dd", null, column && row.set.includes(column) ? "set" : "");
    cell.append(make("bdi", value), document.createTextNode(" "), make("small", more || ""));
    const letter = make("dt");
    if (key) letter.append(make("kbd", key));
    return [letter, make("dt", name), cell];
  }));
}

function show() {
  showList();
  showCounts();
  showRow();
}

function take(row) {
  const listed = state.rows.find((one) => one.number === row.number);
  if (listed) for (const name of Object.keys(listed)) listed[name] = row[name];
  state.unsaved = row.unsaved;
  cache.set(row.number, Promise.resolve(row));
  if (current() && current().number === row.number) state.row = row;
}

async function go(at) {
  if (!state.rows.length) return;
  state.at = Math.max(0, Math.min(at, state.rows.length - 1));
  state.row = await detail(current().number);
  show();
  by("row").scrollTop = 0;
  const next = state.rows[state.at + 1];
  if (next) detail(next.number).catch(() => {});
}

function undecided(after) {
  for (let step = 1; step <= state.rows.length; step++) {
    const at = (after + step) % state.rows.length;
    if (!state.rows[at].state) return at;
  }
  return -1;
}

async function load(number) {
  const found = await ask("rows");
  cache.clear();
  Object.assign(state, { rows: found.rows, types: found.types, inter: found.inter, learn: found.learn, unsaved: found.unsaved });
  by("sheet").textContent = found.sheet;
  document.title = `Review ${found.sheet}`;
  if (!state.rows.length) {
    say("There is no row to review.");
    showCounts();
    return;
  }
  const same = state.rows.findIndex((row) => row.number === number);
  await go(same >= 0 ? same : Math.max(0, undecided(-1)));
}

// ---- deciding ----

async function decide(what) {
  if (!current()) return;
  state.started = state.started || Date.now();
  state.done += 1;
  if (!(what === "accept" && current().state === "corrected")) take(await tell("decide", { row: current().number, do: what }));
  const next = undecided(state.at);
  if (next < 0) {
    show();
    say("All rows are decided: s writes them into the sheet, q writes and ends.");
  } else {
    say("");
    await go(next);
  }
}

async function correct(field, value) {
  take(await tell("decide", { row: current().number, do: "correct", field, value }));
  state.started = state.started || Date.now();
  show();
  say("Corrected. Enter goes on, u takes it back.");
}

async function undo() {
  const { row } = await tell("undo");
  if (row === null) {
    say("Nothing is left to undo.");
    return;
  }
  cache.delete(row);
  const at = state.rows.findIndex((one) => one.number === row);
  if (at >= 0) {
    take(await detail(row));
    await go(at);
  }
  say("Taken back.");
}

async function save() {
  const number = current() ? current().number : 0;
  say("Writing the sheet …");
  const saved = await tell("save");
  await load(number);
  say(told(saved), saved.conflicts.length > 0);
}

function told(saved) {
  const lost = saved.conflicts.length
    ? ` ${saved.conflicts.length} changed in the sheet meanwhile and left as they are there: see ⚠.` : "";
  return `Written: ${saved.corrected} corrected, ${saved.removed} removed.${lost}`;
}

async function learn() {
  if (!state.learn) {
    say("Start review with --learn DIR to turn corrections into dictionary rows.", true);
    return;
  }
  say("Trying what the corrections teach …");
  const found = await tell("learn");
  const table = taught(found);
  fill(by("evidence"), table);
  table.scrollIntoView();
  say(followed(found));
}

function taught(found) {
  const table = make("table");
  for (const one of found) {
    const line = make("tr");
    line.append(make("td", `${one.follows ? "✓" : "–"} ${one.id}`), make("td", one.field.replaceAll("_", " ")),
      make("td", [one.table, one.message].filter(Boolean).join(": ")));
    table.append(line);
  }
  return table;
}

function followed(found) {
  const follows = found.filter((one) => one.follows).length;
  return `${follows} of ${found.length} corrections will be followed by the next run with --data ${state.learn}.`;
}

async function why() {
  const found = await ask("why", { row: current().number });
  const table = make("table");
  for (const one of found) {
    const line = make("tr");
    line.append(make("td", one.kind), make("td", one.text));
    table.append(line);
  }
  fill(by("evidence"), found.length ? table : make("p", "The sentence is not at hand."));
}

async function end() {
  say(state.learn ? "Writing the sheet, and trying what the corrections teach …" : "Writing the sheet …");
  const saved = await tell("end");
  fill(by("row"), make("p", `${told(saved)} Review has ended; this page can be closed.`),
    saved.problem ? make("p", saved.problem) : null,
    saved.learned.length ? make("p", followed(saved.learned)) : null, saved.learned.length ? taught(saved.learned) : null);
  fill(by("list"));
  fill(by("keys"));
  state.rows = [];
  say("Ended.");
}

// ---- choosing ----

let chooser = null;

function open(given) {
  chooser = { options: [], at: 0, stale: false, ...given };
  by("title").textContent = chooser.title;
  by("note").textContent = chooser.note || "";
  by("query").value = chooser.value || "";
  by("hint").textContent = chooser.hint || "a number takes the line, typing searches, Enter takes the marked one, Esc leaves";
  by("chooser").hidden = false;
  by("query").focus();
  by("query").select();
  showOptions();
}

function close() {
  chooser = null;
  by("chooser").hidden = true;
  by("query").blur();
}

function showOptions() {
  fill(by("options"), ...chooser.options.map((option, i) => {
    const line = make("li");
    line.setAttribute("role", "option");
    line.setAttribute("aria-selected", String(i === chooser.at));
    const digit = make("span");
    if (i < 9 && !chooser.plain) digit.append(make("kbd", i + 1));
    line.append(digit, make("span", option.what, "what"));
    if (option.more) line.append(make("span", option.more, "more"));
    line.addEventListener("mousedown", (event) => event.preventDefault());
    line.addEventListener("click", () => press(() => pick(i)));
    return line;
  }));
}

// What is typed is searched when the hand rests, or when a key needs the answer.
async function search() {
  const here = chooser;
  if (!here || !here.stale) return;
  here.stale = false;
  if (!here.search) return;
  here.options = await here.search(by("query").value.trim());
  here.at = 0;
  showOptions();
}

async function pick(i) {
  const here = chooser;
  const option = here.options[i];
  if (here.plain) {
    await finish(() => here.take(by("query").value.trim()));
  } else if (option) {
    await finish(() => here.take(option));
  }
}

async function finish(work) {
  const here = chooser;
  const typed = by("query").value;
  close();
  try {
    await work();
  } catch (error) {
    if (!chooser) open({ ...here, value: typed });
    by("note").textContent = error.message;
  }
}

function km(one, other) {
  const rad = Math.PI / 180;
  const a = Math.sin((one.latitude - other.latitude) * rad / 2) ** 2
    + Math.cos(one.latitude * rad) * Math.cos(other.latitude * rad) * Math.sin((one.longitude - other.longitude) * rad / 2) ** 2;
  return 12742 * Math.asin(Math.min(1, Math.sqrt(a)));
}

function placeOption(place) {
  const cells = state.row.cells;
  const away = cells.latitude ? `${Math.round(km(place, { latitude: Number(cells.latitude), longitude: Number(cells.longitude) }))} km from there` : "";
  const people = place.population ? `${place.population.toLocaleString("en")} people` : "";
  return {
    what: [place.location, place.arabic && `\u2068${place.arabic}\u2069`].filter(Boolean).join("  "),
    more: [place.kind, place.admin.join(" › "), people, away, place.why].filter(Boolean).join(" · "),
    id: place.id,
  };
}

function choosePlace() {
  const row = state.row;
  const name = row.cells.place_text || row.cells.location || "";
  open({
    title: `Place: ${name}`,
    note: [row.reason && `${row.cells.location} was chosen: ${row.reason}`,
      row.places.length ? "" : "No other place has a name like it, and none is named beside it: type a name."].filter(Boolean).join(" · "),
    options: row.places.map(placeOption),
    search: async (query) => {
      if (!query) return row.places.map(placeOption);
      const found = (await ask("places", { q: query })).map(placeOption);
      return [...found, { what: `+ a new place “${query}”`, more: "for a village that no table has", name: query }];
    },
    take: async (option) => {
      if (option.id) await correct("place", option.id);
      else choosePoint(option.name);
    },
  });
}

function choosePoint(name) {
  open({ title: `Where is ${name}?`, note: "Latitude, longitude in degrees; its district is that of the nearest place.", plain: true,
    hint: "such as 35.8312, 36.7025; Enter takes it, Esc leaves", take: (point) => correct("place", { name, point }) });
}

function actorOption(actor) {
  const kind = state.inter.find((one) => one.number === actor.inter);
  const time = actor.valid ? "" : `not valid on that day (${actor.since || "…"} to ${actor.until || "…"})`;
  return { what: actor.name, more: [kind && kind.name, time, actor.provisional && "provisional name"].filter(Boolean).join(" · "), id: actor.id };
}

async function chooseActor(field) {
  const number = current().number;
  const nobody = field === "actor2" ? [{ what: "nobody", more: "the row has no second actor", id: "" }] : [];
  const near = (await ask("actors", { row: number })).map(actorOption);
  open({
    title: `Actor ${field.slice(-1)}: ${state.row.cells[field] || "–"}`,
    options: [...near, ...nobody],
    search: async (query) => {
      if (!query) return [...near, ...nobody];
      const found = (await ask("actors", { row: number, q: query })).map(actorOption);
      return [...found, { what: `+ a new actor “${query}”`, more: "provisional, until ACLED's name is known", name: query }];
    },
    take: async (option) => {
      if (option.name) chooseKind(field, option.name);
      else await correct(field, option.id);
    },
  });
}

function chooseKind(field, name) {
  open({ title: `What is ${name}?`, options: state.inter.map((one) => ({ what: one.name, inter: one.number })),
    take: (option) => correct(field, { name, inter: option.inter }) });
}

function chooseType() {
  const mine = state.row.cells.event_type;
  const option = (type) => ({ what: type.name, more: `${type.event} · ${type.means}`, name: type.name });
  const near = state.types.filter((type) => type.event === mine);
  const sorted = [...near, ...state.types.filter((type) => type.event !== mine)].filter((type) => type.name !== state.row.cells.sub_event_type);
  open({
    title: `Type: ${state.row.cells.sub_event_type}`,
    options: sorted.map(option),
    search: async (query) => {
      const words = query.toLowerCase().split(/\s+/);
      return sorted.filter((type) => words.every((word) => `${type.name} ${type.event}`.toLowerCase().includes(word))).map(option);
    },
    take: (one) => correct("sub_event_type", one.name),
  });
}

function chooseValue(field, title, hint) {
  const value = state.row.cells[field];
  open({ title, hint, plain: true, value: value === null || value === undefined ? "" : String(value), take: (text) => correct(field, text) });
}

function choosePrecision(field, title) {
  const options = [1, 2, 3].map((number) => ({ what: NAMES[field][number], number }));
  open({ title, options, take: (option) => correct(field, option.number) });
}

// ---- keys ----

const KEYS = {
  a: ["accept", () => decide("accept")],
  r: ["reject", () => decide("reject")],
  n: ["next", () => go(state.at + 1)],
  b: ["back", () => go(state.at - 1)],
  u: ["undo", undo],
  p: ["place", choosePlace],
  1: ["actor 1", () => chooseActor("actor1")],
  2: ["actor 2", () => chooseActor("actor2")],
  t: ["type", chooseType],
  d: ["date", () => chooseValue("event_date", "Date of the event", "as 2024-12-03; Enter takes it, Esc leaves")],
  f: ["deaths", () => chooseValue("fatalities", "Fatalities", "killed only, 0 for none or unknown; Enter takes it, Esc leaves")],
  g: ["geo precision", () => choosePrecision("geo_precision", "How precise is the place?")],
  y: ["time precision", () => choosePrecision("time_precision", "How precise is the date?")],
  w: ["why", why],
  s: ["save", save],
  l: ["learn", learn],
  q: ["save and end", end],
};
const SAME = { Enter: "a", ArrowDown: "n", ArrowRight: "n", ArrowUp: "b", ArrowLeft: "b", Delete: "r" };
const NEEDS_ROW = new Set("arp12tdfgyw");

// Keys wait until the one before has done its work, however fast they are typed: "p", "2", "Enter" is one stroke of the hand.
const waiting = [];
let busy = false;

async function press(work) {
  waiting.push(work);
  if (busy) return;
  busy = true;
  while (waiting.length) {
    try {
      await waiting.shift()();
    } catch (error) {
      say(error.message, true);
    }
  }
  busy = false;
}

async function typed(key) {
  if (chooser) {
    await choosing(key);
    return;
  }
  const name = SAME[key] || key.toLowerCase();
  if (Object.hasOwn(KEYS, name) && !(NEEDS_ROW.has(name) && !state.row)) await KEYS[name][1]();
}

async function choosing(key) {
  if (key === "Escape") {
    close();
  } else if (key === "Enter") {
    await search();
    await pick(chooser.at);
  } else if (key === "ArrowDown" || key === "ArrowUp") {
    await search();
    const count = Math.max(1, chooser.options.length);
    chooser.at = (chooser.at + (key === "ArrowDown" ? 1 : -1) + count) % count;
    showOptions();
  } else if (/^[1-9]$/.test(key) && !chooser.plain && !by("query").value) {
    await pick(Number(key) - 1);
  } else if (key.length === 1) {
    const field = by("query");
    field.setRangeText(key, field.selectionStart, field.selectionEnd, "end");
    chooser.stale = true;
    if (!waiting.length) await search();
  }
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const key = event.key;
  const picks = /^[1-9]$/.test(key) && chooser && !chooser.plain && !by("query").value;
  const ours = ["Enter", "Escape", "ArrowDown", "ArrowUp"].includes(key);
  // typing goes into the field by itself, unless earlier keys still wait
  if (chooser && !busy && !ours && !picks) return;
  if (key.length > 1 && !ours && !SAME[key]) return;
  event.preventDefault();
  press(() => typed(key));
});

by("query").addEventListener("input", () => {
  if (!chooser) return;
  chooser.stale = true;
  press(search);
});

fill(by("keys"), ...Object.entries(KEYS).map(([key, [name]]) => {
  const item = make("span");
  item.append(make("kbd", key), document.createTextNode(` ${name}`));
  return item;
}));
press(() => load(0));
