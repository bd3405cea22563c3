# SPDX-License-Identifier: Apache-2.0
"""A scenario's file: its directives, and the devices they describe, as qemu
wants to hear of them. Nothing here runs a machine.
"""
import copy
import json
import os
import re
import shlex
import subprocess

BUSES = {
    "sata": {"driver": "ide-hd", "bus": "ide.%d", "wwn": 0x5000c50000000000},
    "scsi": {"driver": "scsi-hd", "bus": "scsi.0", "wwn": 0x5000c50000010000,
             "vendor": "LAB", "product": "Disk", "rerror": "report",
             "werror": "report"},
    "virtio": {"driver": "virtio-blk-pci", "bus": "port.%d",
               "rerror": "report", "werror": "report"},
    "nvme": {"driver": "nvme", "bus": "port.%d"},
    "usb": {"driver": "usb-storage", "bus": "usb.0"},
}
# What a disk answers, by the name a scenario gives it: (iotype, errno). 61 is
# ENODATA, which qemu's SCSI disk turns into the sense of a medium error.
FAULTS = {"read-error": ("read", 5), "medium-error": ("read", 61),
          "write-error": ("write", 5), "no-space": ("write", 28)}
FLAGS = ("no-udev", "toolchain", "nic", "resets", "host-clock",
         "by-name")
# Slots that a card can be put into: the disks first, then one for each of
# these. The network card and the shares come behind.
SLOTS, TOOLCHAIN_SLOT, NIC_SLOT, SHARE_SLOT = 8, 4, 5, 6
# The memory that "resets" keeps for ramoops: 1 MiB that the kernel leaves
# alone, above what it uses while it boots and below the initramfs.
RAMOOPS = "memmap=0x100000$0x10000000"


class Wrong(Exception):
    """A scenario that cannot be run, or did not end well: why."""


