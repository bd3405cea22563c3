#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The history on a disk of its own that fails it: full, read-only, gone from
# under it; and its process killed while findings are told. What waited is there
# afterwards, once, and whatever becomes of the disk, the gate answers.
set -euo pipefail
# shellcheck source=tests/integration/agent.inc
. "$HALE_SRC/tests/integration/agent.inc"

disk=$HALE_TMP/disk
ship() { "$HALE_BUILD/tests/integration/ship_client" "$run/ship.sock" "$@"; }
process() { pgrep -P "$pid" -x 'haled: ship'; }
up() { [[ -n $(process) ]] && ship needs x >/dev/null 2>&1; }
builds() { ship history repo="$1" | jq -c 'select(.build) | .build.id'; }
# stored REPO N: so many builds of it, each once
stored() {
	[[ $(builds "$1" | wc -l) == "$2" && -z $(builds "$1" | sort | uniq -d) ]]
}
sight() {
	client status | jq -r '.report.coverage // [] | .[] |
		select(.sense == "history") | "\(.sight // "SIGHT_BLIND") \(.why // "")"'
}
# shellcheck disable=SC2053 # a pattern it is
sees_as() { [[ $(sight) == $1 ]]; }
answers() { client check | jq -e '.check.verdict.fitness' >/dev/null; }
# tell REPO N [KEY=VALUE]...: $said is the answers
tell() { said=$(ship record "$2" repo="$1" "${@:3}" || true); }
# how many of those are stored, or will be
taken() { grep -Evc 'refused' <<<"$said" || true; }
waiting() { grep -c 'waits in memory' <<<"$said" || true; }
waits() {
	tell "$1" 3
	(($(waiting) == 3))
}
tidy() {
	stop_agent
	umount -l "$run" 2>/dev/null || true
	umount -l "$disk" 2>/dev/null || true
	umount -l "$disk" 2>/dev/null || true
}
trap tidy EXIT

truncate -s 8M "$HALE_TMP/empty.img"
mkfs.ext4 -q -m 0 "$HALE_TMP/empty.img"
mkdir "$disk"
if mount -o loop "$HALE_TMP/empty.img" "$disk" 2>/dev/null; then
	mkdir "$disk/store"
	chmod 1777 "$disk/store"
	umount "$disk"
fi
cp --sparse=always "$HALE_TMP/empty.img" "$HALE_TMP/disk.img"
if ! mount -o loop "$HALE_TMP/disk.img" "$disk" 2>/dev/null; then
	echo "# no loop device here"
	exit 77
fi
chmod 755 "$HALE_TMP"
printf '[kmsg]\ntrust_user_records = yes\n[store]\npath = %s/store/builds.db\n' \
	"$disk" >"$conf"
mkdir -p "$run"
mount -t tmpfs -o mode=755 tmpfs "$run" # as /run is
start_agent
ok "a history on a disk of its own" await 60 up
ship record 2 repo=before >/dev/null

# --- full ---
dd if=/dev/zero of="$disk/ballast" bs=64k 2>/dev/null || true
dd if=/dev/zero of="$disk/ballast2" bs=1k 2>/dev/null || true
told=0
waited=0
word=$(head -c 9000 /dev/zero | tr '\0' x)
fills() {
	tell full 1 word="$word"
	told=$((told + $(taken) + $(waiting)))
	waited=$((waited + $(waiting)))
	((waited > 2))
}
ok "a full disk is said to whoever tells a build" await 60 fills
ok "and to who asks how the history is" await 60 sees_as 'SIGHT_PARTIAL *is full*'
ok "the gate answers" answers
rm "$disk/ballast" "$disk/ballast2"
ok "what waited is there when there is room" await 60 stored full "$told"
ok "which is said" await 60 sees_as 'SIGHT_LIVE *'

# --- gone: something else is mounted over it ---
mount -t tmpfs -o mode=1777 tmpfs "$disk"
ok "where its folder was lost builds wait" waits gone
ok "the gate answers even so" answers
umount "$disk"
ok "what waited is there when the folder is back" await 60 stored gone 3
ok "and what was there before it, too" stored before 2
ok "nothing was set aside" not compgen -G "$disk/store/*.aside*"

