# SPDX-License-Identifier: Apache-2.0
# The words that scenarios are written in. Everything here runs in the guest.
# busybox's shell prefers its own commands: name others by path where both are.
# Nothing sleeps for a guessed time: `within` asks again until it is so.

# --- the line to the host -----------------------------------------------------

# tell WORDS: says it to the host and reads its answer, into $answer.
tell() {
	echo "$*" >&3
	read -r answer <&3
}

# fail WHAT: the scenario ends here.
fail() {
	set -- "$(echo "$*" | tr -s '\n\t ' ' ')"
	trap - EXIT
	echo "lab: FAIL $*"
	echo "fail $*" >&3
	exec sleep 1000
}

# host WORDS: the host does something to this machine: "unplug DISK",
# "plug DISK", "hang DISK", "set DEVICE PROPERTY VALUE", "monitor COMMAND…",
# "qmp {JSON}". docs/lab.md
host() {
	tell "host $*"
	[ "$answer" = ok ] || fail "host $*: $answer"
}

# power_cycle: ends this boot; the scenario starts anew with $boot one higher.
# Disks stay as they are, all else is gone.
power_cycle() {
	trap - EXIT
	sync
	tell again
	poweroff -f
}

# power_cut [SECONDS]: the machine is killed after so long, while the scenario
# goes on; then it boots anew like that.
power_cut() {
	tell cut "${1:-0}"
	trap - EXIT
}

# reset [COMMAND…]: the machine resets, by itself after COMMAND (which panics
# it, say); the scenario starts anew with $boot one higher. Memory and disks
# stay. Only with "# lab: resets".
reset() {
	trap - EXIT
	sync
	[ $# = 0 ] || "$@" || true
	[ $# != 0 ] || reboot -f
	exec sleep 1000
}

note() { echo "lab: $(cut -d' ' -f1 /proc/uptime) s: $*"; }

# --- waiting ------------------------------------------------------------------

uptime_cs() { tr -d . </proc/uptime | cut -d' ' -f1; }

# within SECONDS COMMAND…: runs the command until it succeeds; false when time
# is up.
within() {
	_end=$(($(uptime_cs) + $1 * 100))
	shift
	until "$@"; do
		[ "$(uptime_cs)" -lt "$_end" ] || return 1
		usleep 100000
	done
}

log_has() { dmesg | grep -qE "$1"; }

# kernel_says REGEX: the kernel logs it, now or soon, or the lab is broken.
kernel_says() {
	within 20 log_has "$1" || fail "the kernel did not say: $1"
	dmesg | grep -E "$1" | head -n 1 | sed 's/^/lab: kernel: /'
}

# --- the machine --------------------------------------------------------------

lab_start() {
	_modules="virtio_pci virtio_blk virtio_scsi sd_mod ahci nvme ext4"
	modprobe -a crc32c_generic $_modules
	has_udev=
	grep -q no-udev /lab/flags || has_udev=yes
	[ -z "$has_udev" ] || udev_start
	echo "lab: $(cut -d' ' -f1 /proc/uptime) s: booted"
	# this machine may be copied here: each copy gets an answer of its own
	tell hello
	set -- $answer
	boot=$1 asking=$2 scenario=$3
	shift 3
	for _d in "$@"; do
		case $_d in
		*=*) eval "$_d" ;;
		*) disk "$_d" ;;
		esac
	done
	[ $# = 0 ] || [ -z "$has_udev" ] || udevadm settle
	note "boot $boot is up"
}

udev_start() {
	/usr/lib/systemd/systemd-udevd --daemon
	udevadm trigger --action=add
	udevadm settle
}

_disk_path() {
	for _b in /sys/block/*; do
		case $(tr -d '\000' 2>/dev/null <"$_b/device/vpd_pg80" ||
			cat "$_b/serial" "$_b/device/serial" \
				"$_b/device/../../../../serial" 2>/dev/null) in
		*"$1"*) disk_path=/dev/${_b##*/}; return ;;
		esac
	done
	return 1
}

