// SPDX-License-Identifier: Apache-2.0
//
// The hosts as lines, worst first. Of ten thousand only those in view exist as
// elements; the one with the focus always does, so that scrolling or a change
// takes it from nobody. Each line is a link: it can be opened beside, copied,
// and read aloud.

import { QUARANTINED, count, el, sign, since, wordOf } from "./words.js";
import { fleet, now, shortName } from "./data.js";

const AROUND = 8;	// lines beyond what is in view

const $ = (id) => document.getElementById(id);
const box = $("list"), inner = $("rows");
const nodes = new Map();	// id -> { item, link, host, text }

let hosts = [], lineHeight = 34, due = 0;
let active = null;	// id: the one line that Tab stops at
let link = () => "", openHost = () => {};

function make(h) {
	const name = el("span.name"), why = el("span.why");
	const old = el("span.since"), mark = el("span.mark");
	const a = el("a.line", { "data-id": h.id }, mark, name, why, old);
	const item = el("div.item", { role: "listitem" }, a);
	return { item, link: a, mark, name, why, old, host: null, href: "" };
}

function fill(n, h) {
	if (n.host === h)
		return;
	n.host = h;
	n.mark.replaceChildren(sign(h.state), el("span.word", {},
		wordOf(h.state)));
	n.name.textContent = shortName(h);
	n.name.title = h.name;
	n.why.replaceChildren(
		...(h.flags & QUARANTINED ? [el("span.tag", {}, "quarantined")] : []),
		...(h.condition ? [el("span.condition", {}, h.condition)] : []),
		el("span.words", {}, h.why));
	n.link.classList.toggle("turned", h.changed > 0 &&
		performance.now() - h.changed < 2500);
}

function put(i) {
	const h = hosts[i];
	let n = nodes.get(h.id);
	if (!n) {
		n = make(h);
		nodes.set(h.id, n);
		inner.append(n.item);
	}
	fill(n, h);
	const href = link(h.id), words = since(h, now());
	if (n.href !== href)
		n.link.setAttribute("href", n.href = href);
	if (n.old.textContent !== words)
		n.old.textContent = words;
	n.link.tabIndex = h.id === active ? 0 : -1;
	n.item.style.transform = `translateY(${i * lineHeight}px)`;
	n.item.setAttribute("aria-posinset", i + 1);
	n.item.setAttribute("aria-setsize", hosts.length);
	return h.id;
}

function draw() {
	due = 0;
	const top = box.scrollTop, seen = new Set();
	const first = Math.max(0, Math.floor(top / lineHeight) - AROUND);
	const last = Math.min(hosts.length,
		Math.ceil((top + box.clientHeight) / lineHeight) + AROUND);
	for (let i = first; i < last; i++)
		seen.add(put(i));
	const focused = document.activeElement?.dataset?.id;
	const at = focused && nodes.has(focused) ? place(focused) : -1;
	if (at >= 0)
		seen.add(put(at));
	for (const [id, n] of nodes) {
		if (seen.has(id))
			continue;
		n.item.remove();
		nodes.delete(id);
	}
}

function ask() {
	if (!due)
		due = requestAnimationFrame(draw);
}

const place = (id) => hosts.findIndex((h) => h.id === id);

export function measure() {
	const style = getComputedStyle(document.documentElement);
	lineHeight = parseFloat(style.getPropertyValue("--line")) || 34;
	inner.style.height = `${hosts.length * lineHeight}px`;
	ask();
}

export function show(shown, all) {
	hosts = shown;
	if (!hosts.some((h) => h.id === active))
		active = hosts.length ? hosts[0].id : null;
	$("list-count").textContent = (fleet.ending ?
		`…${fleet.ending.slice(1)} · ` : "") +
		(hosts.length === all ? count(all) :
			`${count(hosts.length)} of ${count(all)}`);
	inner.style.height = `${hosts.length * lineHeight}px`;
	ask();
}

// --- the keyboard ---

function focusOn(i) {
	i = Math.max(0, Math.min(hosts.length - 1, i));
	if (!hosts[i])
		return;
	active = hosts[i].id;
	const y = i * lineHeight;
	if (y < box.scrollTop)
		box.scrollTop = y;
	else if (y + lineHeight > box.scrollTop + box.clientHeight)
		box.scrollTop = y + lineHeight - box.clientHeight;
	put(i);
	nodes.get(active).link.focus({ preventScroll: true });
	ask();
}

export function focusFirst() {
	focusOn(Math.max(0, place(active)));
}

export function setActive(id) {
	active = id;
	const i = place(id);
	if (i >= 0)
		focusOn(i);
}

function move(event) {
	if (event.ctrlKey || event.altKey || event.metaKey)
		return;
	const page = Math.max(1, Math.floor(box.clientHeight / lineHeight) - 1);
	const at = Math.max(0, place(active));
	const to = { ArrowDown: at + 1, ArrowUp: at - 1, j: at + 1, k: at - 1,
		PageDown: at + page, PageUp: at - page, Home: 0,
		End: hosts.length - 1 }[event.key];
	if (to === undefined)
		return;
	event.preventDefault();
	focusOn(to);
}

export function start(toLink, open) {
	link = toLink;
	openHost = open;
	box.addEventListener("scroll", ask, { passive: true });
	box.addEventListener("keydown", move);
	box.addEventListener("focusin", (e) => {
		const id = e.target.dataset?.id;
		if (id)
			active = id;
	});
	box.addEventListener("click", (e) => {
		const id = e.target.closest("a")?.dataset.id;
		if (!id || e.button || e.ctrlKey || e.metaKey || e.shiftKey)
			return;
		e.preventDefault();
		openHost(id);
	});
	new ResizeObserver(measure).observe(box);
	measure();
}
