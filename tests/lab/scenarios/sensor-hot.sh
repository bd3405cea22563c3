# SPDX-License-Identifier: Apache-2.0
# A board's temperature sensor goes over its limit, and comes back: a warning
# while it is so, and nothing of it between limit and hysteresis.
# lab: disk bad scsi 96M medium-error@60000
disk bad
ext4 "$disk" /build
fill /build/file 48
sensor
agent_start
sighted
expect FIT /build

# looked: everything was measured anew.
looked() { ! asked || hale check --fresh --path /build >/dev/null 2>&1 || true; }

heat 85
looked
expect DEGRADED /build
reason sensor.temperature '^sensor/lm75-i2c-[0-9]+-48[.]temp1$' \
	'.finding.evidence | test("85[.]0 C.*80[.]0 C")'
# below the limit, not yet below what ends it: nothing new is said
heat 78
measured() { test "$(cat "$sensor/temp1_input")" = 78000; }
within 5 measured
! asked || ! /opt/hale/libexec/hale-probe-sensors | grep observation ||
	fail "it says something of 78 C"
expect DEGRADED /build
heat 60
cooled() { looked; _check_is FIT /build; }
if asked && ! within 30 cooled; then
	hale status
	/opt/hale/libexec/hale-probe-sensors
	fail "still hot, though the chip measures $(cat "$sensor/temp1_input")"
fi

must_not_read /build/file
expect UNFIT /build
reason disk.medium_error '' '.finding.part.serial == "bad"'
no_reason '^sensor'
