#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What is installed: the places that the documents name, a library that a
# stranger can build against with pkg-config alone, and no trace afterwards.
# shellcheck disable=SC2016,SC2034 # what is single-quoted is for eval
set -euo pipefail

prefix=/opt/hale
root=$HALE_TMP/root
# As make was told: a folder of another name would be other flags, and all of it
# built anew beneath the tests that run beside this one.
o=${O:-build}
if [[ -n ${SAN:-} ]]; then
	unset SAN # a sanitized library is not what anyone installs
	o=$HALE_TMP/o
fi
check() {
	local name=$1
	shift
	if "$@"; then echo "ok $name"; else echo "not ok $name"; fi
}
there() { [[ -e $root$prefix/$1 ]] || { echo "no $1" >&2; return 1; }; }

make -j2 O="$o" install DESTDIR="$root" PREFIX=$prefix >"$HALE_TMP/made"
cat "$HALE_TMP/made" >&2
[[ $o == "$HALE_TMP"/* ]] || check "what is built is installed as it is" eval '
	! grep -E "^  (CC|LINK|AR|GEN) " "$HALE_TMP/made" >&2'
for f in bin/hale sbin/haled libexec/hale/hale-triage libexec/hale/hale-scan \
	lib/libhale.a lib/libhale.so lib/libhale.so.1 include/hale/hale.h \
	lib/pkgconfig/hale.pc lib/systemd/system/haled.service; do
	check "installs $f" there $f
done
unit=$root$prefix/lib/systemd/system/haled.service
conf=$root/etc/hale/hale.conf
check "the unit starts what is installed" eval '
	program=$(sed -n "s/^ExecStart=//p" "$unit") && [[ -x $root$program ]]'
check "the unit is whole" eval '! grep -n "@[A-Z]*@" "$unit" >&2'
check "the installed configuration is good" \
	"$root$prefix/sbin/haled" -n -c "$conf"

at=$root$prefix
cat >"$HALE_TMP/user.c" <<'EOF'
#include <hale/hale.h>
int main(void)
{
	return 0;
}
EOF
export PKG_CONFIG_PATH=$at/lib/pkgconfig
flags=$(pkg-config --define-variable=prefix="$at" --cflags --libs hale)
# shellcheck disable=SC2086 # flags are words
check "a stranger's program builds with pkg-config" \
	gcc -std=c11 -Wall -Wextra -Wpedantic -Werror "$HALE_TMP/user.c" \
	-o "$HALE_TMP/user" $flags
check "libhale exports its own names only" eval '
	! nm -D --defined-only "$at/lib/libhale.so.1" |
		grep -v " hale_\| A HALE\| LIBHALE" >&2'
check "hale finds its siblings where they are installed" eval '
	echo | "$at/bin/hale" triage kernel >&2'

echo "# mine" >>"$conf"
make -j2 O="$o" install DESTDIR="$root" PREFIX=$prefix >&2
check "a changed configuration is kept" grep -qx "# mine" "$conf"
make -j2 O="$o" uninstall DESTDIR="$root" PREFIX=$prefix >&2
check "by uninstall, too" grep -qx "# mine" "$conf"
cp "$HALE_SRC/packaging/hale.conf" "$conf"
make -j2 O="$o" uninstall DESTDIR="$root" PREFIX=$prefix >&2
check "uninstall leaves no file" eval '
	[[ -z $(find "$root" -not -type d) ]]'
