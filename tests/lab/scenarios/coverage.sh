# SPDX-License-Identifier: Apache-2.0
# What is seen of this machine, and what is not: each line is true, says why,
# and what helps. The kernel is locked down, so there is no trace; the log does.
# lab: disk work scsi 96M medium-error@60000
# lab: disk flash nvme 64M
# lab: disk virtual virtio 64M
# lab: nic
# lab: kernel lockdown=confidentiality
# lab: memory 768M
disk work
ext4 "$disk" /build
fill /build/file 48
disk virtual
virtual=${disk#/dev/}
sensor
ip link set eth0 up
ip addr add 192.0.2.2/24 dev eth0
ip route add default via 192.0.2.1
agent_start
sighted
expect FIT /build

covers kmsg block_errors LIVE
covers trace block_errors BLIND 'kernel lockdown forbids tracefs'
covers storage storage_map LIVE
covers storage identity LIVE
covers udev identity LIVE
covers space fs_state LIVE
covers procevent process_deaths LIVE
covers haled sandbox LIVE
covers haled sandbox PARTIAL 'landlock below level 6.*use Linux 6.12' signals
covers smart disk_health PARTIAL
covers smart disk_health BLIND 'virtual disk' "$virtual"
covers sensors sensors LIVE
covers array arrays LIVE
covers diskstats stalls LIVE
covers pressure pressure LIVE
covers link network LIVE
covers limits limits LIVE
covers edac memory_errors PARTIAL 'EDAC.*run hale on the host'
covers thermal thermal BLIND 'virtual machine.*run hale on its host'
covers pstore crashes BLIND 'outlives a crash.*ramoops'
covers engine engine BLIND 'no container engine'
covers virt backing PARTIAL "$virtual"
! asked || hale status --coverage
coverage_says '^  blind    crashes         how the previous boot ended$'
coverage_says '^  live     fs_state '
coverage_says '^[34] of 22 senses blind, 5 partial$'

must_not_read /build/file
expect UNFIT /build
reason disk.medium_error '' '.finding.part.serial == "work"'
