/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line or two of each tool that builds are made of, written after its own
 * messages, with the prefixes of engines and runners: the cause it names.
 */
#include "classify_room.h"

#define KNOWN(word, text)                                                      \
	{                                                                      \
		word, text, -1                                                 \
	}

static void engines(void **state)
{
	static const struct room_row rows[] = {
		KNOWN("engine-down", "ERROR: Cannot connect to the Docker "
				     "daemon at unix:///run/d.sock. Is the "
				     "docker daemon running?\n"),
		KNOWN("engine-down",
		      "ERROR: failed to receive status: rpc error: code = "
		      "Unavailable desc = error reading from server: EOF\n"),
		KNOWN("engine-down", "ERROR: request returned 500 Internal "
				     "Server Error for API route and version "
				     "http://x/_ping, check if\n"),
		KNOWN("engine-down", "Cannot connect to Podman. Please verify "
				     "your connection\n"),
		KNOWN("auth", "permission denied while trying to connect to "
			      "the Docker daemon socket at unix:///x\n"),
		KNOWN("auth", "denied: requested access to the resource is "
			      "denied\n"),
		KNOWN("auth", "#3 ERROR: failed to authorize: failed to fetch "
			      "oauth token: unexpected status: 401 "
			      "Unauthorized\n"),
		KNOWN("registry-outage",
		      "ERROR: x:1: failed to copy: unexpected status code "
		      "https://r.invalid/v2/x: 429 Too Many Requests\n"),
		KNOWN("registry-outage",
		      "Error response from daemon: received unexpected HTTP "
		      "status: 503 Service Unavailable\n"),
		KNOWN("network", "failed to do request: Head \"https://r/v2\": "
				 "dial tcp: lookup r on 10.0.0.1:53: no such "
				 "host\n"),
		KNOWN("cache", "ERROR: failed to solve: error writing layer "
			       "blob: not_found\n"),
		KNOWN("code", "Step 3/4 : COPY a.sh /\nCOPY failed: file not "
			      "found in build context: stat a.sh\n"),
		KNOWN("code", "ERROR: failed to solve: failed to compute cache "
			      "key: failed to calculate checksum of ref a::b: "
			      "\"/app\": not found\n"),
		KNOWN("code", "ERROR: failed to solve: dockerfile parse error "
			      "on line 3: unknown instruction: RUM\n"),
		KNOWN("dependency",
		      "manifest for x:9 not found: manifest unknown: manifest "
		      "unknown\n"),
		KNOWN("host-disk-full",
		      "failed to register layer: write /usr/lib/a.so: no space "
		      "left on device\n"),
		KNOWN("host-io", "ERROR: failed to solve: failed to read "
				 "dockerfile: open Dockerfile: input/output "
				 "error\n"),
		KNOWN("host-memory",
		      "ERROR: failed to solve: process \"/bin/sh -c make\" did "
		      "not complete successfully: exit code: 137\n"),
	};

	(void)state;
	room_check(rows, HALE_ARRAY_SIZE(rows));
}

static void engines_that_were_asked_wrongly(void **state)
{
	static const struct room_row rows[] = {
		KNOWN("code", "service \"web\" refers to undefined network "
			      "edge: invalid compose project\n"),
		KNOWN("code", "service \"web\" depends on undefined service "
			      "\"cache\": invalid compose project\n"),
		KNOWN("code", "validating /w/compose.yaml: services.web "
			      "additional properties 'imgae' not allowed\n"),
		KNOWN("code", "services.web Additional property imgae is not "
			      "allowed\n"),
		KNOWN("code",
		      "Error response from daemon: driver failed programming "
		      "external connectivity on endpoint w-1: Bind for "
		      "0.0.0.0:80 failed: port is already allocated\n"),
		KNOWN("engine-down",
		      "Error response from daemon: driver failed programming "
		      "external connectivity on endpoint w-1: unable to "
		      "insert DNAT rule: iptables failed\n"),
		KNOWN("dependency",
		      "Error: short-name \"x\" did not resolve to an alias and "
		      "no unqualified-search registries are defined in "
		      "\"/etc/c\"\n"),
		KNOWN("host-sigbus",
		      "docker: 'buildx' is not a docker command.\n"
		      "./b.sh: line 4:   312 Bus error               (core "
		      "dumped) docker buildx build .\n"),
	};

	(void)state;
	room_check(rows, HALE_ARRAY_SIZE(rows));
}

