# SPDX-License-Identifier: Apache-2.0
# A SATA disk answers reads of a sector with an error: libata retries, turns
# NCQ off, and gives up.
# lab: disk bad sata 96M read-error@60000
disk bad
ext4 "$disk" /build
fill /build/file 48
agent_start
sighted
expect FIT /build
must_not_read /build/file
kernel_says 'ata1[.]00: (exception|failed command)'
kernel_says 'I/O error, dev sda, sector'
expect UNFIT /build
reason 'disk.io_error' '^sda$' '.finding.part.serial == "bad"'
no_reason 'medium_error'
