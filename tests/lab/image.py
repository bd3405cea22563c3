# SPDX-License-Identifier: Apache-2.0
"""What a lab machine boots: Debian's kernel, and an initramfs of the host's own
packages.

Everything here is made once and kept in a cache, under a name that changes
with the kernel, the packages it is made of and this file. What changes with
every build of hale (the overlay) is made for every run instead.
"""
import fcntl
import hashlib
import lzma
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

import compiler

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))

# Modules a scenario may load, by name; what they need is found by itself.
MODULES = """ahci sd_mod sg virtio_pci virtio_blk virtio_scsi nvme scsi_debug
    null_blk xhci_pci usb_storage ext4 btrfs xfs crc32c_generic overlay loop
    dm_mod dm_flakey dm_delay dm_thin_pool dm_raid dm_multipath dm_round_robin
    dm_service_time raid0 raid1 raid10 raid456 faulty hwpoison_inject
    mce_inject aer_inject ramoops i2c_stub i2c_dev lm75 jc42 drivetemp
    button veth dummy virtio_net nf_conntrack
    9p 9pnet_virtio""".split()

# Programs of the machine, by path on the host; so are their libraries.
PROGRAMS = """/sbin/mkfs.ext4 /sbin/debugfs /sbin/mdadm /sbin/dmsetup
    /sbin/losetup /sbin/swapon /sbin/swapoff /sbin/mkswap /bin/kmod
    /bin/udevadm /lib/udev/ata_id /lib/udev/scsi_id /usr/bin/jq
    /usr/bin/setpriv /usr/bin/prlimit /usr/bin/unshare /sbin/ip
    /usr/bin/setpci /usr/sbin/i2cset
    /usr/sbin/i2cget /usr/bin/btrfs /sbin/mkfs.btrfs /usr/sbin/thin_check
    /usr/sbin/thin_dump /usr/bin/sensors /usr/sbin/smartctl /usr/sbin/nvme
    /usr/bin/sg_start /usr/bin/sg_wr_mode /usr/bin/sg_logs /usr/bin/sg_turs""".split()

# The Debian packages all this comes from: their versions are in the names of
# what is cached. packaging/deps.sh installs them.
PACKAGES = """btrfs-progs busybox-static dmsetup e2fsprogs gcc i2c-tools
    iproute2 jq kmod libc6-dev lm-sensors make mdadm nvme-cli pciutils
    sg3-utils smartmontools thin-provisioning-tools udev util-linux""".split()

# An older image is kept for so long: another run may be starting from it.
KEEP_S = 3600


def say(text):
    print(text, file=sys.stderr, flush=True)


class Archive:
    """A cpio archive in the newc form, as the kernel's initramfs reads it
    (Documentation/driver-api/early-userspace/buffer-format.rst). Everything
    in it belongs to root, whoever runs the lab."""

    def __init__(self, path):
        self.out = open(path, "wb")
        self.names = set()
        self.inode = 0

    def _entry(self, name, mode, data):
        if name in self.names:
            return
        self.names.add(name)
        self.inode += 1
        raw = name.encode() + b"\0"
        fields = (self.inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0,
                  len(raw), 0)
        self.out.write(b"070701" + b"".join(b"%08x" % f for f in fields) + raw)
        self.out.write(b"\0" * (-(110 + len(raw)) % 4))
        self.out.write(data + b"\0" * (-len(data) % 4))

    def directory(self, name):
        name = name.strip("/")
        if name and name not in self.names:
            self.directory(os.path.dirname(name))
            self._entry(name, 0o40755, b"")

    def text(self, name, data, mode=0o644):
        self.directory(os.path.dirname(name))
        if isinstance(data, str):
            data = data.encode()
        self._entry(name.strip("/"), 0o100000 | mode, data)

    def link(self, name, target):
        self.directory(os.path.dirname(name))
        self._entry(name.strip("/"), 0o120777, target.encode())

    def file(self, name, source):
        with open(source, "rb") as f:
            self.text(name, f.read(), os.stat(source).st_mode & 0o777)

    def program(self, name, source):
        """An executable and, where it is not static, its libraries."""
        self.file(name, os.path.realpath(source))
        for library in compiler.libraries(source):
            self.file(compiler.under_usr(library), os.path.realpath(library))

    def close(self):
        self._entry("TRAILER!!!", 0, b"")
        self.out.write(b"\0" * (-self.out.tell() % 512))
        self.out.close()


