# SPDX-License-Identifier: Apache-2.0
# A SCSI disk reports an informational exception: it predicts its own failure.
# The kernel's test disk does so when it is told to test its reporting (TEST in
# mode page 1Ch), first in log page 2Fh only, then also in REQUEST SENSE.
# lab: no-udev
modprobe sg
modprobe scsi_debug dev_size_mb=64
within 10 test -b /dev/sda
ext4 /dev/sda /build
agent_start
sighted
fresh 30 _covers_now smart disk_health LIVE
expect FIT /build
findings 'map(select(.condition | startswith("disk."))) | length == 0'

within 5 /usr/bin/sg_wr_mode -p 0x1c -c 1c,0a,0c,00,00,00,00,00,00,00,00,01 /dev/sda
fresh 30 is UNFIT /build
expect UNFIT /build
reason disk.smart_failing '^sda$'

note "no longer"
within 5 /usr/bin/sg_wr_mode -p 0x1c -c 1c,0a,08,00,00,00,00,00,00,00,00,01 /dev/sda
fresh 30 is FIT /build
expect FIT /build

within 5 /usr/bin/sg_wr_mode -p 0x1c -c 1c,0a,0c,06,00,00,00,00,00,00,00,01 /dev/sda
fresh 30 is UNFIT /build
expect UNFIT /build
reason disk.smart_failing '^sda$'
