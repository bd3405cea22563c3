#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Proves the README's two commands: a minimal Debian 12 with git and make, and
# nothing else, gets a clone of this commit and runs `make run` and `make test`
# in it (without the lab and without this very test: HALE_INNER).
#
# The root comes from debootstrap and is kept under a cache folder, keyed by
# its recipe; each run works on a copy. Mirror and proxy are those of this
# machine's own apt. All mounts live in a private mount namespace, so they are
# gone with the last process, however this ends.
#
# Usage: tests/clean-root.sh [COMMAND...]     root, or sudo, is needed
#   COMMAND   run instead of the two, to look around: bash
# Prints "ok NAME" or "not ok NAME" for each of the two; the log on stderr.
set -euo pipefail

suite=bookworm
include=git,make
npm_ca=/root/npm-ca.pem
here=$(realpath "$(dirname "$0")/..")

say() { echo "clean-root: $*" >&2; }

# Lines "uri release", one for each of this machine's sources of Debian 12.
sources() {
	# shellcheck disable=SC2016 # apt expands these
	apt-get indextargets --format \
		'$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Identifier: Packages' |
		awk -v s="$suite" '$2 ~ "^" s "(-security|-updates)?$" &&
			$3 == "main" { print $1, $2 }' | sort -u
}

mirror() {
	sources | awk -v s="$suite" '$2 == s { print $1; exit }'
}

