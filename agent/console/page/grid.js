// SPDX-License-Identifier: Apache-2.0
//
// Every host as a cell, on a canvas: ten thousand elements would each be laid
// out, here a run of like cells is one copied picture. Only what is in view is
// drawn, once a frame, and only after something changed. Decides the size of a
// cell: the largest with which all of them are in view. What a canvas cannot tell
// is told by the element with the keyboard's focus, and by the list beside it.

import { BY_STATE, FIT, QUARANTINED, STATES, count, keyOf, plural, since, wordOf }
	from "./words.js";
import { fleet, now, shortName } from "./data.js";
import { above, alike, beside, byLabel, byVerdict } from "./groups.js";

const PITCHES = [26, 22, 18, 15, 13, 12];
// What is well may be small: it is the ground that the rest stands on.
const WELL = [26, 22, 18, 15, 13, 12, 10, 9, 8, 7, 6];
const TOUCH_MIN = 15;	// of a finger, that has the list besides
const LINE = 14;	// a group's name
const NAME_FONT = "600 11px system-ui, sans-serif";
const COUNT_FONT = "11px system-ui, sans-serif";
const GAP = 7;
const FLASH_MS = 2500;
const RINGS = 400;	// more are a storm, which is seen as it is

const $ = (id) => document.getElementById(id);
const box = $("grid"), canvas = $("cells"), tip = $("tip");
const pen = canvas.getContext("2d");
const touch = matchMedia("(pointer: coarse)");

let groups = [];	// { name, state, hosts, top, rows, pitch, columns }
let total = 0, gutter = 96, height = 0;
let width = 0, view = 0, ratio = 1;
let active = null;	// id
let pointed = null;	// id under the pointer
let colours = {}, sprites = new Map();
let due = 0, flashing = 0, fading = 0, turned = [];
let openHost = () => {};
export const stats = { times: [] };	// ms, of the last pictures

// --- what stands where ---

function layOut(p, well) {
	let y = 6;
	for (const g of groups) {
		g.pitch = g.state === FIT ? well : p;
		g.columns = Math.max(1, Math.floor((width - gutter - 6) / g.pitch));
		g.top = y;
		g.rows = Math.ceil(g.hosts.length / g.columns);
		y += Math.max(g.rows * g.pitch, LINE) + GAP;
	}
	height = y;
}

function fit() {
	for (const p of PITCHES) {
		if (touch.matches && p < TOUCH_MIN)
			break;
		layOut(p, p);
		if (height <= view)
			return;
	}
	const least = groups.find((g) => g.state !== FIT)?.pitch || PITCHES.at(-1);
	for (const well of WELL.filter((p) => p < least)) {
		layOut(least, well);
		if (height <= view)
			return;
	}
}

// The names stand left of the cells, as wide as the widest of them.
function measureNames() {
	const most = Math.min(170, width * 0.34);
	gutter = 40;
	for (const g of groups) {
		pen.font = NAME_FONT;
		const name = pen.measureText(g.name).width;
		pen.font = COUNT_FONT;
		gutter = Math.max(gutter, name + pen.measureText(countOf(g)).width +
			26);
	}
	gutter = Math.ceil(Math.min(gutter, most));
}

const countOf = (g) => (g.bad !== undefined ? `${g.bad} of ${g.hosts.length}` :
	count(g.hosts.length));

function measure() {
	width = box.clientWidth;
	view = box.clientHeight;
	measureNames();
	fit();
	$("grid-size").style.height = `${height}px`;
	const dpr = devicePixelRatio || 1;
	if (canvas.width !== Math.round(width * dpr) ||
		canvas.height !== Math.round(view * dpr)) {
		canvas.width = Math.round(width * dpr);
		canvas.height = Math.round(view * dpr);
		canvas.style.width = `${width}px`;
		canvas.style.height = `${view}px`;
	}
	ratio = dpr;
}

// --- drawing ---

function readColours() {
	const style = getComputedStyle(document.documentElement);
	colours = {};
	for (const name of ["ink", "quiet", "focus", "fit-text", "well",
		...STATES.map((s) => s.key)])
		colours[name] = style.getPropertyValue(`--${name}`).trim();
	sprites.clear();
}

// A row of them.
function sprite(state, quarantined, pitch, columns) {
	const key = `${state} ${quarantined} ${pitch} ${columns} ${ratio}`;
	let made = sprites.get(key);
	if (made)
		return made;
	const size = sizeOf(pitch);
	made = document.createElement("canvas");
	made.width = Math.ceil(columns * pitch * ratio);
	made.height = Math.ceil(pitch * ratio);
	const p = made.getContext("2d"), path = new Path2D(pitch < 12 ?
		"M0 0h16v16H0z" : BY_STATE[state].path);
	const scale = ratio * size / 16;
	for (let i = 0; i < columns; i++) {
		p.setTransform(scale, 0, 0, scale, i * pitch * ratio, 0);
		p.fillStyle = colours[state === FIT ? "well" : keyOf(state)];
		p.fill(path, "evenodd");
		p.fillStyle = colours.ink;
		if (quarantined)
			p.fillRect(0, 13, 16, 3);
	}
	if (sprites.size > 60)
		sprites.clear();
	sprites.set(key, made);
	return made;
}

