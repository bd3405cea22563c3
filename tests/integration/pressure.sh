#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The core when memory is short and no file can be read: what a check touches is
# locked and in memory, so that checks cause no major fault though every cache
# is dropped; with an address space that is full, a question is refused and the
# next one answered; it holds no file of a disk open.
#
# hale-test: alone (it drops the host's caches)
set -euo pipefail
# shellcheck source=tests/integration/agent.inc
. "$HALE_SRC/tests/integration/agent.inc"

printf '[kmsg]\ntrust_user_records = yes\n' >"$conf"
start_agent
core() { # the process that listens at the gate
	local p
	for p in "$pid" $(pgrep -P "$pid"); do
		case $(cat "/proc/$p/comm") in
		"haled: core") echo "$p" && return ;;
		esac
	done
	echo "$pid"
}
core=$(core)
faults() { sed 's/.*) //' "/proc/$core/stat" | awk '{ print $10 }'; }
# KiB of the program's and the C library's pages that are not in memory
absent() {
	awk '/^[0-9a-f]+-/ { mine = $2 ~ /^r-/ && $6 ~ /(haled|libc\.so\.6)$/ }
		mine && /^Size:/ { n += $2 }
		mine && /^Rss:/ { n -= $2 }
		END { print n + 0 }' "/proc/$core/smaps"
}
ok "all its code is in memory before anybody asks ($(absent) KiB are not)" \
	test "$(absent)" = 0
ok "its memory is locked" test \
	"$(awk '/^VmLck:/ { print $2 }' "/proc/$core/status")" -gt 1000
for _ in 1 2 3; do # all kinds once
	client check >/dev/null
	client check / >/dev/null
	client status >/dev/null
	client watch 1 >/dev/null
done
drop() {
	sync
	echo 3 >/proc/sys/vm/drop_caches
}
drop
before=$(faults)
for i in $(seq 20); do
	client check >/dev/null
	client check / >/dev/null
	client status >/dev/null
	[[ $i != 10 ]] || drop
done
after=$(faults)
ok "after the caches are dropped sixty answers take no page from a disk ($before, $after)" \
	test "$after" = "$before"
# a fault that it has not met before, and all it takes to judge and tell it
drop
disk=$(new_disk)
say "critical medium error, dev $disk, sector 4096 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2"
ok "a fault is taken in" await 10 counts "$disk" disk.medium_error 1
ok "also without one ($after, $(faults))" test "$(faults)" = "$after"

# files of a disk that it holds: none, but for its program's own pages; "/" is
# where drivers begin, the first three are this test's
on_disk() {
	local f
	for f in /proc/"$core"/fd/*; do
		((${f##*/} > 2)) || continue
		f=$(readlink "$f") || continue
		[[ $f == /?* && $f != /dev/* && $f != /proc/* && $f != /sys/* ]] ||
			continue
		[[ $f == "$run"* || $f == "$state"* || $f == "$log" ]] || echo "$f"
	done
}
on_disk >"$HALE_TMP/files"
sed 's/^/# /' "$HALE_TMP/files"
ok "it holds no other file open" test ! -s "$HALE_TMP/files"

# --- an address space that is full ---
room=$(awk '/^VmSize:/ { print $2 }' "/proc/$core/status")
prlimit --pid "$core" --as=$((room * 1024)):
said=$(client status 2>&1) || true
for _ in $(seq 50); do client status >/dev/null 2>&1 || true; done
answered() { exits 0 || grep -q '"error"' <<<"$said"; }
ok "with no memory left one is answered, or told so" answered
ok "it lives" alive
prlimit --pid "$core" --as=unlimited:
whole() { client status | jq -es 'map(.report) | any' >/dev/null; }
ok "and when there is some again it tells all" await 5 whole
stop_agent
ok "and ends in order" test "$status" = 0

exit $((failures > 0))
