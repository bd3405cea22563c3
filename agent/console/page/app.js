// SPDX-License-Identifier: Apache-2.0
//
// The page: what is asked for stands in its address, and nowhere else, so that
// the back button, a reload and a sent link show the same. Decides which hosts
// are shown. What changes is drawn at most ten times a second.

import { QUARANTINED, RANK, STATES, count, el, sign, wordOf } from "./words.js";
import { fleet, start as startData } from "./data.js";
import * as grid from "./grid.js";
import * as list from "./list.js";
import * as host from "./host.js";
import * as link from "./link.js";
import * as judged from "./judged.js";

const PACE_MS = 100;
const $ = (id) => document.getElementById(id);

// --- the address ---

const want = { verdicts: [], text: "", by: "verdict", view: "grid", host: "",
	judgment: "" };

function readAddress() {
	const q = new URLSearchParams(location.search);
	want.verdicts = (q.get("v") || "").split(",").filter((k) =>
		STATES.some((s) => s.key === k));
	want.text = (q.get("q") || "").slice(0, 120);
	want.by = q.get("by") || "verdict";
	want.view = q.get("view") === "list" ? "list" : "grid";
	want.host = q.get("host") || "";
	want.judgment = q.get("j") || "";
}

function addressOf(change) {
	const w = { ...want, ...change }, q = new URLSearchParams();
	if (w.verdicts.length)
		q.set("v", w.verdicts.join(","));
	if (w.text)
		q.set("q", w.text);
	if (w.by !== "verdict")
		q.set("by", w.by);
	if (w.view !== "grid")
		q.set("view", w.view);
	if (w.judgment)
		q.set("j", w.judgment);
	if (w.host)
		q.set("host", w.host);
	const text = q.toString().replaceAll("%2C", ",");
	return text ? `?${text}` : "/";
}

let searching = false;	// the last step was a letter of a search

function go(change, replace) {
	const to = addressOf(change);
	searching = false;
	if (replace)
		history.replaceState(null, "", to);
	else
		history.pushState(null, "", to);
	arrive();
}

let cameFrom = null;	// the host whose page was open

function arrive() {
	const old = want.host;
	readAddress();
	if ($("search").value !== want.text)
		$("search").value = want.text;
	if (old !== want.host) {
		cameFrom = old;
		turnPage();
	}
	render();
}

function turnPage() {
	const open = Boolean(want.host);
	$("fleet").hidden = open;
	$("host").hidden = !open;
	if (open) {
		scrollTo(0, 0);
		host.open(want.host, addressOf({ host: "" }));
		return;
	}
	host.close();
	list.measure();
	// back to where the reader was
	requestAnimationFrame(() => {
		render();
		if (cameFrom)
			list.setActive(cameFrom);
	});
}

// --- which hosts ---

let labelKeys = new Set();

function wordTest(word) {
	if (word === "is:quarantined")
		return (h) => h.flags & QUARANTINED;
	const label = word.match(/^([a-z][\w.-]*)=(.+)$/);
	if (label && labelKeys.has(label[1]))
		return (h) => h.labels.some((l) => l.toLowerCase() === word);
	return (h) => h.text.includes(word);
}

function shown() {
	const states = want.verdicts.map((k) => STATES.find((s) =>
		s.key === k).state);
	const tests = want.text.toLowerCase().split(/\s+/).filter(Boolean)
		.map(wordTest);
	const ids = want.judgment ? judged.hostsOf(want.judgment) : null;
	if (states.length)
		tests.unshift((h) => states.includes(h.state));
	if (ids)
		tests.unshift((h) => ids.has(h.id));
	return tests.length ? fleet.order.filter((h) =>
		tests.every((t) => t(h))) : fleet.order;
}

// --- counts: what is there, and buttons to see only that ---

const buttons = new Map();

function toggle(key) {
	const has = want.verdicts.includes(key);
	go({ verdicts: has ? want.verdicts.filter((k) => k !== key) :
		[...want.verdicts, key].sort((a, b) =>
			RANK[stateOf(a)] - RANK[stateOf(b)]) });
}
const stateOf = (key) => STATES.find((s) => s.key === key).state;