# The proxy and access settings of this machine's apt, for the root's.
copy_apt_settings() {
	local root=$1 f
	sources | while read -r uri release; do
		echo "deb $uri $release main"
	done >"$root/etc/apt/sources.list"
	rm -rf "$root"/etc/apt/sources.list.d/*
	apt-config dump | grep -E '^Acquire::([a-z]+::)?(Proxy|Retries|Timeout)|^Acquire::https?::' \
		>"$root/etc/apt/apt.conf.d/90host" || :
	for f in /etc/resolv.conf /etc/hosts; do
		[[ ! -e $f ]] || cp -L "$f" "$root$f"
	done
	# A mirror behind a private authority is trusted as it is here.
	if sources | grep '^https:' >/dev/null && [[ -d /etc/ssl/certs ]]; then
		mkdir -p "$root/etc/ssl"
		cp -aL /etc/ssl/certs "$root/etc/ssl/"
	fi
}

# Makes the cached root if it is not there; sets base and archives.
prepare_base() {
	local cache key work
	cache=${XDG_CACHE_HOME:-/var/cache}/hale-clean-root
	key=$({ sources; echo "$suite $include"; declare -f copy_apt_settings; } |
		sha256sum | cut -c 1-16)
	base=$cache/$key
	archives=$cache/archives
	mkdir -p "$archives/partial"
	exec {lock}>"$cache/lock"
	flock "$lock"
	[[ ! -e $base ]] || return 0
	say "making the root (about 35 s), kept as $base"
	work=$(mktemp -d "$cache/making.XXXXXX")
	debootstrap --variant=minbase --include="$include" "$suite" \
		"$work" "$(mirror)" >"$cache/debootstrap.log" 2>&1 || {
		tail -n 20 "$cache/debootstrap.log" >&2
		rm -rf --one-file-system "$work"
		return 1
	}
	copy_apt_settings "$work"
	chroot "$work" apt-get -q update >&2
	rm -rf "$cache"/????????????????
	mv "$work" "$base"
}

# Who this machine's npm trusts.
copy_npm_ca() {
	local file
	command -v npm >/dev/null || return 0
	file=$(npm config get cafile 2>/dev/null)
	[[ ! -f $file ]] || cp -L "$file" "$root/$npm_ca"
}

# In a private mount namespace: the copy becomes a running system.
mount_all() {
	local root=$1
	mount --bind "$root" "$root"
	mount -t proc proc "$root/proc"
	mount --rbind /sys "$root/sys"
	mount --rbind /dev "$root/dev"
	mount -t tmpfs tmpfs "$root/run"
	mount --bind "$archives" "$root/var/cache/apt/archives"
}

# A chroot is refused user namespaces (user_namespaces(7)), which a test needs.
# shellcheck disable=SC2016 # for the shell that runs it
move_in='cd "$1"; shift; pivot_root . .; umount -l .; exec "$@"'

# The environment of someone who has just logged in; the ways by which this
# machine's apt and npm reach the world go with it.
inside() {
	local pass=() name
	for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY \
		NO_PROXY CI; do
		[[ -z ${!name:-} ]] || pass+=("$name=${!name}")
	done
	if command -v npm >/dev/null; then
		pass+=("npm_config_registry=$(npm config get registry 2>/dev/null)")
	fi
	[[ ! -e $root/$npm_ca ]] || pass+=("npm_config_cafile=$npm_ca")
	unshare --mount --propagation private \
		sh -euc "$move_in" sh "$root" \
		env -i HOME=/root TERM=dumb LANG=C.UTF-8 \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		HALE_INNER=1 "${pass[@]}" \
		sh -c 'cd /root/hale && exec "$@"' sh "$@"
}

# A clone reads like anyone's, whoever owns this folder.
clone() {
	local home
	home=$(mktemp -d)
	printf '[safe]\n\tdirectory = *\n' >"$home/.gitconfig"
	HOME=$home git clone -q --no-hardlinks --no-local "file://$here" "$1" >&2
	rm -r "$home"
}

# What the tests within said of those that failed, as the last thing told.
why() {
	awk '/^FAILED / { left = 40 } /^ok / { left = 0 } left-- > 0' "$1" |
		tail -n 50 | sed 's/^/  | /'
}

try() {
	local name=$1 proof=$2 status=0
	shift 2
	say "$name"
	inside "$@" </dev/null >"$root/tmp/out" \
		2> >(tee "$root/tmp/err" | sed 's/^/  | /' >&2) || status=$?
	sed 's/^/  > /' "$root/tmp/out" >&2
	if [[ $status == 0 ]] && grep -Eq "$proof" "$root/tmp/out"; then
		echo "ok $name"
	else
		why "$root/tmp/err" >&2
		say "$name: exit $status, wanted 0 and a line like: $proof"
		echo "not ok $name"
		return 1
	fi
}

in_namespace() {
	local failed=0
	mount_all "$root"
	copy_npm_ca
	clone "$root/root/hale"
	if [[ $# -gt 0 ]]; then
		inside "$@"
		return
	fi
	local found
	for found in gcc cc clang kconfig-conf protoc-c pkg-config; do
		! inside sh -c "command -v $found" >/dev/null || {
			say "the clean root is not clean: it has $found"
			failed=1
		}
	done
	try "clean root: make run" '^exit code (0|69|75)' make run || failed=1
	try "clean root: make test" '^[1-9][0-9]* passed, 0 failed$' \
		make test || failed=1
	return $failed
}

# Nothing that a test left running goes on in a root that is no more.
end_all() {
	local process
	for process in /proc/[0-9]*; do
		[[ ! $process/root -ef $root ]] ||
			kill -KILL "${process#/proc/}" 2>/dev/null || :
	done
}

main() {
	if [[ $(id -u) != 0 ]]; then
		exec sudo -n -- "$(realpath "$0")" "$@"
	fi
	prepare_base
	root=$(mktemp -d "${TMPDIR:-/var/tmp}/hale-root.XXXXXX")
	trap 'end_all; rm -rf --one-file-system "$root"' EXIT
	trap 'exit 130' INT TERM HUP
	cp -a --reflink=auto "$base/." "$root"
	chmod 755 "$root" # it is / inside, and not for root alone
	exec {lock}>&-
	export root base archives
	unshare --mount --propagation private "$0" --in-namespace "$@"
}

if [[ ${1:-} == --in-namespace ]]; then
	shift
	in_namespace "$@"
else
	main "$@"
fi
