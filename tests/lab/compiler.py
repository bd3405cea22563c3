# SPDX-License-Identifier: Apache-2.0
"""A disk with a C compiler, and hale's own sources to compile with it; and how
to copy a program of the host with all that it needs."""
import os
import re
import shutil
import subprocess
import tempfile

# Parts of a C compiler, by the name gcc knows them under.
COMPILER = "cc1 as ld collect2".split()


def output(*command):
    return subprocess.run(command, check=True, text=True,
                          env=dict(os.environ, LC_ALL="C"),
                          stdout=subprocess.PIPE).stdout


def libraries(program):
    """The paths of the shared libraries of a program, the loader included."""
    ldd = subprocess.run(["ldd", program], text=True, capture_output=True)
    return re.findall(r"(/\S+) \(0x", ldd.stdout)


def under_usr(path):
    """/bin/x to usr/bin/x: /bin and its like are links on a merged /usr."""
    path = path.lstrip("/")
    return path if path.startswith("usr/") else "usr/" + path


def make_disk(path):
    """An ext4 image of a root with gcc and make in it, to chroot into."""
    with tempfile.TemporaryDirectory(dir=os.path.dirname(path)) as root:
        put_programs(root)
        put_runtime(root)
        for name in "bin sbin lib lib64".split():
            os.makedirs(f"{root}/usr/{name}", exist_ok=True)
            os.symlink(f"usr/{name}", f"{root}/{name}")
        for name in "build dev proc tmp".split():
            os.makedirs(f"{root}/{name}")
        subprocess.run(["/sbin/mkfs.ext4", "-q", "-F", "-m", "0",
                        "-O", "^has_journal", "-d", root, path + ".new",
                        "320M"], check=True, stdout=subprocess.DEVNULL)
    os.rename(path + ".new", path)


def put(root, source):
    """Copies a file of the host below root, to the same place."""
    to = f"{root}/{under_usr(source)}"
    os.makedirs(os.path.dirname(to), exist_ok=True)
    if not os.path.exists(to):
        shutil.copy2(os.path.realpath(source), to)


def put_programs(root):
    programs = ["gcc", "make"]
    programs += [output("gcc", f"-print-prog-name={name}").strip()
                 for name in COMPILER]
    for program in map(shutil.which, programs):
        put(root, program)
        for library in libraries(program):
            put(root, library)
    put(root, "/bin/busybox")
    for name in "sh env mkdir rm cat".split():
        os.symlink("busybox", f"{root}/usr/bin/{name}")


def put_runtime(root):
    """What gcc compiles and links every program with."""
    own = os.path.dirname(output("gcc", "-print-libgcc-file-name"))
    for name in os.listdir(own):
        if re.match(r"crt.*o$|libgcc|liblto_plugin", name):
            put(root, f"{own}/{name}")
    shutil.copytree(f"{own}/include", f"{root}/{own}/include")
    put(root, output("gcc", "-print-file-name=libgcc_s.so.1").strip())
    for name in output("dpkg", "-L", "libc6-dev", "linux-libc-dev").split():
        if re.search(r"/include/|crt[1in]\.o|libc\.so|nonshared", name) \
                and os.path.isfile(name):
            put(root, name)


def add_sources(archive, top, build):
    """Some of hale's own sources, with every header they use, for a scenario
    that compiles something real."""
    flags = ["-std=c11", "-D_GNU_SOURCE", "-Iinclude", f"-I{build}/gen", "-I.",
             "-isystem", f"{build}/gen/pb"]
    kept = []
    for folder in ("agent/core", "agent/rules", "proto"):
        for path, _, names in sorted(os.walk(os.path.join(top, folder))):
            kept += [os.path.relpath(os.path.join(path, n), top)
                     for n in sorted(names) if n.endswith(".c")]
    used, sources = set(), []
    for name in kept:
        rule = subprocess.run(["gcc", "-M", *flags, name], cwd=top, text=True,
                              capture_output=True)
        if rule.returncode == 0:
            sources.append(name)
            used.update(rule.stdout.replace("\\\n", " ").split()[1:])
    used.add("tests/lab/guest/poison.c")
    for name in sorted(used):
        inside = name
        if name.startswith(build + "/"):
            inside = os.path.relpath(name, build)
        if not name.startswith("/usr/lib/"):
            archive.file("lab/src/" + inside.lstrip("/"),
                         os.path.join(top, name))
    archive.text("lab/src/sources", "\n".join(sources) + "\n")
