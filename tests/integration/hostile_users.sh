#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A user without rights, or a container, against the others' gate: prints lines
# like the kernel's, makes processes die by the hundred under ever new names,
# mounts and fills what is its own, lies about crashes, clears. The host stays
# as fit as it was for everybody else, no finding of others gives way, and what
# was tried is told.
#
# hale-test: alone
set -euo pipefail
# shellcheck source=tests/integration/agent.inc
. "$HALE_SRC/tests/integration/agent.inc"

chmod 755 "$HALE_TMP"
mkdir -m 777 "$HALE_TMP/theirs"
cp "$HALE_BUILD/tests/integration/gate_client" "$HALE_BUILD/hale" "$HALE_TMP"
user=64001
as_user() {
	setpriv --reuid $user --regid $user --clear-groups --inh-caps=-all "$@"
}
: >"$conf"
start_agent
clear_all
was=$(exit_code)
echo "# the host's own verdict before: exit $was"
stays() { [[ $(exit_code) == "$was" ]]; }

# --- lines like the kernel's ---
# What a container's root or a service writes to /dev/kmsg is a user's record.
disk=$(new_disk)
say "critical medium error, dev $disk, sector 1 op 0x0:(READ) flags 0x0" \
	"Out of memory: Killed process 1 (init)" \
	"EXT4-fs error (device $disk): ext4_lookup: deleted inode referenced"
logger -t kernel "I/O error, dev $disk, sector 1" 2>/dev/null || true
quiet() { # a true fault that comes after it is through: then so are these
	client check >/dev/null
	sleep 0.3
}
quiet
ok "a line that somebody wrote into the kernel's log is no finding" \
	test -z "$(count_of "$disk" disk.medium_error)"
not_open() { ! as_user sh -c 'echo x >/dev/kmsg' 2>/dev/null; }
ok "and a user cannot write any" not_open

# --- deaths by the hundred, under names of all kinds ---
cat >"$HALE_TMP/storm.py" <<'PY'
import ctypes, mmap, os, sys
libc = ctypes.CDLL(None)
fd = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o600)
for i in range(int(sys.argv[2])):
    pid = os.fork()
    if pid == 0:
        libc.prctl(15, b"cc1plus" if i % 4 == 0 else b"evil%d" % i)
        os.ftruncate(fd, 4096)
        m = mmap.mmap(fd, 4096)
        os.ftruncate(fd, 0)
        m[0]
        os._exit(0)
    os.waitpid(pid, 0)
PY
ulimit -c 0
as_user /usr/bin/python3 "$HALE_TMP/storm.py" "$HALE_TMP/theirs/file" 900 2>/dev/null
seen() { findings .condition | grep process >/dev/null; }
ok "nine hundred deaths are seen" await 10 seen
ok "they shut nobody's gate" await 5 stays
bounded() { [[ $(findings .condition | wc -l) -le 512 ]]; }
ok "and fill no ledger without an end" bounded

# --- findings of others stay through it ---
stop_agent
printf '[kmsg]\ntrust_user_records = yes\n' >"$conf" # for a fault of our own
start_agent
# The kernel repeats what a user asked mount(2) for, line ends and all, in words
# of its own; a container's root may ask, too, where users may not.
forged=$(new_disk)
forge() { # TEXT
	local mount=(mount -t tmpfs -o "x"$'\n'"$1" none /mnt)
	as_user unshare -Urm "${mount[@]}" || unshare -m "${mount[@]}" || true
} 2>/dev/null
forge "EXT4-fs ($forged): Remounting filesystem read-only"
forge "Aborting journal on device $forged-8."
ok "the kernel's log has a user's words as its own" \
	grep -qF "Aborting journal on device $forged" <(dmesg)
true_one=$(new_disk)
say "critical medium error, dev $true_one, sector 77 op 0x0:(READ) flags 0x0"
ok "a true fault is found" await 10 counts "$true_one" disk.medium_error 1
forgeries() { findings '.part.alias, .evidence' | grep -F "$forged" >/dev/null; }
ok "no finding came of that" not forgeries
as_user /usr/bin/python3 "$HALE_TMP/storm.py" "$HALE_TMP/theirs/file" 900 2>/dev/null
quiet
ok "and is there after nine hundred more deaths" \
	counts "$true_one" disk.medium_error 1

