#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# A driver that is chosen but not there must not link: an agent that lost its
# eyes without a word is the worst that a build could make.
set -euo pipefail

git ls-files -z --cached --others --exclude-standard |
	xargs -0 tar -c --ignore-failed-read 2>/dev/null | tar -x -C "$HALE_TMP"
cd "$HALE_TMP"
unset SAN CC CI
export CFLAGS="-O0 -U_FORTIFY_SOURCE" # what is fast proves as much
rm -f drivers/kmsg.c drivers/kmsg_*.c
rm -rf drivers/kmsg

for program in haled libexec/hale-scan; do
	if make -j2 O=o "o/$program" >log 2>&1; then
		echo "not ok $program links without its kmsg driver"
	elif grep -q 'undefined reference to `kmsg_driver' log; then
		echo "ok $program does not link without its kmsg driver"
	else
		tail -n 30 log >&2
		echo "not ok $program fails, but for another reason"
	fi
done

# Not chosen, it is not missed.
sed -i 's/^CONFIG_DRV_KMSG=y/# CONFIG_DRV_KMSG is not set/' o/.config
if make -j2 O=o o/haled >log 2>&1; then
	echo "ok a driver that is not chosen is not needed"
else
	tail -n 30 log >&2
	echo "not ok a driver that is not chosen is needed"
fi
