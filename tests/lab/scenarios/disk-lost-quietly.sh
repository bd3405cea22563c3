# SPDX-License-Identifier: Apache-2.0
# A disk is pulled out and nothing touches it afterwards: the kernel logs next
# to nothing, and there is no udev. Only its removal tells.
# lab: no-udev
# lab: disk gone virtio 64M
# lab: disk stays virtio 64M
disk gone
gone=${disk#/dev/}
ext4 "$disk" /build
disk stays
ext4 "$disk" /other
agent_start
sighted
expect FIT /build
host unplug gone
within 20 test ! -e "/sys/block/$gone" || fail "$gone is still there"
expect UNFIT /build
reason disk.offline "^$gone\$"
expect FIT /other

# an agent that has never seen the disk
agent_stop
rm -r "$state"
agent_start
sighted
expect UNFIT /build
reason disk.offline '' '.effect == "EFFECT_BLOCKS"'
expect FIT /other
