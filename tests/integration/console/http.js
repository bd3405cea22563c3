// SPDX-License-Identifier: Apache-2.0
//
// The console's server by its wire: what it refuses, what each answer carries,
// a stream that goes on where it was cut, readers that do not read.

"use strict";
const net = require("net");
const { Console, check, main, must, same, until } = require("./harness.js");

let c;

// Sends text as it is; gives all that comes until the end, or `enough` of it.
function raw(text, enough) {
	return new Promise((go, fail) => {
		const s = net.connect(c.port, "127.0.0.1", () => s.write(text));
		let got = "";
		s.setTimeout(60000, () => fail(new Error(`silence after ${got}`)));
		s.on("data", (d) => {
			got += d;
			if (enough && enough(got)) {
				s.destroy();
				go(got);
			}
		});
		s.on("close", () => go(got));
		s.on("error", fail);
	});
}

const ask = (line, ...headers) => raw([`${line} HTTP/1.1`,
	...(headers.some((h) => h.startsWith("Host")) ? headers :
		[`Host: 127.0.0.1:${c.port}`, ...headers]), "Connection: close", "",
	""].join("\r\n"));
const status = (answer) => Number(answer.slice(9, 12));

async function refuses() {
	for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS",
		"TRACE", "BREW"])
		same(status(await ask(`${method} /`)), 405, method);
	for (const host of ["evil.example", "", "127.0.0.1.evil.example",
		`evil.example:${c.port}`])
		same(status(await ask("GET /api/events", `Host: ${host}`)), 421,
			`Host: ${host}`);
	same(status(await raw("GET / HTTP/1.0\r\n\r\n")), 421, "no Host");
	same(status(await ask("GET /api/events",
		"Sec-Fetch-Site: cross-site")), 403, "another site");
	same(status(await ask("GET /", "Content-Length: 5")), 413, "a body");
	same(status(await ask("GET /", "Transfer-Encoding: chunked")), 413,
		"a chunked body");
}

async function isPassed() {
	same(status(await ask("GET /", "Sec-Fetch-Site: cross-site")), 200,
		"a link to the page");
	for (const host of ["localhost", "[::1]:1", "192.0.2.1",
		"fleet.example.org"])
		same(status(await ask("GET /app.js", `Host: ${host}`)), 200, host);
	const head = await ask("HEAD /");
	same(status(head), 200);
	same(head.split("\r\n\r\n")[1], "", "the body of HEAD");
}

async function findsNothing() {
	for (const path of ["/../../etc/passwd", "/%2e%2e/etc/passwd", "/index.html",
		"//", "/api", "/api/host/", "/api/host/../events",
		"/api/host/UXXX", `/api/host/U${"A".repeat(55)}`,
		"/app.js/", "/app.js%00", `/${"a".repeat(4000)}`])
		same(status(await ask(`GET ${path}`)), 404, path.slice(0, 40));
	must(status(await ask("GET /", `X-Endless: ${"x".repeat(100000)}`)) >= 400,
		"headers without end");
}

async function carries() {
	const id = await c.tell("host 7");
	for (const path of ["/", "/app.js", `/api/host/${id}`, "/nothing"]) {
		const answer = await ask(`GET ${path}`);
		for (const header of ["Content-Security-Policy: default-src 'none'",
			"require-trusted-types-for 'script'",
			"X-Content-Type-Options: nosniff",
			"Referrer-Policy: no-referrer",
			"Cross-Origin-Resource-Policy: same-origin"])
			must(answer.includes(header), `${path} lacks ${header}`);
		must(!/unsafe|Access-Control/.test(answer.split("\r\n\r\n")[0]),
			"a policy with a hole");
	}
	must((await ask(`GET /api/host/${id}`)).includes(
		"Cache-Control: no-store"), "a host's page is kept by nobody");
	const etag = (await ask("GET /app.js")).match(/ETag: (.*)\r/)[1];
	same(status(await ask("GET /app.js", `If-None-Match: ${etag}`)), 304);
}

