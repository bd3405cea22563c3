#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What an idle agent costs: memory of all its processes (PSS), CPU and wake-ups,
# over windows of SECONDS_IDLE. Bars of the design: 6 MiB, 5 ms CPU a minute, one
# wake-up a second. CPU is that of a cgroup, so that children count as well.
set -euo pipefail
HALE_TMP=$(mktemp -d)
export HALE_TMP
# shellcheck source=tests/integration/agent.inc
. "$HALE_SRC/tests/integration/agent.inc"
seconds=${SECONDS_IDLE:-35} # more than the period of any driver but one
windows=${WINDOWS:-4}
group=
for g in /sys/fs/cgroup/cpuacct /sys/fs/cgroup; do
	[[ -e $g/cgroup.procs ]] && mkdir "$g/hale-bench" 2>/dev/null &&
		group=$g/hale-bench && break
done
tidy() {
	stop_agent
	rm -rf "$HALE_TMP"
	[[ -z $group ]] || rmdir "$group"
}
trap tidy EXIT
cpu_us() {
	if [[ -e $group/cpuacct.usage ]]; then
		echo $(($(<"$group/cpuacct.usage") / 1000))
	else
		awk '/^usage_usec/ {print $2}' "$group/cpu.stat"
	fi
}
# The agent's processes that stay: the core and what it has started
processes() { echo "$pid" && pgrep -P "$pid"; }
# Of all of them; those of a driver's child count as CPU
wakeups() {
	local p
	for p in $(processes); do
		cat "/proc/$p/status"
	done | awk '/^voluntary_ctxt/ { n += $2 } END { print n }'
}

: >"$conf"
start_agent
if [[ -n $group ]]; then
	for p in $(processes); do
		echo "$p" >"$group/cgroup.procs"
	done
fi
sleep 3
# A machine is seldom idle for long, and every mount and every dying process is
# work: several windows, and the quietest of them is the agent's own cost.
best=
for _ in $(seq "$windows"); do
	cpu=$(cpu_us) woken=$(wakeups)
	sleep "$seconds"
	cpu=$(($(cpu_us) - cpu)) woken=$(($(wakeups) - woken))
	echo "window of $seconds s: $cpu us CPU, $woken wake-ups" >&2
	[[ -n $best ]] && ((cpu >= ${best% *})) || best="$cpu $woken"
done
pss=0 n=0
for p in $(processes); do
	one=$(awk '/^Pss:/ {print $2}' "/proc/$p/smaps_rollup")
	printf '%-20s PSS  %d KiB\n' "$(<"/proc/$p/comm")" "$one"
	pss=$((pss + one))
	n=$((n + 1))
done
awk -v s="$seconds" -v best="$best" -v pss="$pss" -v n="$n" '
BEGIN {
	split(best, b)
	printf "PSS of %d processes  %d KiB (bar 6144)\n", n, pss
	printf "CPU                  %.2f ms a minute (bar 5)\n", \
		b[1] / 1000 * 60 / s
	printf "wake-ups             %.2f a second (bar 1)\n", b[2] / s
}'
