# SPDX-License-Identifier: Apache-2.0
# A container's interface goes up and down all day, and that is nobody's
# business. The link that carries the default route does the same: a warning,
# and so is that it stays down.
# lab: disk bad scsi 96M medium-error@60000
disk bad
ext4 "$disk" /build
fill /build/file 48
modprobe veth
ip=/sbin/ip
$ip link add up0 type veth peer name far0
$ip link add ct0 type veth peer name ct1
for i in up0 far0 ct0 ct1; do $ip link set $i up; done
$ip addr add 10.9.0.1/24 dev up0
$ip route add default via 10.9.0.2 dev up0
agent_start
sighted
expect FIT /build

downs() { cat "/sys/class/net/$1/carrier_down_count"; }
# flap LINK ITS-OTHER-END TIMES
flap() {
	for _i in $(seq "$3"); do
		_d=$(downs "$1")
		$ip link set "$2" down
		within 5 test "$(downs "$1")" -gt "$_d"
		$ip link set "$2" up
	done
}

flap ct0 ct1 8
expect FIT /build
findings 'all(.part.id != "net/ct0" and .part.id != "net/ct1")'

flap up0 far0 5
expect DEGRADED /build
reason net.link_flap '^net/up0$' '.finding.count | tonumber >= 4'
$ip link set far0 down
reason net.link_down '^net/up0$'
$ip link set far0 up
findings 'all(.condition != "net.link_down")'

# the default route goes elsewhere: the old link is nobody's business any more
$ip addr add 10.8.0.1/24 dev ct0
$ip route replace default via 10.8.0.2 dev ct0
expect FIT /build

must_not_read /build/file
expect UNFIT /build
reason disk.medium_error '' '.finding.part.serial == "bad"'