const sizeOf = (pitch) => pitch - Math.max(pitch < 9 ? 1 : 2,
	Math.round(pitch / 7));

function drawGroup(g, from) {
	const { pitch, columns } = g;
	const first = Math.max(0, Math.floor((from - g.top) / pitch));
	const last = Math.min(g.rows, Math.ceil((from + view - g.top) / pitch));
	const end = Math.min(last * columns, g.hosts.length);
	for (let i = first * columns, n; i < end; i += n) {
		const at = cellAt(g, i, from), h = g.hosts[i];
		n = alike(g.hosts, i, Math.min(end, i - i % columns + columns));
		const strip = sprite(h.state, h.flags & QUARANTINED, pitch, columns);
		pen.drawImage(strip, 0, 0, Math.round(n * pitch * ratio),
			strip.height, at.x, at.y, n * pitch, pitch);
	}
}

function drawName(g, from) {
	// it stays in view as long as one of its cells does
	const y = Math.max(g.top - from, Math.min(4,
		g.top + g.rows * g.pitch - LINE - from)) + 10;
	pen.font = COUNT_FONT;
	const right = pen.measureText(countOf(g)).width;
	pen.fillStyle = colours.quiet;
	pen.fillText(countOf(g), gutter - 9 - right, y);
	pen.fillStyle = g.state === null ? colours.ink : colours[g.state === FIT ?
		"fit-text" : keyOf(g.state)];
	pen.font = NAME_FONT;
	pen.fillText(cut(g.name, gutter - right - 22), 7, y);
}

function cut(words, room) {
	while (words.length > 2 && pen.measureText(words).width > room)
		words = `${words.slice(0, -2)}…`;
	return words;
}

function ring(at, colour, thick, out) {
	const size = sizeOf(at.pitch);
	pen.strokeStyle = colour;
	pen.lineWidth = thick;
	pen.strokeRect(at.x - out, at.y - out, size + 2 * out, size + 2 * out);
}

// What has just changed is ringed for a moment. No fading: each step of it would
// be a whole picture, and an eye is drawn by the change as it is.
function drawRings(from) {
	const t = performance.now();
	flashing = 0;
	for (const { g, i } of turned) {
		const left = g.hosts[i].changed + FLASH_MS - t;
		if (left <= 0)
			continue;
		flashing = Math.max(flashing, left);
		ring(cellAt(g, i, from), colours.ink, 2, 1);
	}
}

function findTurned() {
	const since = performance.now() - FLASH_MS;
	turned = [];
	for (const g of groups)
		for (let i = 0; i < g.hosts.length && turned.length < RINGS; i++)
			if (g.hosts[i].changed > since)
				turned.push({ g, i });
}

const cellAt = (g, i, from) => ({ pitch: g.pitch,
	x: gutter + (i % g.columns) * g.pitch,
	y: g.top + Math.floor(i / g.columns) * g.pitch - from });

function find(id) {
	for (const g of groups) {
		const i = g.hosts.findIndex((h) => h.id === id);
		if (i >= 0)
			return { g, i };
	}
	return null;
}

function draw() {
	const began = performance.now(), from = box.scrollTop;
	due = 0;
	if (!width || !view)
		return;
	pen.setTransform(ratio, 0, 0, ratio, 0, 0);
	pen.clearRect(0, 0, width, view);
	for (const g of groups) {
		if (g.top > from + view || g.top + Math.max(g.rows * g.pitch,
			LINE) < from)
			continue;
		drawGroup(g, from);
		drawName(g, from);
	}
	drawRings(from);
	const at = active && find(active);
	if (at && document.activeElement === box)
		ring(cellAt(at.g, at.i, from), colours.focus, 2, 2);
	stats.times.push(performance.now() - began);
	if (stats.times.length > 1000)
		stats.times.splice(0, 500);
	clearTimeout(fading);
	if (flashing)
		fading = setTimeout(ask, flashing);
}

export function ask() {
	if (!due)
		due = requestAnimationFrame(draw);
}

export function show(hosts, by) {
	groups = by === "verdict" ? byVerdict(hosts) : byLabel(hosts, by);
	total = hosts.length;
	box.setAttribute("aria-label", `Every host: ${plural(total, "host",
		"hosts")}, ${groups.slice(0, 5).map((g) =>
		`${g.name} ${g.hosts.length}`).join(", ")}`);
	measure();
	findTurned();
	sayActive();
	if (pointed)
		showTip(pointed);
	ask();
}

