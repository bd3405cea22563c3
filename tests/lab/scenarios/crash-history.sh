# SPDX-License-Identifier: Apache-2.0
# Bad memory shows by build tools that crash here and there. One tool that
# crashes is its own bug, and so are many in one job; five different ones, hours
# apart, are not. The agent's clock goes on within a boot, whatever somebody
# sets: each of these crashes has a boot of its own, five hours later, and what
# was before is known from what the agent kept.
# lab: cpus 2
# lab: deadline 600
# lab: disk work scsi 96M
disk work
if [ "$boot" = 1 ]; then
	ext4 "$disk" /build
else
	mkdir -p /build
	mount -t ext4 "$disk" /build
fi
state=/build/state
date -s "@$((1800000000 + boot * 5 * 3600))" >/dev/null
mkdir -p /tmp/crash /usr/lib/compiler
for tool in cc1plus ld as ar git; do
	cp /lab/crasher "/usr/lib/compiler/$tool"
done
# whose a process was is known where somebody looks at it while it dies
cores_are_taken
_is_known() {
	hale explain --format json >/tmp/why 2>/dev/null
	jq -e --arg pid "$_dying" '.deaths[]? |
		select(.pid == ($pid | tonumber) and .uidKnown)' /tmp/why >/dev/null
}
# crashes TOOL: by itself, in a session of its own
crashes() {
	echo always >"/tmp/crash/$1"
	rm -f /tmp/cores/looked
	_status=0
	setsid "/usr/lib/compiler/$1" &
	_dying=$!
	! asked || within 4 _is_known || true
	touch /tmp/cores/looked
	wait $_dying || _status=$?
	[ $_status -eq 139 ] || fail "$1 ended with $_status, not SIGSEGV"
	rm "/tmp/crash/$1"
	kernel_says "$1[[][0-9]*[]]: segfault at 10 "
	findings "any(.condition == \"process.crashes\" and
		.part.id == \"process/$1\")"
}
# a death is weighed when its witnesses have spoken: within 3 s
weighed() { ! asked || within 20 _past $(($(uptime_cs) + 500)); }
_past() { [ "$(uptime_cs)" -gt "$1" ]; }
again() {
	agent_stop
	umount /build
	power_cycle
}
agent_start
sighted
expect FIT /build
case $boot in
1)
	# all of them at once are one cause
	for tool in cc1plus ld as ar git; do crashes $tool; done
	;;
2) crashes ld ;;
3) crashes as ;;
4) crashes ar ;;
esac
weighed
if [ "$boot" -lt 5 ]; then
	expect FIT /build
	no_reason memory.suspect
	findings 'all(.condition != "memory.suspect")'
	again
fi
crashes git
! asked || within 20 is DEGRADED /build || true
expect DEGRADED /build
reason memory.suspect '^host$' '.finding.evidence |
	test("in unrelated jobs within .* h") and
	([test("cc1plus", "ld", "as", "ar", "git")] | all)'
explains '[.. | .condition? // empty] | any(. == "memory.suspect")'
! asked || hale explain memory.suspect >/tmp/why
! asked || grep -q 'hale verify memory' /tmp/why || fail "no next step"
# it gates nobody; a full disk does
dd if=/dev/zero of=/build/all bs=1M 2>/dev/null || true
expect UNFIT /build
