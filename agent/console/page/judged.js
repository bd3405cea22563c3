// SPDX-License-Identifier: Apache-2.0
//
// What the fleet says beyond its hosts: one failure on many at once, hosts that
// fail what their peers pass, models that break more than others. Each with its
// proof, and with the hosts that it is about.

import { age, clock, el, plural } from "./words.js";
import { fleet, now } from "./data.js";

const KINDS = {
	"common-cause": ["Common cause", "not these hosts' fault"],
	"black-hole": ["Black hole", "fails what its peers pass"],
	outlier: ["Outlier", "breaks more than others of its kind"],
	cap: ["Cap reached", "no more hosts are quarantined"],
};

const $ = (id) => document.getElementById(id);
let choose = () => {};
let shownJudgments = null, shownChosen = null;
const opened = new Set();	// whose proof is open

const idOf = (j) => j.id || `${j.kind}:${j.title}`;
const find = (id) => fleet.judgments.find((j) => idOf(j) === id);

export const titleOf = (id) => find(id)?.title || "no longer stands";

export function hostsOf(id) {
	return new Set(find(id)?.hosts || []);
}

function proof(j) {
	const id = idOf(j);
	const d = el("details", opened.has(id) ? { open: true } : {},
		el("summary", {}, "proof"),
		el("ul", {}, j.proof.map((p) => el("li", {}, p))));
	d.addEventListener("toggle", () => d.open ? opened.add(id) :
		opened.delete(id));
	return d;
}

function card(j, chosen) {
	const [kind, means] = KINDS[j.kind] || [j.kind, ""];
	const id = idOf(j), hosts = j.hosts || [];
	const only = el("button", { type: "button",
		"aria-pressed": String(chosen === id) },
	plural(hosts.length, "host", "hosts"));
	only.addEventListener("click", () => choose(id));
	return el("article.judgment", { "data-kind": j.kind },
		el("p.kind", { title: means }, kind),
		el("div.said", {}, el("h3", {}, j.title),
			j.text ? el("p", {}, j.text) : null,
			j.proof?.length ? proof(j) : null),
		el("p.about", {}, j.since ? el("span.quiet",
			{ title: clock(j.since) }, `since ${age(now() - j.since)}`) :
			null, hosts.length ? only : null));
}

export function render(chosen) {
	if (fleet.judgments === shownJudgments && chosen === shownChosen)
		return;
	shownJudgments = fleet.judgments;
	shownChosen = chosen;
	$("judgments").hidden = !fleet.judgments.length;
	$("judgment-list").replaceChildren(...fleet.judgments.map((j) =>
		card(j, chosen)));
}

// Those that a host's page has to name.
export const about = (id) => fleet.judgments.filter((j) =>
	(j.hosts || []).includes(id));

export function start(onChoose) {
	choose = onChoose;
}
