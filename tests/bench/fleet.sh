#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The fleet's picture at 10,000 and at 1,000,000 hosts: processor time per
# message, memory per host.
#   HALE_BUILD  where the build is      HOSTS  another size, or several
# Exit 1 where a host of a large fleet takes more memory than docs/fleet-judgments.md
# says.
set -euo pipefail
most=600 # bytes a host, as malloc gives them
for n in ${HOSTS:-10000 1000000}; do
	out=$("${HALE_BUILD:-build}/tests/bench/fleet_picture" "$n")
	echo "$out"
	bytes=$(sed -n 's/.*malloc: \([0-9]*\).*/\1/p' <<<"$out")
	[ "$bytes" -le "$most" ] || {
		echo "$bytes bytes a host: more than $most"
		exit 1
	}
done
