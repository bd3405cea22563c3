// SPDX-License-Identifier: Apache-2.0
//
// What things are called, drawn and counted as. All text gets onto the page by
// textContent: what a host says is never markup. No state of its own.

export const UNKNOWN = 0, FIT = 1, DEGRADED = 2, UNFIT = 3, SILENT = 4;
export const QUARANTINED = 1, CLOCK = 2, AT_LEAST = 4;

// Worst first. Each sign differs from the others by its shape: colour only
// says it again. Paths are within 16 x 16, filled by even-odd.
export const STATES = [
	{ state: UNFIT, word: "UNFIT", key: "unfit",
		means: "builds must not run there",
		path: "M1 1h14v14H1z M4.3 5.7 6.6 8 4.3 10.3 5.7 11.7 8 9.4 " +
			"10.3 11.7 11.7 10.3 9.4 8 11.7 5.7 10.3 4.3 8 6.6 5.7 4.3z" },
	{ state: SILENT, word: "SILENT", key: "silent",
		means: "not heard for too long: neither fit nor unfit",
		path: "M1 1h14v14H1z M3 3h10v10H3z" },
	{ state: UNKNOWN, word: "UNKNOWN", key: "unknown",
		means: "a sense is missing that a verdict rests on",
		path: "M8 1a7 7 0 1 0 0 14 7 7 0 1 0 0-14z " +
			"M8 3a5 5 0 1 1 0 10 5 5 0 1 1 0-10z " +
			"M8 6a2 2 0 1 0 0 4 2 2 0 1 0 0-4z" },
	{ state: DEGRADED, word: "DEGRADED", key: "degraded",
		means: "builds may run; something needs attention",
		path: "M8 1 15.5 15H.5z" },
	{ state: FIT, word: "FIT", key: "fit",
		means: "builds may run",
		path: "M3 3h10v10H3z" },
];
export const RANK = [];
export const BY_STATE = [];
STATES.forEach((s, i) => {
	RANK[s.state] = i;
	BY_STATE[s.state] = s;
});
export const wordOf = (state) => (BY_STATE[state] || BY_STATE[UNKNOWN]).word;
export const keyOf = (state) => (BY_STATE[state] || BY_STATE[UNKNOWN]).key;

const SVG = "http://www.w3.org/2000/svg";

// el("a.name", { href: "…" }, "text", child, …)
export function el(what, attributes, ...children) {
	const [tag, ...classes] = what.split(".");
	const e = document.createElement(tag);
	if (classes.length)
		e.className = classes.join(" ");
	fill(e, attributes, children);
	return e;
}

export function svg(tag, attributes, ...children) {
	const e = document.createElementNS(SVG, tag);
	fill(e, attributes, children);
	return e;
}

function fill(e, attributes, children) {
	for (const [name, value] of Object.entries(attributes || {}))
		if (value !== null && value !== undefined && value !== false)
			e.setAttribute(name, value === true ? "" : value);
	e.append(...children.flat().filter((c) => c !== null && c !== undefined &&
		c !== ""));
}

// A sign; words stand beside it wherever it is shown.
export function sign(state) {
	const s = BY_STATE[state] || BY_STATE[UNKNOWN];
	return svg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true",
		class: `sign ${s.key}` },
	svg("path", { d: s.path, "fill-rule": "evenodd" }));
}

// --- numbers ---

const grouped = new Intl.NumberFormat("en");
export const count = (n) => grouped.format(n);
export const plural = (n, one, many) => `${count(n)} ${n === 1 ? one : many}`;

export function bytes(n) {
	const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
	let i = 0;
	n = Number(n);
	while (n >= 1024 && i < units.length - 1) {
		n /= 1024;
		i++;
	}
	return `${n < 10 && i ? n.toFixed(1) : Math.round(n)} ${units[i]}`;
}

// How long ago, in one unit: a column of these is read at a glance.
export function age(ms) {
	const s = Math.max(0, Math.round(ms / 1000));
	if (s < 60)
		return `${s} s`;
	if (s < 3600)
		return `${Math.floor(s / 60)} min`;
	if (s < 48 * 3600)
		return `${Math.floor(s / 3600)} h`;
	return `${Math.floor(s / 86400)} d`;
}

// Since when a host is what it is; "≥": it was so when it was first heard.
export const since = (h, now) =>
	`${h.flags & AT_LEAST ? "≥ " : ""}${age(now - h.since)}`;

const two = (n) => String(n).padStart(2, "0");

// 2026-11-22 07:04:30, in the reader's own time zone.
export function clock(ms) {
	const t = new Date(ms);
	return `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())} ` +
		`${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}`;
}

export const timeOfDay = (ms) => clock(ms).slice(11);
export const fromNs = (ns) => Number(BigInt(ns || 0) / 1000000n);

// Name with its numbers by value: b9 stands before b10.
export const sortKey = (name) => name.toLowerCase().replace(/\d+/g,
	(d) => d.replace(/^0+(?=\d)/, "").length < 10 ?
		d.replace(/^0+(?=\d)/, "").padStart(10, "0") : d);