# disk NAME: sets $disk to the device of the disk with that name in "# lab:".
disk() {
	within 20 _disk_path "$1" || fail "there is no disk $1"
	disk=$disk_path
	within 10 test -b "$disk"
}

# ext4 DEVICE FOLDER [mount options]: a new filesystem, mounted.
ext4() {
	mkfs.ext4 -q -F "$1"
	mkdir -p "$2"
	mount -t ext4 ${3:+-o "$3"} "$1" "$2"
}

# fill FILE MB: a file of that size, on the disk and out of the cache.
fill() {
	dd if=/dev/zero of="$1" bs=1M count="$2" 2>/dev/null ||
		fail "no room for $2 MB in $1"
	forget
}

# forget: what comes next is read from disks, not from the page cache.
forget() {
	sync
	echo 3 >/proc/sys/vm/drop_caches
}

# root_on NAME: a root on that disk, in $root, with all of this machine's
# programs and its /dev, /proc, /sys and /run. From here on hale and haled live
# there, and the scenario goes on in memory, so that it outlives that disk.
root=
root_on() {
	disk "$1"
	root=/sysroot
	ext4 "$disk" $root
	mkdir -p $root/usr/lib
	for _l in /usr/lib/*; do
		[ "$_l" = /usr/lib/modules ] || cp -a "$_l" $root/usr/lib
	done
	cp -a /usr/bin /usr/sbin /usr/lib64 $root/usr
	cp -a /bin /sbin /lib /lib64 /opt /etc $root
	mount --make-rshared /
	mkdir -p $root/tmp $root/var/lib /run/lab/lib
	for _m in dev proc sys run; do
		mkdir -p $root/$_m
		mount -o rbind /$_m $root/$_m
	done
	# an ordinary hale that needs nothing of that disk
	for _l in $(ldd_of /opt/hale/hale); do cp -L "$_l" /run/lab/lib; done
	cp -L /lib64/ld-linux-x86-64.so.2 /opt/hale/hale /lab/asker /run/lab
	hale_program="/run/lab/ld-linux-x86-64.so.2 --inhibit-cache
		--library-path /run/lab/lib /run/lab/hale"
	forget
}

ldd_of() {
	/lib64/ld-linux-x86-64.so.2 --list "$1" | grep -o '/[^ ]*'
}

# --- asking without a pause ---------------------------------------------------

# asking PATH…: from here on hale is asked all the time: the gate, the link and
# `hale check`, by a program that does not suffer with the machine. What comes
# first is quiet; with now_comes something begins.
asking() {
	asked || return 0
	_paths=
	for _p in "$@"; do _paths="$_paths --path $_p"; done
	_asker=/lab/asker
	[ -z "$root" ] || _asker=/run/lab/asker
	${root:+chroot $root} $_asker /run/hale /run/lab-answers \
		$hale_program check $_paths >/dev/null 2>&1 &
	asker=$!
	answers=$root/run/lab-answers
	_phase_began=$(uptime_cs)
}

# house: the agent's processes, "NUMBER NAME" of each that stays. A driver's run
# comes and goes, and is not of it, nor is what haled has just forked.
_which=.
house() {
	grep -xE 'haled|haled: (core|probe|ship)' /proc/[0-9]*/comm 2>/dev/null |
		while IFS=: read -r _f _name; do
			_p=${_f#/proc/}
			_p=${_p%/comm}
			[ "$_name" != haled ] || _is_first "$_p" || continue
			echo "$_p $_name"
		done | grep -E "$_which" | sort -n
}

_is_first() {
	_of=$(awk '/^PPid:/ { print $2 }' "/proc/$1/status") &&
		[ "$(cat "/proc/$_of/comm")" != haled ]
}

# sizes: of each of them its name, how many descriptors it has, and how many KiB
# of its own, in memory or swapped out. The vault, which supervisor and core
# share, is of fixed size, and not counted: it fills as it is first written.
sizes() {
	house | while read -r _p _name; do
		_fds=$(ls "/proc/$_p/fd" | wc -l)
		_kib=$(awk '/^(Anonymous|Swap):/ { kib += $2 }
			END { print kib }' "/proc/$_p/smaps_rollup")
		echo "$(echo $_name | tr ' ' _) $_fds $_kib"
	done 2>/dev/null
}

# measured [REGEX]: what the agent is like while all is quiet, or what those of
# its processes are like: one that hangs cannot even be looked at. Later:
# same_house: it is the same processes.
# nothing_grew [KIB [FDS]]: none of them has grown by more than so much memory, or
# so many descriptors (128, 0), and there is no zombie.
measured() {
	_which=${1:-.}
	! asked || within 20 _ship_watches || note "ship does not follow the gate"
	! asked || house >/run/house
	! asked || sizes >/run/sizes
	! asked || open_files had
}

# From then on the core has a descriptor more.
_ship_watches() {
	! house | grep -q ' haled: ship$' ||
		awk '$6 == "03" && $8 == "/run/hale/gate.sock" { n++ }
			END { exit !n }' /proc/net/unix
}

# open_files WORD: what each has open, kept under that word
open_files() {
	house | while read -r _p _name; do
		ls -l "/proc/$_p/fd" | sed -n 's/.* -> //p' |
			sed 's/[0-9][0-9]*/N/g' | sort >"/run/$1.${_name#haled: }"
	done 2>/dev/null
}

show_opened() {
	open_files has
	for _name in $(cd /run && ls | sed -n 's/^has[.]//p'); do
		diff "/run/had.$_name" "/run/has.$_name" |
			sed -n "s/^[-+][^-+]/lab: $_name &/p"
	done
}

same_house() {
	! asked || [ "$(house)" = "$(cat /run/house)" ] ||
		fail "of the agent, $(cat /run/house), is left: $(house)"
}

nothing_grew() {
	asked || return 0
	within 10 _no_zombie || fail "a zombie: $(_zombies)"
	within 20 _not_grown "${1:-128}" "${2:-0}" || show_opened
	_not_grown "${1:-128}" "${2:-0}" ||
		fail "name, descriptors, KiB: $(cat /run/sizes), now $(cat /run/now)"
	note "descriptors, KiB: $(tr '\n' ' ' </run/sizes)"
	note "now: $(tr '\n' ' ' </run/now)"
}

_not_grown() {
	sizes >/run/now
	awk -v kib="$1" -v more="$2" 'NR == FNR { fds[$1] = $2; had[$1] = $3; n++; next }
		$2 > fds[$1] + more || $3 > had[$1] + kib { exit 1 } { n-- }
		END { if (n) exit 1 }' /run/sizes /run/now
}

# of the agent, or left to it
_zombies() {
	_of=$(house | cut -d' ' -f1 | tr '\n' ' ')
	grep -E '^(Name|State|PPid):' /proc/[0-9]*/status 2>/dev/null |
		awk -F '[:\t ]+' -v of=" $_of" '$2 == "Name" { name = $3 }
			$2 == "State" { state = $3 }
			$2 == "PPid" && state == "Z" && (name ~ /^hale[d-]/ ||
				index(of, " " $3 " ")) { print $1, name }'
}

_no_zombie() { [ -z "$(_zombies)" ]; }

# ran WORD: a build that prints it, and that the agent has acknowledged; later:
# in_history WORD…: these builds are in the history, in this order, each once.
ran() { ! asked || _whole_hale run -- echo "$1" || fail "hale run: $?"; }

# the one in memory has no commands beside it
_whole_hale() { (hale_program=/opt/hale/hale && hale "$@"); }

in_history() {
	asked || return 0
	within 10 _in_history "$*" ||
		fail "the history lacks a build: $(cat /run/history)"
}

_in_history() {
	_whole_hale history --format json >/run/history &&
		[ "$(jq -r '.command[-1]' /run/history | tac |
			tr '\n' ' ')" = "$1 " ]
}

# kills: how many processes the kernel has killed for their memory.
kills() { awk '$1 == "oom_kill" { print $2 }' /proc/vmstat; }

# answers_rarely_late PHASE KILLS: like answers_soon, while there is no memory:
# who asks waits for that of a socket, too, as long as the kernel frees what it
# has just killed: one answer for each time, and one at the phase's beginning.
answers_rarely_late() {
	answers "$1" gate "silent == 0 && median_us <= 10000 && late <= $2 + 1"
}

no_bomb() { ! pidof bomb >/dev/null; }

# asked_for MS: this phase lasts so long by now. For `within`.
asked_for() {
	! asked || [ $((($(uptime_cs) - _phase_began) * 10)) -ge "$1" ]
}

# now_comes WHAT: the next phase begins.
now_comes() {
	note "$*"
	asked || return 0
	kill -USR1 $asker
	_phase_began=$(uptime_cs)
}

# asking_ends: what was answered is known from here on.
asking_ends() {
	asked || return 0
	kill -TERM $asker
	wait $asker || fail "the asker ended with $?"
	grep ^phase= $answers
	awk '$2 == "gate" && $4 > 10000 { print "lab: late: " $0 }' $answers
}

# answers PHASE KIND EXPRESSION: it is so of the answers; KIND is gate, link or
# command, and the shell's arithmetic knows n, median_us, p99_us, max_us, how many
# were late (came after 10 ms), and of
# unknown, fit, degraded, unfit and silent how many there were, and when first
# and last in ms of the phase: fit_last.
answers() {
	asked || return 0
	_line=$(grep "^phase=$1 kind=$2 " $answers) || fail "nobody was asked"
	(eval "$_line"; [ $(($3)) != 0 ]) ||
		fail "phase $1, $2: not so: $3: $_line"
}

# answers_soon PHASE: the gate's answers were in time, 99 of 100 within 10 ms of
# the machine's own time, which a busy host does not touch.
answers_soon() {
	answers "$1" gate "silent == 0 && p99_us <= 10000"
}

# The shell's own `ip` knows less.
ip() { /usr/sbin/ip "$@"; }

# ramoops [OPTIONS]: loads it, on the memory that "# lab: resets" keeps.
ramoops() {
	modprobe ramoops mem_address=0x10000000 mem_size=0x100000 \
		record_size=0x10000 console_size=0x10000 "$@"
}

# share NAME FOLDER [OPTIONS]: mounts the host's folder of that name in "# lab:".
share() {
	modprobe -a 9pnet_virtio 9p
	mkdir -p "$2"
	mount -t 9p -o "trans=virtio,version=9p2000.L${3:+,$3}" "$1" "$2"
}

# cores_are_taken: core dumps go to a program, as on WSL2 and with
# systemd-coredump: it takes its time, and a process that dies is there for so
# long. It reads the core only when somebody has looked, or 5 s are over.
cores_are_taken() {
	mkdir -p /tmp/cores
	cat >/lab/take-core <<-'END'
		#!/bin/sh
		n=0
		while [ ! -e /tmp/cores/looked ] && [ $n -lt 50 ]; do
			usleep 100000
			n=$((n + 1))
		done
		cat >/dev/null
	END
	chmod +x /lab/take-core
	echo '|/lab/take-core' >/proc/sys/kernel/core_pattern
}

# dies_by_sigbus COMMAND…: it must, and is looked at while it dies.
dies_by_sigbus() {
	rm -f /tmp/cores/looked
	_status=0
	(ulimit -c 0; exec "$@") &
	_dying=$!
	! asked || within 4 _death_is_seen || true
	touch /tmp/cores/looked
	wait $_dying || _status=$?
	[ $_status -eq 135 ] || fail "$1 ended with $_status, not SIGBUS"
}

_death_is_seen() {
	hale explain --format json >/tmp/why 2>/dev/null
	jq -e --arg pid "$_dying" '.deaths[]? | select(.pid == ($pid | tonumber)
		and (.files | length) > 0)' /tmp/why >/dev/null
}

# explains JQ: so says `hale explain`, now or within 10 s.
explains() {
	asked || return 0
	within 10 _explains "$1" ||
		{ cat /tmp/why; hale explain; fail "not so: explain $1"; }
}

_explains() {
	hale explain --format json >/tmp/why 2>/tmp/why.err || true
	jq -e "$1" /tmp/why >/dev/null
}

# sensor: a temperature sensor (lm75, at 20 C, limit 80 C) on a bus of its own;
# sets $sensor to its hwmon folder.
sensor() {
	modprobe -a i2c_dev lm75
	modprobe i2c_stub chip_addr=0x48
	for _i in /sys/class/i2c-dev/i2c-*/device; do
		case $(cat "$_i/name") in "SMBus stub driver") break ;; esac
	done
	sensor_bus=$(basename "$(dirname "$_i")")
	heat 20
	echo lm75 0x48 >"$_i/new_device"
	sensor=$(echo "$_i"/*-0048/hwmon/hwmon*)
	echo 80000 >"$sensor/temp1_max"
	echo 75000 >"$sensor/temp1_max_hyst"
}

# heat CELSIUS: what the sensor measures from here on.
heat() { i2cset -f -y "${sensor_bus#i2c-}" 0x48 0 "$1" w; }

# must_not_read FILE: reads it, and is glad that it cannot.
must_not_read() {
	if cat "$1" >/dev/null; then fail "$1 could be read"; fi
}

# small_loop FOLDER: ext4 on a loop device on $FOLDER.img, mounted on FOLDER.
# With direct I/O: without it, kernel 6.1 reads zeros where the file has ended.
small_loop() {
	modprobe loop
	truncate -s 32M "$1.img"
	loop=$(/usr/sbin/losetup -f --direct-io=on --show "$1.img")
	mkfs.ext4 -q -E lazy_itable_init=0,lazy_journal_init=0 "$loop"
	mkdir -p "$1"
	mount -t ext4 -o noatime "$loop" "$1"
	fill "$1/file" 8
}

# cut_loop FOLDER: truncates the file under it, and lets something read it.
# Nothing may be left to write, that would make the file long again.
cut_loop() {
	forget
	truncate -s 0 "$1.img"
	echo 3 >/proc/sys/vm/drop_caches
	must_not_read "$1/file"
}

# --- hale ---------------------------------------------------------------------

# user: who asks, by number; empty for root. terminal=yes: on a terminal of its
# own, at which nobody types.
user= terminal=
hale_program=/opt/hale/hale
hale() {
	${root:+chroot "$root"} \
		${user:+/usr/bin/setpriv --reuid "$user" --regid "$user" --clear-groups} \
		${terminal:+/lab/terminal} $hale_program "$@"
}

state=/var/lib/hale

# asked: hale is asked in this run (it is not with --break-only).
asked() { [ "$asking" = ask ]; }

# agent_start [CONFIG LINE…]: starts haled and waits until it answers.
agent_start() {
	rm -f /tmp/status
	mkdir -p "$root/etc/hale" "$root$state"
	printf '%s\n' "$@" >"$root/etc/hale/hale.conf"
	asked || return 0
	${root:+chroot "$root"} /opt/hale/haled --foreground --config /etc/hale/hale.conf \
		--run-dir /run/hale --state-dir "$state" &
	agent=$!
	within 20 hale status >/dev/null 2>&1 ||
		fail "the agent does not answer"
	# where the root may go, the hale that haled keeps in memory is asked
	[ -z "$root" ] || [ ! -x "$root/run/hale/bin/hale" ] ||
		hale_program=/run/hale/bin/hale
}

# agent_signal SIGNAL: to the agent and every process of it.
agent_signal() {
	asked || return 0
	# the one that starts the others first; by that some may be gone already
	kill "-$1" "$(cat "$root/run/hale/lock")"
	for _p in $(house | cut -d " " -f 1); do
		kill "-$1" "$_p" 2>/dev/null || true
	done
}

# agent_stop: as a service manager would.
agent_stop() {
	asked || return 0
	kill -TERM "$agent"
	wait "$agent" || fail "the agent ended with $?"
}

# check PATH…: asks, and sets $code and $fitness; what was said is /tmp/said.
check() {
	_paths=
	_asked=$*
	for _p in "$@"; do _paths="$_paths --path $_p"; done
	code=0
	hale check $_paths --format json >/tmp/said 2>/tmp/said.err || code=$?
	# not by jq: that takes an emulated processor a third of a second
	read -r _said </tmp/said || true
	case $_said in
	'{"verdict":{"fitness":"'*)
		_said=${_said#*fitness\":\"}
		fitness=${_said%%\"*} ;;
	*) fitness=garbage ;;
	esac
}

_check_is() {
	_want=$1
	shift
	check "$@"
	[ "$fitness" = "$_want" ]
}

# expect FITNESS PATH…: so says `hale check`, now or within 5 s, with the exit
# code that goes with it.
expect() {
	asked || return 0
	_since=$(uptime_cs)
	within 5 _check_is "$@" || { said; fail "$* expected, said $fitness ($code)"; }
	note "$* after $(($(uptime_cs) - _since))0 ms"
	case $1 in
	FIT | DEGRADED) _exit=0 ;;
	UNFIT) _exit=75 ;;
	UNKNOWN) _exit=69 ;;
	esac
	[ "$code" = "$_exit" ] || fail "$1 goes with exit code $_exit, not $code"
}

# fresh SECONDS COMMAND…: the command succeeds within that time, with the
# hardware asked anew before each time.
fresh() {
	! asked || within "$1" _fresh "$@" || { said; fail "never so: $*"; }
}

_fresh() {
	shift
	hale check --fresh >/tmp/fresh 2>&1 || true
	"$@"
}

# is FITNESS PATH…: so says `hale check` now; for `within` and `fresh`.
is() {
	! asked || _check_is "$@"
}

# never_fit PATH: `hale check` says UNKNOWN or UNFIT, and says it soon: it gives
# an agent 250 ms, the rest is the scan of an emulated machine that shares its
# processors. A client that waits for the agent would never be back.
never_fit() {
	asked || return 0
	_since=$(uptime_cs)
	check "$1"
	_took=$((($(uptime_cs) - _since) * 10))
	note "$1: $fitness ($code) after $_took ms"
	case $fitness$code in
	UNKNOWN69 | UNFIT75) ;;
	*) said; fail "$1: $fitness ($code), which must not be" ;;
	esac
	[ $_took -lt 5000 ] || fail "$1: an answer took $_took ms"
}

# fit_file present|absent: /run/hale/fit, as a shell sees it.
fit_file() {
	asked || return 0
	case $1 in
	present) within 5 test -e /run/hale/fit ;;
	absent) within 5 test ! -e /run/hale/fit ;;
	esac || { said; fail "/run/hale/fit should be $1"; }
}

# clear PART [CONDITION]: an operator says that it is over.
clear() {
	! asked || hale clear "$@" --reason "replaced in the lab" ||
		fail "hale clear $*: exit code $?"
}

# count CONDITION: sets $count to how often it happened, on all parts, once that
# is the same for a tenth of a second: what the kernel has said may still be read.
count() {
	count=0
	asked || return 0
	_was=none
	for _i in 1 2 3 4 5 6 7 8 9 10; do
		count=$(hale status --format json | jq --arg c "$1" \
			'[.findings[]? | select(.condition == $c).count |
				tonumber] | add')
		[ "$count" != "$_was" ] || return 0
		_was=$count
		usleep 100000
	done
	fail "$1 is counted on and on"
}

# build STATUS [OPTION…] -- COMMAND…: `hale run` of a command ends with this
# status; what it has told is in /tmp/result, and what was printed in
# /tmp/built. $enter is called first, by the process that becomes the build's.
build() {
	_want=$1
	shift
	if asked; then
		_build "$@"
		[ $_code = "$_want" ] || { _no_result; fail "$_code: $*"; }
	else
		while [ "$1" != -- ]; do shift; done
		shift
		(${enter:-:}; "$@") >/tmp/built 2>&1 || true
	fi
}

_build() {
	_code=0
	rm -f /tmp/result
	(${enter:-:}; hale run --no-store --result /tmp/result "$@") \
		>/tmp/built 2>&1 || _code=$?
	cat /tmp/built
}

# result JQ: what the last build's result has.
result() {
	! asked || jq -e "$1" /tmp/result >/dev/null ||
		{ _no_result; fail "no such result: $1"; }
}

_no_result() {
	jq -cM . /tmp/result || true
	hale status || true
}

# built REGEX, not_built REGEX: a line that the last build or hale printed.
built() { ! asked || grep -qE -- "$1" /tmp/built || fail "not said: $1"; }
not_built() { ! grep -qE -- "$1" /tmp/built || fail "must not be said: $1"; }

# saved CONDITION: the agent's state on the disk has it. For `within`.
saved() {
	! asked || grep -q "$1" "$root$state/state.pb"
}

# said: what the last check answered, on the console.
said() {
	cat /tmp/said /tmp/said.err
	hale status || true
}

# reason CONDITION PART [JQ]: the last check names it as a reason, or does so
# within 5 s when asked again; PART is a regex that the part's id or alias
# matches; JQ is asked of the reason.
reason() {
	asked || return 0
	_reason "$@" || within 15 _reason_again "$@" ||
		{ said; fail "no reason $1 $2 ${3:-}"; }
}

_reason() {
	jq -e --arg c "$1" --arg p "$2" '[.verdict.reasons[]? |
		select(.finding.condition == $c) |
		select([.finding.part.id, .finding.part.alias // ""] |
			any(test($p))) | select('"${3:-true}"')] |
		length > 0' /tmp/said >/dev/null
}

_reason_again() {
	check $_asked
	_reason "$@"
}

# no_reason CONDITION: the last check does not name it (a regex).
no_reason() {
	asked || return 0
	jq -e --arg c "$1" '[.verdict.reasons[]?.finding.condition // "" |
		select(test($c))] | length == 0' /tmp/said >/dev/null ||
		{ said; fail "$1 must not be a reason"; }
}

# said_by_scan: the last answer came without an agent, and says so.
said_by_scan() {
	asked || return 0
	jq -e '.scanned and (.note | length > 0)' /tmp/said >/dev/null ||
		{ said; fail "it does not say that no agent was there"; }
}

# findings JQ: something holds for the list of all findings of the host.
findings() {
	asked || return 0
	within 5 _findings "$1" || { said; fail "not so: findings $1"; }
}

_findings() {
	hale status --format json >/tmp/status &&
		jq -e "[.findings[]?] | $1" /tmp/status >/dev/null
}

# coverage_says REGEX: a line of what people read, now or within 10 s: some
# drivers look at their parts for the first time only then.
coverage_says() {
	asked || return 0
	within 10 _coverage_says "$1" ||
		{ cat /tmp/coverage; fail "no line: $1"; }
}

_coverage_says() {
	hale status --coverage >/tmp/coverage && grep -qE -- "$1" /tmp/coverage
}

# covers DRIVER SENSE SIGHT [REGEX [PART]]: a driver says so of a sense, or of a
# part; the reason and the remedy together match the regex.
covers() {
	asked || return 0
	_covers "$@" || within 10 _covers_now "$@" ||
		{ hale status --coverage; fail "not so: $*"; }
}

_covers_now() {
	hale status --format json >/tmp/status
	_covers "$@"
}

_covers() {
	jq -e --arg d "$1" --arg s "$2" \
		--arg l "SIGHT_$3" --arg w "${4:-}" --arg p "${5:-}" \
		'[.coverage[]? | select(.driver == $d and .sense == $s and
			.sight == $l and .part == $p and
			(.why + "; " + .remedy | test($w)))] | length > 0' \
		/tmp/status >/dev/null 2>&1
}

# sighted: every required sense is live, so that FIT means something.
sighted() {
	asked || return 0
	within 5 _sighted ||
		{ said; fail "blind: $(jq -c .coverage /tmp/status)"; }
}

_sighted() {
	hale status --format json >/tmp/status && jq -e \
		'["block_errors", "fs_state", "storage_map", "kernel_log"] -
		[.coverage[]? | select(.sight == "SIGHT_LIVE").sense] == []' \
		/tmp/status >/dev/null
}
