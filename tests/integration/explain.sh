#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# hale explain: the host's story, one part's, one process's, in three formats,
# whatever was in the log.
#
# hale-test: alone (another test's fault would be in the story)
set -uo pipefail
# shellcheck source=tests/integration/agent.inc
. "$HALE_SRC/tests/integration/agent.inc"

hale=$HALE_BUILD/hale
out=$HALE_TMP/out err=$HALE_TMP/err
unset NO_COLOR HALE_RUN_DIR HALE_EXEC_PATH
echo "[kmsg]
trust_user_records = yes" >"$conf"

h() {
	"$hale" "$@" >"$out" 2>"$err"
	code=$?
}
exited() { [ "$code" = "$1" ]; }
said() { grep -qF -- "$1" "$out"; }
told() { grep -qF -- "$1" "$err"; }
json() { jq -e "$@" "$out" >/dev/null; }
# The disk's store is full: its writes fail, and it is given up.
breaks() {
	say "critical space allocation error, dev $1, sector 2048 op 0x1:(WRITE) flags 0x0 phys_seg 1 prio class 2" \
		"device offline error, dev $1, sector 4096 op 0x1:(WRITE) flags 0x0 phys_seg 1 prio class 2"
}

# --- without an agent ---
h explain --run-dir "$HALE_TMP/nowhere" disk.medium_error --format markdown
ok "a page of the catalogue needs no agent" exited 0
# shellcheck disable=SC2016 # backquotes of Markdown
ok "and is Markdown where asked" said '## `disk.medium_error`'
h explain --format nagios
ok "a format that is not there: 64" exited 64
ok "is named" told "text, markdown or json"
h explain --since yesterday
ok "a time that is none: 64" exited 64

# --- a story ---
start_agent
export HALE_RUN_DIR=$run
clear_all
h explain
ok "the host's story: 0" exited 0
ok "begins with the verdict" grep -qE '^(FIT|DEGRADED|UNFIT|UNKNOWN)  ' "$out"
disk=$(new_disk)
breaks "$disk"
await 5 counts "$disk" virt.backing_full 1
await 5 counts "$disk" disk.offline 1
h explain "$disk"
ok "a part: 0" exited 0
ok "its root is said first" grep -qE "^1\. the store under $disk has no room left$" "$out"
ok "with what it did" said "-> "
ok "what to do" said "  to do "
ok "what clears it" said "  clears when "
ok "what prevents it" said "  prevents it "
ok "and how sure that is" grep -qE '^   sure +certain; as a build.s cause: host-disk-full$' "$out"
ok "in less than a screen" [ "$(wc -l <"$out")" -le 24 ]
h explain "$disk" --format json
# shellcheck disable=SC2016 # jq's own variable
ok "as JSON" json --arg d "$disk" '.causes | length == 1 and
	.[0].build == "host-disk-full" and .[0].confidence == "CERTAIN" and
	.[0].steps[0].finding.part.alias == $d'
ok "each step follows from one before it" json '.causes[].steps |
	to_entries | all(.key == 0 or .value.from < .key)'
h explain "$disk" --format markdown
ok "as Markdown" grep -qE "^### the store under $disk has no room left$" "$out"
ok "with the proof as code" grep -qE "^   - \`.*error, dev $disk, .*\`\$" "$out"
h explain virt.backing_full
ok "a condition has its page" said "means"
ok "and its causes" said "the store under $disk has no room left"
h explain no-such-thing
ok "neither this nor that: 1" exited 1
h explain --path / --since 1min
ok "of a build's scope: 0" exited 0
h explain --path ""
ok "an empty path: not asked" [ "$code" != 0 ]

# --- a program's own death, and nothing else near it ---
clear_all
cat >"$HALE_TMP/abort.py" <<'PY'
import ctypes, os, signal
ctypes.CDLL(None).prctl(15, b"own|<b>@all", 0, 0, 0)
os.kill(os.getpid(), signal.SIGBUS)
PY
killed() {
	python3 "$HALE_TMP/abort.py" 2>/dev/null
	[[ -n $(findings 'select(.condition == "process.sigbus" and
		(.part.id | startswith("process/own")))') ]]
}
if await 5 killed; then
	h explain 'own|<b>@all'
	ok "a process by its name: 0" exited 0
	ok "the host is not blamed for it" grep -qE "not by the host|its own fault" "$out"
	h explain 'own|<b>@all' --format markdown
	ok "a hostile name makes no HTML" not grep -q '<b>' <(grep -v '`' "$out")
	ok "and no mention" not grep -qE '@all' <(grep -v '`' "$out")
	ok "and no cell" not grep -qE '[^\\][|]' <(grep -v '`' "$out")
else
	echo "ok # skip the process connector is not there"
fi

# --- a full ledger: as short, and as quick ---
for i in $(seq 1 300); do
	say "critical medium error, dev $disk$i, sector $((i * 8)) op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2"
done
many() { [ "$(client status | jq -s '[.[].report.findings // [] | .[]] | length')" -gt 250 ]; }
await 15 many
h explain
ok "hundreds of findings: 0" exited 0
ok "in bounded lines ($(wc -l <"$out"))" [ "$(wc -l <"$out")" -le 400 ]
ok "and says how many more there are" grep -qE '^and [0-9]+ more' "$out"

# --- builds that it met ---
h explain "${disk}7"
ok "no history: nothing is said of builds" not said "  builds "
store() { "$HALE_BUILD/tests/integration/ship_client" "$run/ship.sock" "$@"; }
if [[ -S $run/ship.sock ]]; then
	store record 2 repo=example.org/app cause=host-io outcome=2 >/dev/null
	store record 1 repo=example.org/app cause=code outcome=2 >/dev/null
	known() {
		h explain "${disk}7"
		said "builds        example.org/app: 2 failed"
	}
	ok "builds that failed by it are counted" await 5 known
fi

# --- asked by very many at once: checks are answered all the same ---
hammers=()
for i in $(seq 1 20); do
	while :; do "$hale" explain; done >/dev/null 2>&1 &
	hammers+=($!)
done
# a machine that others use as well: the best round counts
for _ in 1 2 3 4 5; do
	blind=0
	for i in $(seq 1 40); do
		h check --path /
		[ "$code" = 69 ] && blind=$((blind + 1))
	done
	[ "$blind" = 0 ] && break
done
kill "${hammers[@]}"
wait "${hammers[@]}" 2>/dev/null
ok "no check went without an answer ($blind of 40)" [ "$blind" = 0 ]
answered() {
	h explain
	exited 0
}
ok "and why is told again afterwards" await 20 answered
ok "the agent is alive" alive
forget_log # the agents of other tests read it
exit "$((failures > 0))"
