#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# One loop device, twice: the first image fails, a healthy one takes its place.
# An agent without any memory reads both from the kernel log, and holds the
# faults of the first against the first only.
# hale-test: alone
set -euo pipefail
# shellcheck source=tests/integration/agent.inc
. "$HALE_SRC/tests/integration/agent.inc"

dir=$HALE_TMP/reused
loop=
# check: sets $code and $said
check() {
	code=0
	said=$("$HALE_BUILD/hale" --run-dir "$run" check --path "$dir" 2>&1) ||
		code=$?
}
# A new filesystem on the same loop, with something to read in it
put() {
	truncate -s 32M "$HALE_TMP/$1.img"
	mkfs.ext4 -q -F "$HALE_TMP/$1.img"
	if [ -z "$loop" ]; then
		loop=$(losetup --find --show "$HALE_TMP/$1.img")
	else
		losetup "$loop" "$HALE_TMP/$1.img"
	fi
	mount -o errors=continue "$loop" "$dir"
	head -c 4M /dev/urandom >"$dir/source"
	sync -f "$dir"
}
gone() {
	echo 3 >/proc/sys/vm/drop_caches
	! cat "$dir/source" >/dev/null 2>&1
}
# What is read is gone, and the filesystem has found a fault in itself
break_it() {
	truncate -s 0 "$HALE_TMP/$1.img"
	await 10 gone # a page that somebody is at stays in memory for now
	echo "on purpose" >"/sys/fs/ext4/${loop#/dev/}/trigger_fs_error"
}
take_out() {
	umount "$dir" || umount -l "$dir"
	losetup -d "$loop"
	await 5 not losetup "$loop"
} 2>/dev/null
fresh_agent() {
	stop_agent
	rm -rf "$state"
	start_agent
}
tidy() {
	stop_agent
	umount "$dir" || umount -l "$dir" || true
	[ -z "$loop" ] || losetup -d "$loop" || true
} 2>/dev/null
trap tidy EXIT

printf '[space]\nblocks = 0%%\nwarns = 0%%\n' >"$conf"
mkdir -p "$dir"
put first
break_it first
closed() { check && ((code == 75)); }
fresh_agent
ok "an agent that starts after the fault closes the gate" await 2 closed
echo "$said" >&2
ok "for the loop that failed" grep -q "${loop#/dev/}" <<<"$said"

take_out
put second
# on a busy machine the map of what is mounted may come late
open_again() { check && ((code == 0)); }
ok "another image on the same loop is let through" await 5 open_again
echo "$said" >&2
fresh_agent
ok "also by an agent that has only the log" await 5 open_again
echo "$said" >&2
ok "without a word of the first" not grep -q 'disk\.\|fs\.' <<<"$said"

break_it second
ok "until it fails too" await 2 closed
exit $((failures > 0))