class Scenario:
    """A file of scenarios/: lines "# lab: WORD…" are for us, all else is the
    guest's shell script."""

    def __init__(self, path):
        self.path = path
        self.name = os.path.basename(path)[:-3]
        self.disks = []
        self.shares = []
        self.kernel = []
        self.options = {"memory": "512M", "cpus": "1", "deadline": "150"}
        self.flags = set()
        with open(path) as f:
            self.script = f.read()
        for line in re.findall(r"^# lab: (.*)$", self.script, re.M):
            self._directive(shlex.split(line))
        if "expect UNFIT" not in self.script:
            raise Wrong(f"{path}: never expects UNFIT, so it could pass blind")
        if len(self.disks) > TOOLCHAIN_SLOT or \
                len(self.shares) > SLOTS - SHARE_SLOT:
            raise Wrong(f"{path}: more disks or shares than there are slots")

    def _directive(self, words):
        if words[0] == "disk" and len(words) >= 4 and words[2] in BUSES:
            self.disks.append((words[1], words[2], words[3], words[4:]))
        elif words[0] in self.options and len(words) == 2:
            self.options[words[0]] = words[1]
        elif words[0] == "share" and len(words) == 3:
            self.shares.append((words[1], words[2]))
        elif words[0] == "kernel":
            self.kernel += words[1:]
        elif len(words) == 1 and words[0] in FLAGS:
            self.flags.add(words[0])
        else:
            raise Wrong(f"{self.path}: unknown directive: {' '.join(words)}")

    def kind(self):
        """What a machine is before anything is plugged into it: scenarios of
        one kind can go on from one booted machine. None where this one has to
        boot by itself: its disks cannot be plugged in, or it resets."""
        if "resets" in self.flags or self.has("sata") or self.has("usb"):
            return None
        return (self.options["memory"], self.options["cpus"],
                "no-udev" in self.flags, self.counted(), *self.kernel)

    def counted(self):
        """Is its clock the count of its instructions?"""
        return self.options["cpus"] == "1" and "host-clock" not in self.flags

    def has(self, bus):
        return any(disk[1] == bus for disk in self.disks)

    def bare(self):
        """The same machine with nothing plugged in."""
        bare = copy.copy(self)
        bare.name = "boot"
        bare.disks, bare.shares = [], []
        bare.flags = self.flags & {"no-udev", "host-clock"}
        return bare

    def device(self, name):
        """What qemu is to know of a disk, beside its contents."""
        number = [disk[0] for disk in self.disks].index(name)
        _, bus, _, words = self.disks[number]
        device = dict(BUSES[bus], id=name, drive=name, serial=name)
        if "wwn" in device:
            device["wwn"] += number
        if "%d" in device.get("bus", ""):
            device["bus"] %= number
        for word in words:
            key, given, value = word.partition("=")
            if given:
                device[key] = {"on": True, "off": False}.get(
                    value, int(value) if value.isdigit() else value)
        return device

    def devices(self):
        """All that is plugged in when the scenario begins."""
        found = [self.device(name) for name, _, _, words in self.disks
                 if "absent" not in words]
        if "toolchain" in self.flags:
            found.append({"driver": "virtio-blk-pci", "drive": "toolchain",
                          "serial": "toolchain", "id": "toolchain",
                          "bus": f"port.{TOOLCHAIN_SLOT}"})
        if "nic" in self.flags:
            found.append({"driver": "virtio-net-pci", "netdev": "net",
                          "id": "nic", "bus": f"port.{NIC_SLOT}"})
        for number, (name, _) in enumerate(self.shares):
            found.append({"driver": "virtio-9p-pci", "fsdev": name,
                          "mount_tag": name, "id": name,
                          "bus": f"port.{SHARE_SLOT + number}"})
        return found

    def plugged_disks(self):
        """The names of the disks that the guest is to wait for, where they
        are plugged into a machine that runs."""
        return [d["serial"] for d in self.devices() if "serial" in d]

    def backend_arguments(self, work, toolchain):
        """qemu's arguments for what is behind its devices: files of the disks,
        which are made in work, networks and folders."""
        arguments = []
        for name, _, size, words in self.disks:
            path = os.path.join(work, name + ".img")
            if not os.path.exists(path):
                subprocess.run(["truncate", "-s", size, path], check=True)
            if "hangs" in words:
                arguments += ["-object", f"throttle-group,id=hang.{name}"]
            arguments += ["-blockdev", blockdev(name, path, words)]
        if "toolchain" in self.flags:
            arguments += ["-blockdev", json.dumps({
                "driver": "raw", "node-name": "toolchain", "read-only": True,
                "file": {"driver": "file", "filename": toolchain}})]
        if "nic" in self.flags:
            arguments += ["-netdev", "user,id=net,restrict=on"]
        for name, _ in self.shares:
            arguments += ["-fsdev", f"local,id={name},security_model=none,"
                          f"path={work}/{name}.share"]
        return arguments

    def kernel_command(self):
        words = self.kernel + ([RAMOOPS] if "resets" in self.flags else [])
        return " ".join([
            "console=ttyS0 quiet panic=-1 nokaslr random.trust_cpu=on",
            # An emulated processor is slow: late timers and stalls of less
            # than this are the lab's doing, not a fault.
            "no_timer_check watchdog_thresh=60",
            "rcupdate.rcu_cpu_stall_timeout=300",
            # What costs an emulated processor much and changes nothing here.
            "mitigations=off rcupdate.rcu_expedited=1",
            *words])

    def launcher(self, work):
        """What starts qemu: where it shares folders, with filesystems of the
        wanted sizes there that nobody else sees and that go with it."""
        command = ["setpriv", "--pdeathsig", "KILL"]  # not to outlive the lab
        if not self.shares:
            return command
        mounts = []
        for name, size in self.shares:
            folder = shlex.quote(f"{work}/{name}.share")
            os.makedirs(f"{work}/{name}.share", exist_ok=True)
            mounts.append(f"mount -t tmpfs -o size={size} {name} {folder}")
        user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        return ["unshare", "--mount", *user, "sh", "-euc",
                "; ".join(mounts) + '; exec "$@"', "sh", *command]


def blockdev(name, path, words):
    """A raw file, behind errors at given sectors where a fault is wanted."""
    node = {"driver": "file", "filename": path, "cache": {"direct": False}}
    rules = []
    for word in words:
        kind, _, sector = word.partition("@")
        if kind not in FAULTS:
            continue
        iotype, errno = FAULTS[kind]
        rule = {"event": "none", "iotype": iotype, "errno": errno,
                "once": False}
        if sector:
            rule["sector"] = int(sector)
        rules.append(rule)
    if rules:
        node = {"driver": "blkdebug", "image": node, "inject-error": rules}
    if "hangs" in words:
        node = {"driver": "throttle", "throttle-group": f"hang.{name}",
                "file": node}
    return json.dumps({"driver": "raw", "node-name": name, "file": node})