def build_folder():
    """Where hale was built: HALE_BUILD, as the Makefile sets it."""
    return os.path.abspath(os.path.join(TOP, os.environ.get("HALE_BUILD")
                                        or "build"))


def cache():
    base = os.environ.get("XDG_CACHE_HOME") or "/var/cache"
    if not os.access(base, os.W_OK):
        base = os.path.expanduser("~/.cache")
    path = os.path.join(base, "hale-lab")
    os.makedirs(path, exist_ok=True)
    return path


def kernel_package():
    """The name of Debian's current kernel package for this machine."""
    depends = compiler.output("apt-cache", "depends", "linux-image-amd64")
    found = re.search(r"Depends: (linux-image-\S+)", depends)
    if not found:
        raise SystemExit("lab: apt knows no linux-image-amd64: apt-get update?")
    version = compiler.output("apt-cache", "show", "--no-all-versions", found[1])
    return found[1], re.search(r"^Version: (\S+)", version, re.M)[1]


def needed_modules(tree):
    """Paths of MODULES and all they depend on, below /lib/modules/VERSION."""
    depends, paths = {}, {}
    with open(os.path.join(tree, "modules.dep")) as f:
        for line in f:
            path, _, needs = line.partition(":")
            paths[os.path.basename(path)[:-3].replace("-", "_")] = path
            depends[path] = needs.split()
    wanted = [paths[name] for name in MODULES if name in paths]
    for path in wanted:
        wanted += [p for p in depends[path] if p not in wanted]
    return wanted


def make_kernel(package, vmlinux, modules):
    """Unpacks the package: an uncompressed kernel, and a tree of modules."""
    with tempfile.TemporaryDirectory(dir=cache()) as work:
        say(f"lab: fetching {package}")
        subprocess.run(["apt-get", "-q", "-o", "APT::Sandbox::User=root",
                        "download", package], cwd=work, check=True,
                       stdout=subprocess.DEVNULL)
        deb = [f for f in os.listdir(work) if f.endswith(".deb")][0]
        subprocess.run(["dpkg-deb", "-x", deb, "."], cwd=work, check=True)
        release = os.listdir(f"{work}/lib/modules")[0]
        keep_modules(work, release)
        uncompress(f"{work}/boot/vmlinuz-{release}", f"{work}/vmlinux")
        shutil.rmtree(modules, ignore_errors=True)
        os.rename(f"{work}/kept", modules)
        os.rename(f"{work}/vmlinux", vmlinux)


def keep_modules(work, release):
    """Moves the modules needed from work to a tree of their own, work/kept."""
    tree = f"{work}/lib/modules/{release}"
    kept = f"{work}/kept/lib/modules/{release}"
    subprocess.run(["/sbin/depmod", "-b", work, release], check=True)
    for path in needed_modules(tree) + ["modules.order", "modules.builtin",
                                        "modules.builtin.modinfo"]:
        os.makedirs(os.path.dirname(f"{kept}/{path}"), exist_ok=True)
        shutil.move(f"{tree}/{path}", f"{kept}/{path}")
    subprocess.run(["/sbin/depmod", "-b", f"{work}/kept", release], check=True)


def uncompress(vmlinuz, vmlinux):
    """The kernel without its own unpacker, which takes seconds on an emulated
    processor. qemu enters it through its PVH note."""
    with open(vmlinuz, "rb") as f:
        image = f.read()
    with open(vmlinux, "wb") as f:
        f.write(lzma.LZMADecompressor().decompress(
            image[image.index(b"\xfd7zXZ\0"):]))


def add_tree(archive, source, below):
    for folder, _, files in os.walk(source):
        for name in files:
            path = os.path.join(folder, name)
            archive.file(below + path[len(source):], path)


