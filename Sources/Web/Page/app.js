"use strict";
const $ = (id) => document.getElementById(id);
const LEVELS = ["error", "warn", "info", "debug", "other"];
const HOUR = 3600e3;
const WINDOWS = { "15m": HOUR / 4, "1h": HOUR, "6h": 6 * HOUR, "24h": 24 * HOUR, "48h": 48 * HOUR, "7d": 168 * HOUR };
const state = { query: "*", window: "all", range: null, deviations: [], serial: 0, open: new Set() };

const escapeHTML = (text) => String(text ?? "").replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[c]);
const grouped = (n) => Math.round(n).toLocaleString("en-US");
const iso = (ms) => new Date(ms).toISOString();
// Times are shown as they are stored, in UTC, cut to milliseconds.
const moment = (text) => { const m = /^\d{4}-(\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d+))?/.exec(text ?? ""); return m ? `${m[1]} ${m[2]}.${(m[3] || "").padEnd(3, "0").slice(0, 3)}` : String(text ?? ""); };
const clock = (ms) => iso(ms).slice(5, 16).replace("T", " ");
const size = (n) => { const units = ["B", "KB", "MB", "GB", "TB"]; let u = 0; while (n >= 1000 && u < 4) { n /= 1000; u++; } return `${n >= 100 || u === 0 ? Math.round(n) : n.toFixed(1)} ${units[u]}`; };
const number = (n) => (n == null || !isFinite(n) ? "–" : Math.abs(n) >= 1000 ? grouped(n) : Number(n.toPrecision(3)).toString());
const looksLikeID = (text) => /^[0-9a-fA-F]{16,64}$/.test(text) || /^(\{|urn:uuid:)?[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?$/.test(text);
// One word with a digit in it may be an ID of any shape: the index is asked first.
const mayBeID = (text) => /^[\w.:-]{6,128}$/.test(text) && /\d/.test(text) && !/^\w+:/.test(text);
const levelClass = (level) => { const l = String(level ?? "").toLowerCase(); return /^(err|fatal|crit|emerg|alert|panic)/.test(l) ? "error" : /^warn/.test(l) ? "warn" : /^(info|notice)/.test(l) ? "info" : /^(debug|trace)/.test(l) ? "debug" : "other"; };

function say(problem) { $("problem").hidden = !problem; $("problem").textContent = problem || ""; }

async function ask(path, parameters) {
  const response = await fetch(path + (parameters ? "?" + new URLSearchParams(parameters) : ""));
  const text = await response.text();
  if (!response.ok) throw new Error(text || `${path} answered ${response.status}`);
  return text;
}
const askJSON = async (path, parameters) => JSON.parse(await ask(path, parameters));
const askRows = async (path, parameters) => (await ask(path, parameters)).split("\n").filter(Boolean).map((line) => JSON.parse(line));

// ---- state in the address, so that a view can be passed on ----
function readAddress() {
  const p = new URLSearchParams(location.hash.slice(1));
  state.query = p.get("q") || "*"; state.window = p.get("w") || "all"; state.trace = p.get("trace"); state.finding = p.get("finding");
  state.range = p.get("from") && p.get("to") ? [Number(p.get("from")), Number(p.get("to"))] : null;
  $("query").value = state.query === "*" ? "" : state.query; $("window").value = state.window;
}
function writeAddress() {
  const p = new URLSearchParams();
  if (state.query !== "*") p.set("q", state.query);
  if (state.window !== "all") p.set("w", state.window);
  if (state.range) { p.set("from", Math.round(state.range[0])); p.set("to", Math.round(state.range[1])); }
  if (state.trace) p.set("trace", state.trace);
  if (state.finding) p.set("finding", state.finding);
  const hash = p.toString();
  if (location.hash.slice(1) !== hash) history.pushState(null, "", hash ? "#" + hash : location.pathname);
}

// ---- what is shown ----
function bounds(status) {
  if (state.range) return state.range;
  const last = status.last ? Date.parse(status.last) + 1 : Date.now();
  const first = status.first ? Date.parse(status.first) : last - HOUR;
  if (state.window === "all") return [first, last];
  // "Last" is counted from the newest record, so that a replayed corpus shows something.
  return [last - WINDOWS[state.window], last];
}

function stepFor(span) {
  const steps = [1e3, 5e3, 15e3, 6e4, 3e5, 9e5, 18e5, HOUR, 2 * HOUR, 6 * HOUR, 24 * HOUR];
  return steps.find((s) => span / s <= 240) || 24 * HOUR;
}

// What has not changed stays as it is: an open record, the focus and the place in a list outlive the next look.
const drawn = {};
function draw(name, data, how) {
  const text = JSON.stringify([data, WIDTH]);
  if (drawn[name] === text) return;
  drawn[name] = text;
  how();
}

async function refresh() {
  const serial = ++state.serial;
  try {
    const status = await askJSON("/api/v1/status");
    if (serial !== state.serial) return;
    $("status").innerHTML = `<b>${grouped(status.rows)}</b> records · <b>${size(status.bytes_stored)}</b> of ${size(status.bytes_raw)}${status.ready ? "" : " · <b>not accepting</b>"}`;
    const [from, to] = bounds(status);
    $("reset").hidden = !state.range;
    say("");
    const step = stepFor(to - from);
    const query = state.query || "*";
    const range = { query, start: iso(from), end: iso(to) };
    // A wrong query must not hide what was found.
    const [deviations, alerts] = await Promise.all([askJSON("/api/v1/deviations"), askJSON("/api/v1/alerts", { resolved: "1" })]);
    if (serial !== state.serial) return;
    state.deviations = deviations.deviations;
    state.watched = status.watched;
    WIDTH = Math.max(300, $("timeline").clientWidth - 28);
    draw("lane", [state.deviations, from, to], () => drawLane(state.deviations, from, to));
    draw("deviations", [state.deviations, state.finding, deviations.backlog_groups > 0], () => drawDeviations(state.deviations, deviations.backlog_groups));
    draw("alerts", alerts.data.alerts, () => drawAlerts(alerts.data.alerts));
    // Results of a statistics query have no time to draw; the histogram then shows the records that its filter selects.
    const filter = query.split("|")[0].trim() || "*";
    const [hits, rows] = await Promise.all([
      askJSON("/select/logsql/hits", { ...range, query: filter, step: step / 1000 + "s", field: "level" }).catch(() => ({ hits: [] })),
      askRows("/select/logsql/query", { ...range, limit: 200 }),
    ]);
    if (serial !== state.serial) return;
    // Every field of a row is a text; a line with an object says that the answer is not whole.
    const notes = rows.filter((r) => r._plumb && typeof r._plumb === "object").map((r) => r._plumb);
    const failed = notes.find((n) => n.error);
    if (failed) throw new Error(failed.error);
    if (notes.length) say(notes.map((n) => n.partial).join("; "));
    const records = rows.filter((r) => !r._plumb);
    // The newest come last; the page shows them first, unless the query has an order of its own.
    if (records.length && records.every((r) => r._time) && !/\|\s*(sort|order|first|last|top)\b/.test(query)) records.reverse();
    rows.splice(0, rows.length, ...records);
    const total = hits.hits.reduce((sum, h) => sum + h.total, 0);
    draw("histogram", [hits.hits, from, to, step], () => drawHistogram(hits.hits, from, to, step));
    draw("rows", [rows, total], () => drawRows(rows, total));
    if (state.trace) await showTrace(state.trace); else $("trace").hidden = true;
  } catch (problem) { say(problem.message); }
}

const LEFT = 46, RIGHT = 6;
let WIDTH = 1400;
const across = (t, from, to) => LEFT + ((t - from) / (to - from)) * (WIDTH - LEFT - RIGHT);

function drawHistogram(series, from, to, step) {
  const height = 150, bottom = 18, svg = $("histogram"), buckets = new Map(), totals = {};
  for (const one of series) {
    const level = levelClass(one.fields.level);
    one.timestamps.forEach((time, i) => {
      const t = Date.parse(time), bucket = buckets.get(t) || {};
      bucket[level] = (bucket[level] || 0) + one.values[i]; buckets.set(t, bucket); totals[level] = (totals[level] || 0) + one.values[i];
    });
  }
  const sums = [...buckets.values()].map((b) => Object.values(b).reduce((a, c) => a + c, 0));
  const peak = Math.max(1, ...sums), tall = height - bottom, bar = Math.max(1, ((WIDTH - LEFT - RIGHT) * step) / (to - from) - 1);
  let out = "";
  for (const part of [0, 0.5, 1]) {
    const y = tall - part * (tall - 8);
    out += `<line class="axis" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y}" y2="${y}"/><text x="${LEFT - 6}" y="${y + 4}" text-anchor="end">${number(peak * part)}</text>`;
  }
  for (const [t, bucket] of buckets) {
    let y = tall;
    const x = Math.max(LEFT, across(t, from, to));
    const title = LEVELS.filter((l) => bucket[l]).map((l) => `${l} ${grouped(bucket[l])}`).join(", ");
    out += `<g><title>${iso(t)}: ${title}</title>`;
    for (const level of [...LEVELS].reverse()) {
      if (!bucket[level]) continue;
      // A thin error must not vanish under a thousand infos.
      const h = Math.max(level === "error" || level === "warn" ? 1.5 : 0, (bucket[level] / peak) * (tall - 8));
      y -= h; out += `<rect x="${x}" y="${y}" width="${bar}" height="${h}" fill="var(--${level})"/>`;
    }
    out += "</g>";
  }
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${height}`);
  svg.innerHTML = out + ticks(from, to, tall + 14) + `<rect id="brush" y="0" height="${tall}" fill="var(--shade)" width="0"/>`;
  $("legend").innerHTML = LEVELS.filter((l) => totals[l]).map((l) => `<span><i style="background:var(--${l})"></i>${l} ${grouped(totals[l])}</span>`).join("");
  brush(svg, from, to);
}

function ticks(from, to, y) {
  const steps = [6e4, 3e5, 9e5, 18e5, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR, 48 * HOUR, 168 * HOUR];
  const most = Math.max(2, Math.floor(WIDTH / 100));
  let step = steps.find((s) => (to - from) / s <= most) || 168 * HOUR;
  while ((to - from) / step > most) step *= 2;
  let out = "";
  for (let t = Math.ceil(from / step) * step; t < to; t += step) {
    if (across(t, from, to) < LEFT + 20 || across(t, from, to) > WIDTH - 40) continue;
    const label = step >= 24 * HOUR ? iso(t).slice(5, 10) : clock(t);
    out += `<text x="${across(t, from, to)}" y="${y}" text-anchor="middle">${label}</text>`;
  }
  return out;
}

function brush(svg, from, to) {
  const at = (event) => { const box = svg.getBoundingClientRect(); return from + (((event.clientX - box.left) / box.width) * WIDTH - LEFT) / (WIDTH - LEFT - RIGHT) * (to - from); };
  svg.onpointerdown = (down) => {
    const first = at(down); svg.setPointerCapture(down.pointerId);
    svg.onpointermove = (move) => {
      const [a, b] = [first, at(move)].sort((x, y) => x - y), rect = $("brush");
      rect.setAttribute("x", across(a, from, to)); rect.setAttribute("width", Math.max(0, across(b, from, to) - across(a, from, to)));
    };
    svg.onpointerup = (up) => {
      svg.onpointermove = svg.onpointerup = null;
      const [a, b] = [first, at(up)].sort((x, y) => x - y);
      if (b - a > (to - from) / 200) { state.range = [Math.max(a, from), Math.min(b, to)]; writeAddress(); refresh(); } else $("brush").setAttribute("width", 0);
    };
  };
}

function drawLane(deviations, from, to) {
  const shown = deviations.filter((d) => Date.parse(d.onset) < to && (d.ended_at ? Date.parse(d.ended_at) : Infinity) > from);
  const row = 18, height = shown.length * row + 4;
  let out = "";
  shown.forEach((d, i) => {
    const y = i * row + 4, onset = Math.max(from, Date.parse(d.onset)), found = Date.parse(d.detected_at);
    const end = Math.min(to, Math.max(found, Date.parse(d.ended_at || d.last_seen)));
    const x = across(onset, from, to), x2 = Math.max(x + 3, across(end, from, to));
    out += `<g class="mark" tabindex="0" role="button" data-id="${escapeHTML(d.id)}" style="cursor:pointer"><title>${escapeHTML(d.title)}: since ${d.onset}, found ${d.detected_at}</title>`
      + `<rect x="${x}" y="${y}" width="${x2 - x}" height="${row - 6}" rx="3" fill="var(--accent)" opacity="${0.25 + 0.6 * d.score}"/>`;
    if (found >= from && found <= to) out += `<path d="M${across(found, from, to)} ${y - 2}v${row - 2}" stroke="var(--text)" stroke-width="1.5"/>`;
    const left = x > WIDTH * 0.6;
    out += `<text x="${left ? x - 6 : x2 + 6 > WIDTH * 0.6 ? x + 6 : x2 + 6}" y="${y + 10}" text-anchor="${left ? "end" : "start"}" style="fill:var(--text)">${escapeHTML(d.title)}</text></g>`;
  });
  const svg = $("lane"); svg.setAttribute("viewBox", `0 0 ${WIDTH} ${Math.max(height, 1)}`); svg.style.display = shown.length ? "block" : "none"; svg.innerHTML = out;
  svg.querySelectorAll(".mark").forEach((mark) => {
    const choose = () => { state.finding = mark.dataset.id; writeAddress(); drawDeviations(state.deviations); $("deviations").querySelector(".chosen")?.scrollIntoView({ block: "center" }); };
    mark.onclick = choose; mark.onkeydown = (e) => { if (e.key === "Enter" || e.key === " ") { e.preventDefault(); choose(); } };
  });
}

function drawRows(rows, total) {
  const columns = [...new Set(rows.flatMap((r) => Object.keys(r)))];
  const isRecords = !rows.length || columns.includes("_time");
  $("head").innerHTML = (isRecords ? ["Time (UTC)", "Level", "Service", "Message"] : columns).map((c) => `<th>${escapeHTML(c)}</th>`).join("");
  if (!isRecords) {
    $("found").textContent = `${grouped(rows.length)} rows`;
    $("rows").innerHTML = rows.map((r) => `<tr>${columns.map((c) => `<td>${escapeHTML(r[c])}</td>`).join("")}</tr>`).join("");
    return;
  }
  $("found").textContent = `${grouped(total)} match${rows.length < total ? `, the newest ${rows.length} shown` : ""}`;
  const key = (tr) => JSON.stringify(rows[tr.dataset.i]), list = $("rows").closest(".scroll"), place = list.scrollTop;
  const focused = $("rows").contains(document.activeElement) && document.activeElement.dataset.i ? document.activeElement.dataset.key : null;
  $("rows").innerHTML = rows.map((r, i) => `<tr class="record" tabindex="0" aria-expanded="false" data-i="${i}"><td>${escapeHTML(moment(r._time))}</td><td class="level-${escapeHTML(levelClass(r.level))}">${escapeHTML(r.level)}</td><td>${escapeHTML(r.service)}</td><td>${escapeHTML(r._msg)}</td></tr>`).join("")
    || `<tr><td colspan="4" class="quiet">No record matches.</td></tr>`;
  const open = (tr) => {
    const isOpen = tr.nextElementSibling?.classList.contains("fields");
    tr.setAttribute("aria-expanded", String(!isOpen));
    if (isOpen) { state.open.delete(key(tr)); return tr.nextElementSibling.remove(); }
    state.open.add(key(tr));
    const list = Object.entries(rows[tr.dataset.i]).map(([k, v]) => `<dt>${escapeHTML(k)}</dt><dd>${/(trace|request|correlation)_?-?id$/i.test(k) ? `<button class="link" data-trace="${escapeHTML(v)}">${escapeHTML(v)}</button>` : escapeHTML(v)}</dd>`).join("");
    tr.insertAdjacentHTML("afterend", `<tr class="fields"><td colspan="4"><dl>${list}</dl></td></tr>`);
    bindTraces(tr.nextElementSibling);
  };
  const before = state.open; state.open = new Set();
  $("rows").querySelectorAll("tr.record").forEach((tr) => {
    tr.dataset.key = key(tr); tr.onclick = () => open(tr); tr.onkeydown = (e) => { if (e.key === "Enter") open(tr); };
    if (before.has(tr.dataset.key)) open(tr);
    if (tr.dataset.key === focused) tr.focus({ preventScroll: true });
  });
  list.scrollTop = place;
}

function bindTraces(root) { root.querySelectorAll("[data-trace]").forEach((b) => (b.onclick = (e) => { e.stopPropagation(); state.trace = b.dataset.trace; writeAddress(); showTrace(state.trace); })); }

async function showTrace(id, known) {
  try {
    const trace = known || (await askJSON("/api/v1/trace/" + encodeURIComponent(id)));
    $("trace").hidden = false; $("traceID").textContent = trace.id.length > 20 ? trace.id.slice(0, 20) + "…" : trace.id;
    if (!trace.waterfall.length) { $("traceFacts").textContent = "no record has this ID"; $("waterfall").innerHTML = ""; return; }
    const from = trace.start_nanoseconds, span = Math.max(1, trace.end_nanoseconds - from);
    $("traceFacts").textContent = `${trace.waterfall.length} records · ${trace.services.length} services · ${number(span / 1e6)} ms · found in ${number(trace.engine_microseconds)} µs`;
    $("waterfall").innerHTML = trace.waterfall.map((r) => {
      const left = (100 * (r.start_nanoseconds - from)) / span, width = (100 * (r.end_nanoseconds - r.start_nanoseconds)) / span;
      return `<div class="span" title="${escapeHTML(r.label)}"><span class="name" style="padding-left:${Math.min(r.depth, 6) * 10}px">${escapeHTML(r.service)}</span><span class="track"><span class="bar level-${levelClass(r.level)}" style="left:${Math.min(left, 99.6)}%;width:${width}%"></span></span><span class="time">${r.end_nanoseconds > r.start_nanoseconds ? number((r.end_nanoseconds - r.start_nanoseconds) / 1e6) + " ms" : "·"}</span><span class="what">${escapeHTML(r.label)}</span></div>`;
    }).join("");
  } catch (problem) { say(problem.message); }
}

function drawDeviations(deviations, backlog) {
  const watched = state.watched;
  // An empty list is good news only of what is watched.
  const outside = watched && watched.values_outside + watched.series_waiting > 0 ? ` · ${watched.values_outside.toLocaleString("en")} values outside the limits` : "";
  $("deviationCount").textContent = (deviations.length ? `${deviations.length} found` : "") + (watched ? ` · ${watched.series.toLocaleString("en")} series watched` : "") + outside + (backlog > 0 ? " · records are still being read" : "");
  $("deviations").innerHTML = deviations.map((d) => `<div class="finding ${d.id === state.finding ? "chosen" : ""}"><h3><span class="score" title="score">${d.score.toFixed(3)}</span>${escapeHTML(d.title)}</h3>`
    + `<p class="quiet">since ${clock(Date.parse(d.onset))}, found ${clock(Date.parse(d.detected_at))} · observed <b>${number(d.observed)}</b>, expected ${number(d.expected_low)}–${number(d.expected_high)} ${escapeHTML(d.unit || "")}</p>`
    + chart(d) + `<p>${(d.causes || []).slice(0, 3).map((c) => `<span class="cause"><b>${escapeHTML(Object.entries(c.fields).map(([k, v]) => k + "=" + v).join(" "))}</b> ${escapeHTML(c.evidence)}</span>`).join("")}</p>`
    + (d.samples || []).slice(0, 2).map((s) => `<pre>${escapeHTML(s.line)}${s.trace_id ? `  <button class="link" data-trace="${escapeHTML(s.trace_id)}">trace</button>` : ""}</pre>`).join("") + "</div>").join("")
    || `<p class="quiet">${backlog > 0 ? "None so far." : "None. Every watched series is within its expected range."}</p>`;
  bindTraces($("deviations"));
}

function chart(d) {
  const points = (d.points || []).map((p) => [Date.parse(p.time), p.observed, p.expected_low, p.expected_high]);
  if (points.length < 2) return "";
  const w = Math.max(260, $("deviations").clientWidth || 640), h = 84, from = points[0][0], to = points.at(-1)[0], values = points.flatMap((p) => p.slice(1)).filter((v) => v != null && isFinite(v));
  const low = Math.min(...values), high = Math.max(...values), x = (t) => 44 + ((t - from) / (to - from || 1)) * (w - 48), y = (v) => h - 14 - ((v - low) / (high - low || 1)) * (h - 22);
  const line = (i) => points.filter((p) => isFinite(p[i])).map((p) => `${x(p[0]).toFixed(1)},${y(p[i]).toFixed(1)}`);
  const onset = Date.parse(d.onset), found = Date.parse(d.detected_at);
  const rule = (t, color, label, row = 10) => t >= from && t <= to ? `<line x1="${x(t)}" x2="${x(t)}" y1="2" y2="${h - 14}" stroke="${color}" stroke-dasharray="3 2"/><text x="${x(t) + 3}" y="${row}">${label}</text>` : "";
  return `<svg viewBox="0 0 ${w} ${h}" role="img" aria-label="Observed against expected range"><polygon points="${line(2).join(" ")} ${line(3).reverse().join(" ")}" fill="var(--band)"/>`
    + `<polyline points="${line(1).join(" ")}" fill="none" stroke="var(--accent)" stroke-width="1.5" vector-effect="non-scaling-stroke"/>${rule(onset, "var(--accent)", "onset")}${rule(found, "var(--text)", "found", x(found) - x(onset) < 45 ? 21 : 10)}`
    + `<text x="40" y="${y(high) + 4}" text-anchor="end">${number(high)}</text><text x="40" y="${y(low) + 2}" text-anchor="end">${number(low)}</text><text x="44" y="${h - 2}">${clock(from)}</text><text x="${w - 4}" y="${h - 2}" text-anchor="end">${clock(to)}</text></svg>`;
}

function drawAlerts(alerts) {
  $("alertCount").textContent = alerts.length ? `${alerts.filter((a) => a.state === "firing").length} firing` : "";
  $("alerts").innerHTML = alerts.map((a) => `<div class="finding"><h3><span class="score">${escapeHTML(a.state)}</span>${escapeHTML(a.labels.alertname)}</h3><p class="quiet">since ${clock(Date.parse(a.activeAt))}</p><p>${escapeHTML(a.annotations?.summary || "")}</p></div>`).join("") || `<p class="quiet">Nothing fires.</p>`;
}

$("search").onsubmit = async (event) => {
  event.preventDefault();
  const text = $("query").value.trim();
  state.window = $("window").value; state.range = null;
  const found = !looksLikeID(text) && mayBeID(text) ? await findTrace(text) : null;
  if (looksLikeID(text) || found) { state.trace = text; writeAddress(); showTrace(text, found); return; }
  state.query = text || "*"; writeAddress(); refresh();
};
const findTrace = (text) => askJSON("/api/v1/trace/" + encodeURIComponent(text)).then((trace) => (trace.waterfall.length > 0 ? trace : null), () => null);
let resizing;
addEventListener("resize", () => { clearTimeout(resizing); resizing = setTimeout(refresh, 200); });
$("window").onchange = () => $("search").requestSubmit();
$("reset").onclick = () => { state.range = null; writeAddress(); refresh(); };
$("closeTrace").onclick = () => { state.trace = null; $("trace").hidden = true; writeAddress(); };
addEventListener("popstate", () => { readAddress(); refresh(); });
readAddress(); refresh();
setInterval(() => { if (!document.hidden && !state.range) refresh(); }, 10000);
