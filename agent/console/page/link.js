// SPDX-License-Identifier: Apache-2.0
//
// What holds for the whole page: is it live, and what does a page without hosts
// say? Decides nothing else; a picture that is old must never look new.

import { plural, timeOfDay } from "./words.js";
import { fleet } from "./data.js";

const $ = (id) => document.getElementById(id);

export function render() {
	const l = fleet.link, p = $("link"), b = $("banner");
	const name = l && l.fleet ? ` · ${l.fleet}` : "";
	$("fleet-name").textContent = name;
	let state = "live", words = "live", trouble = "";
	if (!fleet.connected && !fleet.lostAt) {
		state = "wait";
		words = "connecting";
	} else if (!fleet.connected) {
		state = "lost";
		words = "not live";
		trouble = `The console does not answer since ${timeOfDay(
			fleet.lostAt)}: this is the fleet as it was then. ` +
			"Trying again.";
	} else if (l && !l.up) {
		state = "lost";
		words = "servers away";
		trouble = `The fleet's servers are not reached${l.since ?
			` since ${timeOfDay(l.since)}` : ""}${l.why ?
			` (${l.why})` : ""}: this is the fleet as it was then. ` +
			"Trying again.";
	} else if (l && l.why) {
		trouble = l.why;
	}
	if (p.textContent !== words)
		p.textContent = words;
	p.dataset.state = state;
	document.documentElement.dataset.link = state;
	b.hidden = !trouble;
	if (b.textContent !== trouble)
		b.textContent = trouble;
}

// Why there are no lines: each a paragraph; none: there are.
export function emptyWords(hosts) {
	if (!fleet.whole)
		return [fleet.expected ? `Reading ${plural(fleet.expected, "host",
			"hosts")}…` : fleet.connected ? "Reading the fleet…" : ""];
	if (fleet.hosts.size === 0)
		return ["No host has reported yet.",
			"On a host: hale fleet enroll, then [fleet] servers = in " +
			"hale.conf; it shows up here within 30 s."];
	return hosts.length ? [] : ["No host matches.",
		"Escape forgets the search."];
}