# --- lies ---
bare() { as_user "$HALE_TMP/gate_client" "$run/gate.sock" "$@"; }
for _ in $(seq 50); do bare clear "$true_one" "" "I say so" >/dev/null; done
ok "a user cannot clear it" counts "$true_one" disk.medium_error 1
ok "which is told" grep -q "refused a control request uid=$user" "$log"
ok "and counted" test "$(client status | jq -rs 'map(.report.refused // empty) | first')" -ge 50
before=$(exit_code)
lie() { # that crashes of its tools went well when they were run again
	as_user /usr/bin/python3 - "$run/gate.sock" <<'PY'
import os, socket, sys, ctypes, mmap, tempfile
def varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128]); n >>= 7
    return out + bytes([n])
libc = ctypes.CDLL(None)
for i, name in enumerate([b"cc1", b"cc1plus", b"ld", b"rustc", b"as", b"node", b"javac", b"go"]):
    pid = os.fork()
    if pid == 0:
        libc.prctl(15, name)
        ctypes.string_at(0)
    os.waitpid(pid, 0)
    control = b"\x08\x04" + b"\x30" + varint(pid)
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.connect(sys.argv[1])
    s.send(b"\x2a" + bytes([len(control)]) + control)
    s.recv(65536)
PY
}
lie 2>/dev/null
quiet
ok "a user's lies about crashes gate nobody" test "$(exit_code)" = "$before"
suspects() { findings 'select(.condition == "memory.suspect") | .effect' | grep -v NOTES >/dev/null; }
ok "at most they are a note" not suspects

# --- mounts and fillings of their own ---
full() {
	as_user unshare -Urm sh -c '
		mkdir -p '"$HALE_TMP"'/theirs/m
		mount -t tmpfs -o size=64k,nr_inodes=8 x '"$HALE_TMP"'/theirs/m &&
		head -c 65536 /dev/zero >'"$HALE_TMP"'/theirs/m/full; sleep 2' &
	sleep 1
}
full 2>/dev/null
ok "a filesystem that is full in a user's namespace gates nobody" \
	test "$(exit_code)" = "$before"
findings .part.alias >"$HALE_TMP/parts"
ok "nor is it anybody's finding" not grep -q theirs "$HALE_TMP/parts"
wait $! 2>/dev/null || true
# one of theirs that all can see, as a desktop's or a CI's tool mounts an image
truncate -s 32M "$HALE_TMP/image"
mkfs.ext4 -q -F -m 0 "$HALE_TMP/image"
mkdir "$HALE_TMP/image.d" "$HALE_TMP/server.d"
mount -o loop,nosuid,nodev "$HALE_TMP/image" "$HALE_TMP/image.d"
chmod 777 "$HALE_TMP/image.d"
tidy() {
	umount -l "$HALE_TMP/image.d" || true
	[[ -z ${HANG[1]:-} ]] || eval "exec ${HANG[1]}>&-"
	stop_agent
} 2>/dev/null
trap tidy EXIT
as_user head -c 64M /dev/zero >"$HALE_TMP/image.d/full" 2>/dev/null || true
for_it() { # [PATH]: the exit code of a check with the hardware asked anew
	local code=0
	"$HALE_BUILD/hale" --run-dir "$run" check --fresh --path "$1" >/dev/null 2>&1 ||
		code=$?
	echo "$code"
}
refused() { [[ $(for_it "$HALE_TMP/image.d") == 75 ]]; }
ok "an image that a user filled is full for who builds in it" await 10 refused
ok "and gates nobody else" test "$(exit_code)" = "$before"
coproc HANG {
	exec "$HALE_BUILD/tests/integration/hang_mount" "$HALE_TMP/server.d" \
		sshfs ,allow_other
}
read -r line <&"${HANG[0]}"
ok "a server of theirs hangs" test "$line" = mounted
hung() { # the agent has met it
	"$HALE_BUILD/hale" --run-dir "$run" check --fresh --host >/dev/null 2>&1
	findings .condition | grep -F fs.hung >/dev/null
}
ok "which is seen" await 10 hung
ok "and gates nobody" test "$(exit_code)" = "$before"
ok "the agent lives" alive
stop_agent

exit $((failures > 0))
