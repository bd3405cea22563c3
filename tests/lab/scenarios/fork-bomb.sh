# SPDX-License-Identifier: Apache-2.0
# A fork bomb at the limit of its cgroup, as a service or a container has one,
# and one of a user at the limit of what a user may run: neither is a reason to
# stop the builds of others, and the gate answers through both.
# lab: disk bad scsi 96M medium-error@60000
# lab: deadline 240
disk bad
ext4 "$disk" /build
fill /build/file 48
agent_start
sighted
expect FIT /build
ran before
measured
asking /build
within 10 asked_for 1000
cg=/sys/fs/cgroup
echo '+pids +cpu' >$cg/cgroup.subtree_control
mkdir $cg/job
echo 200 >$cg/job/pids.max
now_comes "a bomb in a cgroup"
sh -c "echo \$\$ >$cg/job/cgroup.procs; exec /lab/bomb 4" &
kernel_says 'fork rejected by pids controller'
ran meanwhile
within 60 grep -q 'populated 0' $cg/job/cgroup.events || fail "it goes on"
now_comes "quiet"
within 10 asked_for 1000
now_comes "a bomb of a user"
/usr/bin/prlimit --nproc=200 /usr/bin/setpriv --reuid 1000 --regid 1000 \
	--clear-groups /lab/bomb 4 >/run/bomb &
bomb=$!
ran then
wait $bomb
grep 'bomb: [1-9][0-9]* forks refused' /run/bomb || fail "no limit was met"
within 60 no_bomb || fail "it goes on"
now_comes "quiet"
within 10 asked_for 1000
asking_ends
for phase in 0 1 2 3 4; do
	answers_soon $phase
	answers $phase gate 'fit + degraded == n'
	answers $phase command 'silent == 0 && unfit == 0 && unknown == 0'
done
same_house
nothing_grew
in_history before meanwhile then
expect FIT /build
must_not_read /build/file
expect UNFIT /build