static void packages_of_languages(void **state)
{
	static const struct room_row rows[] = {
		KNOWN("dependency", "[vite]: Rollup failed to resolve import "
				    "\"x\" from \"src/a.ts\".\n"),
		KNOWN("dependency", "error: The lockfile at `uv.lock` needs to "
				    "be updated, but `--locked` was "
				    "provided.\n"),
		KNOWN("network", "All attempts to connect to p.invalid "
				 "failed.\n\nProbable Causes:\n - the server "
				 "is not responding\n"),
		KNOWN("registry-outage",
		      "error: failed to download from `https://r.invalid/x`\n"
		      "failed to get 200 response from `https://r.invalid/x`, "
		      "got 504\n"),
		KNOWN("dependency", "npm ERR! code ERESOLVE\nnpm ERR! ERESOLVE "
				    "could not resolve\n"),
		KNOWN("dependency", "npm error code E404\nnpm error 404 Not "
				    "Found - GET https://r/x\n"),
		KNOWN("network", "npm error code ECONNRESET\nnpm error network "
				 "aborted\n"),
		KNOWN("network", "2026-01-01T10:00:00.1Z npm ERR! errno "
				 "ETIMEDOUT\n"),
		KNOWN("auth", "npm ERR! code E401\n"),
		KNOWN("registry-outage", "npm ERR! code E503\n"),
		KNOWN("dependency", " ERR_PNPM_OUTDATED_LOCKFILE  Cannot "
				    "install with \"frozen-lockfile\"\n"),
		KNOWN("dependency",
		      "ERROR: No matching distribution found for nosuch==9\n"),
		KNOWN("dependency", "  x No solution found when resolving "
				    "dependencies:\n"),
		KNOWN("network",
		      "WARNING: Retrying (Retry(total=0, connect=None)) after "
		      "connection broken by 'NewConnectionError'\nERROR: No "
		      "matching distribution found for x\n"),
		KNOWN("dependency", "go: a.invalid/x@v1.0.0: invalid version: "
				    "unknown revision v1.0.0\n"),
		KNOWN("dependency", "verifying a.invalid/x@v1: checksum "
				    "mismatch\nSECURITY ERROR\n"),
		KNOWN("network", "go: x@v1: Get \"https://p/x\": dial tcp "
				 "1.2.3.4:443: i/o timeout\n"),
		KNOWN("dependency", "error: failed to select a version for "
				    "`serde`.\n"),
		KNOWN("network",
		      "error: failed to download from `https://r/x`\n\nCaused "
		      "by:\n  [6] Could not resolve host: r\n"),
		KNOWN("dependency", "> Could not find com.a:b:1.0.\n> Could "
				    "not resolve all files for configuration "
				    "':c'.\n"),
		KNOWN("network", "> Could not resolve all files for "
				 "configuration ':c'.\n > Could not GET "
				 "'https://r/x'.\n   > Read timed out\n"),
		KNOWN("dependency", "[ERROR] Could not find artifact a:b:jar:1 "
				    "in central\n"),
	};

	(void)state;
	room_check(rows, HALE_ARRAY_SIZE(rows));
}

static void packages_of_systems(void **state)
{
	static const struct room_row rows[] = {
		KNOWN("dependency", "E: Unable to locate package nosuch\n"),
		KNOWN("dependency", "ERROR: unable to select packages:\n  x "
				    "(no such package):\n"),
		KNOWN("dependency", "Error: Unable to find a match: nosuch\n"),
		KNOWN("network", "Curl error (6): Couldn't resolve host name "
				 "for https://r/x\n"),
		KNOWN("dependency", "x.csproj : error NU1102: Unable to find "
				    "package A with version (>= 9)\n"),
		KNOWN("dependency", "Could not find gem 'nosuch' in any of the "
				    "sources\n"),
		KNOWN("dependency", "error: hash mismatch in fixed-output "
				    "derivation '/nix/store/x.drv':\n"),
		KNOWN("dependency", "Your requirements could not be resolved "
				    "to an installable set of packages.\n"),
		KNOWN("network",
		      "Error: Failed to query available provider packages\n"
		      "could not connect to r: Failed to request discovery "
		      "document\n"),
	};

	(void)state;
	room_check(rows, HALE_ARRAY_SIZE(rows));
}

