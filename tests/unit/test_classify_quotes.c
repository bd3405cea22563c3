/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of a host's fault without one: source text, echoed commands, tests
 * that expect an error and programs under test. None of these may blame a
 * machine. And the same words from the mouth of a tool, which must.
 */
#include "classify_room.h"

#define KNOWN(word, text)                                                      \
	{                                                                      \
		word, text, -1                                                 \
	}

static void what_is_quoted_is_not_said(void **state)
{
	static const struct room_row rows[] = {
		KNOWN("code", "disk.c:12:9: error: 'x' undeclared\n"
			      "   12 |   puts(\"No space left on device\");\n"
			      "      |         ^~~~ Input/output error\n"),
		KNOWN("unknown", "src/err.c:40: { EIO, \"Input/output error\" "
				 "},\n"),
		KNOWN("code", "e.c:3:2: error: #error \"Input/output error: no "
			      "space left on device\"\n"),
		KNOWN("code", "e.c:3:2: error: \"No space left on device\"\n"),
		KNOWN("code", "e.c:3:1: error: static assertion failed: "
			      "\"Cannot allocate memory\"\n"),
		KNOWN("unknown", "e.c:3:2: warning: #warning \"Input/output "
				 "error\" [-Wcpp]\n"),
		KNOWN("unknown", "e.c:3:9: note: '#pragma message: Read-only "
				 "file system'\n"),
		KNOWN("unknown", "+ grep -c 'No space left on device' log\n"),
		KNOWN("unknown", "$ echo 'Bus error (core dumped)'\n"),
		KNOWN("unknown", "#7 [2/3] RUN test-disk \"Input/output "
				 "error\"\n"),
		KNOWN("unknown", "Step 3/9 : RUN ./sim --fault \"Read-only "
				 "file system\"\n"),
		KNOWN("unknown", "    31 | >>> RUN dd | grep \"Out of "
				 "memory\"\n"),
		KNOWN("unknown", "ok 12 - ENOSPC: no space left on device is "
				 "told\n"),
		KNOWN("unknown", "test store::full_disk_says_no_space_left ... "
				 "ok\n"),
		KNOWN("unknown", "--- PASS: TestReadOnly/Read-only file system "
				 "(0.00s)\n"),
		KNOWN("unknown", "\xe2\x9c\x93 answers EROFS: read-only file "
				 "system\n"),
		KNOWN("unknown",
		      "checking for Cannot allocate memory ... no\n"),
	};

	(void)state;
	room_check(rows, HALE_ARRAY_SIZE(rows));
}

static void what_a_test_says_is_the_tests_matter(void **state)
{
	static const struct room_row rows[] = {
		{ "code",
		  "=== RUN   TestFull\n"
		  "    store_test.go:45: write /tmp/x: no space left on "
		  "device\n--- FAIL: TestFull (0.01s)\nFAIL\n",
		  1 },
		{ "code",
		  "AssertionError [ERR_ASSERTION]: got unwanted exception\n"
		  "  actual: [Error: ENOSPC: no space left on device, write]\n"
		  "    code: 'ENOSPC',\n",
		  1 },
		{ "code",
		  "E       OSError: [Errno 28] No space left on device\n"
		  "FAILED tests/test_disk.py::test_full - OSError: [Errno 28] "
		  "No space left on device\n"
		  "==== 1 failed, 9 passed in 0.12s ====\n",
		  1 },
		{ "code",
		  "not ok 3 - read of a bad sector\n"
		  "  got: Input/output error\n"
		  "# Failed test 'read of a bad sector'\n",
		  1 },
		{ "code",
		  "thread 'io::tests::bad_disk' panicked at 'called "
		  "`Result::unwrap()` on an `Err` value: Input/output error "
		  "(os error 5)', src/io.rs:10:5\n"
		  "test result: FAILED. 3 passed; 1 failed\n",
		  101 },
		{ "code",
		  "org.example.DiskFullTest > full FAILED\n"
		  "    java.lang.AssertionError: Expected: \"ok\" but: was "
		  "\"No space left on device\"\n"
		  "There were failing tests. See the report at: x\n",
		  1 },
		{ "code",
		  "  1) disk\n     should report ENOSPC: no space left on "
		  "device:\n     AssertionError: expected undefined to equal "
		  "'ENOSPC'\n  3 passing\n  1 failing\n",
		  1 },
		{ "code",
		  "[ RUN      ] Oom.Kill\n"
		  "oom_test.cc:31: Failure\nExpected equality of these values: "
		  "\"Cannot allocate memory\"\n[  FAILED  ] Oom.Kill (0 ms)\n",
		  1 },
	};

	(void)state;
	room_check(rows, HALE_ARRAY_SIZE(rows));
}

