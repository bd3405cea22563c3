#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# hale triage over a kernel log, and over a build's output, of 200 MB against
# grep -F with the same literals, A B A B, medians of user-visible time; and the
# memory of both.
#   HALE_BUILD  where the build is          MIB  size of the log
#   LITERALS    a file with one literal a line, in place of hale's own
# Exit 1 where hale is not faster or its memory grows with the log.
#   rules.sh [kernel|build]: both without a word
set -euo pipefail
if [ $# = 0 ]; then
	"$0" kernel
	exec "$0" build
fi
kind=$1
case $kind in
kernel) writer=rules_log ;;
build) writer=build_log ;;
*) exit 64 ;;
esac
build=${HALE_BUILD:-build}
triage=$build/libexec/hale-triage
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
log=$tmp/log
literals=${LITERALS:-$tmp/literals}
rounds=${ROUNDS:-7}

"$build/tests/bench/$writer" "${MIB:-200}" >"$log"
[ -n "${LITERALS:-}" ] || "$triage" "$kind" --literals >"$literals"
cat "$log" >/dev/null # into the page cache

# milliseconds and KiB of one run: timed FILE COMMAND...
timed() {
	local out=$1
	shift
	TIMEFORMAT=%R
	{ time /usr/bin/env -i LC_ALL=C "$@" >"$tmp/out" 2>&1 || true; } \
		2>"$tmp/time"
	tr -d . <"$tmp/time" >>"$out"
}

median() { sort -n "$1" | sed -n "$((($(wc -l <"$1") + 1) / 2))p"; }

for _ in $(seq "$rounds"); do
	timed "$tmp/a" "$triage" "$kind" "$log"
	timed "$tmp/b" grep -F -c -f "$literals" "$log"
done
a=$(median "$tmp/a") b=$(median "$tmp/b")
printf 'log %s MiB, %s lines, %s literals\n' "${MIB:-200}" \
	"$(wc -l <"$log")" "$(wc -l <"$literals")"
printf 'hale triage %-8s%d ms\n' "$kind" "$((10#$a))"
printf 'grep -F -c -f       %d ms\n' "$((10#$b))"

# Memory: the peak of a small and of the large log, as the kernel accounts it
# while hale waits for the end of a pipe.
peak() {
	local pid
	rm -f "$tmp/pipe"
	mkfifo "$tmp/pipe"
	"$triage" "$kind" "$tmp/pipe" >"$tmp/out" &
	pid=$!
	exec 3>"$tmp/pipe"
	cat "$1" >&3
	sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$pid/status"
	exec 3>&-
	wait "$pid"
}
head -c 1000000 "$log" >"$tmp/small"
small=$(peak "$tmp/small")
large=$(peak "$log")
printf 'peak memory: %d KiB at 1 MB, %d KiB at the whole log\n' \
	"$small" "$large"
[ "$((10#$a))" -lt "$((10#$b))" ] || { echo "not faster than grep"; exit 1; }
[ "$large" -lt "$((small + 512))" ] || { echo "memory grows"; exit 1; }
