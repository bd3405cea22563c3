# SPDX-License-Identifier: Apache-2.0
# No agent runs here at all: `hale check` looks for itself, and says that it did.
# lab: disk bad scsi 96M medium-error@60000
disk bad
ext4 "$disk" /build
fill /build/file 48
expect FIT /build
said_by_scan
must_not_read /build/file
kernel_says 'critical medium error, dev sd'
expect UNFIT /build
said_by_scan
reason disk.medium_error '' '.finding.part.serial == "bad"'
expect FIT /

# Debian lets root alone read the kernel's log: others learn that from hale.
user=1000
expect UNKNOWN /build
said_by_scan
