#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The agent's life: start, the fit link, the configuration and its reload, a
# second instance, and every way in which it may end.
#
# hale-test: alone (another test's line in the kernel's log would be its finding)
set -euo pipefail
# shellcheck source=tests/integration/agent.inc
. "$HALE_SRC/tests/integration/agent.inc"

refused() { # TEXT COMMAND...: fails with exactly one line that holds TEXT
	local text=$1 out
	shift
	if out=$("$@" 2>&1); then
		echo "it did not fail: $*" >&2
		return 1
	fi
	[[ $(wc -l <<<"$out") == 1 && $out == *"$text"* ]] || {
		echo "said: $out" >&2
		return 1
	}
}
reload() { [[ $(client reload | jq -r .control.error) != 1 ]]; }
link_agrees() { # the link is there exactly while a check exits 0
	if exits 0; then [[ -e $run/fit ]]; else [[ ! -e $run/fit ]]; fi
}

echo "[kmsg]
trust_user_records = yes" >"$conf"

# --- start ---
start_agent
ok "answers a check" exits "$(exit_code)"
clear_all
ok "the link agrees with the check" await 5 link_agrees
ok "a fit host has the link" test -e "$run/fit"
ok "anybody may ask" test "$(stat -c %a "$run/gate.sock")" = 666
ok "a second agent on the same directory is refused" \
	refused "another haled, pid $pid, runs on $run already" \
	"$haled" --config "$conf" --run-dir "$run" --state-dir "$state"
ok "the first one lives on" alive

# --- a fault closes the gate and takes the link away ---
say "EDAC MC0: 1 UE memory read error on DIMM_T9 (channel:1 slot:0 page:0x1 offset:0x0 grain:64)"
ok "a memory error makes the host unfit" await 2 exits 75
ok "and the link is gone with it" test ! -e "$run/fit"
clear_all
ok "an operator's word opens the gate" await 2 exits 0
ok "and brings the link back" await 2 test -e "$run/fit"

# --- reload ---
printf '[space]\nblocks = 2%%, 2GiB\nblokcs = 3%%\n' >"$conf"
kill -HUP "$pid"
ok "a reload with an unknown key is refused, with its place" \
	await 5 logged "$conf:3: unknown key \"blokcs\" in [space]"
ok "and says that nothing changed" logged "the configuration stays as it was"
ok "a control request hears the same" \
	test "$(client reload | jq -r .control.text)" = \
	"$conf:3: unknown key \"blokcs\" in [space]"
mkdir "$HALE_TMP/rules"
printf '[coverage]\nstale = 10min\n[kmsg]\nrules_dir = %s\n' \
	"$HALE_TMP/rules" >"$conf"
kill -HUP "$pid"
ok "a good one is taken" await 5 logged "configuration read again"
ok "and the agent lives" exits 0

echo "nonsense {" >"$HALE_TMP/rules/own.rules"
ok "a check of the configuration finds it too, with its place" \
	refused "own.rules:1: " "$haled" -n -c "$conf"
ok "a reload reads the rules again" reload
ok "and tells the line that is wrong" await 20 logged "own.rules:1: "
rm "$HALE_TMP/rules/own.rules"
ok "a reload without it" reload
rules_bad() {
	client status | jq -e '[.report.coverage // [] | .[].why // ""] |
		any(contains("own.rules"))' >/dev/null
}
ok "and all is seen again" await 20 not rules_bad
ok "with nothing lost on the way" exits 0

# What was measured is judged anew, not only what is measured next (30 s)
printf '[space]\nblocks = 100%%, 1000TiB\nwarns = 100%%, 1000TiB\n' >"$conf"
ok "a reload with limits that this host is under" reload
ok "closes the gate" await 5 not test -e "$run/fit"
printf '[coverage]\nstale = 10min\n' >"$conf"
ok "a reload with the old ones" reload
ok "opens it again" await 5 test -e "$run/fit"

# --- who may change something ---
if id nobody >/dev/null 2>&1; then
	chmod 755 "$HALE_TMP"
	unprivileged() {
		setpriv --reuid nobody --clear-groups \
			"$HALE_TMP/gate_client" "$run/gate.sock" "$@"
	}
	cp "$HALE_BUILD/tests/integration/gate_client" "$HALE_TMP/"
	ok "a user may ask" test \
		"$(unprivileged check | jq '.check.exitCode // 0')" = 0
	ok "and may not clear" test \
		"$(unprivileged clear sda "" x | jq .control.error)" = 1
	ok "which is in the log" logged "refused a control request uid="
	for _ in 1 2 3 4 5 6 7 8; do
		unprivileged clear sda "" x >/dev/null
	done
	ok "once, however often it is tried" test \
		"$(grep -c "refused a control request" "$log")" = 1
	own=$HALE_TMP/own
	mkdir "$own" && chown nobody "$own"
	cp "$haled" "$HALE_TMP/haled"
	: >"$own.log"
	setpriv --reuid nobody --clear-groups "$HALE_TMP/haled" \
		--run-dir "$own" --state-dir "$own/state" 2>"$own.log" &
	own_pid=$!
	ok "a user's own agent is ready" await 15 grep -q "haled: ready" "$own.log"
	ok "and is theirs to clear" test "$(setpriv --reuid nobody \
		--clear-groups "$HALE_TMP/gate_client" "$own/gate.sock" clear \
		sda "" x | jq .control.error)" = 2
	kill "$own_pid"
	wait "$own_pid" || true
