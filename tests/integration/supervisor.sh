#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The agent's processes: whoever is killed or stopped comes back, the gate
# answers rightly through all of it, the fit link never says more than a check
# would, and nobody is left behind.
# hale-test: alone
set -euo pipefail
# shellcheck source=tests/integration/agent.inc
. "$HALE_SRC/tests/integration/agent.inc"

process() { pgrep -P "$pid" -x "haled: $1"; }
is_new() { # NAME OLD: another one runs
	local now
	now=$(process "$1") && [[ $now != "$2" ]]
}
fit() { [[ -e $run/fit ]]; }
descriptors() { find "/proc/$1/fd" -mindepth 1 | wc -l; }
zombies() { ps --ppid "$pid" -o stat= | awk '/^Z/ { n++ } END { print n + 0 }'; }
answers() { client check | jq -e .check.verdict >/dev/null; }
has() { [[ -n $(findings "select(.part.id == \"$1\")") ]]; }
rss() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }
# Whoever asks all the time, until rest_askers: what was not FIT goes to $wrong
wrong=$HALE_TMP/wrong
askers=()
ask_all_the_time() {
	: >"$wrong"
	rm -f "$HALE_TMP/enough"
	for i in 1 2 3; do
		(
			out=$HALE_TMP/out.$i
			while [[ ! -e $HALE_TMP/enough ]]; do
				"$HALE_BUILD/hale" check --run-dir "$run" \
					--path / >"$out" 2>&1 ||
					{
						echo "check: $?"
						cat "$out"
					} >>"$wrong"
			done
		) &
		askers+=($!)
	done
}
rest_askers() {
	: >"$HALE_TMP/enough"
	wait "${askers[@]}"
	askers=()
	[[ ! -s $wrong ]] || head -20 "$wrong" >&2
}
reload() { [[ $(client reload | jq -r .control.error) != 1 ]]; }

printf '[kmsg]\ntrust_user_records = yes\n' >"$conf"
start_agent
clear_all
ok "a fit host has the link" await 5 fit
for name in core probe ship; do
	ok "there is a process $name" process "$name"
	ok "which ps(1) shows by its name" grep -q "^haled: $name" \
		"/proc/$(process "$name")/cmdline"
done
ok "the core is another than the supervisor" test "$(process core)" != "$pid"
kept() { # of a process's line NAME in proc_pid_status(5)
	awk -v name="$2:" '$1 == name { print $2 }' "/proc/$(process "$1")/status"
}
ok "the core has no rights" test "$(kept core CapEff)" = 0000000000000000
ok "nor gets new ones" test "$(kept core NoNewPrivs)" = 1
before=$(descriptors "$pid")
grown=$(rss "$pid")

# --- the core is killed ---
disk=$(new_disk)
say "critical medium error, dev $disk, sector 8 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2"
ok "a fault is found" await 3 has "disk/unresolved-$disk"
client clear "disk/unresolved-$disk" "" "it was a test" >/dev/null
other=$(new_disk)
say "critical medium error, dev $other, sector 8 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2"
ok "and another" await 3 has "disk/unresolved-$other"
for i in 1 2 3 4 5; do
	old=$(process core)
	kill -KILL "$old"
	ok "killed ($i): the next question is answered" answers
	ok "by another core" is_new core "$old"
	ok "which knows what the last one knew" has "disk/unresolved-$other"
	ok "and what was cleared" not has "disk/unresolved-$disk"
	ok "the host is fit again" await 5 fit
	sleep 1 # who lives for so long is not failing in a row
done
ok "the log says how it ended" \
	logged "the process haled: core was ended by SIGKILL"
ok "the probe went with its core, and is back" await 5 process probe

# --- and is told what happened meanwhile ---
old=$(process core)
late=$(new_disk)
kill -STOP "$pid" # so that nobody takes its place yet
kill -KILL "$old"
say "critical medium error, dev $late, sector 8 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2"
kill -CONT "$pid"
ok "a fault between two cores is found" await 5 has "disk/unresolved-$late"

# --- the core hangs ---
await 5 fit || true
old=$(process core)
kill -STOP "$old"
ok "a core that does not answer is replaced" await 15 is_new core "$old"
ok "which is in the log" logged "the process haled: core did not answer"
ok "and the gate answers" answers
ok "and the link is there again" await 5 fit

# --- none gets over what the last one knew ---
# The next three that begin, each at once.
kill_three() {
	python3 - "$pid" <<'EOF'
import os, signal, sys

os.nice(-20) # a core is ready within 10 ms

def core(killed):
    """Another than those, which may be there for longer than it takes to begin."""
    path = "/proc/%s/task/%s/children" % (sys.argv[1], sys.argv[1])
    for child in set(open(path).read().split()) - killed:
        try:
            if open("/proc/%s/comm" % child).read() == "haled: core\n":
                return child
        except OSError:
            pass

killed = set()
while len(killed) < 3:
    new = core(killed)
    if new:
        os.kill(int(new), signal.SIGKILL)
        killed.add(new)
EOF
}
given_up() { logged "is given up for what the disk has"; }
for _ in {1..15}; do # one may be ready before it is killed
	sleep 2	       # until the disk has it
	kill_three
	! await 1 given_up || break
done
ok "two that end before they are ready: it is given up" given_up
ok "for what the disk has" await 5 has "disk/unresolved-$other"
ok "in which what was cleared stays so" not has "disk/unresolved-$disk"
sleep 1.1
await 5 fit || true

# --- the others ---
ask_all_the_time
for _ in 1 2; do
	old=$(process probe)
	kill -KILL "$old"
	ok "a probe that is killed is back before long" await 5 is_new probe "$old"
	sleep 0.5
