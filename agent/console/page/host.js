// SPDX-License-Identifier: Apache-2.0
//
// The page of one host: its verdict, why, what was found, what came of it and
// when. What it is made of is asked for when the page opens, when the stream
// says that the host has changed, and every 15 s for its last sign of life.

import { CLOCK, QUARANTINED, age, bytes, clock, count, el, fromNs, keyOf, plural, sign, since,
	wordOf } from "./words.js";
import { fetchHost, fleet, now } from "./data.js";
import * as judged from "./judged.js";
import { timeline } from "./timeline.js";

const AGAIN_MS = 15000;
const EFFECTS = { EFFECT_BLOCKS: ["blocks", "builds are refused"],
	EFFECT_WARNS: ["warns", "builds run, with a warning"],
	EFFECT_NOTES: ["notes", "for the record"], EFFECT_NONE: ["none", ""] };
const RELATIONS = { ROOT: "", SAME_PART: "same part", BENEATH: "beneath it",
	RESTS: "rests on it", IS_MAPPED: "mapped from it",
	SAME_PROCESS: "same process", HOST_WIDE: "host-wide", NEAR: "near in time" };

const page = document.getElementById("host");
let id = "", back = "/", seen = null, data = null, trouble = "", asked = 0;
let goBack = () => {};

const at = (ns) => (ns && ns !== "0" ? fromNs(ns) : 0);
const ago = (ms) => `${age(now() - ms)} ago`;
const time = (ms, words) => el("time", { datetime: new Date(ms).toISOString(),
	title: clock(ms) }, words || ago(ms));
const name = (p) => (p ? p.alias || p.where || p.id || "host" : "host");
const effect = (e) => (EFFECTS[e] || EFFECTS.EFFECT_NONE)[0];

// --- the head ---

function fact(label, ...value) {
	return el("div", {}, el("dt", {}, label), el("dd", {}, ...value));
}

function head(h) {
	const s = data?.state, r = s?.report;
	const state = h ? h.state : data.judged;
	const link = el("a.back", { href: back }, "← all hosts");
	link.addEventListener("click", (e) => {
		if (e.ctrlKey || e.metaKey || e.shiftKey)
			return;
		e.preventDefault();
		goBack();
	});
	return [link,
		el(`div.verdict.${keyOf(state)}`, {}, sign(state),
			el("div", {}, el("h2", { tabindex: "-1", id: "host-title" },
				h ? h.name : r?.host || id),
			el("p", {}, el("b", {}, wordOf(state)), ` for ${h ? since(h,
				now()) : age(now() - data.judgedSince)}`, h?.flags & QUARANTINED || s?.quarantine ?
				el("span.tag", {}, "quarantined") : null),
			h?.why ? el("p.why", {}, h.why) : null))];
}

function facts(h) {
	const s = data.state, r = s?.report || {}, c = s?.capacity;
	const labels = h ? h.labels : [];
	return el("dl.facts", {},
		fact("last report", data.received ? time(data.received) : "never",
			data.connected === false ? " · not connected" : ""),
		r.startedNs ? fact("agent", `hale ${r.version || "?"}, up ${age(now() -
			at(r.startedNs))}`) : null,
		c ? fact("machine", `${plural(c.cpus || 0, "CPU", "CPUs")} · ` +
			`${bytes(c.memoryAvailableBytes || 0)} of ` +
			`${bytes(c.memoryBytes || 0)} memory free`) : null,
		labels.length ? fact("labels", labels.map((l) =>
			el("span.tag", {}, l))) : null,
		fact("id", el("code.id", {}, id)),
		r.bootId ? fact("boot", el("code.id", {}, r.bootId)) : null);
}

