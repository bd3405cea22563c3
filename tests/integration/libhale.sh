#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# libhale as its users get it: the shared library and its headers alone, from C
# and from C++; what it exports, what it needs, and that it says what `hale`
# says.
set -uo pipefail
# shellcheck source=tests/integration/agent.inc
. "$HALE_SRC/tests/integration/agent.inc"

lib=$HALE_BUILD/libhale.so.1
dev=$HALE_TMP/dev
unset HALE_RUN_DIR HALE_EXEC_PATH
mkdir -p "$dev/hale"
# Only what is installed: a header that needs more does not compile here.
cp "$HALE_SRC"/include/hale/{hale,explain,reply,words}.h "$dev/hale"
ln -s "$lib" "$dev/libhale.so"
ln -s "$lib" "$dev/libhale.so.1"

cat >"$HALE_TMP/use.c" <<'END'
#include <stdio.h>
#include <hale/hale.h>

int main(int argc, char **argv)
{
	struct hale_options o = { sizeof(o), argv[1], NULL, 0 };
	struct hale_check_options c = { sizeof(c) };
	const char *path = argc > 2 ? argv[2] : "/";
	struct hale *h;
	struct hale_reply *r;
	struct hale_summary s;
	struct hale_entry e;
	size_t i;

	c.paths = &path;
	c.n_paths = 1;
	if (hale_open(&o, &h) < 0 || hale_check(h, &c, &r) < 0)
		return 1;
	hale_reply_summary(r, &s);
	printf("%d %d %s\n", s.exit_code, s.agent, s.host);
	for (i = 0; hale_reply_reason(r, i, &e); i++)
		printf("%s %s %s\n", e.condition, e.alias, e.evidence);
	hale_reply_free(r);
	hale_close(h);
	return s.exit_code;
}
END
strict=(-Wall -Wextra -Werror -Wno-missing-field-initializers)
built() { "$@" "$HALE_TMP/use.c" -I"$dev" -L"$dev" -lhale; }
# A sanitized library wants its runtime first: then only the headers are tried.
if [ "$(nm -D "$lib" | grep -c ' U __asan')" != 0 ]; then
	built() { "$@" -fsyntax-only "$HALE_TMP/use.c" -I"$dev"; }
fi
ok "C11 program builds" built gcc -std=c11 -pedantic "${strict[@]}" -o "$HALE_TMP/c"
ok "C++11 program builds" built g++ -x c++ -std=c++11 "${strict[@]}" -o "$HALE_TMP/cxx"
ok "C++20 program builds" built g++ -x c++ -std=c++20 "${strict[@]}" -o "$HALE_TMP/cxx"

exported() { nm -D --defined-only "$lib" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort; }
promised() {
	sed 's/\/\*.*\*\///' "$dev"/hale/{hale,explain,reply}.h | tr '\n' ' ' |
		grep -oE 'hale_[a-z_]+\(' | tr -d '(' | sort -u
}
# comments name functions as well: what is exported is promised, and back
ok "exactly what the headers promise is exported" \
	[ "$(exported)" = "$(promised)" ]
ok "every symbol has a version" \
	[ -z "$(nm -D --defined-only "$lib" | awk '$2 == "T" && $3 !~ /@@HALE_/')" ]
ok "it needs libc and protobuf-c and nothing else" \
	[ -z "$(objdump -p "$lib" | awk '/NEEDED/ { print $2 }' |
		grep -vE '^(libc|libprotobuf-c|libasan|libubsan)\.so')" ]
ok "hale needs libc and nothing else" \
	[ -z "$(objdump -p "$HALE_BUILD/hale" | awk '/NEEDED/ { print $2 }' |
		grep -vE '^(libc|libasan|libubsan)\.so')" ]

if [ -x "$HALE_TMP/c" ]; then
	: >"$conf"
	start_agent
	use() { LD_LIBRARY_PATH=$dev "$HALE_TMP/$1" "$run" / >"$HALE_TMP/use.out"; }
	"$HALE_BUILD/hale" check --run-dir "$run" --path / >/dev/null 2>&1
	want=$?
	for program in c cxx; do
		use $program
		ok "$program: the same verdict as the command ($want)" [ $? = $want ]
		ok "$program: an agent answered" grep -q "^$want 1 " "$HALE_TMP/use.out"
	done
	stop_agent
	use c
	ok "no agent and no scan: 69" [ $? = 69 ]
fi
exit $((failures > 0))