// --- one cell ---

function describe(h) {
	return `${h.name}, ${wordOf(h.state)} for ${since(h, now())}` +
		`${h.flags & QUARANTINED ? ", quarantined" : ""}` +
		`${h.why ? `: ${h.why}` : ""}`;
}

function sayActive() {
	const at = active && find(active), cell = $("active-cell");
	if (!at) {
		box.removeAttribute("aria-activedescendant");
		return;
	}
	let before = 0;
	for (const g of groups) {
		if (g === at.g)
			break;
		before += g.hosts.length;
	}
	cell.textContent = describe(at.g.hosts[at.i]);
	cell.setAttribute("aria-posinset", before + at.i + 1);
	cell.setAttribute("aria-setsize", total);
	box.setAttribute("aria-activedescendant", "active-cell");
}

function showTip(id) {
	const at = id && find(id), h = at && fleet.hosts.get(id);
	tip.hidden = !h;
	if (!h)
		return;
	tip.textContent = "";
	const name = document.createElement("b"), line = document.createElement("span");
	name.textContent = shortName(h);
	line.textContent = `${wordOf(h.state)} · ${since(h, now())}` +
		`${h.flags & QUARANTINED ? " · quarantined" : ""}` +
		`${h.why ? ` · ${h.why}` : ""}`;
	tip.append(name, line);
	const c = cellAt(at.g, at.i, box.scrollTop);
	const right = c.x + c.pitch + 8 + tip.offsetWidth > width;
	tip.style.left = `${Math.max(0, right ? c.x - tip.offsetWidth - 8 :
		c.x + c.pitch + 6)}px`;
	tip.style.top = `${box.offsetTop + Math.max(0, Math.min(c.y,
		view - tip.offsetHeight))}px`;
}

function hit(event) {
	const r = box.getBoundingClientRect();
	const x = event.clientX - r.left - gutter;
	const y = event.clientY - r.top + box.scrollTop;
	const g = groups.find((one) => y >= one.top && y < one.top +
		one.rows * one.pitch);
	const column = g ? Math.floor(x / g.pitch) : -1;
	if (column < 0 || column >= g.columns)
		return null;
	return g.hosts[Math.floor((y - g.top) / g.pitch) * g.columns + column] ||
		null;
}

function setActive(h) {
	active = h.id;
	pointed = h.id;
	const at = find(h.id);
	const y = at.g.top + Math.floor(at.i / at.g.columns) * at.g.pitch;
	if (y < box.scrollTop || y + at.g.pitch > box.scrollTop + view)
		box.scrollTop = y - view / 2;
	sayActive();
	showTip(h.id);
	ask();
}

// --- the keyboard ---

function move(event) {
	if (!groups.length || event.ctrlKey || event.altKey || event.metaKey)
		return;
	const at = active && find(active);
	const page = at ? Math.floor(view / at.g.pitch) - 1 : 1;
	const steps = { ArrowUp: -1, ArrowDown: 1, PageUp: -page, PageDown: page };
	let to = null;
	if (event.key === "Enter" && at)
		openHost(active);
	else if (!at && /^(Arrow|Home|End|Page)/.test(event.key))
		to = groups[0].hosts[0];
	else if (/^(Arrow(Left|Right)|Home|End)$/.test(event.key))
		to = beside(groups, at, event.key);
	else if (event.key in steps)
		to = above(groups, at, steps[event.key]);
	else
		return;
	event.preventDefault();
	if (to)
		setActive(to);
}

// Where the cells of a group stand, in px from the grid's corner.
export const cell = (group, i = 0) => cellAt(groups[group], i, box.scrollTop);

export function start(open) {
	openHost = open;
	readColours();
	box.addEventListener("keydown", move);
	box.addEventListener("scroll", () => {
		showTip(null);
		ask();
	}, { passive: true });
	box.addEventListener("focus", () => {
		if (!(active && find(active)) && groups.length &&
			box.matches(":focus-visible"))
			setActive(groups[0].hosts[0]);
		ask();
	});
	box.addEventListener("blur", () => {
		showTip(pointed = null);
		ask();
	});
	box.addEventListener("pointermove", (e) => {
		const h = hit(e);
		pointed = h && h.id;
		box.classList.toggle("pointing", Boolean(h));
		showTip(pointed);
	});
	box.addEventListener("pointerleave", () => showTip(pointed = null));
	box.addEventListener("click", (e) => {
		const h = hit(e);
		if (h)
			openHost(h.id);
	});
	new ResizeObserver(() => {
		measure();
		ask();
	}).observe(box);
	matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
		readColours();
		ask();
	});
}
