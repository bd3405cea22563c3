#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What `hale check` makes of every gate it may meet: exit code, words, and how
# long it takes. Nothing but a whole and sound answer may ever read as FIT.
set -uo pipefail
hale=$HALE_BUILD/hale
gate=$HALE_BUILD/tests/integration/fake_gate
tmp=$HALE_TMP
run=$tmp/run
gate_pid=
failures=0
mkdir "$run" "$tmp/none" "$tmp/exec"
unset HALE_RUN_DIR NO_COLOR
# A scan of this machine is another test's matter.
export HALE_EXEC_PATH=$tmp/none

finish() {
	[ -z "$gate_pid" ] || kill "$gate_pid" 2>/dev/null
}
trap finish EXIT

ok() {
	local name=$1
	shift
	if "$@"; then
		echo "ok $name"
	else
		echo "not ok $name"
		sed 's/^/# /' "$tmp/out" "$tmp/err" 2>/dev/null
		failures=$((failures + 1))
	fi
}

# play MODE: a gate of this kind, until the next
play() {
	[ -z "$gate_pid" ] || { kill "$gate_pid" && wait "$gate_pid" 2>/dev/null; }
	rm -f "$tmp/ready"
	mkfifo "$tmp/ready"
	"$gate" "$run/gate.sock" "$1" >"$tmp/ready" &
	gate_pid=$!
	read -r _ <"$tmp/ready"
}

# ask ARGUMENTS: sets $code and $ms. What a busy machine does to it is only ever
# this: an answer is late, which is told and is 69, or hale itself is. Then it is
# asked again; $patience is how many times.
patience=5
ask() {
	local start try
	for ((try = 0; try < patience; try++)); do
		start=${EPOCHREALTIME/./}
		"$hale" --run-dir "$run" "$@" >"$tmp/out" 2>"$tmp/err"
		code=$?
		ms=$(((${EPOCHREALTIME/./} - start) / 1000))
		{ [ "$code" = 69 ] && late; } || return 0
	done
}
late() { grep -q 'did not answer within' "$tmp/out" "$tmp/err"; }
# ask_within MS ARGUMENTS: once, or, where it took longer, again
ask_within() {
	local most=$1 patience=1 try
	shift
	for try in 1 2 3 4 5 6; do
		ask "$@"
		within "$most" && return
	done
}
exits() { [ "$code" = "$1" ]; }
within() { [ "$ms" -lt "$1" ]; }
said() { grep -qF -- "$1" "$tmp/out"; }
told() { grep -qF -- "$1" "$tmp/err"; }
not() { ! "$@"; }
headline() { [ "$(cut -d' ' -f1 "$tmp/out")" = "$1" ]; }

play fit
ask check
ok "fit exits 0" exits 0
ok "fit is one line on stdout" [ "$(wc -l <"$tmp/out")" = 1 ]
ok "fit says nothing on stderr" [ ! -s "$tmp/err" ]
ask check --format nagios
ok "fit is OK for Nagios" exits 0

play unfit
ask check
ok "unfit exits 75 whatever the agent's own code" exits 75
ok "unfit says so" headline UNFIT
ok "unfit shows the proof on stderr" told "critical medium error, dev sde"
ok "unfit names part, count and place" \
	told "14 in 3 min, last"
ok "unfit names the path" told "under /home/ci/src (ext4 on sde1)"
ask check --format json
ok "json carries the exit code" said '"exitCode":75'
ok "json exits 75" exits 75
ask check --format nagios
ok "unfit is CRITICAL for Nagios" exits 2

play degraded
ask check
ok "degraded exits 0" exits 0
ok "degraded gives its reasons on stderr" told "disk.medium_error"
ask check --strict
ok "strict makes degraded 75" exits 75
ask check --format nagios
ok "degraded is WARNING for Nagios" exits 1

play unknown
ask check
ok "unknown exits 69" exits 69

for mode in silent deaf refuse garbage empty noverdict otherkind oversized \
	midway drip; do
	play "$mode"
	ask_within 1000 check
	ok "$mode gate: 69" exits 69
	ok "$mode gate: UNKNOWN" headline UNKNOWN
	ok "$mode gate: agent.blind" told agent.blind
	ok "$mode gate: within a second (${ms} ms)" within 1000
done
play refuse
ask check
ok "a refusal is told in the agent's words" told "too many clients"

play hostile
ask check
ok "hostile evidence: 75" exits 75
ok "hostile evidence brings no escape to the terminal" \
	not grep -qP '[\x00-\x08\x0b-\x1f\x7f]' "$tmp/out" "$tmp/err"

for _ in 1 2 3 4 5; do
	play then-fit
	ask check --wait 10s
	within 3000 && break
