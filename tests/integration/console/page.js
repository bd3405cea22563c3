// SPDX-License-Identifier: Apache-2.0
//
// The console's page with 10,000 hosts in a real browser: what is shown, live
// changes, filters and the back button, the keyboard, hostile names, a server
// that goes and comes back.

"use strict";
const { Console, check, main, must, open, picture, same, screen, until } =
	require("./harness.js");

const HOSTS = 10000;
const HOSTILE = "<img src=x onerror=alert(1)>";
let c, page;

const words = (selector) => page.locator(selector).innerText();
const lines = () => page.locator("#list .line").count();
const address = () => new URL(page.url()).search;
const focused = () => page.evaluate(() =>
	document.activeElement.dataset.id || document.activeElement.id);
const counts = () => page.evaluate(() =>
	[...document.querySelectorAll(".count b")].map((b) =>
		Number(b.textContent.replaceAll(",", ""))));
const listed = () => page.evaluate(() => document.querySelector("#list-count")
	.textContent.split("·").pop().trim());

async function showsAll() {
	const n = await counts();
	same(n.reduce((a, b) => a + b), HOSTS, "the counts together");
	must(n.every((one) => one > 0), "each verdict is there");
	must(await lines() < 80, "only the lines in view exist");
	same(await page.locator("#list .line .word").first().innerText(), "UNFIT",
		"the first line");
	const elements = await page.evaluate(() =>
		document.querySelectorAll("*").length);
	must(elements < 900, `${elements} elements`);
	return `${elements} elements for 10,000 hosts`;
}

// The order given to the screen changed: what a person would wait for.
async function isQuick() {
	const id = await c.tell("host 4321");
	const took = [];
	for (const state of [3, 1, 3, 4, 3]) {
		const seen = page.waitForFunction(({ id, state }) =>
			globalThis.hale.fleet.hosts.get(id)?.state === state &&
			document.title.startsWith(`(${document.querySelector(
				".count.unfit b").textContent} unfit)`), { id, state });
		const began = performance.now();
		await c.tell(`turn 4321 ${state}`);
		await seen;
		took.push(performance.now() - began);
	}
	const line = page.locator(`#list [data-id="${id}"]`);
	await page.fill("#search", "4321");
	await until(async () => await line.count() === 1, "its line is there");
	same(await line.locator(".word").innerText(), "UNFIT", "what it says");
	await until(async () => /4321.*UNFIT/.test(await words("#live")),
		"it is said aloud");
	await page.fill("#search", "");
	return `on the screen after ${took.map(Math.round).join(", ")} ms`;
}

async function isSmooth() {
	await page.evaluate(() => {
		const { grid } = globalThis.hale;
		grid.times.length = 0;
		globalThis.long.length = 0;
		globalThis.gaps = [];
		let last = performance.now();
		const tick = (t) => {
			globalThis.gaps.push(t - last);
			last = t;
			globalThis.ticking = requestAnimationFrame(tick);
		};
		requestAnimationFrame(tick);
	});
	for (let i = 0; i < 30; i++) {
		await c.tell("storm 200");
		await page.evaluate((i) => {
			document.querySelector("#list").scrollTop = i * 9000;
			document.querySelector("#grid").scrollTop = i * 40;
		}, i);
		await page.waitForTimeout(30);
	}
	const m = await page.evaluate(() => {
		cancelAnimationFrame(globalThis.ticking);
		const sorted = (a) => [...a].sort((x, y) => x - y);
		const at = (a, q) => sorted(a)[Math.floor((a.length - 1) * q)] || 0;
		const { times } = globalThis.hale.grid;
		return { draw: at(times, 0.5), worst: at(times, 1),
			gap: at(globalThis.gaps, 0.5), gap99: at(globalThis.gaps, 0.99),
			frames: globalThis.gaps.length, draws: times.length,
			long: globalThis.long.filter((l) => l > 50) };
	});
	must(m.draws > 0 && m.draws <= m.frames + 1, "drawn once a frame at most");
	must(m.draw < 100, `a picture takes ${m.draw} ms in the median`);
	await until(async () => (await counts()).reduce((a, b) => a + b) === HOSTS,
		"all hosts are still there");
	return `6,000 changes and scrolling: draw ${m.draw.toFixed(1)} ms ` +
		`median, ${m.worst.toFixed(1)} worst; frames ${m.gap.toFixed(1)} ms ` +
		`median, ${m.gap99.toFixed(1)} p99; ${m.long.length} long tasks` +
		`${m.long.length ? `, the longest ${Math.max(...m.long)} ms` : ""}`;
}

// --- filters and the address ---

