// SPDX-License-Identifier: Apache-2.0
//
// From a host's word to the screen, through real servers: whole.js COMMAND...,
// which takes lines of a script for hosts (tests/integration/fleet_hosts say).

"use strict";
const { spawn } = require("child_process");
const fs = require("fs");
const path = require("path");
const readline = require("readline");
const { check, main, must, open, picture, same, screen, until } =
	require("./harness.js");

const HOSTS = 10000;
const children = [];

function start(command, ...words) {
	const child = spawn(command, words, { stdio: ["pipe", "pipe", "inherit"] });
	const lines = [], waiting = [];
	children.push(child);
	readline.createInterface({ input: child.stdout }).on("line", (l) =>
		(waiting.length ? waiting.shift()(l) : lines.push(l)));
	child.on("exit", () => waiting.forEach((w) => w(null)));
	child.next = () => (lines.length ? Promise.resolve(lines.shift()) :
		new Promise((go) => waiting.push(go)));
	return child;
}

let hosts, page;

async function say(line) {
	hosts.stdin.write(`${line}\n`);
	const answer = await hosts.next();
	must(answer !== null && !/refused/.test(answer), `${line}: ${answer}`);
}

const wait = (what, arg) => page.waitForFunction(what, arg);
const stateOf = (name) => page.evaluate((n) =>
	[...globalThis.hale.fleet.hosts.values()].find((h) =>
		h.name === n)?.state, name);

async function whole() {
	const n = await page.evaluate(() => globalThis.hale.fleet.hosts.size);
	must(n >= HOSTS, `${n} hosts`);
	await until(async () => await page.locator(".count.unfit b").innerText() ===
		"30", "30 of them are UNFIT");
}

async function turns() {
	const took = [];
	for (const [verdict, state] of [["UNFIT disk.io_error disk/z I/O error", 3],
		["FIT", 1], ["UNFIT disk.io_error disk/z I/O error", 3], ["FIT", 1],
		["UNFIT disk.medium_error disk/y sector 4711", 3]]) {
		const seen = wait(({ state }) => {
			const { hosts } = globalThis.hale.fleet;
			const shown = document.querySelector(".count.unfit b").textContent;
			for (const h of hosts.values())
				if (h.name === "build-04711")
					return h.state === state &&
						shown === (state === 3 ? "31" : "30");
			return false;
		}, { state });
		const began = performance.now();
		hosts.stdin.write(`state 4711 ${verdict}\n`);
		await seen;
		took.push(Math.round(performance.now() - began));
		must(!/refused/.test(await hosts.next()), "the servers took it");
	}
	await page.fill("#search", "build-04711");
	await until(async () => await page.locator("#list .line").count() === 1,
		"its line");
	same(await page.locator("#list .word").innerText(), "UNFIT", "what it says");
	return `from the host's word to the screen: ${took.join(", ")} ms`;
}

async function hostPage() {
	await say("finding 4711 opened disk.medium_error disk/y sector 4711");
	await say("build 4711 example.org/kernel host-io");
	await page.click("#list .line");
	await page.waitForSelector("#host .finding");
	const text = () => page.locator("#host").innerText();
	await until(async () => (await text()).includes("builds (1)"),
		"its build is on its page", 60000);
	must((await text()).includes("disk.medium_error"), "its finding");
	must((await text()).includes("Copy off what you need"), "what to do");
	await page.click("#host summary");
	must((await page.locator("#host tbody").innerText()).includes("opened"),
		"when it was opened");
	await picture(page, "whole-way-host", true);
	await page.keyboard.press("Escape");
	await page.keyboard.press("Escape");
}

async function lies() {
	await say("garbage 111 nonsense");
	hosts.stdin.write("forge 112 113\n");
	await hosts.next();
	await say("state 114 UNFIT disk.io_error disk/z I/O error");
	await until(async () => await stateOf("build-00114") === 3,
		"what came after it is shown");
	same(await stateOf("build-00113"), 1, "whom it spoke for");
}

main(async () => {
	const serve = start(path.join(process.env.HALE_BUILD, "hale"), "fleet",
		"serve", "--listen", "127.0.0.1:0");
	hosts = start(process.argv[2], ...process.argv.slice(3));
	try {
		const url = await serve.next();
		must(url, "hale fleet serve did not start");
		await open();
		const began = Date.now();
		page = await screen(url);
		const memory = fs.readFileSync(`/proc/${serve.pid}/smaps_rollup`,
			"utf8").match(/^Pss:\s+(\d+)/m)[1];
		console.log(`# 10,000 hosts in the browser after ${Date.now() -
			began} ms; the console has ${Math.round(memory / 1024)} MiB`);
		await check("whole way: every host that the servers hold", whole);
		await check("whole way: a host turns UNFIT on the screen", turns);
		await check("whole way: its page, live", hostPage);
		await check("whole way: lies count for nobody", lies);
		await picture(page, "whole-way");
		await check("whole way: the browser has nothing to complain about",
			() => same(page.wrong, [], "complaints"));
		const second = start(path.join(process.env.HALE_BUILD, "hale"),
			"fleet", "serve", "--listen", new URL(url).host);
		await check("whole way: a port that is taken is said, with the exit " +
			"code of it", () => until(() => second.exitCode === 71,
			"exit code 71"));
		serve.kill("SIGTERM");
		await check("whole way: it ends when it is told", () => until(() =>
			serve.exitCode === 0, "exit code 0"));
	} finally {
		children.forEach((child) => {
			child.stdin.end();
			child.kill("SIGKILL");
		});
	}
});