fi

# --- ends ---
stop_agent TERM
ok "SIGTERM ends it in order" test "$status" = 0
ok "and leaves no socket" test ! -e "$run/gate.sock"
ok "and no link" test ! -L "$run/fit"

start_agent
ok "starts again in the same directory" await 5 test -e "$run/fit"
stop_agent KILL
ok "after SIGKILL the link remains but leads nowhere" test -L "$run/fit"
ok "so [ -e ] is false" test ! -e "$run/fit"
start_agent
ok "and the next agent starts in spite of it" await 5 test -e "$run/fit"
stop_agent

# --- started by something that lets the kernel reap its children ---
sees_all() { # COMMAND...: a report in which no driver is said to be silent
	"$@" | jq -e '[.report.coverage // [] | .[].why // ""] |
		any(contains("no answer")) | not' >/dev/null
}
printf '#!/bin/sh\nexec env --ignore-signal=CHLD "%s" "$@"\n' "$haled" \
	>"$HALE_TMP/ignoring"
chmod 755 "$HALE_TMP/ignoring"
haled=$HALE_TMP/ignoring
start_agent
ok "an agent with SIGCHLD ignored still hears of its children" \
	await 5 sees_all client status
stop_agent
haled=${HALED:-$HALE_BUILD/haled}
ok "and so does a scan" await 5 sees_all env --ignore-signal=CHLD "$HALE_BUILD/hale" \
	--run-dir "$HALE_TMP/nobody" status --format json

# --- what it says when it cannot start, or only in part ---
start_in() {
	timeout 20 "$haled" --config "$conf" --run-dir "$1" \
		--state-dir "$state"
}
others=$HALE_TMP/others
mkdir -m 755 "$others"
echo precious >"$HALE_TMP/precious"
ln -s "$HALE_TMP/precious" "$others/lock"
ok "a lock that is a link" refused "lock in $others: " start_in "$others"
chmod 777 "$others"
ok "a run directory that others may write to" \
	refused "run directory $others: others may write to it" \
	start_in "$others"
chmod 755 "$others"
chown nobody "$others"
ok "a run directory of another user" \
	refused "run directory $others: it belongs to another user" \
	start_in "$others"
ok "none of them was written to" grep -qx precious "$HALE_TMP/precious"
: >"$conf"
start_agent --state-dir "$others"
ok "a state directory of another user: told, and not used" \
	logged "state directory $others: it belongs to another user; findings"
stop_agent
ok "nothing is left there" test ! -e "$others/state.pb"
echo "[agnet]
group = x" >"$conf"
ok "an unknown section" refused "$conf:2: unknown section [agnet]" \
	"$haled" -n --config "$conf"
echo "[policy]
disk.io_error = bolcks" >"$conf"
ok "a bad value" refused "$conf:2: disk.io_error = bolcks: expected" \
	"$haled" --config "$conf" --run-dir "$run" --state-dir "$state"
echo "nonsense" >"$conf"
ok "a line that is none" refused "$conf:1: expected" "$haled" -n -c "$conf"
ok "a missing file that was asked for" refused "$HALE_TMP/none: No such file" \
	"$haled" -n -c "$HALE_TMP/none"
printf '[agent]\ngroup = no-such-group\n' >"$conf"
ok "a group that is not there is no error" "$haled" -n -c "$conf"
"$haled" -n -c "$conf" 2>"$HALE_TMP/err"
ok "but is told" grep -q "group = no-such-group: there is no such group" \
	"$HALE_TMP/err"
start_agent
ok "also at the start" logged "group = no-such-group: there is no such group"
: >"$log"
ok "a reload" reload
ok "tells it again" logged "group = no-such-group: there is no such group"
stop_agent
: >"$conf"
ok "an empty file is fine" "$haled" -n -c "$conf"

mkdir -p "$state"
echo "this is no state" >"$state/state.pb"
start_agent
ok "a damaged state file is told" logged "state.pb is damaged; kept as state.pb.bad"
ok "and kept" grep -q "this is no state" "$state/state.pb.bad"
stop_agent
for i in 2 3 4 5; do
	cp "$state/state.pb.bad" "$state/state.pb.bad.$i"
done
echo "this is no state either" >"$state/state.pb"
start_agent
ok "one too many: says that it saves nothing" \
	await 5 logged "findings and clears would not survive a reboot"
ok "and what to do" logged "remove state.pb.bad*"
stop_agent
ok "and is not written over" \
	grep -q "this is no state either" "$state/state.pb"
rm "$state"/state.pb*
start_agent --state-dir /proc/none
ok "no state directory: told, and the agent runs" \
	logged "findings and clears will not survive a restart"
stop_agent

exit $((failures > 0))
