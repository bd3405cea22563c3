/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEET_RECENT_H
#define HALE_FLEET_RECENT_H

/*
 * The failures of the last hours, host by host, and how many there were a day
 * in the last month: what is usual, of a cause in the fleet and in each group.
 */

#include <stdbool.h>
#include <stdint.h>

#define RECENT_NS (UINT64_C(6) * 3600 * 1000000000)
/* As many hosts may fail at once and still be counted. */
#define RECENT_MAX   (UINT32_C(1) << 20)
#define RECENT_BASES 65536 /* pairs of a cause and a group */
#define RECENT_DAYS  30

/* A host that fails by one cause again and again, with less than RECENT_NS in
 * between, has failed once, from the first time to the last. */
struct recent_failure {
	uint64_t at_ns;	  /* the first time */
	uint64_t last_ns; /* it went on until then */
	uint32_t host;
	uint32_t next; /* in its bucket */
	uint16_t cause;
};

/* How often on each of the last days. */
struct recent_base {
	uint64_t key;
	uint32_t next;
	uint32_t day; /* the last that is counted, days since the epoch */
	uint32_t counts[RECENT_DAYS + 1];
};

struct recent {
	struct recent_failure *ring;
	uint32_t *buckets; /* of the ring, by host and cause */
	uint32_t first, n, size;
	struct recent_base *bases;
	uint32_t *base_buckets;
	uint32_t n_bases, size_bases;
	uint64_t newest_ns;
};

/* -ENOMEM. recent_done() of a zeroed one does nothing. */
int recent_init(struct recent *r);
void recent_done(struct recent *r);

/**
 * recent_add() - a failure
 * @f: its @last_ns and @next are of no meaning.
 *
 * Return: true: it began; false: it went on.
 */
bool recent_add(struct recent *r, const struct recent_failure *f);
/* The @n-th of those that are remembered, the oldest told first. */
const struct recent_failure *recent_at(const struct recent *r, uint32_t n);
/* A host that is no more: its failures are nobody's. */
void recent_forget(struct recent *r, uint32_t host);

/* Counts a failure to a group's usual ones. @group 0: the fleet. */
void recent_count(struct recent *r, uint16_t cause, uint64_t group,
		  uint64_t at_ns);
/* How many in the RECENT_DAYS before @now_ns. */
uint64_t recent_usual(const struct recent *r, uint16_t cause, uint64_t group,
		      uint64_t now_ns);

#endif
