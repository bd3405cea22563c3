# SPDX-License-Identifier: Apache-2.0
# "Bus error": a compiler maps a file, and the disk cannot give a page of it. The
# log names no process, so only the deaths of processes tell of it; the disk is
# the reason, the death a symptom. A file that shrinks under a process that has
# mapped it looks just like that, and is nobody's fault.
# lab: disk bad scsi 96M medium-error@60000
disk bad
ext4 "$disk" /build
fill /build/file 48
agent_start
sighted
covers procevent process_deaths LIVE
expect FIT /build

died() {
	status=0
	"$@" || status=$?
	[ $status -eq 135 ] || fail "$1 ended with $status, not SIGBUS"
}

head -c 8192 /dev/zero >/tmp/short
died /lab/mapped /tmp/short 1048576
findings 'map(select(.condition == "process.sigbus")) |
	length == 1 and .[0].count == "1" and .[0].effect == "EFFECT_NOTES" and
	.[0].part.id == "process/mapped" and
	(.[0].evidence | test("died by SIGBUS") and test("BUS_ADRERR"))'
expect FIT /build

died /lab/mapped /build/file
kernel_says 'critical medium error, dev sd'
expect UNFIT /build
reason disk.medium_error '^disk/' '.finding.part.serial == "bad"'
no_reason '^(process|memory)'
findings 'map(select(.condition == "process.sigbus")) |
	length == 1 and .[0].count == "2"'