async function filters() {
	const all = await listed();
	// a search just before is another step than the next one
	await page.fill("#search", "rack=7");
	await page.fill("#search", "");
	await page.click(".count.unfit");
	same(address(), "?v=unfit", "the address");
	same(await page.getAttribute(".count.unfit", "aria-pressed"), "true");
	const unfit = (await counts())[0];
	same(await listed(), `${unfit} of 10,000`, "what is listed");
	await page.keyboard.press("2");
	same(address(), "?v=unfit,silent", "the address");
	await page.keyboard.press("/");
	same(await focused(), "search", "the focus");
	await page.keyboard.type("rack=7 ");
	await page.keyboard.type("zone=a");
	await until(async () => address().includes("q=rack%3D7+zone%3Da"),
		"the search stands in the address");
	must(await lines() < 40, "few lines");
	await page.goBack();
	same(address(), "?v=unfit,silent", "one step back");
	await page.goBack();
	same(address(), "?v=unfit", "two");
	same(await listed(), `${unfit} of 10,000`, "what is listed again");
	await page.goForward();
	same(address(), "?v=unfit,silent", "and forth");
	await page.reload();
	await page.waitForFunction(() => globalThis.hale?.fleet.whole);
	same(await page.getAttribute(".count.silent", "aria-pressed"), "true",
		"after a reload");
	await page.keyboard.press("Escape");
	same(address(), "", "Escape");
	await until(async () => await listed() === all, "all are listed");
}

async function groups() {
	await page.selectOption("#by", "rack");
	same(address(), "?by=rack", "the address");
	must(/250 hosts|10,000 hosts/.test(await page.getAttribute("#grid",
		"aria-label")), "what the grid says");
	await page.goBack();
	same(await page.inputValue("#by"), "verdict", "after one step back");
}

async function noneMatch() {
	await page.fill("#search", "no such host anywhere");
	await page.waitForSelector("#empty:not([hidden])");
	must((await words("#empty")).includes("No host matches"), "words");
	await page.keyboard.press("Escape");
	await page.waitForSelector("#list .line");
}

// --- the keyboard ---

async function keys() {
	await page.evaluate(() => document.activeElement.blur());
	await page.keyboard.press("ArrowDown");
	const first = await focused();
	must(first.length > 40, `the focus is on a line, not on ${first}`);
	for (let i = 0; i < 60; i++)
		await page.keyboard.press("ArrowDown");
	const other = await focused();
	must(other !== first, "it has moved");
	must(await page.evaluate(() => {
		const a = document.activeElement.getBoundingClientRect();
		const b = document.querySelector("#list").getBoundingClientRect();
		return a.top >= b.top - 1 && a.bottom <= b.bottom + 1;
	}), "the focused line is in view");
	await c.tell("storm 300");
	await page.waitForTimeout(200);
	same(await focused(), other, "changes take the focus from nobody");
	await page.keyboard.press("Enter");
	await page.waitForSelector("#host .facts");
	same(new URL(page.url()).searchParams.get("host"), other, "whose page");
	await page.keyboard.press("Escape");
	await page.waitForSelector("#fleet:not([hidden])");
	await until(async () => await focused() === other, "back where it was");
	await page.keyboard.press("Home");
	await page.keyboard.press("End");
	await until(async () => await page.locator(
		".line:focus .word").innerText() === "FIT", "the last line is FIT");
	await page.keyboard.press("Home");
}

async function gridKeys() {
	await page.focus("#grid");
	await page.keyboard.press("ArrowRight");
	const say = () => page.locator("#active-cell").textContent();
	const one = await say();
	must(/UNFIT/.test(one), one);
	await page.keyboard.press("ArrowDown");
	must(await say() !== one, "down is another");
	same(await page.getAttribute("#grid", "aria-activedescendant"),
		"active-cell");
	must(Number(await page.getAttribute("#active-cell", "aria-setsize")) ===
		HOSTS, "of how many");
	await page.keyboard.press("End");
	must(/FIT/.test(await say()), "the last one");
	await page.keyboard.press("Enter");
	await page.waitForSelector("#host .facts");
	await page.goBack();
	await page.waitForSelector("#fleet:not([hidden])");
}

async function gridPointer() {
	await page.evaluate(() => (document.querySelector("#grid").scrollTop = 0));
	const box = await page.locator("#grid").boundingBox();
	const at = await page.evaluate(() => globalThis.hale.cell(0));
	await page.mouse.move(box.x + at.x + 4, box.y + at.y + 4);
	const tip = await page.locator("#tip b").textContent();
	await page.mouse.click(box.x + at.x + 4, box.y + at.y + 4);
	await page.waitForSelector("#host .facts");
	must((await words("#host-title")).startsWith(tip), "the cell's own page");
	await page.goBack();
	await page.waitForSelector("#fleet:not([hidden])");
}

async function help() {
	await page.keyboard.press("?");
	await page.waitForSelector("#help[open]");
	must((await words("#help")).includes("UNFIT"), "what the signs mean");
	await page.keyboard.press("Escape");
	await page.waitForSelector("#help:not([open])", { state: "hidden" });
}

// --- one host ---

