#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# procevent and the kernel's process connector: among 20,000 short-lived
# processes exactly those that die by a fault are seen, and nothing else wakes
# the reader. What overflows the socket is told as blindness. Where the
# connector is silent, the driver says why.
# Needs root and the first PID namespace.
set -uo pipefail

prog=$HALE_BUILD/tests/integration/procevent_storm
failed=0
"$prog" storm 20000 40 || failed=1
"$prog" flood 4000 || failed=1
unshare --pid --fork --mount-proc "$prog" blind "PID namespace" || failed=1
unshare --net "$prog" blind "network namespace" || failed=1
exit $failed