static void compilers_and_tests(void **state)
{
	static const struct room_row rows[] = {
		KNOWN("code", "a.c:3:5: error: implicit declaration of "
			      "function 'f'\n"),
		KNOWN("code", "00:00:14 ld: a.o: in function `m': undefined "
			      "reference to `f'\n"),
		KNOWN("code", "error[E0308]: mismatched types\nerror: could "
			      "not compile `a` (lib) due to 1 previous "
			      "error\n"),
		KNOWN("code", "./a.go:3:2: undefined: x\n"),
		KNOWN("code", "a.ts(3,1): error TS2532: Object is possibly "
			      "'undefined'.\n"),
		KNOWN("code", "[ERROR] COMPILATION ERROR :\n"),
		KNOWN("code", "Program.cs(1,1): error CS1002: ; expected\n"),
		KNOWN("code", "make: *** No rule to make target 'x'.  Stop.\n"),
		KNOWN("code", "ninja: build stopped: subcommand failed.\n"),
		KNOWN("code", "test result: FAILED. 1 passed; 2 failed\n"),
		KNOWN("code", "Tests:       1 failed, 2 passed, 3 total\n"),
		KNOWN("code", "The following tests FAILED:\n"),
		KNOWN("code", "//a:b_test FAILED in 1.2s\n"),
		KNOWN("code", "error: patch failed: a.c:3\n"),
		KNOWN("dependency", "a.c:1:10: fatal error: zlib.h: No such "
				    "file or directory\n"),
		KNOWN("dependency", "/usr/bin/ld: cannot find -lz\n"),
		KNOWN("dependency", "sh: 1: cmake: not found\n"),
		KNOWN("dependency", "ModuleNotFoundError: No module named "
				    "'x'\n"),
		KNOWN("dependency", "Could NOT find OpenSSL (missing: "
				    "OPENSSL_CRYPTO_LIBRARY)\n"),
		KNOWN("toolchain-crash",
		      "a.c:1:1: internal compiler error: Segmentation fault\n"),
		KNOWN("toolchain-crash",
		      "error: the compiler unexpectedly panicked. this is a "
		      "bug.\n"),
		KNOWN("toolchain-crash",
		      "collect2: fatal error: ld terminated with signal 11 "
		      "[Segmentation fault], core dumped\n"),
		KNOWN("toolchain-crash",
		      "clang: error: clang frontend command failed due to "
		      "signal (use -v to see invocation)\n"),
		KNOWN("host-memory", "error: could not compile `a`\n\nCaused "
				     "by:\n  process didn't exit successfully: "
				     "`rustc` (signal: 9, SIGKILL: kill)\n"),
		KNOWN("host-memory", "FATAL ERROR: Reached heap limit "
				     "Allocation failed - JavaScript heap out "
				     "of memory\n"),
		KNOWN("host-memory",
		      "Gradle build daemon disappeared "
		      "unexpectedly (it may have been killed)\n"),
		KNOWN("host-memory", "x: /usr/go/tool/compile: signal: "
				     "killed\n"),
	};

	(void)state;
	room_check(rows, HALE_ARRAY_SIZE(rows));
}

static void builders_that_wait_for_others(void **state)
{
	static const struct room_row rows[] = {
		KNOWN("network",
		      "CMake Error at z/download-z.cmake:170 (message):\n"
		      "  Each download failed!\n\n    error: downloading "
		      "'https://r.invalid/z' failed\n          status_code: "
		      "6\n          status_string: \"Couldn't resolve host "
		      "name\"\n"),
		KNOWN("timeout", "> Timeout waiting to lock build logic "
				 "queue. It is currently in use\n"),
	};

	(void)state;
	room_check(rows, HALE_ARRAY_SIZE(rows));
}

static void runners_git_and_questions(void **state)
{
	static const struct room_row rows[] = {
		KNOWN("timeout", "##[error]The job running on runner x has "
				 "exceeded the maximum execution time of 360 "
				 "minutes.\n"),
		KNOWN("timeout", "ERROR: Job failed: execution took longer "
				 "than 1h0m0s seconds\n"),
		KNOWN("timeout", "panic: test timed out after 10m0s\n"),
		KNOWN("cache", "sccache: error: Server startup failed: x\n"),
		KNOWN("network", "error: RPC failed; curl 56 GnuTLS recv error "
				 "(-54)\nfatal: early EOF\n"),
		KNOWN("network", "fatal: unable to access 'https://g/x/': "
				 "Could not resolve host: g\n"),
		KNOWN("auth", "git@g: Permission denied (publickey).\nfatal: "
			      "Could not read from remote repository.\n"),
		KNOWN("registry-outage",
		      "batch response: This repository is over its data "
		      "quota.\n"),
		KNOWN("interactive-stall",
		      "Configuring tzdata\n------------------\n\nPlease select "
		      "the geographic area in which you live.\n"),
		KNOWN("interactive-stall",
		      "Do you want to continue? [Y/n] Abort.\n"),
		KNOWN("interactive-stall",
		      "Are you sure you want to continue connecting "
		      "(yes/no/[fingerprint])? "),
		KNOWN("interactive-stall",
		      "sudo: a terminal is required to read the password\n"),
	};

	(void)state;
	room_check(rows, HALE_ARRAY_SIZE(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(engines),
		cmocka_unit_test(engines_that_were_asked_wrongly),
		cmocka_unit_test(packages_of_languages),
		cmocka_unit_test(packages_of_systems),
		cmocka_unit_test(compilers_and_tests),
		cmocka_unit_test(builders_that_wait_for_others),
		cmocka_unit_test(runners_git_and_questions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
