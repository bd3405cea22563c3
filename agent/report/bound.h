/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_REPORT_BOUND_H
#define HALE_REPORT_BOUND_H

/*
 * An end to a connection that is being made: libnats 3.4 shakes hands for TLS
 * on a blocking socket, and a server that was cut off in that moment, or means
 * it ill, would hold the caller for ever (conn.c, _makeTLSConn()). Takes
 * SIGALRM and ITIMER_REAL of this process; for its first thread only, which is
 * the one that the kernel gives them to.
 */

#include <stdbool.h>
#include <stdint.h>

/* From @ms on each system call that waits is interrupted. 0, or negative errno:
 * there is no bound. */
int bound_begin(uint32_t ms);
/* True: there was an interruption. */
bool bound_end(void);

#endif
