# SPDX-License-Identifier: Apache-2.0
# Each process of the agent is killed at random moments, as often as $KILLS
# says: haled by who started it, which starts it again as a service manager
# does, and all others, and the children of their drivers. The gate's answers
# are right whenever there are any, what was acknowledged holds, and in the end
# nothing has grown: no zombie, no file descriptor, no memory.
# lab: disk bad scsi 96M medium-error@60000
# lab: disk state scsi 64M
# lab: deadline 300
KILLS=${KILLS:-24}
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
# of those that stay: NAME, how many descriptors, PSS in KiB
sizes() {
	processes | while read -r _p _name; do
		case $_name in
		haled | haled:*) ;;
		*) continue ;;
		esac
		echo "$(echo "$_name" | tr ' ' _) $(ls "/proc/$_p/fd" | wc -l)" \
			"$(awk '/^Pss:/ { print $2 }' "/proc/$_p/smaps_rollup")"
	done 2>/dev/null | sort
}
zombies() { grep -l '^State:.Z' /proc/[0-9]*/status 2>/dev/null | wc -l; }
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
settled() { sizes >/run/sizes; [ "$(grep -c . /run/sizes)" -ge 3 ]; }
! asked || within 20 settled || true
! asked || cp /run/sizes /run/before
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
answers 1 gate 'unfit == 0 && fit_gap < 10000'
answers 3 gate 'fit == 0 && unfit_gap < 10000'
answers 3 link 'fit == 0'

! asked || within 30 settled || true
asked || cp /dev/null /run/before
note "name, descriptors, KiB: before, and now"
! asked || cat /run/before /run/sizes
[ "$(zombies)" = 0 ] || fail "$(zombies) zombies"
! asked || awk 'NR == FNR { fds[$1] = $2; kib[$1] = $3; next }
	$1 in fds && ($2 > fds[$1] + 2 || $3 > kib[$1] * 1.3 + 256) { exit 1 }' \
	/run/before /run/sizes || fail "something grew"
must_not_read /build/file
expect UNFIT /build
rm /run/agent-goes-on
! asked || kill -TERM "$(cat /run/agent-pid)"
wait $keeper
