#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The month of tests/unit/test_month.c, which CI lives through as it is, here
# for as long as DAYS says (400): invented time, some 15 s.
set -euo pipefail
exec "$HALE_BUILD/tests/unit/test_month" "${DAYS:-400}"
