"use strict";
const REASONS = ["wrong answer", "unclear question", "broken text", "wrong language"];
const FILTERS = ["source", "task", "transform"];
const STORED = "ecom-review/"; // before a row's id: the same row keeps its verdict on every page

const $ = (id) => document.getElementById(id);
const { title, rows } = JSON.parse($("data").textContent);
const verdicts = new Map(); // id -> {verdict: accept | reject | skip, reason, at, before}
const chosen = {}; // filter -> value, "" for all
let current = null; // the row that is shown
let clock = 0; // of verdicts: undo takes back the latest

// ---- verdicts, kept by the browser

function restore() {
  try {
    for (const { id } of rows) {
      const known = JSON.parse(localStorage.getItem(STORED + id));
      if (!known) continue;
      verdicts.set(id, known);
      clock = Math.max(clock, known.at);
    }
  } catch { $("unkept").hidden = false; }
}

function put(id, record) {
  if (record) verdicts.set(id, record);
  else verdicts.delete(id);
  try {
    if (record) localStorage.setItem(STORED + id, JSON.stringify(record));
    else localStorage.removeItem(STORED + id);
  } catch { $("unkept").hidden = false; }
}

function judge(verdict, reason = "") {
  if (!current) return;
  const before = verdicts.get(current.id) ?? null;
  put(current.id, { verdict, reason, at: ++clock, before: before && { ...before, before: null } });
  forward();
}

function undo() {
  const latest = rows.filter(({ id }) => verdicts.has(id)).sort((a, b) => verdicts.get(b.id).at - verdicts.get(a.id).at)[0];
  if (!latest) return;
  put(latest.id, verdicts.get(latest.id).before);
  if (!shown().includes(latest)) for (const name of FILTERS) choose(name, "");
  show(latest);
}

// ---- which row is shown

const shown = () => rows.filter((row) => FILTERS.every((name) => !chosen[name] || row[name] === chosen[name]));

function forward() { // to the next row without a verdict, from here on and then from the start
  const list = shown();
  const here = list.indexOf(current) + 1;
  show([...list.slice(here), ...list.slice(0, here)].find(({ id }) => !verdicts.has(id)) ?? null);
}

function step(by) {
  const list = shown();
  if (!list.length) return;
  const here = current ? list.indexOf(current) : by > 0 ? -1 : list.length;
  show(list[(here + by + list.length) % list.length]);
}

function show(row) {
  current = row;
  closeReasons();
  const list = shown();
  const count = (verdict) => list.filter(({ id }) => verdicts.get(id)?.verdict === verdict).length;
  const [accepted, rejected, skipped] = ["accept", "reject", "skip"].map(count);
  $("bar").max = list.length;
  $("bar").value = accepted + rejected + skipped;
  const of = row ? `Row ${list.indexOf(row) + 1} of ${list.length}` : `${list.length} rows`;
  $("state").textContent = `${of}: ${accepted} accepted, ${rejected} rejected, ${skipped} skipped, ${list.length - accepted - rejected - skipped} to do`;
  $("card").hidden = !row;
  $("done").hidden = Boolean(row);
  if (!row) {
    $("done").textContent = list.length ? "Every row here has been looked at. Save the verdicts, or choose other rows." : "No row has all of these.";
    return;
  }
  $("facts").textContent = ["source", "task", "transform", "form", "lang", "label", "id"].map((name) => `${name} ${row[name]}`).join(" · ");
  $("prompt").textContent = row.prompt; // text, never read as HTML
  $("output").textContent = row.output;
  scrollTo(0, 0);
  const known = verdicts.get(row.id);
  $("verdict").hidden = !known;
  $("verdict").className = known?.verdict === "reject" ? "bad" : "";
  $("verdict").textContent = known ? { accept: "Accepted", reject: `Rejected: ${known.reason}`, skip: "Skipped" }[known.verdict] : "";
}

// ---- filters

function choose(name, value) {
  chosen[name] = value;
  $(name).value = value;
}

for (const name of FILTERS) {
  const select = document.createElement("select");
  select.id = name;
  const counts = new Map();
  for (const row of rows) counts.set(row[name], (counts.get(row[name]) ?? 0) + 1);
  const values = [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
  select.append(new Option(`every ${name}`, ""), ...values.map(([value, count]) => new Option(`${value} (${count})`, value)));
  select.setAttribute("aria-label", name);
  let byPointer = false; // then the keys are for the row again
  select.onpointerdown = () => { byPointer = true; };
  select.onkeydown = (event) => {
    byPointer = false;
    if (["Escape", "Enter"].includes(event.key)) select.blur();
  };
  select.onchange = () => {
    chosen[name] = select.value;
    if (byPointer) select.blur();
    current = null;
    forward();
  };
  $("filters").append(select);
}

// ---- the reason of a rejection

function askWhy() {
  if (!current) return;
  $("why").hidden = false;
  $("reason").value = "";
  $("reason").focus();
}

function closeReasons() {
  if ($("why").contains(document.activeElement)) document.activeElement.blur();
  $("why").hidden = true;
}

for (const [place, reason] of REASONS.entries()) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = `${place + 1} ${reason}`;
  button.onclick = () => judge("reject", reason);
  $("reasons").append(button);
}
$("why").onsubmit = (event) => {
  event.preventDefault();
  judge("reject", $("reason").value.trim() || "no reason given");
};
$("why").onkeydown = (event) => {
  if (event.isComposing) return; // a word that is being put together in Chinese or Japanese
  if (event.key === "Escape") closeReasons();
  else if (!$("reason").value && REASONS[event.key - 1]) { event.preventDefault(); judge("reject", REASONS[event.key - 1]); }
};

// ---- saving, keys

function save() {
  const lines = rows.filter(({ id }) => ["accept", "reject"].includes(verdicts.get(id)?.verdict)).map((row) => {
    const { verdict, reason } = verdicts.get(row.id);
    const why = verdict === "reject" ? { reason } : {};
    return JSON.stringify({ id: row.id, verdict, ...why, source: row.source, task: row.task, transform: row.transform });
  });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(lines.map((line) => `${line}\n`), { type: "application/x-ndjson" }));
  link.download = "verdicts.jsonl";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

const ACTIONS = { accept: () => judge("accept"), reject: askWhy, skip: () => judge("skip"), undo, previous: () => step(-1), next: () => step(1), save };
const KEYS = { a: "accept", r: "reject", s: "skip", u: "undo", ArrowLeft: "previous", ArrowRight: "next", d: "save" };
for (const [id, action] of Object.entries(ACTIONS)) $(id).onclick = action;
document.addEventListener("keydown", (event) => {
  const typing = ["INPUT", "SELECT"].includes(event.target.tagName) || !$("why").hidden;
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.repeat || !KEYS[event.key]) return;
  event.preventDefault();
  ACTIONS[KEYS[event.key]]();
});

document.title = $("title").textContent = title;
restore();
forward();
