// SPDX-License-Identifier: Apache-2.0
//
// Groups of cells: which host is in which, and what lies beside what. A group is
// { name, state (null: a label's), hosts, bad }; the grid adds where it stands.

import { QUARANTINED, STATES } from "./words.js";

function labelOf(h, key) {
	const start = `${key}=`;
	const label = h.labels.find((l) => l.startsWith(start));
	return label ? label.slice(start.length) : "—";
}

export function byVerdict(hosts) {
	return STATES.map((s) => ({ name: s.word, state: s.state,
		hosts: hosts.filter((h) => h.state === s.state) }))
		.filter((g) => g.hosts.length);
}

// Hosts come worst first, so the first of a group is its worst one.
export function byLabel(hosts, key) {
	const found = new Map();
	for (const h of hosts) {
		const name = labelOf(h, key);
		if (!found.has(name))
			found.set(name, { name, state: null, hosts: [] });
		found.get(name).hosts.push(h);
	}
	const bad = (g) => g.hosts.filter((h) => h.rank < 3).length;
	return [...found.values()].map((g) => ({ ...g, bad: bad(g) }))
		.sort((a, b) => b.bad - a.bad ||
			a.name.localeCompare(b.name, "en", { numeric: true }));
}

// Neighbours that look the same are copied as one.
export function alike(hosts, from, end) {
	const { state } = hosts[from], held = hosts[from].flags & QUARANTINED;
	let i = from + 1;
	while (i < end && hosts[i].state === state &&
		(hosts[i].flags & QUARANTINED) === held)
		i++;
	return i - from;
}

// From { g, i } by a key: the host there.
export function beside(groups, at, key) {
	const flat = groups.flatMap((g) => g.hosts);
	const i = flat.indexOf(at.g.hosts[at.i]);
	const to = { ArrowLeft: i - 1, ArrowRight: i + 1, Home: 0,
		End: flat.length - 1 }[key];
	return flat[Math.max(0, Math.min(flat.length - 1, to))];
}

// So many lines further; into the next group where this one ends.
export function above(groups, at, step) {
	const columns = at.g.columns, column = at.i % columns;
	const row = Math.floor(at.i / columns) + step;
	let g = at.g, i = row * columns + column;
	if (row < 0 || row >= g.rows) {
		g = groups[groups.indexOf(g) + Math.sign(step)];
		if (!g)
			return at.g.hosts[at.i];
		i = (step > 0 ? 0 : (g.rows - 1) * g.columns) +
			Math.min(g.columns - 1,
				Math.floor(column * at.g.pitch / g.pitch));
	}
	return g.hosts[Math.min(i, g.hosts.length - 1)];
}
