# SPDX-License-Identifier: Apache-2.0
# Somebody sets the clock: told at once, with its size, and no reason to stop
# builds.
# lab: disk bad scsi 96M medium-error@60000
disk bad
ext4 "$disk" /build
fill /build/file 48
agent_start
sighted
expect FIT /build
findings 'all(.condition != "clock.stepped")'
date -s "@$(($(date +%s) + 3600))" >/dev/null
findings 'any(.condition == "clock.stepped" and .count == "1" and
	(.evidence | test("set forward by (1 h 0 min|59 min)")))'
date -s "@$(($(date +%s) - 86400 - 3600))" >/dev/null
findings 'any(.condition == "clock.stepped" and .count == "2" and
	(.evidence | test("set back by 1 d")))'
expect FIT /build
must_not_read /build/file
expect UNFIT /build
