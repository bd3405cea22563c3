/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which command crashed, by a build's output, and how it is made safe to be
 * run again. The outputs are hostile where that matters.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/mman.h>

#include "hale/base.h"

#include "agent/run/again/crash_tool.h"
#include "agent/run/again/words.h"

static void joined(char *const *words, char *ret, size_t size)
{
	size_t used = 0;

	ret[0] = '\0';
	for (; words && *words; words++)
		used += (size_t)snprintf(ret + used, size - used, "%s%s",
					 used > 0 ? "|" : "", *words);
}

#define ICE(file) file ":3:1: internal compiler error: Segmentation fault\n"

static const struct {
	const char *output, *words, *cwd;
} finds[] = {
	/* make says what it gave up */
	{ "gcc -O2 -c -o a.o a.c\ngcc -O2 -c -o b.o b.c\n" ICE(
		  "a.c") "make: *** [Makefile:2: a.o] Error 4\n",
	  "gcc|-O2|-c|-o|a.o|a.c", "" },
	/* by the source alone */
	{ "g++ -c x/a.cc\ng++ -c x/b.cc\n" ICE("x/a.cc"), "g++|-c|x/a.cc", "" },
	/* there is no other */
	{ "cc -o prog a.o\ncollect2: fatal error: ld terminated with signal "
	  "11 [Segmentation fault]\n",
	  "cc|-o|prog|a.o", "" },
	/* where make is */
	{ "make[1]: Entering directory '/b/sub'\ncc -c a.c\n" ICE("a.c"),
	  "cc|-c|a.c", "/b/sub" },
	{ "make[1]: Entering directory '/b'\n"
	  "make[2]: Entering directory '/b/sub'\n"
	  "make[2]: Leaving directory '/b/sub'\ncc -c a.c\n" ICE("a.c"),
	  "cc|-c|a.c", "/b" },
	/* cmake's makefiles, ninja's blocks and links */
	{ "cd /b/c && /usr/bin/c++ -DX=\\\"a\\\" -c /s/a.cpp\n" ICE("/s/a.cpp"),
	  "/usr/bin/c++|-DX=\"a\"|-c|/s/a.cpp", "/b/c" },
	{ "[1/9] CC b.o\nFAILED: a.o \n/usr/bin/cc -c a.c -o a.o\n"
	  "cc: internal compiler error: Segmentation fault signal terminated "
	  "program cc1\n",
	  "/usr/bin/cc|-c|a.c|-o|a.o", "" },
	{ "FAILED: b.o \ncc -c b.c\nb.c:1:1: error: expected\n"
	  "FAILED: prog \n: && cc a.o -o prog && :\n"
	  "collect2: error: ld terminated with signal 7 [Bus error]\n",
	  "cc|a.o|-o|prog", "" },
	/* the caches are left out */
	{ "ccache gcc -c a.c\n" ICE("a.c"), "gcc|-c|a.c", "" },
	/* clang and rustc print it themselves */
	{ "PLEASE submit a bug report to https://bugs.example.org/ and\n"
	  "Stack dump:\n"
	  "0.\tProgram arguments: /usr/bin/clang -cc1 -o a.o -x c a.c\n",
	  "/usr/bin/clang|-cc1|-o|a.o|-x|c|a.c", "" },
	{ "error: could not compile `x`\nCaused by:\n  process didn't exit "
	  "successfully: `rustc --crate-name x src/lib.rs` (signal: 11, "
	  "SIGSEGV: invalid memory reference)\n",
	  "rustc|--crate-name|x|src/lib.rs", "" },
	/* never a guess: which of two? */
	{ "gcc -c a.c\ngcc -c b.c\ngcc: internal compiler error: Segmentation "
	  "fault signal terminated program cc1\n",
	  "", "" },
	{ "gcc -c a.c -DA\ngcc -c a.c -DB\n" ICE("a.c"), "", "" },
	/* another source crashed, by a command that is not shown; a header's
	 * is the only one's */
	{ "gcc -c a.c\n" ICE("b.c"), "", "" },
	{ "gcc -c a.c\n" ICE("b.h"), "gcc|-c|a.c", "" },
	/* a shell is meant: nothing is run */
	{ "gcc -c a.c; rm -rf /\n" ICE("a.c"), "", "" },
	{ "gcc -c `echo a.c` a.c\n" ICE("a.c"), "", "" },
	/* no compiler */
	{ "rm -rf a.c\n" ICE("a.c"), "", "" },
	{ "/tmp/x/not-gcc.sh -c a.c\n" ICE("a.c"), "", "" },
	/* no crash */
	{ "gcc -c a.c\na.c:1:1: error: expected ';'\n", "", "" },
	{ "", "", "" },
};