static void a_value_that_is_shown_is_not_said(void **state)
{
	static const struct room_row rows[] = {
		{ "code",
		  "  \xe2\x97\x8f disk > ENOSPC\n    Expected: \"x\"\n    "
		  "Received: \"EIO: i/o error, read\"\n"
		  "Tests:       1 failed, 11 passed, 12 total\n",
		  1 },
		{ "code",
		  "t.cc:14: Failure\n  strerror(errno)\n    Which is: \"No "
		  "space left on device\"\n  \"Disk quota exceeded\"\n"
		  "[  FAILED  ] Disk.Full (0 ms)\n",
		  1 },
		{ "code",
		  "t.cc:14: Failure\n  \"Disk quota exceeded\"\n  s\n    "
		  "Which is: \"ok\"\n[  FAILED  ] Disk.Full (0 ms)\n",
		  1 },
	};

	(void)state;
	room_check(rows, HALE_ARRAY_SIZE(rows));
}

static void what_a_program_under_test_does_is_its_own(void **state)
{
	static const struct room_row rows[] = {
		{ "code",
		  "error: test failed, to rerun pass `--lib`\n\nCaused by:\n  "
		  "process didn't exit successfully: "
		  "`/w/target/debug/deps/map-1f` (signal: 7, SIGBUS: access to "
		  "undefined memory)\n",
		  101 },
		{ "code",
		  "simulated fault: Read-only file system\n"
		  "FAIL: remount.sh\n# FAIL:  1\n"
		  "make: *** [Makefile:300: check] Error 1\n",
		  2 },
	};

	(void)state;
	room_check(rows, HALE_ARRAY_SIZE(rows));
}

static void what_a_sandbox_denies_is_no_fault(void **state)
{
	static const struct room_row rows[] = {
		KNOWN("code", "sysctl: setting key \"vm.max_map_count\": "
			      "Read-only file system\n"),
		KNOWN("code", "sh: 1: cannot create /proc/sys/kernel/x: "
			      "Read-only file system\n"),
		KNOWN("code", "touch: cannot touch '/nix/store/a/b': Read-only "
			      "file system\n"),
		KNOWN("build-limit",
		      "Error: ENOSPC: System limit for number of file watchers "
		      "reached, watch '/w'\n"),
		KNOWN("build-limit", "Memory cgroup out of memory: Killed "
				     "process 812 (cc1plus)\n"),
		KNOWN("dependency",
		      "I/O error : Attempt to load network entity "
		      "http://docs.invalid/x.dtd\n"),
	};

	(void)state;
	room_check(rows, HALE_ARRAY_SIZE(rows));
}

static void a_tool_that_says_it_is_believed(void **state)
{
	static const struct room_row rows[] = {
		KNOWN("host-io", "cp: error reading 'a.o': Input/output "
				 "error\n"),
		KNOWN("host-io", "/usr/bin/ld: error: /lib/libx.so: read: "
				 "Input/output error\n"),
		KNOWN("host-io",
		      "dpkg: error processing archive x.deb (--unpack):\n"
		      " unable to sync new file '/usr/x': Input/output "
		      "error\n"),
		KNOWN("host-io", "error: failed to read `/w/a.rlib`: "
				 "Input/output error (os error 5)\n"),
		KNOWN("host-readonly-fs", "mkdir: cannot create directory "
					  "'/w/out': Read-only file system\n"),
		KNOWN("host-readonly-fs",
		      "docker: mkdir /var/lib/docker/tmp/x: read-only file "
		      "system.\n"),
		KNOWN("host-disk-full",
		      "{standard input}:91: Fatal error: can't write 13 bytes "
		      "to section .text of x.o: 'No space left on device'\n"),
		KNOWN("host-disk-full",
		      "x.c:9: fatal error: error writing to /tmp/ccA.s: No "
		      "space left on device\n"),
		KNOWN("host-disk-full", "sed: couldn't flush stdout: No space "
					"left on device\n"),
		KNOWN("host-inodes", "mkfs: out of inodes\n"),
		KNOWN("host-sigbus",
		      "collect2: fatal error: ld terminated "
		      "with signal 7 [Bus error], core dumped\n"),
		KNOWN("host-sigbus",
		      "x.c:1:1: internal compiler error: Bus "
		      "error\nPlease submit a full bug report\n"),
		KNOWN("host-sigbus",
		      "failed to get console: signal: bus error (core "
		      "dumped)\n"),
		KNOWN("host-memory", "/bin/sh: line 1:    77 Killed            "
				     "      make -j64\n"),
	};

	(void)state;
	room_check(rows, HALE_ARRAY_SIZE(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_quoted_is_not_said),
		cmocka_unit_test(what_a_test_says_is_the_tests_matter),
		cmocka_unit_test(a_value_that_is_shown_is_not_said),
		cmocka_unit_test(what_a_program_under_test_does_is_its_own),
		cmocka_unit_test(what_a_sandbox_denies_is_no_fault),
		cmocka_unit_test(a_tool_that_says_it_is_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
