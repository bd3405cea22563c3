# SPDX-License-Identifier: Apache-2.0
# A PCIe link corrects errors: one or two are nothing, many are a warning, and
# each is counted once, though the log and the tracepoint tell of it. The port
# that reports them is not to blame. (The kernel's own injector makes the port
# report them; qemu 7.2 sets the device's bits but sends no message.)
# lab: disk card virtio 64M aer=on
# lab: disk bad scsi 96M medium-error@60000
disk card
card=$(basename "$(dirname "$(realpath "/sys/block/${disk#/dev/}/device")")")
ext4 "$disk" /card
disk bad
ext4 "$disk" /build
fill /build/file 48
modprobe aer_inject
within 10 test -c /dev/aer_inject
agent_start
sighted
expect FIT /build /card

# struct aer_error_inj (drivers/pci/pcie/aer_inject.c): bus 1, device 0,
# function 0; no uncorrectable status; correctable status: bad TLP
bad_tlp() {
	printf '\001\000\000\000\000\000\000\000\100\000\000\000%b%b' \
		'\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0' '\0\0\0\0' >/dev/aer_inject
}
n=0
while [ $n -lt 8 ]; do
	n=$((n + 1))
	bad_tlp
	findings "map(select(.condition == \"bus.pcie_error\")) |
		length == 1 and .[0].count == \"$n\" and
		.[0].part.id == \"pci/$card\""
	[ $n != 2 ] || expect FIT /card
done
kernel_says 'PCIe Bus Error: severity=Corrected'
expect DEGRADED /card
expect FIT /build
check /card
reason bus.pcie_error "^pci/$card\$" '.effect == "EFFECT_WARNS"'
must_not_read /build/file
expect UNFIT /build
