#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Every subcommand against a real agent, and without one.
#
# hale-test: alone (its fault is in the log of every other agent, too)
set -uo pipefail
# shellcheck source=tests/integration/agent.inc
. "$HALE_SRC/tests/integration/agent.inc"

hale=$HALE_BUILD/hale
out=$HALE_TMP/out err=$HALE_TMP/err
unset NO_COLOR HALE_RUN_DIR HALE_EXEC_PATH
chmod 755 "$HALE_TMP" # for the checks that another user makes
echo "[kmsg]
trust_user_records = yes" >"$conf"

# h ARGUMENTS: sets $code; again where the answer came too late, as on a machine
# that has much else to do
h() {
	for _ in 1 2 3 4; do
		"$hale" "$@" >"$out" 2>"$err"
		code=$?
		grep -qs 'did not answer within' "$out" "$err" || break
	done
}
exited() { [ "$code" = "$1" ]; }
said() { grep -qF -- "$1" "$out"; }
told() { grep -qF -- "$1" "$err"; }
one_line() { [ "$(wc -l <"$1")" = 1 ]; }
medium_error() {
	say "critical medium error, dev $1, sector $((RANDOM * 8)) op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2"
}
# The first word of stdout goes with the exit code.
agrees() {
	case "$(cut -d' ' -f1 "$out") $code" in
	"FIT 0" | "DEGRADED 0" | "UNFIT 75" | "UNKNOWN 69") true ;;
	*) false ;;
	esac
}

# --- words that need no agent ---
h
ok "no command: 64" exited 64
ok "no command shows how it is used" told "usage: hale"
h help
ok "help: 0" exited 0
ok "help lists the commands" said "scope    the way"
h --version
ok "version names itself" said "hale "
h chek
ok "a slip: 64" exited 64
ok "a slip is guessed in one line" told "did you mean check?"
ok "and only one line" one_line "$err"
for command in check status watch scope explain clear; do
	h "$command" --help
	ok "$command --help: 0" exited 0
	ok "$command --help has an example" said "  hale $command"
	ok "$command --help fits a screen" [ "$(wc -l <"$out")" -le 24 ]
	ok "$command --help fits 80 columns" \
		[ "$(wc -L <"$out")" -le 80 ]
	h "$command" --nonsense
	ok "$command refuses what it does not know: 64" exited 64
	ok "$command does so in one line" one_line "$err"
done
h help check
ok "help COMMAND is its help" said "usage: hale check"
h check --path ""
ok "an empty path: 64" exited 64
h check --host --path /
ok "host and path: 64" exited 64
h explain disk.medium_error
ok "explain knows the catalogue without an agent" said "clears when"
h explain disk.medium_eror
ok "explain guesses: 1" exited 1
ok "explain guesses the name" told "disk.medium_error"
h explain --list
ok "explain --list has them all" [ "$(wc -l <"$out")" -gt 40 ]
h triage kernel /dev/null
ok "triage runs its helper" exited 0
HALE_EXEC_PATH=$HALE_TMP/nothing h triage kernel /dev/null
ok "a helper that is missing is named" told "$HALE_TMP/nothing/hale-triage"

# --- with an agent ---
start_agent
export HALE_RUN_DIR=$run
clear_all
disk=$(new_disk)
medium_error "$disk"
await 5 counts "$disk" disk.medium_error 1

h check
ok "check: code and word agree ($(head -1 "$out"), $code)" agrees
h check --format json
ok "check: one JSON object that says the same" \
	[ "$(jq .exitCode <"$out")" = "$code" ]
h check --host
ok "check --host: code and word agree" agrees
h check --format nagios
ok "check for Nagios is one line with numbers" \
	grep -qE '^HALE (OK|WARNING|CRITICAL|UNKNOWN) - .* \| reasons=[0-9]+ parts=[0-9]+$' "$out"
h check --need-space 1000000T
ok "more space than there is: 75" exited 75
ok "more space than there is: says fs.full" told fs.full
h check --need-memory 1000T
ok "more memory than there is: 75" exited 75
ok "and what would clear it is memory, not pressure" \
	told "clears when as much memory as is needed is available"
