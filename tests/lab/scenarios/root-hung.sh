# SPDX-License-Identifier: Apache-2.0
# The root disk takes requests and never answers, and there is swap space on it:
# everything that needs it sleeps and cannot be killed. The gate answers, and
# names the disk. When it comes back all is well.
# lab: by-name
# lab: disk root virtio 512M hangs
# lab: deadline 400
root_on root
rootdisk=${disk#/dev/}
dd if=/dev/zero of=$root/swap bs=1M count=128 2>/dev/null
mkswap $root/swap >/dev/null
/sbin/swapon $root/swap
agent_start
sighted
expect FIT /
asking /
within 10 asked_for 3000

# idle memory is swapped out
sh -c "dd if=/dev/zero of=/dev/null bs=$(awk '/^MemAvailable/ {
	print int($2 / 1024) }' /proc/meminfo)M count=1" 2>/dev/null || true
# but not this shell, which would hang with the disk: it is read in again
while read -r range mode _; do
	case $mode in
	rw*)
		from=$((0x${range%-*} / 4096))
		dd if=/proc/$$/mem of=/dev/null bs=4096 skip=$from \
			count=$((0x${range#*-} / 4096 - from)) 2>/dev/null ;;
	esac
done </proc/$$/maps
note "$(grep SwapFree /proc/meminfo)"
now_comes "the root disk hangs"
host hang root
(exec cat $root/usr/bin/* >/dev/null) &
(exec dd if=/dev/zero of=$root/file bs=1M count=8 conv=fsync 2>/dev/null) &
echo 3 >/proc/sys/vm/drop_caches
within 20 grep -q '[1-9]' "/sys/block/$rootdisk/inflight" ||
	fail "no request hangs"
# by a mount the drivers of disks and filesystems are made to look
mkdir /run/another
mount -t tmpfs another /run/another
# the kernel itself says nothing for two minutes
within 60 is UNFIT / || { said; fail "the hung disk was not noticed"; }
reason disk.stalled "^$rootdisk\$"
fit_file absent
now_comes "it has been noticed"
within 15 asked_for 8000
expect UNFIT /
now_comes "it answers again"
host qmp '{"execute": "qom-set", "arguments": {"property": "limits", "path": "/objects/hang.root", "value": {"bps-total": 0}}}'
host monitor qemu-io root aio_flush
within 60 is FIT / || { said; fail "the disk is back, and it is not FIT"; }
now_comes "all is well"
within 10 asked_for 3000
asking_ends
answers 0 gate 'fit == n'
answers_soon 1
answers 1 gate 'unknown == 0 && fit_last <= unfit_first'
answers_soon 2
answers 2 gate 'unfit == n'
answers 2 link 'unfit == n'
answers 2 command 'unfit == n'
answers_soon 4
answers 4 gate 'fit == n'
answers 4 command 'fit == n'

expect FIT /
host hang root
(exec cat $root/usr/lib/x86_64-linux-gnu/* >/dev/null) &
echo 3 >/proc/sys/vm/drop_caches
within 60 is UNFIT / || { said; fail "hung again, and not noticed"; }
# expect UNFIT after FIT: it is not a word that stays
expect UNFIT /
