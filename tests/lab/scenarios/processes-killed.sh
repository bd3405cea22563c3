# SPDX-License-Identifier: Apache-2.0
# Each process of the agent is killed at random moments, as often as $KILLS
# says: haled by who started it, which starts it again as a service manager
# does, and all others, and the children of their drivers. The gate's answers
# are right whenever there are any, what was acknowledged holds, and in the end
# nothing has grown: no zombie, no file descriptor, no memory.
# lab: disk bad scsi 96M medium-error@60000
# lab: disk state scsi 64M
# lab: deadline 300
KILLS=${KILLS:-16}
# The longest time in ms from one answer that is right to the next (UNKNOWN is
# one between them: a new probe has not seen all disks), and the longest that one
# takes while there is no core; how many KiB a process may grow.
GAP_MS=10000
LATE_MS=3000
KIB=128
disk state
ext4 "$disk" "$state"
disk bad
ext4 "$disk" /build
fill /build/file 48
cg=/sys/fs/cgroup/haled
mkdir -p $cg /etc/hale
echo >/etc/hale/hale.conf
: >/run/agent-goes-on
(
	echo 0 >$cg/cgroup.procs
	while asked && [ -e /run/agent-goes-on ]; do
		/opt/hale/haled --foreground --config /etc/hale/hale.conf \
			--run-dir /run/hale --state-dir "$state" &
		echo $! >/run/agent-pid
		wait $! || true
		# what a service manager does with what is left
		for _p in $(grep -vx "$(cat /run/keeper)" $cg/cgroup.procs); do
			kill -9 "$_p" 2>/dev/null || true
		done
	done
) &
keeper=$!
echo $keeper >/run/keeper
! asked || within 30 is FIT /build || fail "the agent does not answer"
sighted

# "NUMBER NAME" of every process of the agent
processes() {
	for _p in $(grep -vx $keeper $cg/cgroup.procs); do
		echo "$_p $(cat "/proc/$_p/comm" || true)"
	done 2>/dev/null
}
# kill_some N WANTED: one at random, N times, and each time the gate is right
# again before the next.
kill_some() {
	_n=0
	while [ $_n -lt "$1" ]; do
		usleep $((RANDOM % 20 * 50000))
		processes | shuf -n 1 >/run/victim
		read -r _victim _name </run/victim || continue
		kill -9 "$_victim" 2>/dev/null || continue
		echo "$_name" >>/run/killed
		within 20 is "$2" /build ||
			{ said; fail "$fitness after a kill of $_name"; }
		_n=$((_n + 1))
	done
}

asked || KILLS=0
# the first ones are there before their heaps have settled
kill_some 2 FIT
settled() { [ "$(house | wc -l)" = 4 ]; }
! asked || within 20 settled || fail "of the agent is there: $(house)"
ran before
measured
asking /build
within 10 asked_for 3000
now_comes "killed while all is well"
kill_some $((KILLS / 2)) FIT
now_comes "a disk fails"
must_not_read /build/file
expect UNFIT /build
reason disk.medium_error '' '.finding.part.serial == "bad"'
count disk.medium_error
before=$count
# what nobody has been told of yet may be found in the log again; this has been
within 10 saved disk.medium_error || fail "not written"
now_comes "killed while it is not"
kill_some $((KILLS / 2)) UNFIT
count disk.medium_error
[ "$count" = "$before" ] || fail "$before errors before, $count now"
now_comes "cleared"
clear "${disk#/dev/}" disk.medium_error
kill_some 4 FIT
asking_ends
! asked || sort /run/killed | uniq -c
answers 0 gate 'fit == n'
answers 1 gate "unfit == 0 && fit_gap < $GAP_MS"
answers 2 gate 'unknown == 0 && silent == 0 && fit_last <= unfit_first'
answers 3 gate "fit == 0 && unfit_gap < $GAP_MS"
answers 3 link 'fit == 0'
# what was cleared does not come back with a new process
answers 4 gate 'unfit < 100'
for phase in 1 3 4; do
	answers $phase gate "max_us < $LATE_MS * 1000"
done

! asked || within 30 settled || fail "of the agent is left: $(house)"
nothing_grew $KIB
ran after
in_history before after
must_not_read /build/file
expect UNFIT /build
rm /run/agent-goes-on
! asked || kill -TERM "$(cat /run/agent-pid)"
wait $keeper
