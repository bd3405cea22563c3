#!/usr/bin/busybox sh
# SPDX-License-Identifier: Apache-2.0
# The first process of a machine whose power will go (tests/lab/cuts): an agent
# on the recorded disk, users who tell builds as fast as they may, and faults
# whose findings the agent keeps. What was acknowledged goes out by the second
# serial port.
/usr/bin/busybox --install -s /usr/bin
export PATH=/usr/sbin:/usr/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs -o mode=0755 run /run
mkdir -p /dev/shm /run/hale /etc/hale
exec </dev/null >/dev/console 2>&1
stty -F /dev/ttyS1 raw -echo
for module in virtio_pci virtio_blk crc32c_generic ext4; do
	modprobe $module
done
until [ -b /dev/vda ]; do usleep 20000; done
mount -t ext4 /dev/vda /var/lib/hale || poweroff -f
chmod 755 /var/lib/hale /run/hale
printf '%s\n' '[kmsg]' 'trust_user_records = yes' '[store]' 'size = 16MiB' \
	>/etc/hale/hale.conf
/opt/hale/haled --foreground --config /etc/hale/hale.conf --run-dir /run/hale \
	--state-dir /var/lib/hale &
until /lab/ship_client /run/hale/ship.sock needs x >/dev/null 2>&1; do
	usleep 50000
done
echo ready >/dev/ttyS1
sector=1000
while :; do
	sector=$((sector + 8))
	echo "<3>I/O error, dev vda, sector $sector op 0x0:(READ) flags 0x0" \
		>/dev/kmsg
	usleep 300000
done &
# Each user has so many at once, and then two a second: so each is another.
tell() {
	/usr/bin/setpriv --reuid "$1" --regid "$1" --clear-groups \
		/lab/ship_client /run/hale/ship.sock record 200 "repo=told/$1" \
		"word=$(head -c "$2" /dev/zero | tr '\0' x)" >/dev/ttyS1
}
chmod 666 /dev/ttyS1
user=2000
while :; do
	user=$((user + 1))
	tell $user $((user % 7 * 900 + 100)) &
	small=$!
	tell $((user + 1000)) 100 &
	tell $((user + 2000)) 20000
	wait $small $!
done
