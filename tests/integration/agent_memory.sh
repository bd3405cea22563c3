#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Memory across restarts: what was counted is not counted again, and what an
# operator cleared does not come back with the log that is read again.
#
# hale-test: alone (its faults are in the log of every other agent, too)
set -euo pipefail
# shellcheck source=tests/integration/agent.inc
. "$HALE_SRC/tests/integration/agent.inc"

echo "[kmsg]
trust_user_records = yes" >"$conf"
disk=$(new_disk)
other=$(new_disk)
medium() { # DISK SECTOR: as the block layer of 6.x prints it
	echo "critical medium error, dev $1, sector $2 op 0x0:(READ) flags 0x80700 phys_seg 1 prio class 2"
}
is_cleared() { [[ -z $(count_of "$1" disk.medium_error) ]]; }
was_written() { [[ $state/state.pb -nt $HALE_TMP/mark ]]; }

start_agent
say "$(medium "$disk" 100)" "$(medium "$disk" 200)" "$(medium "$other" 5)"
ok "counts two faults" await 3 counts "$disk" disk.medium_error 2
ok "and one of another disk" await 3 counts "$other" disk.medium_error 1
stop_agent

start_agent
ok "after a restart it is still two" counts "$disk" disk.medium_error 2
say "$(medium "$disk" 300)"
ok "and a third is counted" await 3 counts "$disk" disk.medium_error 3
ok "clearing says how many" test \
	"$(client clear "$other" "" "replaced" | jq .control.affected)" = 1
ok "and clears" is_cleared "$other"
ok "what it does not know it says" test \
	"$(client clear nosuchdisk "" "x" | jq .control.error)" = 2
ok "who and why are in the log" \
	grep -q "cleared part=$other .*uid=[0-9]* pid=[0-9]* reason=replaced" \
	"$log"
stop_agent

start_agent
ok "what was cleared stays cleared" is_cleared "$other"
ok "what was not does not" counts "$disk" disk.medium_error 3
say "$(medium "$other" 6)"
ok "a new fault of it counts from one" \
	await 3 counts "$other" disk.medium_error 1

# A kill loses at most what was not written yet, and reads it again
touch "$HALE_TMP/mark"
say "$(medium "$disk" 400)"
ok "a fourth is counted" await 3 counts "$disk" disk.medium_error 4
ok "the state is written by itself" await 20 was_written
stop_agent KILL
start_agent
ok "after SIGKILL nothing is lost and nothing doubled" \
	counts "$disk" disk.medium_error 4
stop_agent KILL
rm "$state/state.pb"
start_agent
ok "without its memory it counts the log anew" \
	counts "$disk" disk.medium_error 4
stop_agent

exit $((failures > 0))
