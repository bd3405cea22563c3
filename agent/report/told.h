/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_REPORT_TOLD_H
#define HALE_REPORT_TOLD_H

/*
 * Which findings the fleet was told of as open, and what is to be told after
 * the next report. A finding is known by its part, its condition and when it
 * began. Pure: nothing is sent or written here.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fleet.pb-c.h"

/* The ledger has 512. */
#define TOLD_MAX 600

struct told {
	uint64_t seen_ns; /* the agent's time of the last report; 0: none */
	uint64_t spool_id, seq; /* the last event that is in here */
	/* the history's number of the last build; 0: none was told */
	uint64_t build;
	bool build_known;
	size_t n;
	Hale__V1__Finding *findings[TOLD_MAX];
};

/* @what of FindingEvent. Negative errno: it was not kept; it is told anew with
 * the next report. */
typedef int (*told_event_fn)(void *data, int what, const Hale__V1__Finding *f);

/**
 * told_report() - what is new in @m goes to @event, one call each
 *
 * What ended unseen between two reports is told as ended; what had ended before
 * @t->seen_ns is old. Return: how many events were kept, or the first negative
 * errno of @event: the rest is tried with the next report.
 */
int told_report(struct told *t, const Hale__V1__HostReport *m,
		told_event_fn event, void *data);

/* An event of the spool that came after told.seq: it is told already. */
int told_apply(struct told *t, const Hale__Fleet__V1__FindingEvent *m);

/* As bytes, for the next reporter: a HostState with numbers and findings. NULL:
 * no memory. The caller frees it. */
uint8_t *told_pack(const struct told *t, size_t *ret_len);
/* 0 or -EBADMSG; @t is empty before, and after a failure. */
int told_unpack(struct told *t, const void *bytes, size_t len);
void told_done(struct told *t);

#endif
