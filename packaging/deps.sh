#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Installs what is missing, and only that: deps.sh [-n] GROUP...
# A thing is there if its proof holds (a command, a pkg-config name, a file),
# wherever it came from; else its Debian 12 package is installed.
#   -n      says what is missing and installs nothing
#   GROUP   build (also: run), test, lint, fuzz, lab, clean-root
# Exit: 0 all is there now; 1 it is not, and stderr says what to do.
set -euo pipefail

# group  proof  package
needs() {
	cat <<-'EOF'
	build cmd:gcc gcc
	build cmd:make make
	build file:/usr/include/stdlib.h libc6-dev
	build file:/usr/include/linux/limits.h linux-libc-dev
	build cmd:kconfig-conf kconfig-frontends-nox
	build cmd:pkg-config pkg-config
	build cmd:protoc-c protobuf-c-compiler
	build cmd:protoc protobuf-compiler
	build pc:libprotobuf-c libprotobuf-c-dev
	build pc:inih libinih-dev
	build pc:libnl-3.0 libnl-3-dev
	build pc:libnl-genl-3.0 libnl-genl-3-dev
	build pc:libnl-route-3.0 libnl-route-3-dev
	build pc:libudev libudev-dev
	build pc:libtraceevent libtraceevent-dev
	build pc:libtracefs libtracefs-dev
	build pc:libnvme libnvme-dev
	build pc:json-c libjson-c-dev
	build pc:openssl libssl-dev
	build pc:libcurl libcurl4-gnutls-dev
	build pc:jansson libjansson-dev
	build pc:libseccomp libseccomp-dev
	build pc:libcap libcap-dev
	build pc:sqlite3 libsqlite3-dev
	build file:/usr/include/scsi/sg_lib.h libsgutils2-dev
	build file:/usr/include/sensors/sensors.h libsensors-dev
	build pc:libnats libnats-dev
	build pc:libmicrohttpd libmicrohttpd-dev
	build pc:nettle nettle-dev
	test pc:cmocka libcmocka-dev
	test cmd:python3 python3
	test cmd:node nodejs
	test cmd:npm npm
	test cmd:g++ g++
	test cmd:jq jq
	test cmd:pgrep procps
	test cmd:losetup mount
	test cmd:mkfs.ext4 e2fsprogs
	test cmd:dockerd docker.io
	test cmd:busybox busybox-static
	test cmd:curl curl
	test cmd:ip iproute2
	test cmd:systemd-analyze systemd
	test cmd:nats-server nats-server
	test cmd:chromium chromium
	test cmd:openssl openssl
	test cmd:prometheus prometheus
	test cmd:prometheus-alertmanager prometheus-alertmanager
	test file:/usr/lib/python3/dist-packages/prometheus_client python3-prometheus-client
	soak cmd:valgrind valgrind
	lint cmd:clang clang
	lint cmd:clang-format clang-format
	lint cmd:clang-tidy clang-tidy
	lint cmd:cppcheck cppcheck
	lint cmd:ctags universal-ctags
	lint cmd:shellcheck shellcheck
	lint cmd:mandoc mandoc
	lint cmd:python3 python3
	fuzz cmd:clang clang
	fuzz file:/usr/share/doc/libclang-rt-14-dev libclang-rt-14-dev
	lab cmd:qemu-system-x86_64 qemu-system-x86
	lab cmd:busybox busybox-static
	lab cmd:depmod kmod
	lab cmd:mkfs.ext4 e2fsprogs
	lab cmd:mkfs.btrfs btrfs-progs
	lab cmd:mdadm mdadm
	lab cmd:thin_check thin-provisioning-tools
	lab cmd:ip iproute2
	lab cmd:setpci pciutils
	lab cmd:i2cset i2c-tools
	lab cmd:sensors lm-sensors
	lab cmd:smartctl smartmontools
	lab cmd:nvme nvme-cli
	lab cmd:sg_start sg3-utils
	lab cmd:dmsetup dmsetup
	lab cmd:jq jq
	lab cmd:setpriv util-linux
	lab file:/usr/lib/udev/scsi_id udev
	lab cmd:python3 python3
	clean-root cmd:debootstrap debootstrap
	clean-root cmd:unshare util-linux
	EOF
}

present() {
	case $1 in
	cmd:*) PATH=$PATH:/usr/sbin:/sbin command -v "${1#cmd:}" ;;
	pc:*) pkg-config --exists "${1#pc:}" ;;
	file:*) test -e "${1#file:}" ;;
	esac >/dev/null 2>&1
}

missing_packages() {
	local group proof package
	needs | while read -r group proof package; do
		[[ " $* " == *" $group "* ]] || continue
		present "$proof" || echo "$package"
	done | sort -u
}

# As root: update only if the lists that are there do not do. No package starts
# a service, and those that only tests need, which start them by hand on ports of
# their own, do not at the next boot either.
# shellcheck disable=SC2016 # it is the shell below that expands
install_script='
if [[ ! -e /usr/sbin/policy-rc.d ]]; then
	trap "rm -f /usr/sbin/policy-rc.d" EXIT
	printf "#!/bin/sh\nexit 101\n" >/usr/sbin/policy-rc.d
	chmod 755 /usr/sbin/policy-rc.d
fi
units=/etc/systemd/system
for name in prometheus prometheus-alertmanager nats-server; do
	[[ " $* " == *" $name "* && ! -e $units/$name.service ]] || continue
	mkdir -p "$units"
	ln -s /dev/null "$units/$name.service"
done
export DEBIAN_FRONTEND=noninteractive
get() { apt-get -q -o DPkg::Lock::Timeout=300 "$@"; }
install() { get install -y --no-install-recommends "$@"; }
(get --simulate install "$@" >/dev/null 2>&1 && install "$@") ||
	{ get update && install "$@"; }
'

main() {
	local dry=
	if [[ ${1:-} == -n ]]; then dry=y; shift; fi
	[[ $# -gt 0 ]] || { echo "usage: deps.sh [-n] GROUP..." >&2; exit 64; }
	local packages
	mapfile -t packages < <(missing_packages "${@/#run/build}")
	[[ ${#packages[@]} -gt 0 ]] || return 0
	echo "missing for $*: ${packages[*]}" >&2
	[[ -z $dry ]] || return 1
	local as_root=()
	if ! command -v apt-get >/dev/null; then
		echo "no apt-get here: install the like of them by hand" >&2
		return 1
	elif [[ $(id -u) != 0 ]]; then
		command -v sudo >/dev/null || {
			echo "installing needs root. As root, run:" >&2
			echo "  apt-get install ${packages[*]}" >&2
			return 1
		}
		echo "installing them with sudo apt-get" >&2
		as_root=(sudo)
	else
		echo "installing them with apt-get" >&2
	fi
	"${as_root[@]}" bash -ec "$install_script" install "${packages[@]}" >&2
	mapfile -t packages < <(missing_packages "${@/#run/build}")
	[[ ${#packages[@]} -eq 0 ]] || {
		echo "still missing: ${packages[*]}" >&2
		return 1
	}
}

main "$@"