function notices() {
	const s = data.state, said = [], q = s?.quarantine;
	if (q)
		said.push(`Quarantined ${q.sinceNs ? `${ago(at(q.sinceNs))} ` : ""}by ` +
			`${q.own ? "the host itself" : q.who || "somebody"}` +
			`${q.reason ? `: ${q.reason}` : ""}` +
			`${at(q.untilNs) ? `, until ${clock(at(q.untilNs))}` : ""}.`);
	if (fleet.hosts.get(id)?.flags & CLOCK)
		said.push("Its clock is wrong by more than a minute: the times of " +
			"its findings are its own.");
	if (s?.agentSilent)
		said.push("Its reporter lives, its agent does not answer: what is " +
			"below is the agent's last word.");
	if (Number(s?.spool?.findingsDropped || 0) ||
		Number(s?.spool?.buildsDropped || 0))
		said.push(`It could not keep ${count(Number(
			s.spool.findingsDropped || 0) + Number(s.spool.buildsDropped ||
			0))} messages while it was cut off.`);
	for (const j of judged.about(id))
		said.push(`${j.title}. ${j.text || ""}`);
	return said.map((t) => el("p.notice", {}, t));
}

// --- why ---

// From what a build needs down to what is broken, a step a line.
function reasonSteps(reason, found) {
	const f = reason.finding, whole = f && found(f);
	const steps = [];
	if (reason.path)
		steps.push([el("b", {}, reason.path), el("span.quiet", {},
			"a build needs it")]);
	if (reason.via)
		steps.push([reason.via, reason.redundant ? el("span.quiet", {},
			"one leg of several") : null]);
	if (f)
		steps.push([el("b", {}, name(f.part)), " ",
			el("code", {}, f.condition)]);
	if (whole?.evidence)
		steps.push([el("q.evidence", {}, whole.evidence)]);
	if (!f)
		steps.push([reason.text || "a sense is missing"]);
	return steps;
}

function reasons(report) {
	const found = (f) => (report.findings || []).find((x) =>
		x.condition === f.condition && x.part?.id === f.part?.id);
	const list = report.verdict?.reasons || [];
	const total = report.verdict?.reasonsTotal || list.length;
	return [...list.map((r) => el("div.chain", {},
		el("p.effect", { "data-effect": effect(r.effect) },
			effect(r.effect)),
		el("ol", {}, reasonSteps(r, found).map((s) => el("li", {}, ...s))))),
	total > list.length ? el("p.quiet", {},
		`and ${total - list.length} more`) : null];
}

function causes() {
	return (data.state?.causes || []).map((c) => el("div.chain", {},
		el("p.effect", {}, (c.confidence || "").toLowerCase()),
		el("div", {}, el("p", {}, el("b", {}, c.headline)),
			el("ol", {}, (c.steps || []).map((s) => el("li", {},
				s.finding ? `${name(s.finding.part)} ` : "",
				s.finding ? el("code", {}, s.finding.condition) :
					`${s.victim?.comm || "a process"} died`,
				el("span.quiet", {}, ` ${s.text ||
					RELATIONS[s.relation] || ""}`)))),
			c.prevents ? el("p.quiet", {}, c.prevents) : null)));
}

// --- findings ---

function measure(f) {
	if (!Number(f.total || 0))
		return null;
	const unit = f.condition.includes("inodes") ? count : bytes;
	return fact("left", `${unit(Number(f.value || 0))} of ${unit(
		Number(f.total))}`);
}

function finding(f) {
	const [meaning, advice, clears] = data.catalogue[f.condition] || [];
	const p = f.part || {};
	const what = [p.model, p.serial && `serial ${p.serial}`, p.where]
		.filter(Boolean).join(" · ");
	return el("article.finding", { "data-effect": effect(f.effect) },
		el("h4", {}, el("span.effect", { "data-effect": effect(f.effect) },
			effect(f.effect)), " ", el("b", {}, name(p)), " ",
		el("code", {}, f.condition), f.muted ? el("span.tag", {}, "muted") :
			null),
		el("p", {}, f.meaning || meaning || ""),
		what ? el("p.quiet", {}, what) : null,
		f.evidence ? el("pre.evidence", { tabindex: "0" }, f.evidence) : null,
		el("dl.facts", {},
			fact("seen", `${f.atLeast ? "at least " : ""}${count(Number(
				f.count || 1))} ×`),
			at(f.firstNs) ? fact("first", time(at(f.firstNs))) : null,
			at(f.lastNs) ? fact("last", time(at(f.lastNs))) : null,
			measure(f),
			f.advice || advice ? fact("do", f.advice || advice) : null,
			f.clears || clears ? fact("over when", f.clears || clears) :
				null));
}

