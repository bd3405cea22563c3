# SPDX-License-Identifier: Apache-2.0
# The filesystem of the build has no room left. With room it is FIT again.
# lab: disk work scsi 2G
disk work
ext4 "$disk" /build
agent_start
sighted
expect FIT /build
fallocate -l 1800M /build/hog
dd if=/dev/zero of=/build/more bs=1M 2>/dev/null || note "no more room"
df /build
expect UNFIT /build
reason fs.full '^fs/' '.finding.part.where == "/build" and
	(.finding.total | tonumber) > 1900000000'
no_reason 'disk'
user=1000
expect UNFIT /build
reason fs.full '^fs/'
user=
expect FIT /
rm /build/hog
expect FIT /build

host unplug work
within 20 test ! -e "/sys/block/${disk#/dev/}" || fail "$disk is still there"
expect UNFIT /build