def make_base(path, modules):
    """The machine without hale: busybox, tools, modules, udev."""
    say("lab: making the base image")
    archive = Archive(path + ".new")
    for name in "dev proc sys tmp run mnt root var/lib/hale".split():
        archive.directory(name)
    for name in "bin sbin lib lib64".split():
        archive.directory(f"usr/{name}")
        archive.link(name, f"usr/{name}")
    archive.link("usr/lib/systemd/systemd-udevd", "/bin/udevadm")
    archive.file("usr/bin/busybox", "/bin/busybox")
    for program in PROGRAMS:
        archive.program(compiler.under_usr(program), program)
    for name in "modprobe insmod lsmod rmmod".split():
        archive.link(f"usr/sbin/{name}", "/usr/bin/kmod")
    add_tree(archive, os.path.realpath("/lib/udev/rules.d"),
             "usr/lib/udev/rules.d")
    add_tree(archive, modules + "/lib", "usr/lib")
    archive.text("etc/passwd", "root:x:0:0::/root:/bin/sh\n"
                 "hale:x:990:990::/:/usr/sbin/nologin\n"
                 "builder:x:1000:1000::/tmp:/bin/sh\n")
    archive.text("etc/group", "root:x:0:\nbuilder:x:1000:\ndisk:x:6:\n"
                 "adm:x:4:\nhale:x:990:\n")
    archive.close()
    os.rename(path + ".new", path)


class Images:
    """Paths of vmlinux, base and toolchain; made now where they are not."""

    def __init__(self):
        package, version = kernel_package()
        recipe = b""
        for path in (__file__, compiler.__file__):
            with open(path, "rb") as f:
                recipe += f.read()
        packages = subprocess.run(["dpkg-query", "-W", *PACKAGES], text=True,
                                  capture_output=True).stdout
        key = hashlib.sha256(recipe + packages.encode() + version.encode())
        key = key.hexdigest()[:12]
        self.kernel = f"{package} {version}"
        self.vmlinux = f"{cache()}/vmlinux-{key}"
        self.modules = f"{cache()}/modules-{key}"
        self.base = f"{cache()}/base-{key}.cpio"
        self.toolchain = f"{cache()}/toolchain-{key}.img"
        with open(f"{cache()}/lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._make(package, key)

    def _make(self, package, key):
        if not os.path.exists(self.vmlinux):
            make_kernel(package, self.vmlinux, self.modules)
        if not os.path.exists(self.base):
            make_base(self.base, self.modules)
        if not os.path.exists(self.toolchain):
            say("lab: making the compiler's disk")
            compiler.make_disk(self.toolchain)
        for name in os.listdir(cache()):
            old = os.path.join(cache(), name)
            if key in name or name == "lock" or \
                    os.stat(old).st_mtime > time.time() - KEEP_S:
                continue
            shutil.rmtree(old) if os.path.isdir(old) else os.unlink(old)


def make_overlay(path, require, sources=False):
    """hale as it was built, with its sources if wanted, and the guest's part
    of the lab."""
    build = build_folder()
    archive = Archive(path)
    programs = [os.path.join(build, name) for name in ("haled", "hale")]
    libexec = os.path.join(build, "libexec")
    if os.path.isdir(libexec):
        programs += [os.path.join(libexec, n) for n in os.listdir(libexec)]
    for program in programs:
        if os.path.exists(program):
            name = "opt/hale" + program[len(build):]
            archive.program(name, program)
        elif require:
            raise SystemExit(f"lab: {program} is not built (HALE_BUILD)")
    for name in ("poison", "mapped", "wmapped", "engine500", "terminal",
                 "crasher", "asker", "bomb", "storm", "clean"):
        program = f"{path}.{name}"
        subprocess.run(["gcc", "-static", "-O2", "-Wall", "-D_GNU_SOURCE", "-o",
                        program, f"{HERE}/guest/{name}.c"], check=True)
        archive.file(f"lab/{name}", program)
    archive.file("lab/lib.sh", f"{HERE}/guest/lib.sh")
    add_tree(archive, f"{HERE}/scenarios", "lab/scenarios")
    if sources:
        compiler.add_sources(archive, TOP, build)
    with open(f"{HERE}/guest/init", "rb") as f:
        archive.text("init", f.read(), 0o755)
    archive.close()
