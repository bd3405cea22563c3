#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The drivers storage and space on real mounts of this host: ext4 on a loop
# device on whatever is below, bind mounts, an overlay whose names hold blanks,
# commas and colons, a swap file, a filesystem that an error made read-only, one
# hidden beneath another, and a server that hangs. `drive` prints the facts. What
# this needs (loop, swap, overlay, FUSE, ext4 and its trigger) must be there.
# hale-test: alone
set -euo pipefail

drive=$HALE_BUILD/tests/integration/drive
hang=$HALE_BUILD/tests/integration/hang_mount
at=$HALE_TMP/at
img=$HALE_TMP/disk.img
loop='' inner='' fuse=''

ok() {
	local name=$1
	shift
	if "$@"; then echo "ok $name"; else echo "not ok $name"; fi
}
# says DRIVER LINE-PATTERN: one of its facts is that, as a whole line
says() {
	local facts
	facts=$("$drive" "$1") || return 1
	grep -qxE -- "$2" <<<"$facts" || { echo "$facts" >&2 && return 1; }
}
says_not() {
	local facts
	facts=$("$drive" "$1") || return 1
	! grep -E -- "$2" <<<"$facts" >&2
}
# await SECONDS COMMAND...: until it succeeds; false when five times those are
# up: the machine may have much else to do
await() {
	local end=$((${EPOCHREALTIME/./} + $1 * 5000000))
	shift
	until "$@"; do
		((${EPOCHREALTIME/./} < end)) || return 1
		sleep 0.02
	done
}
number() { stat -c '%Hr:%Lr' "$1"; }
superblock() { findmnt -nro MAJ:MIN --target "$1" | tail -n 1; }

tidy() {
	swapoff "$at/swap" || true
	[[ -z $fuse ]] || { exec {fuse}>&- && wait; }
	umount -l "$HALE_TMP/hung" "$HALE_TMP/hidden" "$HALE_TMP/hidden" || true
	umount -l "$HALE_TMP/merged" "$HALE_TMP"/bind* "$HALE_TMP/inner" || true
	umount -l "$at" || true
	[[ -z $inner ]] || losetup -d "$inner"
	[[ -z $loop ]] || losetup -d "$loop"
} 2>/dev/null
trap tidy EXIT

mkdir -p "$at" "$HALE_TMP"/{bind1,bind2,merged,inner,hung,hidden}
truncate -s 64M "$img"
mkfs.ext4 -q -F "$img"
loop=$(losetup --find --show "$img")
mount -o errors=remount-ro "$loop" "$at"
dev=$(number "$loop")
below=$(superblock "$HALE_TMP")

mount --bind "$at" "$HALE_TMP/bind1"
mkdir "$at/sub"
mount --bind "$at/sub" "$HALE_TMP/bind2"
ok "a filesystem is one mount, however often it is mounted" says storage \
	"mount $dev ext4 on=$at source=$loop writable"
ok "and no mount is named by its binds" says_not storage "on=$HALE_TMP/bind"
ok "a loop device stands on its file's filesystem" says storage \
	"layer $dev -> $below via=loop"

mkdir -p "$at/lo,w:er" "$at/up per" "$at/work"
mount -t overlay overlay "$HALE_TMP/merged" -o \
	"lowerdir=$at/lo\,w\:er:$at/sub,upperdir=$at/up per,workdir=$at/work"
overlay=$(superblock "$HALE_TMP/merged")
ok "an overlay stands on its layers' filesystem" says storage \
	"layer $overlay -> $dev via=overlay-upper"
ok "and is wholly mapped" says_not storage "layer $overlay unmapped"

truncate -s 16M "$at/inner.img"
mkfs.ext4 -q -F "$at/inner.img"
inner=$(losetup --find --show "$at/inner.img")
mount "$inner" "$HALE_TMP/inner"
rm "$at/inner.img"
ok "a loop device on a deleted file still has a disk" says storage \
	"layer $(number "$inner") -> $dev via=loop"

