# SPDX-License-Identifier: Apache-2.0
"""A machine that runs one scenario, and the conversation with the guest while
it does.

The guest's second serial port is the line to us: it says what it wants of the
host ("host unplug bad", "again", "done", "fail why"), one line each, and waits
for our one line of answer. The first port is the console, kept in a file.

Scenarios whose machines are alike until something is plugged in begin in a
copy of one that has booted (Kinds): at "hello", its processor is stopped, and
its memory and devices are kept in files. What a scenario has of its own is
plugged into its copy before that goes on.
"""
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import tempfile
import threading
import time

import image
from scenario import SLOTS, Scenario, Wrong

__all__ = ["Kinds", "Machine", "Scenario", "Wrong", "play"]

# What a disk that hangs still lets through, in bytes a second.
HUNG = {"bps-total": 1}
# Everything a new processor has, but what takes an emulated one longer than
# doing without: "rep movsb" goes byte by byte, and each fifth level of page
# tables is one more to walk.
PROCESSOR = "max,-erms,-fsrm,-la57,-smap"
# The guest's clock counts its instructions, at 2 ns each, and goes with ours
# only where it has none to execute. So a busy host makes a machine slow for us,
# and never for itself: what takes 10 ms in it does so everywhere. One processor
# only: of two, one would wait for the other until the next timer is due.
CLOCK = "shift=1,sleep=on"
# A mapped file is the machine's memory: a copy shares it until it writes.
SHARED_MEMORY = [{"capability": "x-ignore-shared", "state": True}]
# On a host that has much else to do, all deadlines are so many times longer.
PATIENCE = float(os.environ.get("HALE_LAB_PATIENCE") or 1)
# How long a machine may take to boot, or to be saved
BOOT_S = 120


class Machine:
    """A running qemu, with its control line and its QMP socket. With saved, it
    is a copy of that machine and waits; else it boots initrd."""

    def __init__(self, scenario, images, initrd, work, saved=None,
                 memory=None):
        self.scenario = scenario
        self.saved = saved
        self.cpu_s = 0.0
        self.deadline = time.monotonic() + PATIENCE * float(
            scenario.options["deadline"])
        line, qmp = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
        for name, listener in (("line", line), ("qmp", qmp)):
            listener.bind(os.path.join(work, name))
            listener.listen(1)
        command = [
            *scenario.launcher(work), "qemu-system-x86_64", "-machine",
            "q35,memory-backend=ram", "-accel", "tcg,tb-size=192",
            *(["-icount", CLOCK] if scenario.counted() else []),
            "-cpu", PROCESSOR, "-smp", scenario.options["cpus"],
            "-m", scenario.options["memory"], "-object",
            self._memory(saved.memory if saved else memory, bool(saved)),
            "-display", "none", "-nodefaults",
            "-kernel", images.vmlinux, "-initrd", initrd,
            "-append", scenario.kernel_command(),
            "-chardev", f"file,id=console,path={work}/console.log,append=on",
            "-serial", "chardev:console", "-serial", f"unix:{work}/line",
            "-qmp", f"unix:{work}/qmp", "-device", "virtio-scsi-pci,id=scsi"]
        if scenario.has("usb"):
            command += ["-device", "qemu-xhci,id=usb"]
        for slot in range(SLOTS):
            command += ["-device", f"pcie-root-port,id=port.{slot},"
                        f"chassis={slot}"]
        command += scenario.backend_arguments(work, images.toolchain)
        if saved:
            command += ["-S", "-incoming", "defer"]
        else:
            for device in scenario.devices():
                command += ["-device", json.dumps(device)]
        if "resets" not in scenario.flags:
            command.append("-no-reboot")
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

    def _memory(self, path, is_copy):
        size = f"size={self.scenario.options['memory']}"
        if path is None:
            return f"memory-backend-ram,id=ram,{size}"
        share = "off" if is_copy else "on"
        return f"memory-backend-file,id=ram,{size},mem-path={path},share={share}"

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

    def _ask(self, name, **arguments):
        """What QMP answers: the whole message."""
        text = json.dumps({"execute": name, "arguments": arguments})
        self.qmp.write(text.encode() + b"\n")
        self.qmp.flush()
        for reply in self.qmp:
            reply = json.loads(reply)
            if "error" in reply or "return" in reply:
                return reply
        return {"error": {"desc": "qemu is gone"}}

    def _command(self, name, **arguments):
        """ "ok", or "error: why". The monitor says errors in what it returns."""
        reply = self._ask(name, **arguments)
        if "error" in reply:
            return "error: " + reply["error"]["desc"]
        text = reply["return"]
        if isinstance(text, str) and re.match("Error|unknown command", text):
            return "error: " + " ".join(text.split())
        return "ok"

    def _must(self, name, **arguments):
        said = self._command(name, **arguments)
        if said != "ok":
            raise Wrong(f"qemu: {name}: {said}")

    def _migrated(self):
        """Waits until the machine is in its file, or came out of it."""
        end = time.monotonic() + PATIENCE * BOOT_S
        while time.monotonic() < end:
            status = self._ask("query-migrate").get("return", {}).get("status")
            if status == "completed":
                return
            if status in ("failed", "cancelled"):
                break
            time.sleep(0.01)
        raise Wrong(f"qemu: the machine could not be copied: {status}")

    def save(self, path):
        """Boots until the guest says hello, and keeps it in the file path."""
        if not self.line.readline().startswith(b"hello"):
            raise Wrong("the machine did not boot: see its console")
        self._must("stop")
        self._must("migrate-set-capabilities", capabilities=SHARED_MEMORY)
        self._must("migrate", uri=f"exec:cat >{shlex.quote(path)}")
        self._migrated()

    def resume(self):
        """The saved machine is here, with all of the scenario's devices, and
        goes on: its hello is still to be answered."""
        self._must("migrate-set-capabilities", capabilities=SHARED_MEMORY)
        self._must("migrate-incoming",
                   uri=f"exec:cat {shlex.quote(self.saved.path)}")
        self._migrated()
        for device in self.scenario.devices():
            self._must("device_add", **device)
        self._must("cont")

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

    def converse(self, boot, expectations, words=()):
        """Serves the guest until it is done (returns 0), wants to be booted
        once more (the number of that boot), or fails (raises)."""
        mode = "ask" if expectations else "mute"
        awaited = [*words]
        if self.saved:
            awaited += self.scenario.plugged_disks()
        if self.saved:
            self._hello(boot, mode, awaited)
            boot += 1
        try:
            for line in self.line:
                word, _, rest = line.decode(errors="replace").strip() \
                    .partition(" ")
                if word == "done":  # nothing of it is needed any more
                    return 0
                if word == "again":
                    self._reply("ok")
                    self._wait(20)
                    return boot
                if word == "cut":
                    self._reply("ok")
                    self._wait(float(rest or 0), False)
                    return boot
                if word == "fail":
                    raise Wrong(rest)
                if word == "hello":
                    self._hello(boot, mode, awaited)
                    boot += 1  # where it resets, that is said again
                else:
                    self._reply(self.answer(rest))
        except TimeoutError:
            raise Wrong("not done within its deadline") from None
        raise Wrong("the machine stopped by itself")

    def _hello(self, boot, mode, words):
        self._reply(" ".join([str(boot), mode, self.scenario.name, *words]))

    def _reply(self, text):
        self.line.write(text.encode() + b"\n")
        self.line.flush()

    def _wait(self, seconds, must_end=True):
        """For the machine to end by itself."""
        end = time.monotonic() + seconds
        while self.process.returncode is None and time.monotonic() < end:
            time.sleep(min(0.05, seconds))
            self._reap(os.WNOHANG)
        if must_end and self.process.returncode is None:
            raise TimeoutError

    def _reap(self, options=0):
        pid, status, used = os.wait4(self.process.pid, options)
        if pid:
            self.process.returncode = os.waitstatus_to_exitcode(status)
            self.cpu_s = used.ru_utime + used.ru_stime

    def end(self):
        if self.process.returncode is None:
            self.process.kill()
            self._reap()
        self.errors.close()