static void the_command_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(finds); i++) {
		struct crash_found f;
		char text[512];

		assert_int_equal(crash_find(finds[i].output,
					    strlen(finds[i].output), &f),
				 0);
		joined(f.words, text, sizeof(text));
		if (strcmp(text, finds[i].words) != 0 ||
		    (f.words && strcmp(f.cwd, finds[i].cwd) != 0))
			fail_msg("%s\nfound: %s in %s", finds[i].output, text,
				 f.cwd);
		if (!f.words && f.why[0] == '\0')
			fail_msg("%s\nno reason", finds[i].output);
		words_free(f.words);
	}
}

static void gcc_retries_itself(void **state)
{
	static const char text[] =
		"gcc -c a.c\n" ICE("a.c") "The bug is not reproducible, so it "
					  "is likely a hardware or OS "
					  "problem.\n";
	struct crash_found f;

	(void)state;
	assert_int_equal(crash_find(text, strlen(text), &f), 0);
	assert_true(f.passed);
	words_free(f.words);
}

static const struct {
	const char *command, *words; /* NULL: refused */
} rewrites[] = {
	{ "gcc -O2 -c a.c -o a.o", "gcc|-O2|-c|a.c|-o|/T/out" },
	{ "gcc -c a.c -oa.o", "gcc|-c|a.c|-o|/T/out" },
	{ "gcc -c a.c", "gcc|-c|a.c|-o|/T/out" },
	{ "gcc -MD -MT a.o -MF a.d -MP -c a.c -o a.o", "gcc|-c|a.c|-o|/T/out" },
	{ "gcc a.o -Wl,-Map,a.map -o a", "gcc|a.o|-o|/T/out" },
	{ "ld -Map a.map -Bstatic a.o -o a", "ld|-Bstatic|a.o|-o|/T/out" },
	{ "gcc -save-temps -c a.c -o a.o", "gcc|-c|a.c|-o|/T/out" },
	{ "clang -cc1 -dependency-file a.d -o a.o a.c",
	  "clang|-cc1|-o|/T/out|a.c" },
	{ "rustc --crate-name x src/lib.rs --out-dir target "
	  "-C incremental=target/i --emit=dep-info,link",
	  "rustc|--crate-name|x|src/lib.rs|--out-dir|/T|"
	  "--emit=dep-info,link" },
	{ "rustc src/lib.rs --extern m=/build/target/libm.so --out-dir t",
	  "rustc|src/lib.rs|--extern|m=/build/target/libm.so|--out-dir|/T" },
	/* what runs or loads something */
	{ "gcc -wrapper /bin/sh -c a.c", NULL },
	{ "gcc -fplugin=/tmp/x.so -c a.c", NULL },
	{ "gcc -B/tmp/x -c a.c", NULL },
	{ "gcc -specs=/tmp/x -c a.c", NULL },
	{ "gcc @/tmp/x", NULL },
	{ "clang -Xclang -load -Xclang /tmp/x.so -c a.c", NULL },
	{ "clang -fuse-ld=/tmp/x a.c", NULL },
	{ "clang --config /tmp/x a.c", NULL },
	{ "rustc -C linker=/tmp/x a.rs", NULL },
	{ "rustc -Clinker=/tmp/x a.rs", NULL },
	{ "rustc a.rs --extern m=/tmp/x.so", NULL },
	{ "rustc a.rs --extern m=/build/../tmp/x.so", NULL },
	{ "rustc a.rs --emit=link=/etc/x", NULL },
	/* the same, said in another way */
	{ "gcc -Wl,-O1,-plugin,/tmp/x.so a.c", NULL },
	{ "gcc -Wl,--as-needed,@/tmp/x a.c", NULL },
	{ "gcc -Wl,-o,/etc/x a.o", NULL },
	{ "gcc -Xlinker -plugin -Xlinker /tmp/x.so a.c", NULL },
	{ "ld -plugi /tmp/x.so a.o", NULL },
	{ "ld --plug=/tmp/x.so a.o", NULL },
	{ "tcc -run a.c", NULL },
	{ "clang --gcc-toolchain=/tmp/x a.c", NULL },
	{ "clang -ccc-install-dir /tmp/x a.c", NULL },
	{ "clang -fuse-ld=../x a.c", NULL },
	{ "rustc --sysroot /tmp/x a.rs", NULL },
	{ "rustc a.rs --extern m=../../tmp/x.so", NULL },
	{ "rustc a.rs --extern m -L /tmp/x", NULL },
	{ "rustc a.rs --extern m -L/tmp/x", NULL },
	{ "rustc a.rs -C link-arg=-fplugin=/tmp/x.so", NULL },
	{ "rustc a.rs -Clink-args=-B/tmp/x", NULL },
	{ "rustc a.rs -C dlltool=/tmp/x", NULL },
	{ "rustc a.rs --target /tmp/x.json", NULL },
	/* what writes elsewhere */
	{ "gcc -aux-info /etc/x -c a.c", NULL },
	{ "gcc -time=/etc/x -c a.c", NULL },
	{ "gcc -fopt-info=/etc/x -c a.c", NULL },
	{ "gcc -fprofile-note=/etc/x -c a.c", NULL },
	{ "gcc -fdiagnostics-add-output=sarif:file=/etc/x -c a.c", NULL },
	{ "gcc -Wa,--noexecstack,-o,/etc/x -c a.c", NULL },
	{ "clang -cc1 -fixit a.c", NULL },
	{ "clang -fproc-stat-report=/etc/x -c a.c", NULL },
	{ "as -al=/etc/x a.s", NULL },
	{ "rustc a.rs --emit link=/etc/x", NULL },
	/* builds say these every day */
	{ "gcc -Wp,-MMD,.a.o.d -Wp,-D_FORTIFY_SOURCE=2 -c a.c -o a.o",
	  "gcc|-Wp,-D_FORTIFY_SOURCE=2|-c|a.c|-o|/T/out" },
	{ "g++ -std=gnu++17 -isystem /opt/i -DX=\"y\" -march=native "
	  "-ffile-prefix-map=/a=/b -Wall -g3 -pthread -Wl,-z,relro,-z,now "
	  "-Wl,-rpath,/opt/l -L/opt/l a.cc -lz -o a",
	  "g++|-std=gnu++17|-isystem|/opt/i|-DX=y|-march=native|"
	  "-ffile-prefix-map=/a=/b|-Wall|-g3|-pthread|-Wl,-z,relro,-z,now|"
	  "-Wl,-rpath,/opt/l|-L/opt/l|a.cc|-lz|-o|/T/out" },
	{ "rustc --crate-name x --edition=2021 src/lib.rs --crate-type lib "
	  "--emit=dep-info,metadata,link -C opt-level=3 -C metadata=0a1b "
	  "-Cdebuginfo=2 -L dependency=/build/target/deps --extern "
	  "m=/build/target/deps/libm.rlib --cap-lints allow",
	  "rustc|--crate-name|x|--edition=2021|src/lib.rs|--crate-type|lib|"
	  "--emit=dep-info,metadata,link|-C|opt-level=3|-C|metadata=0a1b|"
	  "-Cdebuginfo=2|-L|dependency=/build/target/deps|--extern|"
	  "m=/build/target/deps/libm.rlib|--cap-lints|allow|--out-dir|/T" },
	{ "gcc -c -", NULL },
	{ "gcc -c a.c -o", NULL },
};

