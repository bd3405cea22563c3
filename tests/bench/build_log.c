/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a build's output of a given size for tests/bench/rules.sh: what
 * compilers, package managers and image builders print all day, with colours
 * and step numbers, and now and then an error. The same seed gives the same
 * bytes. Usage: build_log MIB
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t state = 42;

static uint32_t number(uint32_t below)
{
	state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)(state >> 33) % below;
}

/* '#' becomes a number, '@' four hex digits */
static const char *const everyday[] = {
	"  CC      drivers/net/ethernet/vendor@/main@.o",
	"  LD [M]  fs/module@.ko",
	"[ #%] Building CXX object lib/IR/CMakeFiles/Core@.dir/Unit@.cpp.o",
	"\033[32m   Compiling\033[0m crate@ v1.#.#",
	"gcc -O2 -g -Wall -Wextra -Iinclude -Ibuild/gen -MD -MP -c -o "
	"build/unit@.o src/unit@.c",
	"src/unit@.c:#:#: warning: unused variable 'value@' "
	"[-Wunused-variable]",
	"  # |         int value@ = #;",
	"    |             ^~~~~~~",
	"^12 #.# Get:# http://deb.invalid/debian stable/main amd64 "
	"libthing@ amd64 #.# [# kB]",
	"^12 #.# Unpacking libthing@ (#.#-#) ...",
	"^9 sha256:@@@@@@@@ #.#MB / #.#MB #.#s",
	"^14 [stage-1 #/9] COPY --from=build /out/app@ /usr/bin/",
	"npm http fetch GET 200 https://r.invalid/pkg@ #ms (cache miss)",
	"[INFO] Downloading from central: https://r.invalid/a/b@-#.#.pom",
	"> Task :module@:compileJava UP-TO-DATE",
	"ok  \tgithub.invalid/acme/pkg@\t#.#s",
	"test store::tests::case_@ ... ok",
	"go: downloading github.invalid/acme/lib@ v1.#.#",
	"  Using cached thing@-#.#-py3-none-any.whl (# kB)",
	"2026-01-01T10:#:#.#Z Progress: resolved #, reused #, downloaded #",
};

static const char *const errors[] = {
	"src/unit@.c:#:#: error: expected ';' before 'return'",
	"make[#]: *** [Makefile:#: unit@.o] Error 1",
	"npm ERR! code ECONNRESET",
	"warning: spurious network error (# tries remaining)",
};

static size_t put(const char *line)
{
	size_t n = 1;

	for (; *line; line++, n++) {
		if (*line == '#')
			n += (size_t)printf("%u", number(300)) - 1;
		else if (*line == '@')
			n += (size_t)printf("%04x", number(65536)) - 1;
		else
			putchar(*line == '^' ? '#' : *line);
	}
	putchar('\n');
	return n;
}

int main(int argc, char **argv)
{
	size_t left = (argc > 1 ? strtoul(argv[1], NULL, 10) : 1) << 20;
	const size_t n_everyday = sizeof(everyday) / sizeof(everyday[0]);
	const size_t n_errors = sizeof(errors) / sizeof(errors[0]);

	while (left > 0) {
		const char *line =
			number(500) == 0
				? errors[number((uint32_t)n_errors)]
				: everyday[number((uint32_t)n_everyday)];
		size_t n = put(line);

		left -= n < left ? n : left;
	}
	return ferror(stdout) ? 1 : 0;
}