async function hostPage() {
	const id = await c.tell("host 7");
	await c.tell("turn 7 3");
	await page.goto(`${c.url}?v=unfit&host=${id}`);
	await page.waitForSelector("#host .finding");
	const text = await page.locator("#host").innerText();
	for (const part of [HOSTILE, "UNFIT", "WHY", "FINDINGS", "TIMELINE",
		"builds (40)", "last report", "hale 0.1.0", id])
		must(text.toUpperCase().includes(part.toUpperCase()), part);
	must(await page.locator("#host .chain li").count() >= 2, "a chain");
	must(await page.locator("#host .chart rect").count() > 3, "bars");
	await page.click("#host summary");
	must(await page.locator("#host tbody tr").count() > 10, "the same in words");
	const before = await words(".verdict");
	await c.tell("turn 7 4");
	await until(async () => await words(".verdict") !== before,
		"the page of a host is live");
	must((await words(".verdict")).includes("SILENT"), "its new verdict");
	await c.tell("turn 7 3");
	await page.click("a.back");
	same(address(), "?v=unfit", "the way back keeps the filters");
	await page.keyboard.press("Escape");
}

async function unknownHost() {
	await page.goto(`${c.url}?host=U${"A".repeat(55)}`);
	await until(async () => (await words("#host")).includes(
		"No host of this fleet has that id"), "words");
	await page.click("a.back");
	page.wrong = page.wrong.filter((w) => !w.includes("404"));
}

async function isNoMarkup() {
	same(await page.locator("img, iframe, b b").count(), 0, "elements of it");
	await page.fill("#search", "onerror");
	await until(async () => await lines() === 1, "it can be searched for");
	must((await words("#list .line .name")).startsWith("<img"), "its name");
	await page.keyboard.press("Escape");
	const blocked = await page.evaluate(() => {
		try {
			document.body.insertAdjacentHTML("beforeend", "<img src=x>");
			return "it was taken";
		} catch (e) {
			return e.name;
		}
	});
	same(blocked, "TypeError", "markup out of text");
	page.wrong = page.wrong.filter((w) => !/TrustedHTML/.test(w));
}

// --- judgments ---

async function judges() {
	await c.tell("judge");
	await page.waitForSelector(".judgment");
	same(await page.locator(".judgment").count(), 2, "judgments");
	await page.locator(".judgment summary").first().click();
	must((await words(".judgment li >> nth=0")).includes("31 of 40"), "its proof");
	await page.locator(".judgment button").first().click();
	must(address().startsWith("?j="), "it stands in the address");
	same(await listed(), "31 of 10,000", "its hosts");
	await page.keyboard.press("Escape");
	await c.tell("unjudge");
	await page.waitForSelector("#judgments", { state: "hidden" });
}

// --- servers ---

async function losesServers() {
	await c.tell("link down");
	await page.waitForSelector("#banner:not([hidden])");
	must((await words("#banner")).includes("no server of 3 answers"), "why");
	same(await words("#link"), "servers away");
	await c.tell("link up");
	await page.waitForSelector("#banner", { state: "hidden" });
}

async function losesConsole() {
	const id = await c.tell("host 4");
	const port = c.port;
	await c.stop();
	await page.waitForSelector('#link[data-state="lost"]');
	must((await words("#banner")).includes("does not answer since"), "words");
	must(await lines() > 5, "what was known stays");
	await picture(page, "not-live");
	c = await new Console(HOSTS, 1, port).start();
	await c.tell("turn 4 3");
	await page.waitForSelector('#link[data-state="live"]');
	await page.waitForFunction((one) =>
		globalThis.hale.fleet.hosts.get(one)?.state === 3 &&
		globalThis.hale.fleet.hosts.size === 10000, id);
	page.wrong = page.wrong.filter((w) => !w.includes("ERR_"));
}

async function isEmpty() {
	const none = await new Console(0, 1).start();
	const other = await screen(none.url);
	must((await other.locator("#empty").innerText()).includes(
		"hale fleet enroll"), "the next step");
	await picture(other, "empty");
	same(other.wrong, [], "complaints");
	await other.context().close();
	await none.stop();
}

main(async () => {
	c = await new Console(HOSTS, 1).start();
	await open();
	const began = Date.now();
	page = await screen(c.url);
	console.log(`# all of 10,000 hosts after ${Date.now() - began} ms, long ` +
		`tasks: ${(await page.evaluate(() => globalThis.long)).join(", ")} ms`);
	await check("page: 10,000 hosts, the worst first", showsAll);
	await check("page: a host turns UNFIT on the screen", isQuick);
	await check("page: a storm of changes does not make it stutter", isSmooth);
	await check("page: filters, search, back, forth and reload", filters);
	await check("page: grouped by a label", groups);
	await check("page: nothing matches", noneMatch);
	await check("page: the list by keyboard", keys);
	await check("page: the grid by keyboard", gridKeys);
	await check("page: the grid by pointer", gridPointer);
	await check("page: help", help);
	await check("page: one host, live", hostPage);
	await check("page: a host that is not there", unknownHost);
	await check("page: what a host says is never markup", isNoMarkup);
	await check("page: judgments with their proof", judges);
	await check("page: the servers are out of reach", losesServers);
	await check("page: the console goes and comes back", losesConsole);
	await check("page: a fleet without hosts", isEmpty);
	await check("page: the browser has nothing to complain about", () =>
		same(page.wrong, [], "complaints"));
});
