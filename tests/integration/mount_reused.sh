#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The kernel gives the number of a filesystem that is gone to the next one. An
# overlay on memory is unmounted, one on a disk that fails takes its place and
# its number: the first check after that mount is about the second.
# hale-test: alone
set -euo pipefail
# shellcheck source=tests/integration/agent.inc
. "$HALE_SRC/tests/integration/agent.inc"

at=$HALE_TMP/at
loop=
# check: sets $code and $said
check() {
	code=0
	said=$("$HALE_BUILD/hale" --run-dir "$run" check --path "$at/o" 2>&1) ||
		code=$?
}
comes_to() { check && [ "$code" = "$1" ]; }
overlay_on() { # FOLDER
	mkdir -p "$1/upper" "$1/work"
	mount -t overlay overlay "$at/o" -o \
		"lowerdir=$at/lower,upperdir=$1/upper,workdir=$1/work"
}
number() { findmnt -nro MAJ:MIN "$1"; }
tidy() {
	stop_agent
	umount -l "$at"/* "$at" || true
	[ -z "$loop" ] || losetup -d "$loop" || true
} 2>/dev/null
trap tidy EXIT

printf '[space]\nblocks = 0%%\nwarns = 0%%\n[kmsg]\ntrust_user_records = yes\n' \
	>"$conf"
mkdir "$at"
mount -t tmpfs tmpfs "$at"
mkdir "$at"/{good,bad,lower,o,other}
truncate -s 32M "$HALE_TMP/bad.img"
mkfs.ext4 -q -F "$HALE_TMP/bad.img"
loop=$(losetup --find --show "$HALE_TMP/bad.img")
mount "$loop" "$at/bad"
start_agent
clear_all
say "I/O error, dev ${loop#/dev/}, sector 64 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2"

reused=0
for _ in {1..5}; do
	overlay_on "$at/good"
	first=$(number "$at/o")
	ok "an overlay on memory is let through" await 2 comes_to 0
	# the map's next pass begins, and the one after that is held back
	mount -t tmpfs tmpfs "$at/other"
	check
	umount "$at/o"
	overlay_on "$at/bad"
	if [ "$(number "$at/o")" = "$first" ]; then
		reused=1
		for i in 1 2 3; do
			check
			# 69: a busy machine's answer, which lets nobody in
			ok "check $i after the mount lets nobody in" \
				grep -qx '75\|69' <<<"$code"
			[ "$code" = 75 ] || echo "$said" >&2
		done
		ok "it meets the bad disk" await 2 comes_to 75
	fi
	umount "$at/o" "$at/other"
	[ "$reused" = 0 ] || break
done
ok "the kernel gave the number again" test "$reused" = 1
exit $((failures > 0))
