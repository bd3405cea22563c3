#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The probe process: a helper's facts reach the gate, a part that hangs does not
# blind its driver to the others, fresh answers are, and whoever is killed comes
# back without the agent forgetting anything.
# hale-test: alone
set -euo pipefail
HALED=$HALE_BUILD/tests/haled
# shellcheck source=tests/integration/agent.inc
. "$HALE_SRC/tests/integration/agent.inc"

probe() { pgrep -P "$pid" -x 'haled: probe'; }
sees() { # DRIVER SENSE: "SIGHT why"
	client status | jq -r ".report.coverage // [] | .[] |
		select(.driver == \"$1\" and .sense == \"$2\" and
			(.part // \"\") == \"\") |
		\"\\(.sight // \"SIGHT_BLIND\") \\(.why // \"\")\""
}
# shellcheck disable=SC2053 # a pattern it is
sees_as() { [[ $(sees "$1" "$2") == $3 ]]; }
finding() { findings "select(.part.id == \"$1\" and .condition == \"$2\") | $3"; }
found() { [[ -n $(finding "$1" "$2" .) ]]; }
fan() { finding sensor/test.fan sensor.fan "$1"; }
strangers=()
ms() { echo $((${EPOCHREALTIME/./} / 1000)); }

# --- a helper's job and its facts ---
printf '[test_helper]\nfan = stopped\n[test_stall]\npart = disk/test-stuck\n[kmsg]\ntrust_user_records = yes\n' \
	>"$conf"
forget_log
http_proxy=http://127.0.0.1:9 LD_LIBRARY_PATH=$HALE_TMP start_agent
ok "there is a probe process" test "$(probe | wc -l)" = 1
ok "which goes before the agent when memory runs out" test \
	"$(<"/proc/$(probe)/oom_score_adj")" -ge "$(<"/proc/$pid/oom_score_adj")"
ok "what a helper found is a finding" await 5 found sensor/test.fan sensor.fan
ok "and it was told that nobody waits" test "$(fan .evidence)" = \
	'"asked=0 once=0 skip="'
ok "its driver is covered" await 5 sees_as test_helper sensors 'SIGHT_LIVE *'

# --- a part that hangs, and one that does not ---
ok "a part that does not answer is named" \
	await 5 found disk/test-stuck disk.stalled
ok "the driver's other part is seen all the same" \
	await 5 found sensor/test.second sensor.fan

# --- fresh ---
begin=$(ms)
client fresh >"$HALE_TMP/fresh" &
fresh=$!
not_blocked() { # the answer is there before the fresh one is
	client check >/dev/null && kill -0 "$fresh" 2>/dev/null
}
ok "others are answered meanwhile" not_blocked
wait "$fresh"
took=$(($(ms) - begin))
# a helper of a busy machine takes longer than anybody waits: then it is asked
# again
waited_for() {
	[[ $(fan .evidence) == '"asked=1 once=0 skip="' ]] ||
		{ client fresh >"$HALE_TMP/fresh" && false; }
}
ok "a fresh answer waits for the drivers" await 6 waited_for
ok "and is there within five seconds, and what a busy machine takes ($took ms)" \
	test "$took" -lt 15000
ok "with an exit code" jq -e '.check.verdict.fitness' "$HALE_TMP/fresh"

# --- a finding of the log is looked into ---
last=$(fan .lastNs)
later() { [[ $(fan .lastNs) != "$last" ]]; }
say "critical medium error, dev $(new_disk), sector 8 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2"
# a second later, or a minute where another test's finding came before it
ok "a new finding of a disk has the disks asked" await 70 later

# --- killed ---
old=$(probe)
disk=$(new_disk)
say "critical medium error, dev $disk, sector 8 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2"
ok "a finding" await 2 counts "$disk" disk.medium_error 1
again() {
	local now
	now=$(probe) && [[ $now != "$old" ]]
}
for i in 0 1 2; do
	kill -KILL "$old"
	ok "a probe that is killed ($i) is started again" await 5 again
	ok "and was not missed" not \
		sees_as space fs_state 'SIGHT_BLIND the process*'
	old=$(probe)
done
ok "which is in the log, with when it comes back" \
	logged "ended by SIGKILL, starting it again in 0 s"
kill -KILL "$old"
ok "one that ends again and again leaves its drivers blind" await 2 \
	sees_as space fs_state 'SIGHT_BLIND the process haled: probe was ended by SIGKILL*'
ok "also the helper's" \
	sees_as test_helper sensors 'SIGHT_BLIND the process haled: probe*'
ok "which is in the log, too" \
	logged "ended by SIGKILL, starting it again in 4 s"
ok "the gate answers UNKNOWN or worse" not exits 0
ok "it comes back" await 10 sees_as space fs_state 'SIGHT_LIVE *'
ok "as another process" test "$(probe)" != "$old"
ok "with its helper" await 5 sees_as test_helper sensors 'SIGHT_LIVE *'
ok "and nothing was forgotten" counts "$disk" disk.medium_error 1
ok "nor is a finding of a driver of it" found sensor/test.fan sensor.fan

# --- anyone may ask, and often ---
if id nobody >/dev/null 2>&1; then
	chmod 755 "$HALE_TMP"
	cp "$HALE_BUILD/tests/integration/gate_client" "$HALE_TMP/gate_client"
	stranger() {
		setpriv --reuid nobody --clear-groups "$HALE_TMP/gate_client" \
			"$run/gate.sock" fresh | jq -r '.check.note // ""'
	}
	for ((i = 0; i < 8; i++)); do
		stranger >"$HALE_TMP/often.$i" &
		strangers+=($!)
		sleep 2.1
	done
	wait "${strangers[@]}"
	ok "who asks too often hears how old the answer is" \
		grep -q "^asked too often" "$HALE_TMP"/often.*
	ok "but not at first" not grep -q "^asked too often" \
		"$HALE_TMP"/often.[0-3]
fi

# --- a helper that is slow ---
printf '[test_helper]\nfan = slow\n[test_stall]\npart = disk/test-stuck\n' \
	>"$conf"
client reload >/dev/null
begin=$(ms)
client fresh >"$HALE_TMP/fresh"
took=$(($(ms) - begin))
helper=$(pgrep -x hale-probe-test || true)
ok "a helper's environment is its own" test \
	"$(tr '\0' '\n' <"/proc/$helper/environ" | grep -cE '^(LC_ALL|PATH|HOME)=')" = \
	"$(tr '\0' '\n' <"/proc/$helper/environ" | grep -c .)"
sockets() { find "/proc/$helper/fd" -lname 'socket:*' | wc -l; }
ok "as are its descriptors, but for one" test "$(sockets)" = 1
ok "who wants a fresh answer waits for five seconds ($took ms)" \
	test $((took > 4500 && took < 15000)) = 1
ok "and hears who was slower" test "$(jq -r .check.note "$HALE_TMP/fresh")" = \
	"no answer within 5 s from: test_helper; what they said before counts"
ok "others are not told so" test "$(client check | jq .check.note)" = null

# --- a helper that fails, and one that is not there ---
printf '[test_helper]\nfan = broken\n' >"$conf"
client reload >/dev/null
ok "a helper that fails is blind, and says why" await 5 \
	sees_as test_helper sensors 'SIGHT_BLIND Input/output error'
old=$(probe)
stop_agent
ok "ends in order" test "$status" = 0
gone() { ! kill -0 "$old" 2>/dev/null && ! pgrep -x test_stall >/dev/null; }
ok "and leaves nothing behind" await 3 gone

: >"$conf"
mkdir "$HALE_TMP/empty"
HALE_EXEC_PATH=$HALE_TMP/empty start_agent
ok "a helper that is missing is told with its name" await 5 \
	sees_as test_helper sensors "SIGHT_BLIND *hale-probe-test_helper is missing"
stop_agent

# --- the core is killed ---
start_agent
old=$(probe)
stop_agent KILL
ok "the probe ends with its core" await 3 gone

exit $((failures > 0))