h status --coverage
ok "status: 0" exited 0
ok "status shows the finding" said "disk.medium_error  $disk"
ok "status shows the proof" said "critical medium error, dev $disk"
ok "status shows coverage" grep -qE '^  (live|partial) +kernel_log .*[(]kmsg[)]$' "$out"
ok "and counts it" grep -qE '^[0-9]+ of 22 senses blind, [0-9]+ partial$' "$out"
h status
ok "status alone says how much is not seen" \
	said " partial: hale status --coverage"
h status --format json
ok "status as JSON has the finding" \
	jq -e ".findings[] | select(.part.alias == \"$disk\")" "$out"
h explain "$disk"
ok "explain PART: 0" exited 0
ok "explain PART says what to do" said "to do"
h scope /
ok "scope: 0" exited 0
ok "scope begins with the path" grep -q '^/ \|^/$' "$out"
h scope / --format json
ok "scope as JSON has hops" jq -e '.hops | length > 0' "$out"

"$hale" watch >"$HALE_TMP/watch" 2>&1 &
watcher=$!
watched() { grep -qE -- "$1" "$HALE_TMP/watch"; }
ok "watch shows what is there" await 5 watched "\+ disk.medium_error  $disk"
medium_error "$disk"
ok "watch shows that it happened again" await 5 watched "\* disk.medium_error  $disk"

h clear "$disk"
ok "clear without a reason: 64" exited 64
h clear "$disk" disk.haunted --reason test
ok "clear of no condition: 64" exited 64
as_other() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
as_other "$hale" clear "$disk" --reason test >"$out" 2>"$err"
code=$?
ok "clear by anyone: 77" exited 77
as_other "$hale" check >"$out" 2>"$err"
code=$?
ok "check by anyone is answered" agrees
mkdir -m 700 "$HALE_TMP/locked"
as_other "$hale" check --path "$HALE_TMP/locked/x" >"$out" 2>"$err"
code=$?
ok "check of a path that one may not enter: not FIT ($code)" not exited 0
ok "and says why" told "$HALE_TMP/locked/x: permission denied"
as_other "$hale" scope "$HALE_TMP/locked/x" >"$out" 2>"$err"
code=$?
ok "scope of a path that one may not enter: 69" exited 69
ok "scope says why" told "permission denied"
h clear "$disk" --reason "replaced"
ok "clear: 0" exited 0
ok "clear tells how many" said "1 finding cleared"
h clear "$disk" --reason "replaced"
ok "clear again: 1" exited 1
ok "watch shows that it is over" await 5 watched "- disk.medium_error  $disk"
kill "$watcher" 2>/dev/null
wait "$watcher" 2>/dev/null

all=("$pid")
mapfile -t -O 1 all < <(pgrep -P "$pid")
kill -STOP "${all[@]}"
h check
ok "a stopped agent: 69 or 75" grep -qx '69\|75' <<<"$code"
ok "a stopped agent: agent.blind" told agent.blind
h status
ok "which status says, too" grep -q agent.blind "$out" "$err"
kill -CONT "${all[@]}"
stop_agent

# --- without ---
export HALE_CONFIG=$conf HALE_STATE_DIR=$state HALE_RUN_DIR=$HALE_TMP/no-agent
h check
ok "no agent: code and word agree" agrees
ok "no agent: says that it scanned" told "no agent runs here: scanned just now"
h status
ok "no agent: what was cleared stays cleared" \
	not said "disk.medium_error  $disk"
HALE_STATE_DIR=$HALE_TMP/no-state h status
ok "no agent and no memory: the log is read from its start" \
	said "disk.medium_error  $disk"
h scope /
ok "no agent: scope: 0" exited 0
h watch --help
h clear "$disk" --reason test
ok "no agent: clear: 69" exited 69
if ! as_other sh -c ': </dev/kmsg' 2>/dev/null; then
	as_other "$hale" check >"$out" 2>"$err"
	code=$?
	ok "no agent, no right to the log: not FIT ($code)" not exited 0
	ok "no agent, no right to the log: says what is not seen" \
		told "cannot tell"
fi

exit $((failures > 0))
