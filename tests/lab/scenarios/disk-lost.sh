# SPDX-License-Identifier: Apache-2.0
# A disk in use is pulled out. What stood on it is UNFIT, its neighbour is not
# until it is pulled out as well.
# lab: disk gone scsi 64M
# lab: disk stays scsi 64M
disk gone
gone=${disk#/dev/}
ext4 "$disk" /build
fill /build/file 8
disk stays
stays=${disk#/dev/}
ext4 "$disk" /other
agent_start
sighted
expect FIT /build
expect FIT /other
host unplug gone
within 20 test ! -e "/sys/block/$gone" || fail "$gone is still there"
must_not_read /build/file
expect UNFIT /build
reason disk.offline "^$gone\$" '.finding.part.serial == "gone"'
expect FIT /other
no_reason 'disk'

host unplug stays
within 20 test ! -e "/sys/block/$stays" || fail "$stays is still there"
expect UNFIT /other
