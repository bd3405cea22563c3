/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CORE_JOIN_H
#define HALE_CORE_JOIN_H

/*
 * Several drivers witness one event: a failed request is a tracepoint and a
 * line of the log. What is alike is matched as a multiset, by part and key:
 * each event of the one side counts unless one of the other side is left for
 * it. Time only says what a side cannot have seen: it was not there yet.
 */

#include "hale/base.h"
#include "hale/coverage.h"
#include "hale/observation.h"

#define JOIN_MAX     512 /* events that the other side has not told yet */
#define JOIN_FOLLOW  32	 /* disks that fail at the same time */
#define JOIN_DEATHS  32
#define JOIN_DEBTS   4
#define JOIN_DRIVERS 4
/* The other side is there within milliseconds, a log may be far behind. */
#define JOIN_WINDOW_NS (10 * HALE_NS_PER_S)
/* A large process may write its core for long before it is dead. */
#define JOIN_SIGNAL_NS (600 * HALE_NS_PER_S)
/* A pid or a page is not used again for the same so soon. */
#define JOIN_ONCE_NS (60 * HALE_NS_PER_S)

/* Told by one side; the other has not told @count of it. */
struct join_entry {
	uint8_t join;		  /* enum hale_join; 0: free */
	bool log;		  /* told by the log */
	uint16_t condition, wild; /* wild: taken by lines that name no sector */
	uint32_t count, lines;	  /* lines: block lines that one side lacks */
	uint64_t part, key;	  /* part: text_key() */
	uint64_t time_ns, heard_ns;
};

/* What a disk failed with in the last seconds. */
struct join_follow {
	uint64_t part;	 /* 0: free */
	uint16_t closer; /* enum hale_condition, 0: none known */
	uint64_t closer_ns;
	uint32_t general; /* counted without knowing a closer one */
	uint64_t general_ns;
};

struct join_death {
	uint32_t pid, thread;
	bool died; /* the death was told; else only what it got */
	uint64_t heard_ns;
	char part[40];
	char text[160]; /* what it got, as far as told */
};

/* Lines that were left out, and counted: events told later explain them. */
struct join_debt {
	uint64_t time_ns, count;
	bool warns; /* counted as what is no failed request */
};

/* One that sees the events themselves. */
struct join_driver {
	char name[HALE_NAME_MAX]; /* "": free */
	bool live, log, deaths;	  /* deaths: it hears of all */
	uint64_t began_ns, lost_ns;
};

struct join {
	struct join_entry entries[JOIN_MAX];
	struct join_follow follows[JOIN_FOLLOW];
	struct join_death deaths[JOIN_DEATHS];
	struct join_debt debts[JOIN_DEBTS];
	struct join_driver drivers[JOIN_DRIVERS];
	uint64_t unlogged; /* block errors whose entries had to go */
	uint64_t last_line_ns, logged_ns; /* of block errors; or left out */
	uint32_t next, next_death, next_debt;
};

struct joined {
	enum hale_condition from; /* NONE: nothing moves */
	uint32_t moved; /* counted as @from before, now in the observation */
	char from_part[HALE_PART_MAX];
	char part[HALE_PART_MAX]; /* better known than said; or "" */
};

/* What a driver says that it sees. */
void join_coverage(struct join *j, const char *driver,
		   const struct hale_coverage *c);

/* Of which part, by its identity, and when it is heard. */
struct join_said {
	const char *driver, *part;
	uint64_t now_ns;
	bool told_before; /* an earlier run saw @part's requests themselves */
};

/**
 * join_take() - count what is new about an event
 * @o: its count, condition and evidence become what the ledger is to take.
 *
 * Return: false where it adds nothing, not even evidence.
 */
bool join_take(struct join *j, const struct join_said *said,
	       struct hale_observation *o, struct joined *ret_joined);

/* For the files that implement it. */
const struct join_driver *join_witness(const struct join *j);
struct join_entry *join_add(struct join *j, const struct join_entry *e);
bool join_death(struct join *j, const struct join_said *said,
		struct hale_observation *o, struct joined *ret);
bool join_once(struct join *j, const struct join_said *said,
	       struct hale_observation *o, struct joined *ret);
bool join_other(struct join *j, const struct join_said *said,
		struct hale_observation *o, struct joined *ret);
bool join_block(struct join *j, const struct join_said *said,
		struct hale_observation *o, struct joined *ret);
bool join_suppressed(struct join *j, const struct join_said *said,
		     struct hale_observation *o, struct joined *ret);

#endif
