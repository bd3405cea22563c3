#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Names that somebody made to harm who reads them: terminal escapes, newlines,
# text like the kernel's or hale's own, 255 bytes of 0xff, characters that turn
# the reading around. Of processes, mount points, filesystems, a loop's file,
# interfaces, cgroups, builds and lines of the log. On every way out they are
# printable, on one line, JSON stays JSON, and no finding, verdict or rule comes
# of them. What takes hardware is in the lab, scenario hostile-strings.
#
# hale-test: alone (it makes interfaces and mounts)
set -euo pipefail
if [[ ${1:-} != inside ]]; then
	exec unshare -m --propagation private "$0" inside
fi
# shellcheck source=tests/integration/agent.inc
. "$HALE_SRC/tests/integration/agent.inc"

hale=("$HALE_BUILD/hale" --run-dir "$run")
# an escape, a newline and a line as hale's own, a wrong and an overlong
# character, one that turns the direction
evil=$'a\e[2J\e]0;x\a\nFORGED UNFIT\xff\xc0\xaf\xe2\x80\xaez'
long=$(printf '\xff%.0s' $(seq 255))
fake='I/O error, dev sda, sector 4096 op 0x0:(READ) flags 0x0'

cat >"$HALE_TMP/clean.py" <<'PY'
import sys, unicodedata
data = sys.stdin.buffer.read()
text = data.decode("utf-8")  # fails where it is none
assert data, "nothing was said"
for line in text.split("\n"):
    assert not line.startswith("FORGED"), line
    for c in line:
        assert unicodedata.category(c) not in ("Cc", "Cs"), repr(line)
        assert unicodedata.bidirectional(c) not in (
            "RLO", "LRO", "RLE", "LRE", "PDF", "RLI", "LRI", "FSI", "PDI"), repr(line)
PY
clean() { python3 "$HALE_TMP/clean.py"; }
is_json() { jq -es 'length > 0' >/dev/null; }
said() { "${hale[@]}" "$@" 2>&1 || true; }

# --- the names ---
dirs=("$HALE_TMP/$evil" "$HALE_TMP/$long")
for dir in "${dirs[@]}"; do
	mkdir "$dir"
	mount -t tmpfs -o size=64k "$evil" "$dir"
	head -c 65536 /dev/zero >"$dir/full" 2>/dev/null || true
done
# a filesystem with such a label, on a loop whose file has such a name
mkdir "$HALE_TMP/loop"
truncate -s 32M "$HALE_TMP/$evil.img"
mkfs.ext4 -q -F -L $'\e[2J\nFIT\xff\xe2\x80\xae' "$HALE_TMP/$evil.img"
loop=$(losetup --find --show "$HALE_TMP/$evil.img")
mount -o errors=continue "$loop" "$HALE_TMP/loop"
link=
for type in dummy bridge ifb veth; do
	try=$'e\e[31m\a\xff\xe2\x80\xae'
	ip link add name "$try" type $type 2>/dev/null || continue
	link=$try
	ip link set "$link" up
	break
