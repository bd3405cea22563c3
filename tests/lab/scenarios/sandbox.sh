# SPDX-License-Identifier: Apache-2.0
# A whole kernel, with landlock and user hale: each process of the agent has given
# up what it does not need, --check-sandbox finds nothing that it could do all the
# same, a core that the kernel ends for a call is told as that, and all senses see.
# lab: disk bad scsi 96M medium-error@60000
disk bad
ext4 "$disk" /build
/opt/hale/haled --check-sandbox >/tmp/sandbox ||
	fail "haled --check-sandbox: $(grep -E 'WRONG|not tried' /tmp/sandbox)"
note "$(tail -n 1 /tmp/sandbox)"
! grep -E '^[a-z]+ +lacks ' /tmp/sandbox || fail "the sandbox is not whole"

agent_start
sighted
expect FIT /build
covers trace block_errors LIVE
field() { sed -n "s/^$2:[[:space:]]*\([^[:space:]]*\).*/\1/p" "/proc/$1/status"; }
process() { # COMM: its number
	for _p in $(pidof haled hale-ship); do
		[ "$(cat "/proc/$_p/comm" 2>/dev/null)" != "$1" ] || echo "$_p"
	done
}
core=$(process 'haled: core')
[ -n "$core" ] || fail "no core"
[ "$(field "$core" Uid)" = 990 ] || fail "the core's user is $(field "$core" Uid)"
for set in CapInh CapPrm CapEff CapBnd CapAmb; do
	[ "$(field "$core" $set)" = 0000000000000000 ] ||
		fail "the core has $set $(field "$core" $set)"
done
for what in core probe ship; do
	p=$(process "haled: $what")
	[ -n "$p" ] || fail "no $what"
	[ "$(field "$p" NoNewPrivs)$(field "$p" Seccomp)" = 12 ] ||
		fail "$what: no_new_privs or seccomp is missing"
	! grep -q libseccomp "/proc/$p/maps" || fail "$what maps libseccomp"
done
kill -SYS "$core"
expect FIT /build
[ "$(process 'haled: core')" != "$core" ] || fail "it is the same core"
# nor is its successor blind
sighted
! dd if="$disk" of=/dev/null bs=512 skip=60000 count=1 iflag=direct \
	2>/dev/null || fail "the sector could be read"
kernel_says 'critical medium error, dev sd'
expect UNFIT /build
reason disk.medium_error '^disk/' '.finding.part.serial == "bad"'
