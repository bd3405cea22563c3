// SPDX-License-Identifier: Apache-2.0
//
// How the console looks, as far as a program can tell: contrast in both schemes,
// a phone, a window at 200 %, less motion, names and roles for who does not see
// it. And pictures, for who does: build/artefacts/console.

"use strict";
const { Console, check, main, must, open, picture, same, screen, until } =
	require("./harness.js");

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true,
	isMobile: true, deviceScaleFactor: 2 };
let c, id;

// Each text that is seen, against what lies behind it (WCAG 2.2, 1.4.3 and
// 1.4.11: 4.5:1, 3:1 for large text and for signs).
function contrasts() {
	const parse = (text) => {
		const srgb = text.match(/color\(srgb ([^)]*)\)/);
		const n = (srgb ? srgb[1] : text).match(/[\d.]+/g).map(Number);
		return (srgb ? n.map((v, i) => (i < 3 ? v * 255 : v)) : n)
			.concat(n.length > 3 ? [] : [1]);
	};
	const light = ([r, g, b]) => [r, g, b].reduce((sum, v, i) => {
		const s = v / 255;
		return sum + [0.2126, 0.7152, 0.0722][i] *
			(s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4);
	}, 0);
	const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) /
		(Math.min(light(a), light(b)) + 0.05);
	const behind = (e) => {
		for (; e; e = e.parentElement) {
			const c = parse(getComputedStyle(e).backgroundColor);
			if (c[3] === 1)
				return c;
		}
		return [255, 255, 255, 1];
	};
	const found = [];
	const seen = (e) => e.checkVisibility({ opacityProperty: true,
		visibilityProperty: true }) && !e.closest(".unseen, .skip");
	const add = (e, colour, least, words) => {
		const r = ratio(parse(colour), behind(e.matches(".share i") ?
			e.parentElement : e));
		found.push({ r: Math.round(r * 100) / 100, least, words });
	};
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (walk.nextNode()) {
		const e = walk.currentNode.parentElement;
		const words = walk.currentNode.textContent.trim();
		if (!words || !seen(e))
			continue;
		const s = getComputedStyle(e), px = parseFloat(s.fontSize);
		const large = px >= 24 || (px >= 18.66 && s.fontWeight >= 700);
		add(e, e.closest("svg") ? s.fill : s.color, large ? 3 : 4.5, words);
	}
	for (const e of document.querySelectorAll("svg.sign, .bar, .share i"))
		if (seen(e))
			add(e, e.matches(".share i") ? getComputedStyle(e).backgroundColor :
				getComputedStyle(e).fill, 3, `sign ${e.getAttribute("class")}`);
	// The canvas draws with these, on the grid's ground.
	const root = getComputedStyle(document.documentElement);
	const grid = document.querySelector("#grid");
	for (const name of ["unfit", "silent", "unknown", "degraded", "well",
		"focus", "edge"])
		add(grid, rgb(root.getPropertyValue(`--${name}`)), 3, `cell ${name}`);
	for (const name of ["ink", "quiet", "fit-text"])
		add(grid, rgb(root.getPropertyValue(`--${name}`)), 4.5, `cell ${name}`);
	return found;

	function rgb(hex) {
		return `rgb(${hex.trim().slice(1).match(/../g).map((h) =>
			parseInt(h, 16)).join(", ")})`;
	}
}

async function isReadable(page) {
	const found = await page.evaluate(contrasts);
	must(found.length > 20, `only ${found.length} texts`);
	same(found.filter((f) => f.r < f.least).slice(0, 8), [], "too faint");
	return Math.min(...found.map((f) => f.r));
}

async function scheme(colorScheme) {
	const page = await screen(c.url, { colorScheme });
	await c.tell("judge");
	await page.waitForSelector(".judgment");
	await picture(page, colorScheme);
	let least = await isReadable(page);
	await page.click(".count.unfit");
	least = Math.min(least, await isReadable(page));
	await page.selectOption("#by", "rack");
	await picture(page, `${colorScheme}-racks`);
	await page.keyboard.press("?");
	await page.waitForSelector("#help[open]");
	await isReadable(page);
	await picture(page, `${colorScheme}-help`);
	await page.keyboard.press("Escape");
	await page.goto(`${c.url}?host=${id}`);
	await page.waitForSelector("#host .finding");
	await page.click("#host summary");
	least = Math.min(least, await isReadable(page));
	await picture(page, `${colorScheme}-host`, true);
	await c.tell("link down");
	await page.waitForSelector("#banner:not([hidden])");
	least = Math.min(least, await isReadable(page));
	await c.tell("link up");
	await c.tell("unjudge");
	same(page.wrong, [], "complaints");
	await page.context().close();
	return `the least contrast of a text or sign is ${least}`;
}

const wider = (page) => page.evaluate(() => [...document.querySelectorAll("*")]
	.filter((e) => e.checkVisibility() && !e.closest(".unseen, .skip, " +
		".chart, .scroll, #list, #tip, svg") &&
		e.getBoundingClientRect().right > innerWidth + 1)
	.map((e) => e.id || e.className || e.tagName));