done
ok "wait ends when the host is fit" exits 0
ok "wait ends at once then (${ms} ms)" within 3000
play unfit
ask_within 2500 check --wait 1s
for _ in 1 2 3 4 5; do
	{ [ "$code" = 69 ] && late; } || break
	ask_within 2500 check --wait 1s
done
ok "wait gives up with the last verdict" exits 75
ok "wait takes its time (${ms} ms)" not within 900
ok "and no more (${ms} ms)" within 2500

# On a machine that is busy an answer may be late: that is 69, and asked again.
for _ in 1 2 3 4 5; do
	exec 9> >(:)
	wait $!
	"$hale" --run-dir "$run" check >&9 2>"$tmp/err"
	code=$?
	exec 9>&-
	[ "$code" = 69 ] || break
done
ok "a reader that left does not change the exit code" exits 75
"$hale" --run-dir "$run" check >&- 2>&-
code=$?
ok "nor does a closed stdout" exits 75

play slow
patience=1 ask check
ok "a slow answer is none" exits 69
ask check --fresh
ok "but a fresh look may take its time" exits 75
ok "it is the agent's own answer" not told "agent.blind"
ok "and says what did not come back" told "smart did not come back in time"
ok "no progress is told where nobody looks" not told "asking the hardware"
ask check --fresh --format json
ok "json has the note" said '"note":"smart did not come back in time"'
ask check --fresh --format nagios
ok "so has Nagios" said "smart did not come back in time"
script -qec "'$hale' --run-dir '$run' check --fresh" "$tmp/seen" >/dev/null </dev/null
ok "on a terminal, waiting is explained" grep -q "asking the hardware" "$tmp/seen"
script -qec "'$hale' --run-dir '$run' check" "$tmp/seen" >/dev/null </dev/null
ok "but not what is asked from memory" not grep -q "asking the hardware" "$tmp/seen"
play fit
ask_within 1000 check --fresh --wait 10s
ok "fresh and fit: no further waiting (${ms} ms)" within 1000
ok "and fit it is" exits 0

play parts
ask status
ok "a report in parts is one report" exits 0
ok "all parts are there" [ "$(grep -c 'disk.medium_error' "$tmp/out")" = 3 ]
play midway
ask status
ok "half a report is none" exits 69

kill "$gate_pid" && wait "$gate_pid" 2>/dev/null
gate_pid=
ask check
ok "a socket that nobody listens at: 69" exits 69
ok "a socket that nobody listens at: agent.blind" told agent.blind
rm "$run/gate.sock"
ask check
ok "no agent and no scan: 69" exits 69
ok "no agent and no scan says so" told "no agent runs here"
ask clear sde --reason test
ok "clear without an agent: 69" exits 69

# A scan that says what the test wants: it decides alone where no agent is, and
# beside a silent agent it may only worsen.
scan() {
	printf '#!/bin/sh\necho noise >&2\nexec "%s" - %s\n' "$gate" "$1" \
		>"$tmp/exec/hale-scan"
	chmod +x "$tmp/exec/hale-scan"
}
export HALE_EXEC_PATH=$tmp/exec
scan fit
ask check
ok "no agent, fit scan: 0" exits 0
ok "no agent, fit scan: says that it scanned" told "scanned just now"
ask check --format json
ok "no agent, json says that it scanned" said '"scanned":true'
"$hale" --run-dir "$run" check <&- >&- 2>"$tmp/err"
code=$?
ok "no agent, fit scan, stdin and stdout closed: 0" exits 0
"$hale" --run-dir "$run" check <&- >&- 2>&-
code=$?
ok "no agent, fit scan, all three closed: 0" exits 0
"$hale" --run-dir "$run" check 2>&- >"$tmp/out"
code=$?
ok "no agent, fit scan, stderr closed: 0" exits 0
scan unfit
ask check
ok "no agent, unfit scan: 75" exits 75
for mode in deaf garbage; do
	scan "$mode"
	ask_within 2600 check
	ok "no agent, $mode scan: 69" exits 69
	ok "no agent, $mode scan: in time (${ms} ms)" within 2600
done
play silent
scan fit
ask check
ok "silent agent, fit scan: still 69" exits 69
ok "silent agent, fit scan: agent.blind" told agent.blind
scan unfit
ask check
ok "silent agent, unfit scan: 75" exits 75
ok "silent agent, unfit scan: both reasons" told agent.blind
ok "silent agent, unfit scan: with its proof" told "dev sde"
ask status
ok "silent agent: status is no report: 69" exits 69
scan deaf
ask_within 2900 check
ok "silent agent, hanging scan: 69" exits 69
ok "silent agent, hanging scan: in time (${ms} ms)" within 2900
kill "$gate_pid" && wait "$gate_pid" 2>/dev/null
gate_pid=
rm "$run/gate.sock"
rmdir "$run"
export HALE_EXEC_PATH=$tmp/none
ask check
ok "no run folder: 69" exits 69

exit $((failures > 0))
