# SPDX-License-Identifier: Apache-2.0
# The device under a mounted ext4 starts to fail every request, so that its
# journal is aborted: a device mapper table is swapped for one of errors.
# lab: disk work scsi 64M
disk work
modprobe dm_mod
sectors=$(cat "/sys/block/${disk#/dev/}/size")
dmsetup create work --table "0 $sectors linear $disk 0"
within 10 test -b /dev/mapper/work
ext4 /dev/mapper/work /build errors=remount-ro
agent_start
sighted
expect FIT /build
dmsetup suspend --noflush --nolockfs work
dmsetup reload work --table "0 $sectors error"
dmsetup resume work
(echo hello >/build/file && sync) || note "writing failed"
kernel_says 'Aborting journal on device dm-0'
expect UNFIT /build
reason 'fs.error' '^fs/'
expect FIT /