done
rest_askers
ok "on a fit host nobody hears of it" test ! -s "$wrong"
ok "nor is the link touched" fit
for name in probe ship; do
	old=$(process "$name")
	core=$(process core)
	kill -KILL "$old"
	ok "the $name is killed: the gate answers" answers
	ok "another takes its place" await 10 is_new "$name" "$old"
	ok "beside the same core" test "$(process core)" = "$core"
done
ok "the link was not touched" fit

# --- reload while clients ask ---
mkdir "$HALE_TMP/rules"
ask_all_the_time
"$HALE_BUILD/hale" watch --lines --run-dir "$run" >"$HALE_TMP/watched" &
watcher=$!
ok "who watches hears of the host" await 3 test -s "$HALE_TMP/watched"
(
	while [[ ! -e $HALE_TMP/enough ]]; do
		[[ -e $run/fit ]] || echo "the link is gone" >>"$wrong"
	done
) &
askers+=($!)
old=$(process core)
for i in 1 2 3 4; do
	printf '[kmsg]\ntrust_user_records = yes\nrules_dir = %s\n' \
		"$HALE_TMP/rules/$((i % 2))" >"$conf"
	ok "a reload that a source needs root for ($i)" await 10 reload
	ok "is another core's work" await 10 is_new core "$old"
	old=$(process core)
done
rest_askers
ok "nobody who asked meanwhile was answered wrongly" test ! -s "$wrong"
later=$(new_disk)
say "critical medium error, dev $later, sector 8 op 0x0:(READ) flags 0x0 phys_seg 1 prio class 2"
ok "who watched hears on" await 5 grep -q "$later" "$HALE_TMP/watched"
ok "and nothing of another core" not grep -q "no agent" "$HALE_TMP/watched"
kill "$watcher"
core=$(process core)
ship=$(process ship)
printf '[space]\nblocks = 1%%, 1GiB\n[kmsg]\ntrust_user_records = yes\nrules_dir = %s\n' \
	"$HALE_TMP/rules/0" >"$conf"
ok "a reload of what the core itself does" reload
ok "keeps the core" test "$(process core)" = "$core"
ok "and ship" test "$(process ship)" = "$ship"

# --- nothing grew ---
ok "no descriptor is left open" await 5 test "$(descriptors "$pid")" -le "$before"
ok "there is no zombie" await 5 test "$(zombies)" = 0
ok "the supervisor takes no more memory" test "$(rss "$pid")" -le $((grown + 256))

# --- the supervisor is killed ---
await 5 fit || true
all=$(pgrep -P "$pid" | tr '\n' ' ')
stop_agent KILL
ok "without its supervisor the link leads nowhere" await 1 not fit
gone() {
	local p
	for p in $all; do
		[[ $(awk '/^State/ { print $2 }' "/proc/$p/status" 2>/dev/null) =~ ^Z?$ ]] ||
			return 1
	done
}
ok "and nobody outlives it" await 3 gone
start_agent
ok "another starts at once, and knows what it knew" has "disk/unresolved-$other"
old=$(process core)
kill -STOP "$old"
all=$(pgrep -P "$pid" | tr '\n' ' ')
stop_agent KILL
ok "a core that hangs does not outlive it either" await 3 gone

# --- the end ---
start_agent
all=$(pgrep -P "$pid" | tr '\n' ' ')
stop_agent TERM
ok "SIGTERM ends all in order" test "$status" = 0
ok "nobody is left" gone
ok "nor a socket" test ! -e "$run/gate.sock" -a ! -e "$run/ship.sock"
ok "nor a link" test ! -L "$run/fit"

# --- a service manager listens ---
cat >"$HALE_TMP/listen.py" <<'EOF'
import socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
with open(sys.argv[2], "w", buffering=1) as f:
    while True:
        f.write("%.3f %s\n" % (time.monotonic(),
                s.recv(4096).decode().replace("\n", " ")))
EOF
heard=$HALE_TMP/heard
python3 "$HALE_TMP/listen.py" "$HALE_TMP/notify" "$heard" &
listener=$!
ok "a service manager" await 5 test -S "$HALE_TMP/notify"
hears() { grep -q " $1" "$heard"; }
times() { grep -c " $1" "$heard" || true; }
more() { (($(times "$1") > $2)); }
NOTIFY_SOCKET=$HALE_TMP/notify WATCHDOG_USEC=1000000 start_agent
ok "hears when the agent is ready" await 2 hears READY=1
ok "and that it lives" await 3 hears WATCHDOG=1
n=$(times READY=1)
client reload >/dev/null
ok "that it reads its configuration anew" await 3 \
	hears "RELOADING=1 MONOTONIC_USEC=[1-9]"
ok "and has" await 5 more READY=1 "$n"
old=$(process core)
kill -STOP "$old"
ok "a core that hangs is replaced" await 15 is_new core "$old"
n=$(times WATCHDOG=1)
ok "and the agent lives again" await 5 more WATCHDOG=1 "$n"
silence() {
	awk '/WATCHDOG=1/ {
		if (last && $1 - last > 1.5) gap = 1
		last = $1
	} END { exit !gap }' "$heard"
}
ok "while it hung, nobody said so" await 3 silence
kill -STOP "$pid"
stopped=$(times WATCHDOG=1)
ok "a supervisor that hangs says nothing" not await 2 more WATCHDOG=1 "$stopped"
kill -CONT "$pid"
stop_agent
ok "an end in order is told" hears STOPPING=1
kill "$listener"

exit $((failures > 0))
