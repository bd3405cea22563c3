// SPDX-License-Identifier: Apache-2.0
//
// A host's past as bars over time, a lane for each part and condition, builds
// beneath; and the same as a table, for who cannot see bars and for copying.
// Decides how far back it reaches: over all that is known, a day at least.

import { age, clock, el, fromNs, svg } from "./words.js";

const LANES = 12;	// more are in the table only
const NARROW = 560;	// names stand above their bars, not beside them
const HOUR = 3600e3, DAY = 24 * HOUR;
const STEPS = [HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY,
	14 * DAY, 30 * DAY];

const at = (ns) => (ns && ns !== "0" ? fromNs(ns) : 0);
const name = (p) => (p ? p.alias || p.where || p.id || "host" : "host");
const keyOf = (f) => `${f.part?.id}\n${f.condition}`;

// --- findings as stretches of time ---

function lanes(data) {
	const found = new Map();
	const lane = (f) => {
		if (!found.has(keyOf(f)))
			found.set(keyOf(f), { part: name(f.part),
				condition: f.condition, bars: [], last: 0 });
		return found.get(keyOf(f));
	};
	const add = (f, from, to) => {
		const l = lane(f), end = to || Infinity;
		// told when it opened and again when it closed: one bar
		const old = l.bars.find((b) => Math.abs(b.from - from) < 1000);
		if (old)
			old.to = Math.min(old.to, end);
		else
			l.bars.push({ from, to: end, effect: f.effect });
		l.last = Math.max(l.last, to || from);
	};
	for (const e of data.events || [])
		if (e.finding)
			add(e.finding, at(e.finding.firstNs) || at(e.atNs),
				e.what === "CLOSED" ? at(e.finding.closedNs) ||
					at(e.atNs) : 0);
	const open = new Set();
	for (const f of data.state?.report?.findings || []) {
		open.add(keyOf(f));
		add(f, at(f.firstNs), 0);
	}
	// What is not among today's findings has ended, whoever missed to say so.
	for (const [key, l] of found)
		for (const b of l.bars)
			if (b.to === Infinity && !open.has(key))
				b.to = b.from + 60e3;
	return [...found.values()].sort((a, b) => b.last - a.last);
}

function range(shown, builds, now, width) {
	let first = now - DAY;
	for (const l of shown)
		for (const b of l.bars)
			first = Math.min(first, b.from);
	for (const b of builds)
		first = Math.min(first, at(b.startedNs));
	return { first: Math.max(first, now - 60 * DAY), now, width,
		left: width < NARROW ? 0 : width < 700 ? 170 : 240,
		lane: width < NARROW ? 36 : 22, down: width < NARROW ? 14 : 0 };
}

// --- drawing ---

function axis(r, height) {
	const span = r.now - r.first, parts = [];
	const most = (r.width - r.left) / 80;
	const step = STEPS.find((s) => span / s <= most) || 30 * DAY;
	const zero = new Date(r.now);
	zero.setHours(0, 0, 0, 0);
	for (let t = zero.getTime() + DAY; t > r.first; t -= step) {
		if (t > r.now)
			continue;
		const x = place(r, t), words = step >= DAY ? clock(t).slice(5, 10) :
			clock(t).slice(5, 16);
		parts.push(svg("line", { x1: x, x2: x, y1: 0, y2: height,
			class: "tick" }));
		if (x < r.width - 60)
			parts.push(svg("text", { x: x + 3, y: height + 13 }, words));
	}
	parts.push(svg("line", { x1: r.width, x2: r.width, y1: 0, y2: height,
		class: "now" }));
	return parts;
}

const place = (r, t) => r.left + (r.width - r.left) * Math.max(0, Math.min(1,
	(t - r.first) / (r.now - r.first)));

function effectOf(b) {
	return { EFFECT_BLOCKS: "blocks", EFFECT_WARNS: "warns" }[b.effect] ||
		"notes";
}

