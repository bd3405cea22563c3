// SPDX-License-Identifier: Apache-2.0
//
// The fleet as this page knows it, and its stream. Decides when what is known
// is old. The order of hosts is kept, not made anew for each change: worst
// first, then by name. Invariant: `order` holds each host of `hosts` once.

import { FIT, RANK, sortKey } from "./words.js";

// The server speaks every 10 s: two missed, and something.
const QUIET_MS = 25000;
const RETRY_MS = [500, 1000, 2000, 5000, 10000];
// More changes at once are sorted in as a whole.
const MANY = 60;

export const fleet = {
	hosts: new Map(),	// id -> host
	order: [],		// worst first
	ending: "",		// of most names: ".build.example.org"
	judgments: [],
	link: null,		// how the console stands to the servers
	version: "",
	expected: 0,		// hosts that are coming; 0: all are there
	whole: false,		// all of it was told once
	connected: false,
	lostAt: 0,		// ms of the server's clock
	changes: 0,		// grows
};

let listener = () => {};
let offset = 0;	// the server's clock minus ours
let pass = 0;	// which telling of all
let heard = 0;
let tries = 0;
let stream = null;
let retry = 0;

export const now = () => Date.now() + offset;

// Most names of a fleet end alike: that is said once, not ten thousand times.
export function shortName(h) {
	const end = fleet.ending;
	return end && h.name.endsWith(end) && h.name.length > end.length ?
		h.name.slice(0, -end.length) : h.name;
}

function findEnding() {
	const found = new Map();
	for (const h of fleet.hosts.values()) {
		const dot = h.name.indexOf(".");
		const end = dot > 0 ? h.name.slice(dot) : "";
		found.set(end, (found.get(end) || 0) + 1);
	}
	const [end, n] = [...found].reduce((a, b) => (b[1] > a[1] ? b : a),
		["", 0]);
	fleet.ending = n > 1 && n > fleet.hosts.size * 0.6 ? end : "";
}

const before = (a, b) => a.rank - b.rank || (a.key < b.key ? -1 :
	a.key > b.key ? 1 : a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

// Where it stands, or would.
function place(h) {
	let low = 0, high = fleet.order.length;
	while (low < high) {
		const mid = (low + high) >> 1;
		if (before(fleet.order[mid], h) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

function toHost(row) {
	const [id, name, state, flags, since, condition, part, why, findings,
		labels] = row;
	const h = { id, name: name || id.slice(0, 12), state, flags, since,
		condition, part, why, findings, labels, pass,
		rank: RANK[state] ?? 2, key: sortKey(name || id), changed: -1e9,
		text: "" };
	h.text = [h.name, why, condition, part, id, ...labels].join("\n")
		.toLowerCase();
	return h;
}

// Changes by one row; what turned is put into `turned`.
function take(row, turned, sorted) {
	const old = fleet.hosts.get(row[0]);
	if (old && sorted)
		fleet.order.splice(place(old), 1);
	if (row.length === 1) {
		fleet.hosts.delete(row[0]);
		return;
	}
	const h = toHost(row);
	if (old && fleet.whole && old.state !== h.state) {
		h.changed = performance.now();
		turned.push({ host: h, from: old.state });
	} else if (!old && fleet.whole && h.state !== FIT) {
		h.changed = performance.now();
		turned.push({ host: h, from: null });
	} else if (old) {
		h.changed = old.changed;
	}
	fleet.hosts.set(h.id, h);
	if (sorted)
		fleet.order.splice(place(h), 0, h);
}

function sortAll() {
	fleet.order = [...fleet.hosts.values()].sort(before);
}

function takeRows(rows) {
	const turned = [], few = rows.length <= MANY && fleet.whole;
	for (const row of rows)
		take(row, turned, few);
	if (!few && fleet.whole)
		sortAll();
	tell(turned);
}

// --- the stream ---

function tell(turned) {
	fleet.changes++;
	listener(turned || []);
}

function hear(event) {
	const data = JSON.parse(event.data);
	heard = performance.now();
	// Of many ways to us the shortest is the truest.
	const off = data.now - Date.now();
	offset = offset && Math.abs(off - offset) < 2000 ?
		Math.max(off, offset) : off;
	if (!fleet.connected) {
		fleet.connected = true;
		tries = 0;
		tell();
	}
	return data;
}

function begin(event) {
	const data = hear(event);
	pass++;
	fleet.expected = data.hosts;
	fleet.version = data.version;
	tell();
}

function whole(event) {
	hear(event);
	for (const h of fleet.hosts.values())
		if (h.pass !== pass)
			fleet.hosts.delete(h.id);
	sortAll();
	findEnding();
	fleet.expected = 0;
	fleet.whole = true;
	tell();
}

function lose() {
	if (fleet.connected || !fleet.lostAt) {
		fleet.connected = false;
		fleet.lostAt = now();
		tell();
	}
	if (stream && stream.readyState !== EventSource.CLOSED)
		return; // the browser tries again by itself, with its last id
	clearTimeout(retry);
	retry = setTimeout(open, RETRY_MS[Math.min(tries++, RETRY_MS.length - 1)] *
		(0.75 + Math.random() / 2));
}

function open() {
	if (stream)
		stream.close();
	heard = performance.now();
	stream = new EventSource("api/events");
	stream.addEventListener("begin", begin);
	stream.addEventListener("hosts", (e) => takeRows(hear(e).rows));
	stream.addEventListener("whole", whole);
	stream.addEventListener("tick", hear);
	stream.addEventListener("judgments", (e) => {
		fleet.judgments = hear(e).value;
		tell();
	});
	stream.addEventListener("link", (e) => {
		fleet.link = hear(e).value;
		tell();
	});
	stream.onerror = lose;
}

// A server that stopped without closing the connection is silent.
function watch() {
	if (performance.now() - heard < QUIET_MS)
		return;
	stream.close();
	lose();
}

export function start(onChange) {
	listener = onChange;
	open();
	setInterval(watch, 2000);
}

export async function fetchHost(id) {
	const answer = await fetch(`api/host/${encodeURIComponent(id)}`);
	if (answer.status === 404)
		return null;
	if (!answer.ok)
		throw new Error(`the console answered ${answer.status}`);
	return answer.json();
}
