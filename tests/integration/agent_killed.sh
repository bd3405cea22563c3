#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The core is killed right after it answered: what was acknowledged is known to
# the next one, what was cleared does not come back, nothing is counted twice,
# and who was told UNFIT is told UNFIT. KILLS says how often (20).
set -euo pipefail
# shellcheck source=tests/integration/agent.inc
. "$HALE_SRC/tests/integration/agent.inc"
# a folder in memory, as /run is: there the vault outlives the supervisor, too
run=$(mktemp -d /dev/shm/hale-killed-XXXXXX)
tidy() {
	stop_agent
	umount -l "$run" 2>/dev/null || true
	rm -rf "$run"
}
trap tidy EXIT

echo "[kmsg]
trust_user_records = yes" >"$conf"
kills=${KILLS:-20}
medium() { # DISK SECTOR: as the block layer of 6.x prints it
	echo "critical medium error, dev $1, sector $2 op 0x0:(READ) flags 0x80700 phys_seg 1 prio class 2"
}
is_cleared() { [[ -z $(count_of "$1" disk.medium_error) ]]; }
# its short name, as /proc tells it: "haled: core"
core() {
	local p
	for p in $(pgrep -P "$pid"); do
		[[ $(cat "/proc/$p/comm" 2>/dev/null) != "haled: core" ]] ||
			echo "$p"
	done
}
kill_core() {
	local old
	old=$(core)
	kill -KILL "$old"
	await 30 succeeded "$old" || ok "there is another core" false
}
succeeded() { [[ -n $(core) && $(core) != "$1" ]]; }

start_agent
lost=0 back=0 twice=0
for ((i = 1; i <= kills; i++)); do
	cleared=$(new_disk)
	kept=$(new_disk)
	say "$(medium "$cleared" $i)" "$(medium "$kept" $i)"
	await 30 counts "$cleared" disk.medium_error 1 ||
		ok "fault $i is counted" false
	await 30 counts "$kept" disk.medium_error 1 ||
		ok "fault $i is counted, too" false
	[[ $(client clear "$cleared" "" replaced | jq .control.affected) = 1 ]] ||
		ok "fault $i is cleared" false
	kill_core
	await 5 client status >/dev/null || back=$((back + 1))
	is_cleared "$cleared" || back=$((back + 1))
	case $(count_of "$kept" disk.medium_error) in
	1) ;;
	"") lost=$((lost + 1)) ;;
	*) twice=$((twice + 1)) ;;
	esac
done
ok "of $kills findings that were told none is lost" test "$lost" = 0
ok "of $kills that were cleared none comes back" test "$back" = 0
ok "and none is counted twice" test "$twice" = 0

# What the kernel says while there is no core is in the first answer of the next.
unheard=0
for ((i = 0; i < 5; i++)); do
	disk=$(new_disk)
	old=$(core)
	kill -KILL "$old"
	say "$(medium "$disk" $((100 + i)))"
	[[ $(count_of "$disk" disk.medium_error) = 1 ]] ||
		unheard=$((unheard + 1))
	await 30 succeeded "$old" || ok "there is another core" false
done
ok "no fault between two cores is missing from the next one's first answer" \
	test "$unheard" = 0

# All of it, right after an answer: the disk has not heard of it yet
cleared=$(new_disk)
kept=$(new_disk)
say "$(medium "$cleared" 7)" "$(medium "$kept" 7)"
ok "two faults are counted" await 5 counts "$cleared" disk.medium_error 1
await 5 counts "$kept" disk.medium_error 1
client clear "$cleared" "" replaced >/dev/null
stop_agent KILL
start_agent
ok "what was cleared stays so over the supervisor's death" \
	is_cleared "$cleared"
ok "and what was not is there, once" counts "$kept" disk.medium_error 1
stop_agent
ok "an orderly end leaves no vault" test ! -e "$run/vault"

# Where nothing can be saved, nobody is told that it was: no file may be as long
# as a vault is.
cat >"$HALE_TMP/small" <<EOF
#!/bin/bash
trap '' XFSZ
ulimit -f 4000
exec "$haled" "\$@"
EOF
chmod +x "$HALE_TMP/small"
haled=$HALE_TMP/small start_agent
ok "an agent without a vault says so" logged "vault: File too large"
disk=$(new_disk)
say "$(medium "$disk" 7)"
ok "and works" await 5 counts "$disk" disk.medium_error 1
client clear "$disk" "" replaced >"$HALE_TMP/cleared"
ok "what it clears is cleared" is_cleared "$disk"
ok "but nobody is told that it stays so" \
	jq -e '.control.error > 0' "$HALE_TMP/cleared"
ok "and what comes of that is said" \
	grep -q "could not be saved" "$HALE_TMP/cleared"
stop_agent

# Where the run folder's memory is full, it is no core that dies of it: what it
# would write to a page that the kernel does not have is SIGBUS.
if mount -t tmpfs -o size=1m,mode=755 tmpfs "$run" 2>/dev/null; then
	state=$HALE_TMP/empty # a vault that is small, and has to grow
	mkdir "$state"
	sed -i 's/= yes/= no/' "$conf"
	start_agent
	dd if=/dev/zero of="$run/ballast" bs=4k 2>/dev/null || true
	sed -i 's/= no/= yes/' "$conf"
	old=$(core)
	answers() { client status >/dev/null; }
	kill -HUP "$pid"
	ok "with a full run folder there is another core" await 30 succeeded "$old"
	ok "which answers" await 30 answers
	old=$(core)
	for ((i = 0; i < 200; i++)); do
		disk=$(new_disk)
		say "$(medium "$disk" $((8 * i)))"
	done
	ok "it hears of faults" await 30 counts "$disk" disk.medium_error 1
	ok "and says that it cannot keep them" \
		await 30 logged "memory not kept: No space left on device"
	ok "but lives" test "$(core)" = "$old"
	rm "$run/ballast"
	cleared() { [[ $(client clear "$disk" "" "$1" | jq '.control.error // 0') = 0 ]]; }
	ok "with room again what is cleared is kept" await 30 cleared replaced
	stop_agent
fi

exit $((failures > 0))
