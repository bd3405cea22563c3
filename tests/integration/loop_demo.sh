#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# From a broken disk to a closed gate, without a virtual machine: ext4 on a loop
# device whose backing file is cut off beneath it. The kernel's own errors are
# heard, and within a second `hale check` closes the gate for a build on that
# mount, while one on another mount of the same machine is let through.
# hale-test: alone
set -euo pipefail
# shellcheck source=tests/integration/agent.inc
. "$HALE_SRC/tests/integration/agent.inc"

hale() { "$HALE_BUILD/hale" --run-dir "$run" "$@"; }
# check PATH: sets $code and $said
check() {
	code=0
	said=$(hale check --path "$1" 2>&1) || code=$?
}
# A new filesystem of 32 MiB in $HALE_TMP/NAME.img, mounted on $HALE_TMP/NAME
make_fs() {
	local name=$1 loop
	truncate -s 32M "$HALE_TMP/$name.img"
	mkfs.ext4 -q -F "$HALE_TMP/$name.img"
	loop=$(losetup --find --show "$HALE_TMP/$name.img")
	loops+=("$loop")
	mkdir -p "$HALE_TMP/$name"
	mount -o errors=continue "$loop" "$HALE_TMP/$name"
	mounts+=("$HALE_TMP/$name")
}
loops=() mounts=()
tidy() {
	local m
	stop_agent
	for m in "${mounts[@]}"; do umount "$m" || umount -l "$m"; done
	for m in "${loops[@]}"; do losetup -d "$m" || true; done
} 2>/dev/null
trap tidy EXIT

printf '[space]\nblocks = 0%%\nwarns = 0%%\n' >"$conf"
make_fs good
start_agent
clear_all

# The disk fails: nothing of what the filesystem holds can be read any more.
# A page that somebody is at stays in memory for now.
reads() { cat "$HALE_TMP/$1/source" >/dev/null 2>&1; }
fails() {
	began=${EPOCHREALTIME/./}
	! reads "$1" || {
		echo 3 >/proc/sys/vm/drop_caches
		false
	}
}
through() { check "$HALE_TMP/$1" && ((code == 0)); }
closed() { check "$HALE_TMP/$1" && ((code == 75)); }
# scene NAME: sets $took, from the first read that failed, in ms
scene() {
	# Mounted while the agent runs: it has to learn of it by itself
	make_fs "$1"
	head -c 4M /dev/urandom >"$HALE_TMP/$1/source"
	sync -f "$HALE_TMP/$1"
	ok "a build on the new mount is let through" await 1 through "$1"
	ok "with a clear word" grep -qE '^(FIT|DEGRADED)' <<<"$said"
	truncate -s 0 "$HALE_TMP/$1.img"
	echo 3 >/proc/sys/vm/drop_caches
	ok "the read fails" await 5 fails "$1"
	ok "the gate closes" await 1 closed "$1"
	took=$(((${EPOCHREALTIME/./} - began) / 1000))
}
# others' work only ever adds to the time: the best of some counts
for name in bad{1..6}; do
	scene "$name"
	((took >= 1000)) || break
done
ok "within a second of the first failed read ($took ms)" test "$took" -lt 1000
echo "$said" >&2
device=${loops[-1]#/dev/}
ok "exit code 75" test "$code" = 75
ok "says UNFIT" grep -q '^UNFIT' <<<"$said"
ok "names the condition" grep -qE 'disk\.(io|medium)_error' <<<"$said"
ok "names the device" grep -q "$device" <<<"$said"
ok "shows the kernel's own line" grep -qE "dev $device" <<<"$said"
ok "says what clears it" grep -q 'clears when' <<<"$said"

ok "a build on another mount is let through" await 1 through good
echo "$said" >&2
ok "and hears nothing of a bad disk in its way" \
	not grep -q '^UNFIT' <<<"$said"

exit $((failures > 0))