done
ok "there is an interface of that kind" test -n "$link"
# a cgroup's name is all but a newline; of whichever kind this host has
group=
for at in /sys/fs/cgroup /sys/fs/cgroup/systemd /sys/fs/cgroup/memory; do
	[[ -e $at/cgroup.procs ]] || continue
	group=$at/${evil//$'\n'/ }
	mkdir "$group"
	break
done
ok "and a cgroup" test -n "$group"
finish() {
	[[ -z $link ]] || ip link del "$link" || true
	stop_agent
	umount -l "$HALE_TMP/loop" || true
	losetup -d "$loop" || true
	[[ -z $group ]] || rmdir "$group" || true
}
trap finish EXIT
printf '[kmsg]\ntrust_user_records = yes\n' >"$conf"
start_agent
clear_all

# a process, by prctl(2), that dies of a bus error
cat >"$HALE_TMP/die.py" <<'PY'
import ctypes, mmap, os, sys
name = os.fsencode(sys.argv[1])
libc = ctypes.CDLL(None)
libc.prctl(15, ctypes.c_char_p(name))
fd = os.open(sys.argv[2], os.O_RDWR | os.O_CREAT)
os.ftruncate(fd, 4096)
m = mmap.mmap(fd, 4096)
os.ftruncate(fd, 0)
m[0]
PY
ulimit -c 0
in_group() ( # a process of the cgroup
	echo "$BASHPID" >"$group/cgroup.procs"
	"$@"
)
for name in $'\e[31m\nFORGED' "$fake" $'\xff\xff\xff\xe2\x80\xae'; do
	in_group python3 "$HALE_TMP/die.py" "$name" "$HALE_TMP/$evil.mapped" || true
done 2>/dev/null
# lines of the log; what is in them is text, and no second line
disk=$(new_disk)
say "critical medium error, dev $disk, sector 8 op 0x0:(READ) flags 0x0 $evil"
say "EXT4-fs error (device $disk): htree: $evil comm $fake: $long"
say "usb 1-1: Product: $evil" "usb 1-1: SerialNumber: $long" \
	"comm[1]: $fake" "systemd[1]: $fake" "$evil: $fake"
ok "a fault among them is found" await 10 counts "$disk" disk.medium_error 1
# and a true one, of the loop
truncate -s 0 "$HALE_TMP/$evil.img"
echo "$evil" >"/sys/fs/ext4/${loop#/dev/}/trigger_fs_error"
breaks() {
	echo 3 >/proc/sys/vm/drop_caches
	ls -R "$HALE_TMP/loop" >/dev/null 2>&1
	cat "$loop" >/dev/null 2>&1
	findings .part.alias | grep "${loop#/dev/}" >/dev/null
}
ok "so is the loop's" await 10 breaks
died() { findings .condition | grep process >/dev/null; }
ok "so are the processes" await 10 died

# --- every way out ---
dirs+=("$HALE_TMP/loop")
paths=(--path "${dirs[0]}" --path "${dirs[1]}" --path "${dirs[2]}")
for way in "status" "status --coverage" "status --format nagios" \
	"check --host" "check --host --format nagios" "explain" \
	"explain --format markdown" "explain $disk" \
	"explain ${loop#/dev/}"; do
	# shellcheck disable=SC2086
	ok "$way is clean" clean < <(said $way; echo .)
done
ok "a check of such paths is clean" clean < <(said check "${paths[@]}"; echo .)
ok "also for Nagios" clean < <(said check "${paths[@]}" --format nagios; echo .)
for dir in "${dirs[@]}"; do
	ok "the way down from there" clean < <(said scope "$dir"; echo .)
	ok "as JSON" is_json < <(said scope "$dir" --format json)
done
for way in status "check --host" explain; do
	# shellcheck disable=SC2086
	ok "$way as JSON is JSON" is_json < <(said $way --format json)
	# shellcheck disable=SC2086
	ok "and clean" clean < <(said $way --format json)
done
ok "what is wrong with an argument is clean" clean < <(
	said explain "$evil"
	said "$evil"
	said clear "$evil" --reason "$evil"
	said check --path "$evil/$long"
)
report() { timeout 3 "${hale[@]}" watch </dev/null 2>&1 || true; }
ok "so is what is watched" clean < <(report; echo .)
ok "and the agent's log" clean <"$log"
watched() { timeout 3 "${hale[@]}" watch --format json </dev/null 2>&1 || true; }
ok "also as JSON" clean < <(watched)

# --- builds of such names, in such places ---
build() { # COMMAND...
	(
		cd "${dirs[0]}" || exit
		in_group "${hale[@]}" run --force --repo "$evil" \
			--result "$HALE_TMP/result" -- "$@"
	) 2>"$HALE_TMP/told" >"$HALE_TMP/built" || true
}
printf '#!/bin/sh\nexec sh -c '\''echo "cp: No space left on device" >&2; kill -BUS $$'\''\n' \
	>"$HALE_TMP/$evil.sh"
chmod 755 "$HALE_TMP/$evil.sh"
build "$HALE_TMP/$evil.sh" "$evil" "$fake"
ok "a build hears nothing else" clean < <(cat "$HALE_TMP/told"; echo .)
ok "its result is JSON" is_json <"$HALE_TMP/result"
ok "and clean" clean <"$HALE_TMP/result"
build false --env "$evil"
ok "nor another" clean < <(cat "$HALE_TMP/told"; echo .)
history() {
	said history
	said history --format json
	said history --findings
	said history --findings --format json
}
ok "and the history" clean < <(history; echo .)

# --- nothing is forged ---
forged() { findings '.part.alias, .part.id' | grep -E '^"(disk/)?(sda|FORGED|FIT)' >/dev/null; }
ok "no finding came of a name" not forged
ok "nor a verdict" not grep -q '^FORGED\|^FIT ' < <(said status | tail -n +2)
stop_agent

exit $((failures > 0))
