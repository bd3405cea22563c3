#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What is installed was built to withstand: every program and library of a
# `make install` passes hardening.py; and so that this means something, programs
# that were built without each of its points do not.
# shellcheck disable=SC2016,SC2034,SC2054 # single-quoted: for eval; -Wl, has commas
set -euo pipefail

root=$HALE_TMP/root
o=${O:-build}
look=tests/integration/hardening.py
if [[ -n ${SAN:-} || ${CC:-gcc} == *clang* ]]; then
	echo "skip hardening: nobody installs what this build makes"
	exit 0
fi
check() {
	local name=$1
	shift
	if "$@"; then echo "ok $name"; else echo "not ok $name"; fi
}

make -j2 O="$o" install DESTDIR="$root" PREFIX=/usr >&2
check "every installed file withstands" eval '$look "$root" >&2'
check "they are some" eval '
	[[ $($look "$root" | sed -n "s/.* \([0-9]*\) programs.*/\1/p") -ge 10 ]]'

# One program for each point, good but for that one.
good=(-O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong
	-fstack-clash-protection -fcf-protection
	-ftrivial-auto-var-init=zero -fPIE -pie -Wl,-z,relro,-z,now)
mkdir -p "$HALE_TMP/agent"
cat >"$HALE_TMP/agent/weak.c" <<'EOF'
#include <stdio.h>
#include <string.h>
int main(int argc, char **argv)
{
	char text[64];

	strcpy(text, argv[argc - 1]);
	return printf("%s\n", text) < 0;
}
EOF
build() { (cd "$HALE_TMP" && gcc "${good[@]}" "$@" -o weak agent/weak.c) >&2; }
[[ $(uname -m) == x86_64 ]] || good=("${good[@]/-fcf-protection/-g}")
build
check "a program with all of it passes" eval '$look -1 "$HALE_TMP/weak" >&2'
weak() { # WORDS FLAG...
	local words=$1
	shift
	build "$@"
	check "seen: $words" eval '
		! $look -1 "$HALE_TMP/weak" >"$HALE_TMP/said" &&
		grep -qF "$words" "$HALE_TMP/said"'
}
weak "at a fixed address" -no-pie
weak "no RELRO" -Wl,-z,norelro
weak "no BIND_NOW" -Wl,-z,lazy
weak "its stack can be run" -Wl,-z,execstack
weak "search path of its own" -Wl,-rpath,/tmp
weak "guards its stack" -fno-stack-protector
weak "no _FORTIFY_SOURCE" -U_FORTIFY_SOURCE
weak "without -fstack-clash-protection" -fno-stack-clash-protection
good=("${good[@]/-ftrivial-auto-var-init=zero/-g}")
weak "without -ftrivial-auto-var-init=zero" -O2
good+=(-ftrivial-auto-var-init=zero)
build
chmod g+w,u+s "$HALE_TMP/weak"
check "seen: runs with the rights of its owner" eval '
	! $look -1 "$HALE_TMP/weak" >"$HALE_TMP/said" &&
	grep -q "rights of its owner" "$HALE_TMP/said" &&
	grep -q "written by others" "$HALE_TMP/said"'
