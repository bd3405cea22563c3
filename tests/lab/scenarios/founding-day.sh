# SPDX-License-Identifier: Apache-2.0
# The day that this project was founded: the host's drive C: is full, the
# virtual disk that lies on it throws I/O errors, the plugins of the container
# engine die of SIGBUS and the engine answers 500. One line explains all of it.
# Nothing is wrong with Docker.
# lab: disk plugins scsi 96M read-error@60000 vendor=Msft product=Virtual-Disk
# lab: share windows 16M
# lab: deadline 240
disk plugins
ext4 "$disk" /mnt/data
# as WSL mounts it
share windows /mnt/c 'aname=drvfs;path=C:\'
mkdir /mnt/data/docker /mnt/data/cli-plugins
# the plugin, large enough to lie on what cannot be read; and the engine's data
fill /mnt/data/cli-plugins/docker-buildx 48
echo well >/mnt/data/docker/engine.db
cp /lab/mapped /usr/bin/docker-buildx
mkdir -p /run/docker
/lab/engine500 /run/docker/engine.sock /mnt/data/docker &
cores_are_taken
agent_start '[virt]' 'host_drive = /mnt/c' '[engine]' \
	'socket = /run/docker/engine.sock'
sighted
expect FIT /mnt/data
within 40 covers engine engine LIVE || true

dd if=/dev/zero of=/mnt/c/movie bs=64k 2>/dev/null || true
dies_by_sigbus /usr/bin/docker-buildx /mnt/data/cli-plugins/docker-buildx
kernel_says 'I/O error, dev sd'
rm /mnt/data/docker/engine.db
fresh 60 is UNFIT /mnt/data
reason virt.backing_full ''
findings 'any(.condition == "engine.down")'
# one line; nothing else is to blame for any of them
explains '[.causes[] | select(.steps[0].finding.condition != "clock.unsynced")] |
	length == 1 and (.[0] | .build == "host-disk-full" and
	.headline == "host drive C: is full (100 %)" and
	(.steps[0].finding.condition | test("virt.backing_full|fs.full")) and
	([.steps[].finding.condition] | any(. == "disk.io_error")) and
	([.steps[].victim.comm] | any(. == "docker-buildx")) and
	([.steps[].finding.condition] | any(. == "engine.down")))'
! asked || hale explain >/tmp/story || true
! asked || cat /tmp/story
! asked || grep -q '^1[.] host drive C: is full (100 %)$' /tmp/story ||
	fail "that is not its root cause"
! asked || ! grep -qi reinstall /tmp/story || fail "it says reinstall"
expect UNFIT /mnt/data
