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
}
# What a disk answers, by the name a scenario gives it: (iotype, errno). 61 is
# ENODATA, which qemu's SCSI disk turns into the sense of a medium error.
FAULTS = {"read-error": ("read", 5), "medium-error": ("read", 61),
          "write-error": ("write", 5), "no-space": ("write", 28)}


class Wrong(Exception):
    """A scenario that cannot be run, or did not end well: why."""


class Scenario:
    """A file of scenarios/: lines "# lab: WORD…" are for us, all else is the
    guest's shell script."""

    def __init__(self, path):
        self.path = path
        self.name = os.path.basename(path)[:-3]
        self.disks = []
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
        elif words in (["no-udev"], ["toolchain"]):
            self.flags.add(words[0])
        else:
            raise Wrong(f"{self.path}: unknown directive: {' '.join(words)}")

    def device(self, name):
        """What qemu is to know of a disk, beside its contents."""
        number = [disk[0] for disk in self.disks].index(name)
        device = dict(BUSES[self.disks[number][1]], id=name, drive=name,
                      serial=name)
        if "wwn" in device:
            device["wwn"] += number
        if "%d" in device.get("bus", ""):
            device["bus"] %= number
        return device

    def disk_arguments(self, work):
        """qemu's arguments for every disk; their files are made in work."""
        arguments = []
        if any(bus == "scsi" for _, bus, _, _ in self.disks):
            arguments += ["-device", "virtio-scsi-pci,id=scsi"]
        for number, (name, bus, size, faults) in enumerate(self.disks):
            if bus in ("virtio", "nvme"):
                arguments += ["-device", f"pcie-root-port,id=port.{number},"
                              f"chassis={number}"]
            path = os.path.join(work, name + ".img")
            if not os.path.exists(path):
                subprocess.run(["truncate", "-s", size, path], check=True)
            node = blockdev(name, path, [f for f in faults if f != "absent"])
            arguments += ["-blockdev", node]
            if "absent" not in faults:
                arguments += ["-device", json.dumps(self.device(name))]
        return arguments


def blockdev(name, path, faults):
    """A raw file, behind errors at given sectors where a fault is wanted."""
    node = {"driver": "file", "filename": path, "cache": {"direct": False}}
    if faults:
        rules = []
        for fault in faults:
            kind, _, sector = fault.partition("@")
            iotype, errno = FAULTS[kind]
            rule = {"event": "none", "iotype": iotype, "errno": errno,
                    "once": False}
            if sector:
                rule["sector"] = int(sector)
            rules.append(rule)
        node = {"driver": "blkdebug", "image": node, "inject-error": rules}
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
            "setpriv", "--pdeathsig", "KILL",  # it does not outlive the lab
            "qemu-system-x86_64", "-machine", "q35", "-accel", "tcg",
            "-cpu", "max", "-smp", scenario.options["cpus"],
            "-m", scenario.options["memory"], "-display", "none",
            "-nodefaults", "-no-reboot", "-kernel", images.vmlinux,
            "-initrd", overlay, "-append",
            "console=ttyS0 quiet panic=-1 nokaslr random.trust_cpu=on "
            "no_timer_check",  # the timer may be late when the host is busy
            "-chardev", f"file,id=console,path={self.console},append=on",
            "-serial", "chardev:console",
            "-serial", f"unix:{work}/line", "-qmp", f"unix:{work}/qmp",
            *scenario.disk_arguments(work)]
        if "toolchain" in scenario.flags:
            command += ["-drive", f"file={images.toolchain},format=raw,"
                        "if=none,id=toolchain,read-only=on", "-device",
                        "virtio-blk-pci,drive=toolchain,serial=toolchain"]
        self.errors = open(os.path.join(work, "qemu.log"), "ab")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                        stdout=self.errors,
                                        stderr=self.errors)
        self.qmp = self._accept(qmp)
        self._command("qmp_capabilities")
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

    def _command(self, name, **arguments):
        text = json.dumps({"execute": name, "arguments": arguments})
        self.qmp.write(text.encode() + b"\n")
        self.qmp.flush()
        for reply in self.qmp:
            reply = json.loads(reply)
            if "error" in reply:
                return "error: " + reply["error"]["desc"]
            if "return" in reply:
                return "ok"
        return "error: qemu is gone"

    def answer(self, words):
        """What the guest asked of the host, done."""
        if words[:1] == ["unplug"] and len(words) == 2:
            return self._command("device_del", id=words[1])
        if words[:1] == ["plug"] and len(words) == 2:
            return self._command("device_add", **self.scenario.device(words[1]))
        return f"error: the host cannot {' '.join(words)}"

    def converse(self, boot, expectations):
        """Serves the guest until it is done (returns False), wants to be
        booted once more (True), or fails (raises)."""
        greeting = {"hello": f"{boot} {'ask' if expectations else 'mute'}"}
        try:
            for line in self.line:
                word, _, rest = line.decode(errors="replace").strip() \
                    .partition(" ")
                if word in ("done", "again"):
                    self._reply("ok")
                    self.process.wait(20)
                    return word == "again"
                if word == "fail":
                    raise Wrong(rest)
                self._reply(greeting.get(word) or self.answer(rest.split()))
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
    again, boot = True, 0
    while again:
        boot += 1
        machine = Machine(scenario, images, initrd, work)
        try:
            again = machine.converse(boot, expectations)
        finally:
            machine.end()