dd if=/dev/zero of="$at/swap" bs=1M count=8 status=none
chmod 600 "$at/swap"
mkswap "$at/swap" >/dev/null
ok "a swap file can be used" swapon "$at/swap"
ok "a swap file is a mount of its filesystem's" says storage \
	"mount $dev swap on=$at/swap source=$at/swap writable swap"
# Before anything makes the filesystem read-only: then nothing can, any more
ok "and is no longer used" swapoff "$at/swap"

facts=$("$drive" space)
numbers=$(stat -f -c '%a * %S' "$at")
ok "room is what statvfs says" grep -qE \
	"measure fs_bytes fs=$dev value=$((numbers)) " <<<"$facts"
ok "each filesystem is asked once" test \
	"$(grep -c "measure fs_bytes fs=$dev " <<<"$facts")" = 1
ok "an overlay is not asked: its upper layer is" \
	test -z "$(grep "fs=$overlay " <<<"$facts")"

mount -t tmpfs -o size=1M first "$HALE_TMP/hidden"
hidden=$(superblock "$HALE_TMP/hidden")
mount -t tmpfs -o size=2M second "$HALE_TMP/hidden"
ok "what another mount hides is not taken for it" says_not space \
	"measure fs_bytes fs=$hidden "
ok "what hides it has its own numbers" says space \
	"observation measure fs_bytes fs=$(superblock "$HALE_TMP/hidden") value=2097152 total=2097152 evidence=\"\""

# A mount made while the driver waits is seen without anyone asking
: >"$HALE_TMP/facts"
"$drive" -w 20 storage >"$HALE_TMP/facts" &
await 5 grep -q ^sampled "$HALE_TMP/facts"
mount -t tmpfs late "$HALE_TMP/inner"
ok "a new mount wakes the driver" await 5 grep -q \
	"tmpfs on=$HALE_TMP/inner source=late" "$HALE_TMP/facts"
kill $!
wait $! || true
umount "$HALE_TMP/inner"

ok "a sound filesystem is not read-only" says space \
	"observation state fs.readonly fs=$dev holds=0 .*"
mount -o remount,ro,bind "$HALE_TMP/bind1"
ok "nor is one that is ro in one place" says space \
	"observation state fs.readonly fs=$dev holds=0 .*"
mount -o remount,rw,bind "$HALE_TMP/bind1"

# The kernel finds an error in it, as far as it can tell
trigger=/sys/fs/ext4/$(basename "$loop")/trigger_fs_error
echo "on purpose" >"$trigger"
ok "an error makes it read-only" says space \
	"observation state fs.readonly fs=$dev holds=1 .*mounted rw, but.*"
ok "and is counted" says space \
	"observation state fs.error fs=$dev holds=1 value=1 .*"
ok "the map says so as well" says storage \
	"mount $dev ext4 on=$at source=$loop ro writable"

coproc HANG { exec "$hang" "$HALE_TMP/hung"; }
fuse=${HANG[1]}
read -r line <&"${HANG[0]}"
ok "a server hangs" test "$line" = mounted
hung=$(grep " $HALE_TMP/hung " /proc/self/mountinfo | cut -d' ' -f3)
# others' work only ever adds to the time: the best of some counts
for _ in 1 2 3 4 5; do
	began=${EPOCHREALTIME/./}
	facts=$("$drive" space)
	took=$(((${EPOCHREALTIME/./} - began) / 1000))
	((took >= 1500)) || break
done
ok "it is said to hang" grep -qxE "observation state fs.hung \
fs=$hung holds=1 .*evidence=\"ci@deadhost:/srv \(fuse.sshfs\) does not answer\"" \
	<<<"$facts"
ok "the others are told all the same" grep -q \
	"measure fs_bytes fs=$dev " <<<"$facts"
ok "the driver returns within its deadline ($took ms)" test "$took" -lt 1500
left() { pgrep -P 1 -x drive >/dev/null; }
not_left() { ! left; }
ok "nobody is left behind" await 2 not_left