static void all_it_writes_goes_elsewhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(rewrites); i++) {
		char error[160], why[HALE_EVIDENCE_MAX] = "", text[1024];
		const char *c = rewrites[i].command;
		char **words = NULL, **out = NULL;
		int r;

		assert_int_equal(words_split(c, strlen(c), error, &words), 0);
		r = crash_rewrite(words, "/T", "/build", why, &out);
		joined(out, text, sizeof(text));
		if (rewrites[i].words ? strcmp(text, rewrites[i].words) != 0
				      : (r != -EPERM || why[0] == '\0'))
			fail_msg("%s: %d %s %s", c, r, text, why);
		words_free(words);
		words_free(out);
	}
}

static void compilers_are_known_by_name(void **state)
{
	(void)state;
	assert_true(crash_tool_is_known("cc1plus"));
	assert_true(crash_tool_is_known("/usr/bin/x86_64-linux-gnu-gcc-12"));
	assert_true(crash_tool_is_known("clang-14"));
	assert_true(crash_tool_is_known("ld.gold"));
	assert_false(crash_tool_is_known("sh"));
	assert_false(crash_tool_is_known("gcc/sh"));
	assert_false(crash_tool_is_known("gccx"));
	assert_false(crash_tool_is_known("gcc-x"));
	assert_false(crash_tool_is_known(""));
}

/* Its last line ends with what begins ":LINE:", and with it the memory. */
static void an_output_that_ends_at_a_colon(void **state)
{
	static const char text[] = "gcc -c a.c\n"
				   "PLEASE submit a bug report to b.c:";
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	const size_t len = sizeof(text) - 1;
	char *two = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct crash_found found;
	char words[64];

	(void)state;
	assert_ptr_not_equal(two, MAP_FAILED);
	assert_return_code(mprotect(two + page, page, PROT_NONE), errno);
	memcpy(two + page - len, text, len);
	assert_int_equal(crash_find(two + page - len, len, &found), 0);
	joined(found.words, words, sizeof(words));
	assert_string_equal(words, "gcc|-c|a.c");
	words_free(found.words);
	munmap(two, 2 * page);
}

static void a_quoted_name_is_no_compiler(void **state)
{
	static const char text[] = "FAILED: a.o \nx'/gcc -c a.c' b\n"
				   "cc: internal compiler error: Killed\n";
	struct crash_found found;

	(void)state;
	assert_int_equal(crash_find(text, sizeof(text) - 1, &found), 0);
	assert_null(found.words);
	assert_string_not_equal(found.why, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_command_is_found),
		cmocka_unit_test(gcc_retries_itself),
		cmocka_unit_test(all_it_writes_goes_elsewhere),
		cmocka_unit_test(compilers_are_known_by_name),
		cmocka_unit_test(an_output_that_ends_at_a_colon),
		cmocka_unit_test(a_quoted_name_is_no_compiler),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
