/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Classes of messages rather than tools: the same errno in the words of many
 * programs, the reasons a download gives, what is missing, and the words of a
 * cause where no message is known. Written after the tools' own formats.
 */
#include "classify_room.h"

#define KNOWN(word, text)                                                      \
	{                                                                      \
		word, text, -1                                                 \
	}

static void an_errno_in_many_words(void **state)
{
	static const struct room_row rows[] = {
		KNOWN("host-io", "Failed to create usr/lib/libz.so: I/O "
				 "error\n"),
		KNOWN("host-io", "Error: EIO: i/o error, read\n"),
		KNOWN("host-io", "OSError: [Errno 5] Input/output error: "
				 "'/w/x.whl'\n"),
		KNOWN("host-io", "failed to create hash for /app: "
				 "input/output error\n"),
		KNOWN("host-disk-full",
		      "OSError: [Errno 28] No space left on device\n"),
		KNOWN("host-disk-full",
		      "npm ERR! code ENOSPC\nnpm ERR! syscall write\n"),
		KNOWN("host-disk-full",
		      "writing blob: storing blob to file \"/var/tmp/s1/1\": "
		      "write /var/tmp/s1/1: no space left on device\n"),
		KNOWN("host-disk-full", "System.IO.IOException: No space left "
					"on device : '/r/_diag/w.log'\n"),
		KNOWN("host-readonly-fs",
		      "extracting layer \"17\": mkdir /var/lib/images/x: "
		      "read-only file system\n"),
		KNOWN("host-memory", "g++: fatal error: Killed signal "
				     "terminated program cc1plus\n"
				     "compilation terminated.\n"),
		KNOWN("host-memory",
		      "clang: error: unable to execute command: Killed\n"),
		KNOWN("toolchain-crash", "clang: error: unable to execute "
					 "command: Segmentation fault\n"),
		KNOWN("toolchain-crash",
		      "error: compile command failed due to signal (use -v to "
		      "see invocation)\n"),
		KNOWN("code", "panic: nil map\n[signal SIGSEGV: segmentation "
			      "violation code=0x1]\n"),
	};

	(void)state;
	room_check(rows, HALE_ARRAY_SIZE(rows));
}

static void a_download_gives_its_reason(void **state)
{
	static const struct room_row rows[] = {
		KNOWN("network", "Could not resolve dependencies for project "
				 "a: Could not transfer artifact b from/to "
				 "central (https://r): Connection timed "
				 "out\n"),
		KNOWN("registry-outage",
		      "Could not transfer artifact b from/to central "
		      "(https://r): status code: 503, reason phrase: Service "
		      "Unavailable (503)\n"),
		KNOWN("auth", "Could not transfer artifact b from/to x "
			      "(https://r): status code: 401, reason phrase: "
			      "Unauthorized (401)\n"),
		KNOWN("registry-outage",
		      "java.io.IOException: Error downloading [https://r/x] "
		      "to /w/x: GET returned 502 Bad Gateway\n"),
		KNOWN("registry-outage", "curl: (22) The requested URL "
					 "returned error: 502\n"
					 "gzip: stdin: unexpected end of "
					 "file\n"),
		KNOWN("network", "curl: (92) HTTP/2 stream 1 was not closed "
				 "cleanly: INTERNAL_ERROR (err 2)\n"),
		KNOWN("network", "[Errno 12] Timeout on http://r/x.rpm: (28, "
				 "'Operation too slow')\n"),
		KNOWN("auth", "error checking push permissions: POST "
			      "https://r/v2/: UNAUTHORIZED: x\n"),
		KNOWN("cache", "Warning: Failed to save: reserveCache failed: "
			       "x\n"),
	};

	(void)state;
	room_check(rows, HALE_ARRAY_SIZE(rows));
}

static void what_a_build_needs_is_missing(void **state)
{
	static const struct room_row rows[] = {
		KNOWN("dependency", "configure.ac:7: error: possibly "
				    "undefined macro: AM_X\n"),
		KNOWN("dependency", "configure: error: Package requirements "
				    "(x >= 1) were not met\n"),
		KNOWN("dependency",
		      "meson.build:3:0: ERROR: Unknown compiler(s): x\n"),
		KNOWN("dependency", "Project ERROR: Unknown module(s) in QT: "
				    "x\n"),
		KNOWN("dependency", "A.java:3: error: package org.x does not "
				    "exist\n"),
		KNOWN("dependency", "gcc: error trying to exec 'cc1plus': "
				    "execvp: No such file or directory\n"),
		KNOWN("dependency", "! LaTeX Error: File `x.sty' not found.\n"),
		KNOWN("dependency", "dpkg-buildpackage: error: build "
				    "dependencies/conflicts unsatisfied; "
				    "aborting\n"),
		KNOWN("dependency", "Errors were encountered while "
				    "processing:\n foo\nE: Sub-process "
				    "/usr/bin/dpkg returned an error code "
				    "(1)\n"),
		KNOWN("code", "make: *** multiple target patterns.  Stop.\n"),
		KNOWN("code", "#   Failed test 'a' at t/a.t line 3.\n"),
		KNOWN("code", "FAIL: test-suite.log\n"),
		KNOWN("code", "COPY failed: stat "
			      "/var/lib/docker/tmp/docker-builder1/app: no "
			      "such file or directory\n"),
	};

	(void)state;
	room_check(rows, HALE_ARRAY_SIZE(rows));
}

static void a_limit_says_so(void **state)
{
	static const struct room_row rows[] = {
		KNOWN("timeout", "Build execution time has reached the "
				 "maximum allowed time\n"),
		KNOWN("timeout", "Exceeded build time limit of 120 "
				 "minutes\n"),
		KNOWN("timeout", "E: Build killed with signal TERM after 150 "
				 "minutes of inactivity\n"),
		KNOWN("timeout", "Too long with no output (exceeded 10m0s): "
				 "context deadline exceeded\n"),
		KNOWN("timeout", "timeout: sending signal TERM to command "
				 "'make'\n"),
	};

	(void)state;
	room_check(rows, HALE_ARRAY_SIZE(rows));
}

/* A weak word never beats a message that is known. */
static void words_count_where_nobody_says_more(void **state)
{
	static const struct room_row rows[] = {
		KNOWN("network", "xyzget: connection reset\n"),
		KNOWN("dependency", "xyz: cannot find foo\n"),
		KNOWN("code", "a.c:1:2: error: expected ';'\n"
			      "xyz: connection reset\n"),
		KNOWN("code", "objtool: f() unreachable\n"),
		KNOWN("code", "10 failed, 3 passed\n1 failed, 0 errors\n"
			      "FAILED tests/a.py::b - assert 1 == 2\n"),
		KNOWN("unknown", "== all good ==\n3 passed, 0 failed\n"
				 "# FAIL:  0\n"),
	};

	(void)state;
	room_check(rows, HALE_ARRAY_SIZE(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_errno_in_many_words),
		cmocka_unit_test(a_download_gives_its_reason),
		cmocka_unit_test(what_a_build_needs_is_missing),
		cmocka_unit_test(a_limit_says_so),
		cmocka_unit_test(words_count_where_nobody_says_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