function makeCounts() {
	STATES.forEach((s, i) => {
		const number = el("b", {}, "0");
		const b = el(`button.count.${s.key}`, { type: "button",
			"aria-pressed": "false", title: `${s.means} (${i + 1})` },
		sign(s.state), number, el("span", {}, s.word));
		b.addEventListener("click", () => toggle(s.key));
		buttons.set(s.key, { b, number });
		$("counts").append(b);
		$("share").append(el(`i.${s.key}`));
	});
}

function renderCounts() {
	const n = new Array(STATES.length).fill(0);
	let held = 0;
	for (const h of fleet.order) {
		n[h.rank]++;
		held += h.flags & QUARANTINED ? 1 : 0;
	}
	STATES.forEach((s, i) => {
		const { b, number } = buttons.get(s.key);
		number.textContent = count(n[i]);
		b.setAttribute("aria-pressed", want.verdicts.includes(s.key));
		b.classList.toggle("none", n[i] === 0);
		$("share").children[i].style.flexGrow = n[i];
	});
	document.title = `${n[0] ? `(${n[0]} unfit) ` : ""}hale fleet`;
	return held;
}

// --- what narrows the picture ---

function renderFilters(held, hosts) {
	const words = [], bar = $("filters");
	if (want.judgment)
		words.push(el("button", { type: "button", "data-drop": "judgment" },
			`judgment: ${judged.titleOf(want.judgment)} ✕`));
	if (held && !want.text.includes("is:quarantined"))
		words.push(el("button", { type: "button", "data-drop": "held" },
			`${count(held)} quarantined`));
	if (want.text || want.verdicts.length || want.judgment)
		words.push(el("button", { type: "button", "data-drop": "all" },
			"show all ✕"));
	bar.hidden = !words.length;
	const now = words.map((w) => w.textContent).join("\n");
	if (bar.dataset.now !== now)
		bar.replaceChildren(...words);
	bar.dataset.now = now;
	const empty = link.emptyWords(hosts).filter(Boolean);
	$("empty").hidden = !empty.length;
	$("panes").hidden = Boolean(empty.length);
	if ($("empty").textContent !== empty.join(""))
		$("empty").replaceChildren(...empty.map((t) => el("p", {}, t)));
}

// Labels that group hosts: a key that few share is none.
function renderBy() {
	const keys = new Map(), select = $("by");
	for (const h of fleet.order)
		for (const l of h.labels) {
			const key = l.slice(0, l.indexOf("="));
			keys.set(key, (keys.get(key) || 0) + 1);
		}
	labelKeys = new Set(keys.keys());
	const names = ["verdict", ...[...keys].filter(([k, n]) => k && n > 1)
		.map(([k]) => k).sort().slice(0, 12)];
	if (!names.includes(want.by))
		names.push(want.by);
	if (select.dataset.names !== names.join("\n")) {
		select.dataset.names = names.join("\n");
		select.replaceChildren(...names.map((n) =>
			el("option", { value: n }, n)));
	}
	select.value = want.by;
}

// --- drawing ---

let drawn = 0, timer = 0, keysAt = 0;

function render() {
	clearTimeout(timer);
	timer = 0;
	drawn = performance.now();
	link.render();
	const held = renderCounts();
	if (want.host) {
		host.refresh();
		return;
	}
	const hosts = shown();
	judged.render(want.judgment);
	renderFilters(held, hosts);
	if (drawn - keysAt > 5000 || !keysAt || want.by !== $("by").value) {
		renderBy();
		keysAt = fleet.whole ? drawn : 0;
	}
	$("panes").dataset.view = want.view;
	$("tab-grid").setAttribute("aria-pressed", want.view === "grid");
	$("tab-list").setAttribute("aria-pressed", want.view === "list");
	list.show(hosts, fleet.hosts.size);
	grid.show(hosts, want.by);
}

// --- changes, aloud ---

let turns = [], saidAt = 0;

function say() {
	const by = new Map();
	for (const t of turns)
		by.set(t.host.state, [...(by.get(t.host.state) || []), t.host.name]);
	$("live").textContent = [...by].map(([state, names]) =>
		names.length < 4 ? `${names.join(", ")}: now ${wordOf(state)}` :
			`${count(names.length)} hosts: now ${wordOf(state)}`).join(". ");
	turns = [];
	saidAt = performance.now();
}