# --- mounted anew while builds wait, and its process killed meanwhile ---
# Confined to the folder that was there, no ship that runs can reach this one.
kills() {
	local old
	old=$(process)
	kill -KILL "$old"
	another() { up && [[ $(process) != "$old" ]]; }
	await 60 another
}
mount -t tmpfs -o mode=1777 tmpfs "$disk"
ok "builds wait again" waits anew
ok "its process can be killed" kills
ok "and what waited is taken over" logged \
	"taken over from the process before: 3 builds and "
tell anew 2
ok "more wait behind it" test "$(waiting)" = 2
old=$(process)
umount "$disk"
umount "$disk"
mount -o loop "$HALE_TMP/disk.img" "$disk"
ok "all of it is there when the disk is mounted anew" await 60 stored anew 5
ok "and what was there before it" stored gone 3
ok "by another process" test "$(process)" != "$old"
ok "which one line says" test "$(grep -c 'is another now' "$log")" = 1
ok "nothing of it was lost" not logged "are lost"

# --- the agent itself ends while builds wait ---
mount -t tmpfs -o mode=1777 tmpfs "$disk"
ok "builds wait once more" waits ends
stop_agent KILL
umount "$disk"
start_agent
ok "what waited for an agent that was killed is there" await 60 stored ends 3
mount -t tmpfs -o mode=1777 tmpfs "$disk"
ok "so it is" waits ordered
stop_agent
ok "of one that ended in order" test -e "$run/waiting"
umount "$disk"
start_agent
ok "and is stored by the next" await 60 stored ordered 3
ok "nothing waits any more" test "$(stat -c %b "$run/waiting/records")" = 0

# --- another disk in its place, while the old one is in use ---
cp --sparse=always "$HALE_TMP/empty.img" "$HALE_TMP/other.img"
umount -l "$disk"
mount -o loop "$HALE_TMP/other.img" "$disk"
told=0
tells() { # the door may close before it has spoken; then it comes again
	tell other 1
	told=$((told + $(grep -c . <<<"$said" || true)))
	((told == 3))
}
ok "where another disk is mounted builds can be told" await 60 tells
ok "it goes on there" await 60 stored other 3
ok "where nothing else is" stored anew 0
ok "which is said" await 60 sees_as 'SIGHT_LIVE *'
on_it() { [[ -e $disk/store/builds.db ]]; }
ok "on that disk" on_it
ok "the gate answers there" answers

# --- killed while findings are told ---
medium() { echo "critical medium error, dev $1, sector $2 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2"; }
disks=()
for ((i = 0; i < 8; i++)); do
	disks+=("$(new_disk)")
	say "$(medium "${disks[i]}" $((1000 + 8 * i)))"
	((i % 2)) || kill -KILL "$(process)" 2>/dev/null || true
	await 60 counts "${disks[i]}" disk.medium_error 1 || break
done
ok "findings come in while the store's process is killed" test "$i" = 8
ok "it comes back" await 60 up
in_history() {
	ship history findings=1 | jq -r 'select(.finding) | .finding |
		select(.condition == "disk.medium_error") | .part.alias'
}
each_once() {
	local one all
	all=$(in_history)
	for one in "${disks[@]}"; do
		[[ $(grep -cx "$one" <<<"$all") == 1 ]] || return 1
	done
}
ok "every finding of the agent is in the history, once" await 60 each_once

# --- read-only, by an error of its own ---
fails_by=/sys/fs/ext4/$(basename "$(findmnt -no SOURCE "$disk")")/trigger_fs_error
if [[ -w $fails_by ]]; then
	mount -o remount,errors=remount-ro "$disk"
	echo "an error of a test" >"$fails_by"
	ok "on a read-only disk builds wait" waits readonly
	ok "the gate answers then" answers
	ok "what is there can still be read" stored other 3
fi

ok "the agent is alive" alive
((failures == 0))
