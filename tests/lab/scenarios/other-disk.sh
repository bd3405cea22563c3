# SPDX-License-Identifier: Apache-2.0
# One disk of the machine dies, the build stands on another: that one is FIT,
# until its own disk dies too.
# lab: disk bad scsi 96M medium-error@60000
# lab: disk good scsi 96M medium-error@60000
disk bad
ext4 "$disk" /bad
fill /bad/file 48
disk good
ext4 "$disk" /build
fill /build/file 48
agent_start
sighted
must_not_read /bad/file
kernel_says 'critical medium error, dev sd'
expect UNFIT /bad
expect FIT /build
no_reason 'disk'
expect UNFIT /build /bad
reason disk.medium_error '' '.path == "/bad"'

must_not_read /build/file
expect UNFIT /build
reason disk.medium_error '' '.finding.part.serial == "good"'