function drawLane(l, i, r) {
	const y = i * r.lane;
	const cut = (t, n) => (t.length > n ? `${t.slice(0, n - 1)}…` : t);
	const room = Math.floor((r.left || r.width) / 6.9);
	return [
		svg("text", { x: 0, y: y + (r.down ? 13 : 15), class: "lane" },
			cut(`${cut(l.part, 14)} ${l.condition}`, room)),
		...l.bars.filter((b) => b.to >= r.first).map((b) => {
			const x = place(r, b.from), end = place(r, Math.min(b.to, r.now));
			return svg("rect", { x, y: y + r.down + 5, width: Math.max(4, end - x),
				height: effectOf(b) === "blocks" ? 13 : 8, rx: 1,
				class: `bar ${effectOf(b)}${b.to === Infinity ? " open" :
					""}` },
			svg("title", {}, `${l.part} ${l.condition}: ${clock(b.from)} ` +
				`to ${b.to === Infinity ? "now" : clock(b.to)}`));
		})];
}

function drawBuilds(builds, y, r) {
	const low = y + r.down;
	return [svg("text", { x: 0, y: y + (r.down ? 13 : 15), class: "lane" },
		`builds (${builds.length})`),
	...builds.map((b) => {
		const x = place(r, at(b.startedNs));
		const kind = b.outcome === "PASSED" ? "passed" :
			b.hostFault ? "fault" : "failed";
		const d = kind === "passed" ? `M${x} ${low + 8}v6` :
			`M${x - 3} ${low + 6}l6 10M${x + 3} ${low + 6}l-6 10`;
		return svg("path", { d, class: `build ${kind}` },
			svg("title", {}, `${(b.outcome || "").toLowerCase()} ${clock(
				at(b.startedNs))} ${b.cause || ""}`));
	})];
}

function chart(data, now, space) {
	const all = lanes(data), shown = all.slice(0, LANES);
	const builds = data.builds || [];
	if (!shown.length && !builds.length)
		return null;
	const r = range(shown, builds, now, Math.max(240, space));
	const height = (shown.length + (builds.length ? 1 : 0)) * r.lane + 4;
	return el("div.chart", { tabindex: "0", role: "group",
		"aria-label": "Timeline; the table below holds the same" },
	svg("svg", { width: r.width + 2, height: height + 18, role: "img",
		"aria-label": `${all.length} findings and ${builds.length} builds ` +
			`over ${age(now - r.first)}` },
	axis(r, height), shown.flatMap((l, i) => drawLane(l, i, r)),
	builds.length ? drawBuilds(builds, shown.length * r.lane, r) : []));
}

// --- the table ---

function lines(data) {
	const found = (data.events || []).map((e) => ({ at: at(e.atNs),
		what: (e.what || "").toLowerCase(),
		words: `${name(e.finding?.part)} ${e.finding?.condition || ""}`,
		more: e.finding?.closed || e.finding?.evidence || "" }));
	const builds = (data.builds || []).filter((b) => b.outcome !== "PASSED")
		.map((b) => ({ at: at(b.endedNs),
			what: `build ${(b.outcome || "").toLowerCase()}`,
			words: b.cause || "", more: [b.confidence,
				b.hostFault ? "the host's fault" : ""].filter(Boolean)
				.join(", ") }));
	return [...found, ...builds].sort((a, b) => b.at - a.at);
}

function table(data) {
	const all = lines(data);
	if (!all.length)
		return null;
	return el("details", {}, el("summary", {}, `${all.length} events` +
		`${data.cut ? ", the newest" : ""}`),
	el("div.scroll", { tabindex: "0", role: "group", "aria-label": "Events" },
		el("table", {},
			el("thead", {}, el("tr", {}, ["when", "what", "of what", ""]
				.map((t) => el("th", { scope: "col" }, t)))),
			el("tbody", {}, all.map((l) => el("tr", {},
				el("td", {}, el("time", {}, clock(l.at))),
				el("td", {}, l.what), el("td", {}, l.words),
				el("td.quiet", {}, l.more)))))));
}

// @space: px of its column.
export function timeline(data, now, space) {
	const parts = [chart(data, now, space), table(data)].filter(Boolean);
	return parts.length ? parts : [el("p.quiet", {},
		"Nothing is remembered of it.")];
}