function changed(turned) {
	if (turned.length && !turns.length)
		setTimeout(say, Math.max(300, 3000 - (performance.now() - saidAt)));
	turns.push(...turned);
	if (!timer)
		timer = setTimeout(() => requestAnimationFrame(render),
			Math.max(0, PACE_MS - (performance.now() - drawn)));
}

// --- keys ---

function typing(target) {
	return target.matches?.("input, select, textarea");
}

function escape() {
	if (document.activeElement === $("search") && !want.text)
		$("search").blur();
	else if (want.host)
		go({ host: "" });
	else if (want.text || want.verdicts.length || want.judgment)
		go({ text: "", verdicts: [], judgment: "" });
}

function onKey(e) {
	if (e.ctrlKey || e.altKey || e.metaKey || $("help").open)
		return;
	if (e.key === "Escape") {
		e.preventDefault();
		escape();
		return;
	}
	if (e.target === $("search") && (e.key === "Enter" ||
		e.key === "ArrowDown")) {
		e.preventDefault();
		list.focusFirst();
		return;
	}
	if (typing(e.target))
		return;
	const s = STATES[Number(e.key) - 1];
	if (e.key === "/")
		$("search").select();
	else if (e.key === "?")
		$("help").showModal();
	else if (s && !want.host)
		toggle(s.key);
	else if (e.key.startsWith("Arrow") && !want.host &&
		e.target === document.body)
		list.focusFirst();
	else
		return;
	e.preventDefault();
}

const KEYS = [["/", "search"], ["↑ ↓ ← →", "move among hosts"],
	["Enter", "open the host"], ["Escape", "back; forget the search"],
	["1 … 5", "only UNFIT, SILENT, UNKNOWN, DEGRADED, FIT"],
	["Home End Page", "first, last, a page"], ["?", "this"]];

function makeHelp() {
	for (const [key, what] of KEYS)
		$("help-keys").append(el("dt", {}, key.split(" ").flatMap((k, i) =>
			[i ? " " : "", k === "…" ? k : el("kbd", {}, k)])),
		el("dd", {}, what));
	for (const s of STATES)
		$("help-signs").append(el("dt", {}, sign(s.state), ` ${s.word}`),
			el("dd", {}, s.means));
	$("help-signs").append(el("dt", {}, "▁ beneath"),
		el("dd", {}, "quarantined: shut by an operator, or by itself"));
	$("help-open").addEventListener("click", () => $("help").showModal());
	$("help-close").addEventListener("click", () => $("help").close());
}

// --- begin ---

function listen() {
	// One step back for a search, not one for each letter.
	$("search").addEventListener("input", () => {
		go({ text: $("search").value }, searching);
		searching = true;
	});
	$("search").addEventListener("focus", () => {
		searching = false;
	});
	$("by").addEventListener("change", () => go({ by: $("by").value }));
	$("tab-grid").addEventListener("click", () => go({ view: "grid" }, true));
	$("tab-list").addEventListener("click", () => go({ view: "list" }, true));
	$("filters").addEventListener("click", (e) => {
		const what = e.target.dataset?.drop;
		if (what === "judgment")
			go({ judgment: "" });
		else if (what === "held")
			go({ text: `${want.text} is:quarantined`.trim() });
		else if (what)
			go({ text: "", verdicts: [], judgment: "" });
	});
	$("home").addEventListener("click", (e) => {
		if (e.ctrlKey || e.metaKey || e.shiftKey)
			return;
		e.preventDefault();
		go({ host: "", text: "", verdicts: [], judgment: "" });
	});
	document.addEventListener("keydown", onKey);
	addEventListener("popstate", () => {
		searching = false;
		arrive();
	});
	addEventListener("resize", () => list.measure());
	setInterval(() => {
		if (!document.hidden)
			changed([]);
	}, 10000);
}

const openHost = (id) => go({ host: id });

makeCounts();
makeHelp();
listen();
list.start((id) => addressOf({ host: id }), openHost);
grid.start(openHost);
judged.start((id) => go({ judgment: want.judgment === id ? "" : id }));
host.start(() => go({ host: "" }), openHost);
readAddress();
$("search").value = want.text;
turnPage();
render();
startData(changed);
// For whoever measures, and for tests.
globalThis.hale = { grid: grid.stats, cell: grid.cell, fleet };