// --- streams ---

const begin = (more = "") => `GET /api/events HTTP/1.1\r\n` +
	`Host: localhost\r\n${more}\r\n`;

async function goesOn() {
	const all = await raw(begin(), (t) => /event: whole[^]*id: \S+\n/.test(t));
	same((all.match(/event: begin/g) || []).length, 1);
	const id = [...all.matchAll(/^id: (\S+)$/gm)].pop()[1];
	await c.tell("turn 3 3");
	const more = await raw(begin(`Last-Event-ID: ${id}\r\n`),
		(t) => t.includes("event: hosts"));
	must(!more.includes("event: begin"), "it began anew");
	must(more.includes("-0003."), "what it missed is told");
	must(!more.includes("-0004."), "what it knows is not");
	for (const other of ["x.1", `0${id}`, "ffff.ffffffff", "a".repeat(5000)])
		await raw(begin(`Last-Event-ID: ${other}\r\n`),
			(t) => t.includes("event: begin"));
}

function deaf() {
	const s = net.connect({ port: c.port, host: "127.0.0.1" });
	s.pause();
	s.on("error", () => {});
	s.write(begin());
	return s;
}

// A reader that takes nothing is let go, and costs no memory meanwhile.
async function letsGo() {
	await until(() => c.sockets() <= 3, "those of earlier tests are gone");
	const before = c.memoryKiB(), sockets = c.sockets();
	const readers = Array.from({ length: 20 }, deaf);
	await until(() => c.sockets() === sockets + 20, "they are connected");
	for (let i = 0; i < 50; i++)
		await c.tell("storm 1000");
	await until(() => c.sockets() === sockets, "deaf readers are let go");
	readers.forEach((s) => s.destroy());
	must(c.memoryKiB() - before < 24 * 1024,
		`${before} KiB became ${c.memoryKiB()}`);
	return `${Math.round(c.memoryKiB() / 1024)} MiB with 10,000 hosts`;
}

async function isFull() {
	const socket = () => new Promise((go, fail) => {
		const s = net.connect(c.port, "127.0.0.1", () => s.write(begin()));
		s.once("data", (d) => go({ s, status: Number(String(d).slice(9, 12)) }));
		s.on("error", fail);
		s.resume();
	});
	const open = [];
	do
		open.push(await socket());
	while (open.at(-1).status === 200 && open.length < 100);
	same(open.at(-1).status, 503, "one screen too many");
	must(open.length <= 65, `${open.length} screens`);
	same(status(await ask("GET /")), 200, "the page itself");
	open.forEach((o) => o.s.destroy());
	await until(async () => {
		const o = await socket();
		o.s.destroy();
		return o.status === 200;
	}, "places of who has left are free again");
}

async function survivesNoise() {
	for (const text of ["\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
		"\x00\x01\x02\xff".repeat(500), `GET ${"/".repeat(70000)} HTTP/1.1`,
		"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"])
		await raw(`${text}\r\n\r\n`, () => true).catch(() => {});
	const half = Array.from({ length: 40 }, () => {
		const s = net.connect(c.port, "127.0.0.1", () =>
			s.write("GET / HTTP/1.1\r\nHo"));
		s.on("error", () => {});
		return s;
	});
	same(status(await ask("GET /")), 200, "who asks rightly");
	half.forEach((s) => s.destroy());
}

main(async () => {
	c = await new Console(10000, 1, 0, 3, "fleet.example.org").start();
	await check("http: what changes or is not meant for us is refused",
		refuses);
	await check("http: what is meant for us is answered", isPassed);
	await check("http: there are no other paths", findsNothing);
	await check("http: each answer has the policy", carries);
	await check("http: a stream goes on where it was cut", goesOn);
	await check("http: noise and half requests cost nobody else", survivesNoise);
	await check("http: screens are bounded, and those that left make room",
		isFull);
	await check("http: who takes nothing is let go, memory stays flat", letsGo);
});
