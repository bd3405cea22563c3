# SPDX-License-Identifier: Apache-2.0
# Names that somebody gave to hardware and to what stands on it, to harm whoever
# reads them: terminal escapes, newlines, text like the kernel's and hale's own,
# bytes that are no character, one that turns the reading around. A USB, a SCSI,
# an NVMe and a virtio disk have them as serial number and maker, a mapped
# device, a filesystem, its folder, a loop's file, a network interface and a
# cgroup as their name. Each has a true fault. On every way out all of it is
# printable, no line is forged, and nobody's verdict is another's.
# lab: disk stick usb 64M read-error@4096 absent
# lab: disk plate scsi 96M medium-error@60000 absent
# lab: disk flash nvme 64M medium-error@4096 absent
# lab: disk virt virtio 64M read-error@4096 absent
# lab: deadline 300
fault='I/O error, dev sdz, sector 8 op 0x0:(READ)'
# what JSON may hold, of 20 bytes and longer
json='\u001b[2J\nFORGED\u202e\u0007'
long="$json\\n$fault\\nUNFIT\\u00ff"
# the same, as bytes, and one that is no character
raw=$(printf 'a\033[2J\033]0;x\007\nFORGED UNFIT\377\300\257\342\200\256z')


modprobe -a xhci_pci usb_storage dm_mod loop veth
# put DRIVER NAME BUS MORE: plugs that disk in under such names, sets $disk
put() {
	_had=$(echo /sys/block/*)
	host qmp '{"execute": "device_add", "arguments": {"driver": "'"$1"'", "id": "'"$2"'", "drive": "'"$2"'", "bus": "'"$3"'", '"$4"'}}'
	within 20 _new_disk || fail "no disk came of $2"
	note "$2 is $disk"
}
_new_disk() {
	for _b in /sys/block/*; do
		case " $_had " in
		*" $_b "*) ;;
		*) disk=/dev/${_b##*/} && test -b "$disk" && return ;;
		esac
	done
	return 1
}
put usb-storage stick usb.0 '"serial": "'"$long"'"'
usb=$disk
put scsi-hd plate scsi.0 '"serial": "'"$json"'x", "vendor": "\u001b[7m\nX", "product": "'"$json"'", "rerror": "report"'
scsi=$disk
put nvme flash port.2 '"serial": "'"$json"'"'
nvme=$disk
put virtio-blk-pci virt port.3 '"serial": "'"$json"'", "rerror": "report"'
virt=$disk
[ -z "$has_udev" ] || udevadm settle

# a mapped device, its filesystem and its folder
dmsetup --manglename none create "$raw" --table \
	"0 $(cat /sys/block/"${scsi#/dev/}"/size) linear $scsi 0"
for mapped in /dev/dm-*; do break; done
within 5 test -b "$mapped"
mkfs.ext4 -q -F -L "$(printf '\033[2J\nFIT\377\342\200\256')" "$mapped"
mkdir -p "/mnt/$raw" /build /other
mount -t ext4 "$mapped" "/mnt/$raw"
mount --bind "/mnt/$raw" /build
fill "/mnt/$raw/$raw" 48
# a loop's file
truncate -s 32M "/run/$raw"
loop=$(/usr/sbin/losetup -f --show "/run/$raw")
mkfs.ext4 -q -F -L "$(printf '\377\377\033c\nUNFIT\n')" "$loop"
mount -t ext4 "$loop" /other
# the link of the default route
net=$(printf 'u\033[7m\007\377\342\200\256')
ip link add name "$net" type veth peer name far0
ip link set far0 up
ip link set "$net" up
ip addr add 10.9.0.1/24 dev "$net"
ip route add default via 10.9.0.2 dev "$net"

agent_start 2>/run/agent.log
sighted
expect FIT /build
expect FIT /other

must_not_read "/mnt/$raw/$raw"
expect UNFIT /build
expect FIT /other
for _d in $usb $nvme $virt; do
	! dd if="$_d" of=/dev/null bs=512 skip=4096 count=8 2>/dev/null ||
		fail "$_d could be read"
done
on() { findings_now 'any(.part.alias == "'"${1#/dev/}"'")'; }
findings_now() {
	! asked || hale status --format json | jq -e ".findings // [] | $1" >/dev/null
}
for _d in $usb $scsi $nvme $virt; do
	within 20 on "$_d" || fail "no finding on $_d"
done
expect FIT /other

# a cgroup, and what is killed in it
group="/sys/fs/cgroup/$(printf 'c\033[2J\007\377\342\200\256 FIT')"
echo +memory >/sys/fs/cgroup/cgroup.subtree_control
mkdir "$group"
echo 8M >"$group/memory.max"
! (echo 0 >"$group/cgroup.procs" && dd if=/dev/zero of=/dev/null bs=64M count=1) ||
	fail "nobody ran out of memory"
kernel_says 'oom-kill:|Memory cgroup out of memory'
ip link set far0 down
netted() { findings_now 'any(.condition | startswith("net."))'; }
within 20 netted || fail "no finding on the link"

# --- every way out ---
clean() { /lab/clean FORGED || fail "$*"; }
ways="status|status --coverage|status --format nagios|check --host
check --host --format nagios|check --host --format markdown|explain
explain --format markdown|history --findings"
if asked; then
	within 20 sh -c "$hale_program history --findings | grep -q disk"
	echo "$ways" | tr '|' '\n' | while read -r _way; do
		{ hale $_way 2>&1 || true; } >/tmp/out
		clean "$_way" </tmp/out
	done
	for _d in $usb $scsi $nvme $virt; do
		hale explain "${_d#/dev/}" >/tmp/out 2>&1 || fail "explain $_d"
		clean "explain $_d" </tmp/out
		hale explain "${_d#/dev/}" --format json >/tmp/out
		clean "explain $_d" </tmp/out
		jq -e . /tmp/out >/dev/null || fail "explain $_d: no JSON"
	done
	for _way in status "check --host" explain "history --findings"; do
		{ hale $_way --format json || true; } >/tmp/out
		clean "$_way as JSON" </tmp/out
		jq -e . /tmp/out >/dev/null || fail "$_way: no JSON"
	done
	for _p in "/mnt/$raw" "/mnt/$raw/$raw" /build /other; do
		for _way in scope "check --path"; do
			{ hale $_way "$_p" 2>&1 || true; } >/tmp/out
			clean "$_way" </tmp/out
			{ hale $_way "$_p" --format json || true; } >/tmp/out
			clean "$_way as JSON" </tmp/out
			jq -e . /tmp/out >/dev/null || fail "$_way: no JSON"
		done
	done
	{ timeout 5 $hale_program watch 2>&1 || true; } >/tmp/out
	clean watch </tmp/out
	{ timeout 5 $hale_program watch --format json 2>&1 || true; } >/tmp/out
	clean "watch as JSON" </tmp/out
	clean "the log" </run/agent.log
	findings 'all(.part.alias != "sdz" and .part.id != "disk/sdz")'
fi
expect UNFIT /build
