# SPDX-License-Identifier: Apache-2.0
# A sector of the disk under the build cannot be read any more.
# lab: disk bad scsi 96M medium-error@60000
disk bad
ext4 "$disk" /build
fill /build/file 48
agent_start
sighted
expect FIT /build
must_not_read /build/file
kernel_says 'critical medium error, dev sd'
expect UNFIT /build
reason disk.medium_error '^disk/.*5000c500' '.effect == "EFFECT_BLOCKS"'
reason disk.medium_error '' '.finding.part.serial == "bad"'
reason disk.medium_error '' '.path == "/build" and (.via | test("ext4"))'
no_reason '^fs[.]'

user=1000
expect UNFIT /build
