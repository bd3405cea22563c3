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
	umount "$disk" 2>/dev/null || true
	umount "$disk" 2>/dev/null || true
}
trap tidy EXIT

truncate -s 8M "$HALE_TMP/disk.img"
mkfs.ext4 -q -m 0 "$HALE_TMP/disk.img"
mkdir "$disk"
if ! mount -o loop "$HALE_TMP/disk.img" "$disk" 2>/dev/null; then
	echo "# no loop device here"
	exit 77
fi
chmod 755 "$HALE_TMP"
mkdir "$disk/store"
chmod 1777 "$disk/store"
printf '[kmsg]\ntrust_user_records = yes\n[store]\npath = %s/store/builds.db\n' \
	"$disk" >"$conf"
start_agent
ok "a history on a disk of its own" await 5 up
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
ok "and to who asks how the history is" await 5 sees_as 'SIGHT_PARTIAL *is full*'
ok "the gate answers" answers
rm "$disk/ballast" "$disk/ballast2"
ok "what waited is there when there is room" await 30 stored full "$told"
ok "which is said" await 5 sees_as 'SIGHT_LIVE *'

# --- gone: something else is mounted over it ---
mount -t tmpfs -o mode=1777 tmpfs "$disk"
ok "where its folder was lost builds wait" waits gone
ok "the gate answers even so" answers
umount "$disk"
ok "what waited is there when the folder is back" await 70 stored gone 3
ok "and what was there before it, too" stored before 2
ok "nothing was set aside" not compgen -G "$disk/store/*.aside*"

# --- killed while findings are told ---
medium() { echo "critical medium error, dev $1, sector $2 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2"; }
disks=()
for ((i = 0; i < 8; i++)); do
	disks+=("$(new_disk)")
	say "$(medium "${disks[i]}" $((1000 + 8 * i)))"
	((i % 2)) || kill -KILL "$(process)" 2>/dev/null || true
	await 5 counts "${disks[i]}" disk.medium_error 1 || break
done
ok "findings come in while the store's process is killed" test "$i" = 8
ok "it comes back" await 30 up
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
ok "every finding of the agent is in the history, once" await 30 each_once

# --- read-only, by an error of its own ---
fails_by=/sys/fs/ext4/$(basename "$(findmnt -no SOURCE "$disk")")/trigger_fs_error
if [[ -w $fails_by ]]; then
	mount -o remount,errors=remount-ro "$disk"
	echo "an error of a test" >"$fails_by"
	ok "on a read-only disk builds wait" waits readonly
	ok "the gate answers then" answers
	ok "what is there can still be read" stored before 2
fi

ok "the agent is alive" alive
((failures == 0))
