// SPDX-License-Identifier: Apache-2.0
//
// What the console's tests share: a console over made-up hosts that does what it
// is told, a browser, verdicts as tests/run counts them. Every wait has an end,
// and none of them is a claim about the machine's speed.

"use strict";
const { spawn } = require("child_process");
const fs = require("fs");
const path = require("path");
const readline = require("readline");

const build = process.env.HALE_BUILD;
const tmp = process.env.HALE_TMP;
const pictures = path.join(build, "artefacts", "console");
const PATIENCE = 60000;	// of a wait for what will come
const CHROMIUM = ["--headless", "--no-sandbox", "--disable-gpu",
	"--disable-quic", "--no-first-run", "--disable-background-networking",
	"--disable-component-update", "--disable-sync"];

let failed = 0;

async function check(name, test) {
	try {
		const note = await test();
		console.log(`ok ${name}${typeof note === "string" ? ` # ${note}` : ""}`);
	} catch (e) {
		failed++;
		console.log(`not ok ${name}`);
		console.log(`# ${String(e.stack || e).split("\n").slice(0, 12)
			.join("\n# ")}`);
	}
}

function must(condition, words) {
	if (!condition)
		throw new Error(words || "it is not so");
}

function same(is, want, words) {
	must(JSON.stringify(is) === JSON.stringify(want), `${words || ""} ` +
		`is ${JSON.stringify(is)}, not ${JSON.stringify(want)}`);
}

async function until(test, words, ms = PATIENCE) {
	const end = Date.now() + ms;
	let last;
	for (;;) {
		last = await test();
		if (last)
			return last;
		if (Date.now() > end)
			throw new Error(`in vain: ${words}`);
		await new Promise((go) => setTimeout(go, 15));
	}
}

// --- the console ---

const consoles = new Set();

class Console {
	constructor(...words) {
		this.child = spawn(path.join(build, "tests/integration/console_hosts"),
			words.map(String), { stdio: ["pipe", "pipe", "inherit"] });
		consoles.add(this);
		this.lines = [];
		this.waiting = [];
		this.ended = new Promise((go) => this.child.on("exit", () => {
			consoles.delete(this);
			this.waiting.forEach((w) => w(null));
			go();
		}));
		readline.createInterface({ input: this.child.stdout }).on("line",
			(l) => (this.waiting.length ? this.waiting.shift()(l) :
				this.lines.push(l)));
	}

	line() {
		return this.lines.length ? Promise.resolve(this.lines.shift()) :
			new Promise((go) => this.waiting.push(go));
	}

	async start() {
		this.url = await this.line();
		must(this.url, "the console did not start");
		this.port = new URL(this.url).port;
		return this;
	}

	// An order, and what it answered before "done".
	async tell(order) {
		let answer = null, l;
		this.child.stdin.write(`${order}\n`);
		while ((l = await this.line()) !== "done") {
			must(l !== null && l !== "unknown", `${order}: ${l}`);
			answer = l;
		}
		return answer;
	}

	memoryKiB() {
		const text = fs.readFileSync(`/proc/${this.child.pid}/status`, "utf8");
		return Number(text.match(/VmRSS:\s+(\d+)/)[1]);
	}

	// Connections, and the one that it listens with.
	sockets() {
		const folder = `/proc/${this.child.pid}/fd`;
		return fs.readdirSync(folder).filter((f) => {
			try {
				return fs.readlinkSync(`${folder}/${f}`)
					.startsWith("socket:");
			} catch {
				return false;
			}
		}).length;
	}

	async stop() {
		this.child.stdin.end();
		this.child.kill("SIGTERM");
		await this.ended;
	}
}

// --- the browser ---

let browser = null;

async function open() {
	const { chromium } = require("playwright-core");
	browser = await chromium.launch({ executablePath: "/usr/bin/chromium",
		args: CHROMIUM, timeout: PATIENCE });
	return browser;
}

// A page that has the whole fleet. What it complains about is kept.
async function screen(url, options = {}) {
	const context = await browser.newContext({ viewport: { width: 1440,
		height: 900 }, colorScheme: "light", ...options });
	const page = await context.newPage();
	page.setDefaultTimeout(PATIENCE);
	page.wrong = [];
	page.on("pageerror", (e) => page.wrong.push(e.message));
	page.on("dialog", (d) => {
		page.wrong.push(`a dialog: ${d.message()}`);
		d.dismiss();
	});
	page.on("console", (m) => {
		if (m.type() === "error" || m.type() === "warning")
			page.wrong.push(m.text());
	});
	await page.addInitScript(() => {
		globalThis.long = [];
		new PerformanceObserver((list) => {
			for (const e of list.getEntries())
				globalThis.long.push(Math.round(e.duration));
		}).observe({ type: "longtask", buffered: true });
	});
	await page.goto(url);
	await page.waitForFunction(() => globalThis.hale?.fleet.whole);
	return page;
}

async function picture(page, name, whole) {
	fs.mkdirSync(pictures, { recursive: true });
	await page.screenshot({ path: path.join(pictures, `${name}.png`),
		fullPage: Boolean(whole) });
}

async function end() {
	for (const c of [...consoles])
		await c.stop();
	if (browser)
		await browser.close();
	process.exit(failed ? 1 : 0);
}

// Whatever happens, nothing of it stays behind.
async function main(tests) {
	const late = setTimeout(() => {
		console.log("not ok the tests end");
		failed++;
		consoles.forEach((c) => c.child.kill("SIGKILL"));
		process.exit(1);
	}, 540000);
	late.unref();
	try {
		await tests();
	} catch (e) {
		failed++;
		console.log(`not ok the tests go through\n# ${e.stack}`);
	}
	await end();
}

module.exports = { Console, PATIENCE, check, main, must, open, picture, same,
	screen, tmp, until };
