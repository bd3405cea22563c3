# SPDX-License-Identifier: Apache-2.0
"""One scenario: its file's directives, the machine they describe, and the
conversation with the guest while it runs.

The guest's second serial port is the line to us: it says what it wants of the
host ("unplug bad", "again", "done", "fail why"), one line each, and waits for
our one line of answer. The first port is the console, kept in a file.
"""
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import time

import compiler
import image

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
FLAGS = ("no-udev", "toolchain", "nic", "resets")
# The memory that "resets" keeps for ramoops: 1 MiB that the kernel leaves
# alone, above what it uses while it boots and below the initramfs.
RAMOOPS = "memmap=0x100000$0x10000000"
# What a disk that hangs still lets through, in bytes a second.
HUNG = {"bps-total": 1}


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

    def disk_arguments(self, work):
        """qemu's arguments for every disk; their files are made in work."""
        arguments = []
        if any(bus == "scsi" for _, bus, _, _ in self.disks):
            arguments += ["-device", "virtio-scsi-pci,id=scsi"]
        if any(bus == "usb" for _, bus, _, _ in self.disks):
            arguments += ["-device", "qemu-xhci,id=usb"]
        for number, (name, bus, size, words) in enumerate(self.disks):
            if bus in ("virtio", "nvme"):
                arguments += ["-device", f"pcie-root-port,id=port.{number},"
                              f"chassis={number}"]
            path = os.path.join(work, name + ".img")
            if not os.path.exists(path):
                subprocess.run(["truncate", "-s", size, path], check=True)
            if "hangs" in words:
                arguments += ["-object", f"throttle-group,id=hang.{name}"]
            arguments += ["-blockdev", blockdev(name, path, words)]
            if "absent" not in words:
                arguments += ["-device", json.dumps(self.device(name))]
        return arguments

    def other_arguments(self, work):
        """qemu's arguments for what is not a disk."""
        arguments = [] if "resets" in self.flags else ["-no-reboot"]
        if "nic" in self.flags:
            arguments += ["-netdev", "user,id=net,restrict=on",
                          "-device", "virtio-net-pci,netdev=net,id=nic"]
        for name, _ in self.shares:
            arguments += ["-fsdev", f"local,id={name},security_model=none,"
                          f"path={work}/{name}.share", "-device",
                          f"virtio-9p-pci,fsdev={name},mount_tag={name}"]
        return arguments

    def kernel_command(self):
        words = self.kernel + ([RAMOOPS] if "resets" in self.flags else [])
        return " ".join([
            "console=ttyS0 quiet panic=-1 nokaslr random.trust_cpu=on",
            # An emulated processor stands still while the host is busy: late
            # timers and stalls of so long are the lab's doing, not a fault.
            "no_timer_check watchdog_thresh=60",
            "rcupdate.rcu_cpu_stall_timeout=300",
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


class Machine:
    """A running qemu, with its control line and its QMP socket."""

    def __init__(self, scenario, images, overlay, work):
        self.scenario = scenario
        self.deadline = time.monotonic() + float(scenario.options["deadline"])
        self.console = os.path.join(work, "console.log")
        self.qmp_path = os.path.join(work, "qmp")
        line, qmp = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
        line.bind(os.path.join(work, "line"))
        line.listen(1)
        qmp.bind(self.qmp_path)
        qmp.listen(1)
        command = [
            *scenario.launcher(work), "qemu-system-x86_64", "-machine", "q35", "-accel", "tcg",
            "-cpu", "max", "-smp", scenario.options["cpus"],
            "-m", scenario.options["memory"], "-display", "none",
            "-nodefaults", "-kernel", images.vmlinux, "-initrd", overlay,
            "-append", scenario.kernel_command(), "-chardev", f"file,id=console,path={self.console},append=on",
            "-serial", "chardev:console",
            "-serial", f"unix:{work}/line", "-qmp", f"unix:{work}/qmp",
            *scenario.disk_arguments(work), *scenario.other_arguments(work)]
        if "toolchain" in scenario.flags:
            command += ["-drive", f"file={images.toolchain},format=raw,"
                        "if=none,id=toolchain,read-only=on", "-device",
                        "virtio-blk-pci,drive=toolchain,serial=toolchain"]
        self.errors = open(os.path.join(work, "qemu.log"), "ab")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                        stdout=self.errors,
                                        stderr=self.errors)
        self.qmp = self._accept(qmp)
        try:
            self._command("qmp_capabilities")
        except OSError:
            raise Wrong("qemu did not start: see qemu.log") from None
        self.line = self._accept(line)
        for name in ("line", "qmp"):
            os.unlink(os.path.join(work, name))

    def _accept(self, listener):
        listener.settimeout(10)
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            raise Wrong("qemu did not start: see qemu.log") from None
        finally:
            listener.close()
        connection.settimeout(max(self.deadline - time.monotonic(), 1))
        return connection.makefile("rwb")

    def _plug(self, device):
        """A disk that the guest has just let go is let go here a little later."""
        for _ in range(50):
            said = self._command("device_add", **device)
            if "Permission conflict" not in str(said):
                break
            time.sleep(0.1)
        return said

    def _command(self, name, **arguments):
        text = json.dumps({"execute": name, "arguments": arguments})
        self.qmp.write(text.encode() + b"\n")
        self.qmp.flush()
        for reply in self.qmp:
            reply = json.loads(reply)
            if "error" in reply:
                return "error: " + reply["error"]["desc"]
            if "return" in reply:
                return self._said(reply["return"])
        return "error: qemu is gone"

    @staticmethod
    def _said(text):
        """What QMP returned: the monitor says there what went wrong, too."""
        if isinstance(text, str) and re.match("Error|unknown command", text):
            return "error: " + " ".join(text.split())
        return "ok"

    def answer(self, text):
        """What the guest asked of the host, done."""
        verb, _, rest = text.partition(" ")
        words = shlex.split(rest) if verb != "qmp" else []
        if verb == "unplug" and len(words) == 1:
            return self._command("device_del", id=words[0])
        if verb == "plug" and len(words) == 1:
            return self._plug(self.scenario.device(words[0]))
        if verb == "hang" and len(words) == 1:
            return self._command("qom-set", path=f"/objects/hang.{words[0]}",
                                 property="limits", value=HUNG)
        if verb == "set" and len(words) == 3:
            value = int(words[2]) if words[2].isdigit() else words[2]
            return self._command("qom-set", property=words[1], value=value,
                                 path=f"/machine/peripheral/{words[0]}")
        if verb == "monitor":
            return self._command("human-monitor-command",
                                 **{"command-line": rest})
        if verb == "qmp":
            wanted = json.loads(rest)
            return self._command(wanted["execute"],
                                 **wanted.get("arguments", {}))
        return f"error: the host cannot {text}"

    def converse(self, boot, expectations):
        """Serves the guest until it is done (returns 0), wants to be booted
        once more (the number of that boot), or fails (raises)."""
        try:
            for line in self.line:
                word, _, rest = line.decode(errors="replace").strip() \
                    .partition(" ")
                if word == "done":  # nothing of it is needed any more
                    return 0
                if word == "again":
                    self._reply("ok")
                    self.process.wait(20)
                    return boot
                if word == "fail":
                    raise Wrong(rest)
                if word == "hello":
                    self._reply(f"{boot} {'ask' if expectations else 'mute'}")
                    boot += 1  # where it resets, that is said again
                else:
                    self._reply(self.answer(rest))
        except (TimeoutError, subprocess.TimeoutExpired):
            raise Wrong("not done within its deadline") from None
        raise Wrong("the machine stopped by itself")

    def _reply(self, text):
        self.line.write(text.encode() + b"\n")
        self.line.flush()

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.errors.close()


def play(scenario, images, overlay, work, expectations=True):
    """Runs a scenario in the folder work; raises Wrong where it goes wrong.
    The disks live in work, so they are the same ones after a reboot."""
    initrd = os.path.join(work, "initrd")
    own = os.path.join(work, "own.cpio")
    archive = image.Archive(own)
    archive.text("lab/scenario.sh", scenario.script)
    archive.text("lab/flags", " ".join(sorted(scenario.flags)) + "\n")
    if "toolchain" in scenario.flags:
        compiler.add_sources(archive, image.TOP, image.build_folder())
    archive.close()
    with open(initrd, "wb") as out:
        for part in (images.base, overlay, own):
            with open(part, "rb") as f:
                shutil.copyfileobj(f, out)
    boot = 1
    while boot:
        machine = Machine(scenario, images, initrd, work)
        try:
            boot = machine.converse(boot, expectations)
        finally:
            machine.end()
