/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEET_LIVENESS_H
#define HALE_FLEET_LIVENESS_H

/*
 * When a host that says nothing is SILENT. By the server's time only: of its
 * last word, and of the end of its connection. Which of two words is the later
 * one is told by the host's spool and number, never by a clock.
 */

#include "agent/fleet/told.h"

/* Of a host that does not say how often it speaks, and the most that one may
 * claim: it would be missed after three hours. */
#define LIVENESS_PERIOD_S     30
#define LIVENESS_PERIOD_MAX_S 3600
/* Two heartbeats may be lost on the way, and the third be late: then it is the
 * host. */
#define LIVENESS_PERIODS 3
/* While a stream elects its next leader nobody can write to it: 4.6 to 5.6 s
 * were measured on three nodes. Twice that, for a second try. */
#define LIVENESS_SLACK_S 12

struct liveness {
	uint64_t heard_ns; /* its last word */
	uint64_t gone_ns;  /* its connection ended; 0: not that we know */
	uint32_t period_s; /* 0: LIVENESS_PERIOD_S */
};

/**
 * liveness_deadline() - from when on it is SILENT, if nothing comes
 *
 * Three periods and the slack after its last word. If its connection ended
 * after that word, one period and the slack after the end, where that is
 * earlier: a reporter that restarts speaks at once, a network that broke lets
 * it connect again.
 */
uint64_t liveness_deadline(const struct liveness *l);

/* The last words that were taken, newest spool first. */
#define LIVENESS_SPOOLS 3

struct liveness_order {
	uint64_t spools[LIVENESS_SPOOLS]; /* 0: none */
	uint64_t seq;			  /* in the newest */
};

/* Is that word newer than all that were taken? Then it is the last one from now
 * on. */
bool liveness_newer(struct liveness_order *o, const struct told_order_no *no);

#endif