async function fits(page) {
	same(await wider(page), [], "what stands over the edge");
	must(await page.evaluate(() => document.documentElement.scrollWidth <=
		innerWidth), "the page scrolls sideways");
}

async function phone() {
	const page = await screen(c.url, PHONE);
	await c.tell("judge");
	await page.waitForSelector(".judgment");
	await fits(page);
	await picture(page, "phone");
	must(!await page.locator("#list").isVisible(), "one pane at a time");
	await page.tap("#tab-list");
	await page.waitForSelector("#list .line");
	await fits(page);
	await page.locator("#list .line").first().scrollIntoViewIfNeeded();
	await picture(page, "phone-list");
	const small = await page.evaluate(() => [...document.querySelectorAll(
		"button, select, input, a.line, summary")].filter((e) =>
		e.checkVisibility()).map((e) => [e.getBoundingClientRect(), e])
		.filter(([r]) => r.height < 24 && r.width > 0)
		.map(([r, e]) => `${e.textContent} ${r.height}`)
		.filter((t) => !t.startsWith("proof")));
	same(small, [], "too small for a finger");
	await page.locator("#list .line").first().tap();
	await page.waitForSelector("#host .facts");
	await fits(page);
	await picture(page, "phone-host", true);
	await c.tell("unjudge");
	same(page.wrong, [], "complaints");
	await page.context().close();
}

// A window of 1280 pixels at 200 % has 640 of CSS.
async function zoomed() {
	const page = await screen(c.url, { viewport: { width: 640, height: 400 },
		deviceScaleFactor: 2 });
	await fits(page);
	await page.click("#tab-list");
	await page.locator("#list").scrollIntoViewIfNeeded();
	must(await page.locator("#list .line").first().isVisible(), "the list");
	await picture(page, "zoomed");
	await page.goto(`${c.url}?host=${id}`);
	await page.waitForSelector("#host .finding");
	await fits(page);
	await page.context().close();
}

async function calm() {
	const page = await screen(c.url, { reducedMotion: "reduce" });
	await c.tell("turn 4711 1");
	await c.tell("turn 4711 3");
	await page.fill("#search", "4711");
	await until(async () => await page.locator("#list .line").count() === 1,
		"its line");
	same(await page.evaluate(() => [...document.querySelectorAll("*")].filter(
		(e) => getComputedStyle(e).animationName !== "none").length), 0,
	"what moves");
	await page.context().close();
}

// As a screen reader is given it.
async function named() {
	const page = await screen(c.url);
	await c.tell("judge");
	await page.waitForSelector(".judgment");
	const tree = await page.locator("body").ariaSnapshot();
	for (const part of ["banner", "main", "search", "searchbox",
		'heading "Every host"', 'heading "Worst first"', "list \"Worst first\"",
		"listbox \"Every host: 10,000 hosts, UNFIT", "button \"Keys and signs\"", "combobox", "link \"Skip to the hosts\""])
		must(tree.includes(part), `${part} in:\n${tree.slice(0, 3000)}`);
	await c.tell("unjudge");
	must(/button "\d+ UNFIT"/.test(tree), "a count is a button");
	same(await page.getAttribute("html", "lang"), "en");
	const nameless = await page.evaluate(() => [...document.querySelectorAll(
		"button, a, input, select, [role]")].filter((e) =>
		e.checkVisibility() && !["presentation", "group"].includes(
			e.getAttribute("role")) && !(e.getAttribute("aria-label") ||
			e.getAttribute("aria-labelledby") || e.textContent.trim() ||
			e.labels?.length)).map((e) => e.outerHTML));
	same(nameless, [], "without a name");
	// Not by colour alone: each sign is another shape, and words stand by it.
	const signs = await page.evaluate(() => [...document.querySelectorAll(
		".count path")].map((p) => p.getAttribute("d")));
	same(new Set(signs).size, 5, "signs of their own shape");
	await page.context().close();
}

async function focusIsSeen() {
	const page = await screen(c.url);
	const seen = new Set();
	for (let i = 0; i < 24; i++) {
		await page.keyboard.press("Tab");
		const at = await page.evaluate(() => {
			const e = document.activeElement, s = getComputedStyle(e);
			return { name: e.id || e.className || e.tagName,
				outline: s.outlineStyle === "none" ? 0 :
					parseFloat(s.outlineWidth) };
		});
		if (at.name !== "BODY")
			must(at.outline >= 2, `the focus on ${at.name} is not seen`);
		seen.add(at.name);
	}
	for (const name of ["skip", "search", "help-open", "grid", "by", "line"])
		must(seen.has(name), `Tab does not reach ${name}: ${[...seen]}`);
	await page.context().close();
}

main(async () => {
	c = await new Console(10000, 1).start();
	id = await c.tell("host 7");
	await open();
	await check("look: light, with enough contrast", () => scheme("light"));
	await check("look: dark, with enough contrast", () => scheme("dark"));
	await check("look: a phone of 360 pixels", phone);
	await check("look: at 200 %", zoomed);
	await check("look: less motion", calm);
	await check("look: names and roles", named);
	await check("look: the focus is seen", focusIsSeen);
});
