# SPDX-License-Identifier: Apache-2.0
# A disk sleeps, and hale leaves it so: the kernel's own record of the commands
# sent to it shows questions about its power (CHECK POWER MODE, because it says
# that it translates ATA commands, and REQUEST SENSE), and no more. Where the
# configuration says so it is asked all the same; awake, it is asked again.
# lab: no-udev
modprobe sg
modprobe scsi_debug dev_size_mb=64
within 10 test -b /dev/sda
/usr/bin/sg_wr_mode -p 0x1c -c 1c,0a,0c,00,00,00,00,00,00,00,00,01 /dev/sda
within 5 /usr/bin/sg_start --stop /dev/sda # past its unit attention
trace=/sys/kernel/tracing
echo 1 >$trace/events/scsi/scsi_dispatch_cmd_start/enable
echo >$trace/trace

# commands NAME…: these were sent to it, in any order, and no others; of an ATA
# command in a SCSI one, its own code.
commands() {
	_sent=$(sed -n -e 's/.* raw=85\( ..\)\{13\} \(..\).*/ATA_\2/p; t' \
		-e 's/.* cmnd=(\([A-Z_0-9]*\) .*/\1/p' $trace/trace |
		sort -u | tr '\n' ' ')
	note "sent: $_sent"
	! asked || [ "$_sent" = "$* " ] || fail "sent: $_sent, not: $*"
}

agent_start
fresh 30 _covers_now smart disk_health PARTIAL 'it sleeps' sda
findings 'map(select(.condition | startswith("disk."))) | length == 0'
commands ATA_e5 REQUEST_SENSE

agent_stop
agent_start '[smart]' 'wake = yes'
fresh 30 _findings 'map(select(.condition == "disk.smart_failing")) |
	length == 1'

agent_stop
rm -r "$state"
agent_start
/usr/bin/sg_start --start /dev/sda
ext4 /dev/sda /build
fresh 30 is UNFIT /build
expect UNFIT /build
reason disk.smart_failing '^sda$'