function senses(report) {
	const blind = (report.coverage || []).filter((c) =>
		c.sight !== "SIGHT_LIVE");
	const s = data.state;
	if (!blind.length)
		return [el("p.quiet", {}, s?.sensesTotal ?
			`All ${s.sensesTotal} senses are live.` : "Nothing is said.")];
	return [el("ul.plain", {}, blind.map((c) => el("li", {},
		el("b", {}, c.sense), ` ${c.sight === "SIGHT_PARTIAL" ? "in part" :
			"blind"}${c.part ? ` (${c.part})` : ""}: ${c.why || ""}`))),
	s?.sensesTotal ? el("p.quiet", {},
		`${s.sensesLive || 0} of ${s.sensesTotal} live`) : null];
}

function rooms() {
	const list = data.state?.capacity?.rooms || [];
	return list.map((r) => {
		const total = Number(r.totalBytes || 0);
		const free = Number(r.availableBytes || 0);
		return el("div.room", {}, el("span", {}, r.where),
			el("meter", { min: "0", max: String(total || 1),
				value: String(total - free), low: String(total * 0.8),
				high: String(total * 0.95), optimum: "0",
				"aria-label": `${r.where}: used` }),
			el("span.quiet", {}, `${bytes(free)} of ${bytes(total)} free`));
	});
}

function models() {
	return (data.state?.models || []).map((m) => el("p.quiet", {},
		`${m.model} ${m.firmware ? `firmware ${m.firmware}` : ""} `,
		el("code.id", {}, m.part)));
}

function section(title, ...content) {
	const inner = content.flat().filter(Boolean);
	if (!inner.length)
		return null;
	return el("section", {}, el("h3", {}, title), ...inner);
}

// --- the page ---

function body(h) {
	const r = data.state?.report || {};
	const found = r.findings || [];
	const total = data.state?.findingsTotal || found.length;
	return [facts(h), ...notices(),
		section("Why", reasons(r)),
		section("Causes", causes()),
		section(total ? `Findings (${total})` : "Findings",
			found.length ? found.map(finding) :
				[el("p.quiet", {}, "Nothing was found.")]),
		section("Timeline", timeline(data, now(), page.clientWidth - 36)),
		section("Room", rooms()),
		section("Senses that do not see all", senses(r)),
		section("Disks", models())];
}

function draw() {
	const h = fleet.hosts.get(id);
	seen = h;
	const held = document.activeElement?.closest?.("#host") &&
		document.activeElement.className;
	page.setAttribute("aria-labelledby", "host-title");
	if (!data) {
		page.replaceChildren(...(h ? head(h) : [el("a.back", { href: back },
			"← all hosts")]), el("p.quiet", { role: "status" }, trouble ||
			"Reading…"));
		return;
	}
	const open = page.querySelector("details")?.open;
	page.replaceChildren(...head(h), trouble ? el("p.notice", {}, trouble) :
		"", ...body(h).filter(Boolean));
	if (open)
		page.querySelector("details").open = true;
	const chart = page.querySelector(".chart");
	if (chart)
		chart.scrollLeft = chart.scrollWidth; // now is at the right
	if (held)
		(page.querySelector(`.${held.split(" ")[0]}`) || page).focus?.();
}

async function load() {
	const which = id;
	asked = performance.now();
	let got = null, wrong = "";
	try {
		got = await fetchHost(which);
		wrong = got ? "" : "No host of this fleet has that id (any longer).";
	} catch (e) {
		wrong = `This is not up to date: ${e.message}.`;
	}
	if (which !== id)
		return;
	const first = !data;
	data = got || data;
	trouble = wrong;
	draw();
	if (first)
		page.querySelector("#host-title")?.focus({ preventScroll: true });
}

// Something changed, or time went by.
export function refresh() {
	if (!id)
		return;
	const h = fleet.hosts.get(id);
	if (h !== seen || performance.now() - asked > AGAIN_MS) {
		draw();
		load();
	}
}

export function open(host, backTo) {
	id = host;
	back = backTo;
	data = null;
	trouble = "";
	draw();
	load();
}

export function close() {
	id = "";
	data = null;
	page.replaceChildren();
}

export function start(onBack) {
	goBack = onBack;
}
