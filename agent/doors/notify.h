/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_DOORS_NOTIFY_H
#define HALE_DOORS_NOTIFY_H

/*
 * Who is told what, and when. A hook has a list of what it was told; what
 * stands now and is not in that list, or is in it and stands no more, is what
 * it is still to be told. So only changes are told, each once, a message that
 * was lost is made again out of what is true then, and a flapping finding costs
 * no more messages than the hook's rate. Pure: time and chance are parameters.
 */

#include "hale/doors.h"

#include "agent/doors/picture.h"

/* Changes in one message; what is more comes in the next. */
#define CHANGES_MAX 32
/* A hook is told of so many findings at most at a time. */
#define TOLD_MAX PICTURE_FINDINGS_MAX

/* An agent that does not answer for so long is told as a finding. */
#define NOTIFY_SILENT_NS (60 * HALE_NS_PER_S)
#define NOTIFY_SILENT	 "agent.silent"

enum change_kind {
	CHANGE_OPENED = 0,
	CHANGE_CHANGED,
	CHANGE_CLOSED
};

struct told {
	char condition[HALE_NAME_MAX + 8];
	char part[HALE_PART_MAX];
	char alias[HALE_NAME_MAX];
	enum hale_effect effect;
	uint64_t first_ns; /* of the finding: one that comes back is another */
};

struct change {
	enum change_kind kind;
	struct told what;		  /* as it is told with this message */
	const Hale__V1__Finding *finding; /* NULL: closed */
};

struct notify {
	const struct hale_hook *hook;
	struct told *told; /* grows up to TOLD_MAX; the owner frees it */
	size_t n_told;
	uint64_t since_ns; /* there has been something to tell; 0: none */
	uint64_t paid_ns;  /* the rate, as a virtual schedule (GCRA) */
	uint64_t retry_ns; /* not before */
	uint32_t failures; /* in a row */
	bool busy;	   /* a message is on its way: */
	bool throttled;	   /* it waits for its rate, and was counted */
	size_t n_changes;
	struct change changes[CHANGES_MAX];
	struct hook_counts counts;
	/* of an agent that does not answer; it points into itself */
	Hale__V1__Finding silence;
	Hale__V1__Part host;
};

void notify_init(struct notify *n, const struct hale_hook *hook);
void notify_done(struct notify *n);

/* What it was told in another life; false: the list is full, or no memory. */
bool notify_recall(struct notify *n, const struct told *t);

/**
 * notify_plan() - is it time for a message?
 * @p: what stands; read no longer than its changes are used.
 * @silent_since_ns: the agent has not answered since; 0: it does.
 * @ret_next_ns: when to ask again; 0: on the next report.
 *
 * Return: true: @n->changes, @n->n_changes of them, are to be sent now, and
 * notify_result() is to be called when it is known what became of it.
 */
bool notify_plan(struct notify *n, const struct picture *p,
		 uint64_t silent_since_ns, uint64_t now_ns,
		 uint64_t *ret_next_ns);

struct notify_result {
	bool delivered;
	uint32_t after_s; /* the receiver's Retry-After; 0: none */
	uint32_t chance;  /* random bits */
};

/* True: what it was told is another than before: keep it. */
bool notify_result(struct notify *n, const struct notify_result *r,
		   uint64_t now_ns);

#endif