class Saved:
    """A machine of one kind that has booted and waits for its scenario."""

    def __init__(self, folder):
        self.folder = tempfile.mkdtemp(prefix="kind-", dir=folder)
        self.memory = os.path.join(self.folder, "memory")
        self.path = os.path.join(self.folder, "devices")


class Kinds:
    """The booted machines that scenarios begin with; those that only one
    scenario would use are not made."""

    def __init__(self, scenarios, images, overlay, folder):
        self.images, self.overlay, self.folder = images, overlay, folder
        kinds = [scenario.kind() for scenario in scenarios]
        self.locks = {kind: threading.Lock() for kind in kinds
                      if kind is not None and kinds.count(kind) > 1}
        self.saved = {}

    def of(self, scenario):
        """The machine to begin with, booted if need be; None for none."""
        kind = scenario.kind()
        if kind not in self.locks:
            return None
        with self.locks[kind]:
            if kind not in self.saved:
                self.saved[kind] = self._boot(scenario.bare())
            return self.saved[kind]

    def _boot(self, bare):
        saved = Saved(self.folder)
        initrd = make_initrd(bare, self.images, self.overlay, saved.folder)
        with open(saved.memory, "wb"):
            pass
        machine = Machine(bare, self.images, initrd, saved.folder,
                          memory=saved.memory)
        try:
            machine.save(saved.path)
        finally:
            machine.end()
        return saved


def make_initrd(scenario, images, overlay, work):
    """The initramfs that the scenario's machine boots."""
    initrd, own = os.path.join(work, "initrd"), os.path.join(work, "own.cpio")
    archive = image.Archive(own)
    archive.text("lab/flags", " ".join(sorted(scenario.flags)) + "\n")
    archive.close()
    with open(initrd, "wb") as out:
        for part in (images.base, overlay, own):
            with open(part, "rb") as f:
                shutil.copyfileobj(f, out)
    return initrd


def play(scenario, images, overlay, work, expectations=True, kinds=None,
         words=()):
    """Runs a scenario in the folder work; raises Wrong where it goes wrong.
    The disks live in work, so they are the same ones after a reboot. kinds is
    where to find a machine that has booted; without it, and from the second
    boot on, it boots. words are variables for its shell: "KILLS=500". Returns
    the seconds of processor that it took."""
    boot, cpu_s = 1, 0.0
    while boot:
        saved = kinds.of(scenario) if kinds and boot == 1 else None
        initrd = (os.path.join(saved.folder, "initrd") if saved else
                  make_initrd(scenario, images, overlay, work))
        machine = Machine(scenario, images, initrd, work, saved)
        try:
            if saved:
                machine.resume()
            boot = machine.converse(boot, expectations, words)
        finally:
            machine.end()
            cpu_s += machine.cpu_s
    return cpu_s
