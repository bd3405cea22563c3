#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The build: a second make does nothing; a header, a flag or the configuration
# rebuilds what rests on it and nothing else; any choice of drivers builds
# without a warning and links only what those drivers need.
# shellcheck disable=SC2016 # what is single-quoted is for eval
set -euo pipefail

git ls-files -z --cached --others --exclude-standard |
	xargs -0 tar -c --ignore-failed-read 2>/dev/null | tar -x -C "$HALE_TMP"
cd "$HALE_TMP"
unset SAN CC
export WERROR=1

build() { make -j2 O=o "$@" >log 2>&1 || { tail -n 40 log >&2; false; }; }
check() {
	local name=$1
	shift
	if "$@"; then echo "ok $name"; else echo "not ok $name"; fi
}
built() { grep -Eq "  (CC|LINK|AR) +$1\$" log; }
# grep reads to the end: what it leaves early dies of SIGPIPE, and fails the pipe.
needs() { readelf -d o/haled | grep "NEEDED.*$1" >/dev/null; }

check "builds from nothing, in parallel" build
build
check "a second make does nothing" test ! -s log

touch include/hale/driver.h
build
check "a header rebuilds what includes it" built drivers/kmsg.c
check "and nothing that does not" eval '! built agent/core/catalogue.c'
check "and links what rests on that" built o/haled
check "and nothing else" eval '! built o/hale'

check "the udev driver needs libudev" needs libudev
sed -i 's/^CONFIG_DRV_UDEV=y/# CONFIG_DRV_UDEV is not set/' o/.config
build
check "without the driver the agent does without the library" \
	eval '! needs libudev'
check "which compiles the table of drivers only" \
	test "$(grep -c '  CC ' log)" -le 1

printf '%s\n' 'int zz_new(void);' 'int zz_new(void)' '{' 'return 0;' '}' \
	>agent/core/zz_new.c
build
check "a new file is linked" eval 'nm o/haled | grep zz_new >/dev/null'
rm agent/core/zz_new.c
build
check "a removed one no longer" eval '! nm o/haled | grep zz_new >/dev/null'

for config in tinyconfig allnoconfig allyesconfig randconfig randconfig; do
	build $config
	check "$config builds and links without a warning" build
	grep '^CONFIG_' o/.config >&2 || :
	check "$config: libudev only with the udev driver" test \
		"$(grep -c '^CONFIG_DRV_UDEV=y' o/.config)" = \
		"$(readelf -d o/haled | grep -c 'NEEDED.*libudev')"
done
build savedefconfig
check "savedefconfig leaves a file that makes the same choice" eval '
	cp o/.config before &&
	make O=o allnoconfig >log 2>&1 &&
	KCONFIG_CONFIG=o/.config kconfig-conf --defconfig=o/defconfig Kconfig \
		>log && cmp before o/.config'
one=o/obj/agent/core/catalogue.o
build $one
build $one SAN=1
check "other flags compile anew" eval 'nm $one | grep __asan >/dev/null'
build $one
check "and so do the old ones" eval '! nm $one | grep __asan >/dev/null'
check "clean removes what was made" eval 'build clean && test ! -e o'
