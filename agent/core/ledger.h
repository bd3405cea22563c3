/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CORE_LEDGER_H
#define HALE_CORE_LEDGER_H

/*
 * The memory of what happened: one entry for (part, condition), whatever the
 * part was called when it happened. An entry is open while it stands; a closed
 * one is kept only where an operator cleared it, so that a log read again does
 * not bring it back.
 */

#include "ledger_entry.h"

#define LEDGER_MAX  512	 /* more findings than a person can act on */
#define SETTLED_MAX 1024 /* filesystems times the states measured of each */
/* Closed entries are forgotten after this: pstore and logs are kept less. */
#define LEDGER_KEEP_NS (30 * 24 * 3600 * HALE_NS_PER_S)

struct settled {
	uint64_t key; /* of (part, condition); 0: free */
	uint64_t time_ns;
};

struct ledger {
	const struct hale_policy *policy;
	uint32_t n;
	uint64_t dropped; /* findings that found no room */
	uint64_t touched; /* grows with every change, also harmless ones */
	struct ledger_entry entries[LEDGER_MAX];
	struct settled settled[SETTLED_MAX];
	struct ledger_ended ended[LEDGER_ENDED_MAX];
};

/* One observation whose part is known by its identity. */
struct ledger_input {
	const struct hale_observation *o;
	const char *part, *alias, *driver;
	enum hale_effect level; /* of a measure; else HALE_EFFECT_BLOCKS */
	bool log;		/* @o->seq is a position in the kernel log */
	uint64_t now_ns;
};

/* Takes in an EVENT or a STATE. Return: true where an answer may change. */
bool ledger_take(struct ledger *l, const struct ledger_input *in);

struct ledger_entry *ledger_find(struct ledger *l, const char *part,
				 enum hale_condition c);

/* @count of it were something else. Return: true where an answer may change.
 * ledger_back.c */
bool ledger_take_back(struct ledger *l, const char *part, enum hale_condition c,
		      uint64_t count);

/* Did an earlier run hear of @part's faults from another than @log, last? */
bool ledger_told_before(const struct ledger *l, const char *part,
			const char *log);

/* What it does to builds now: life, rate, measure, absence and policy. */
enum hale_effect ledger_effect(const struct ledger *l,
			       const struct ledger_entry *e);

/* It is over: evidence said so at @time_ns. Return: true if it was open. */
bool ledger_close(struct ledger *l, struct ledger_entry *e);

/* Remembers that (part, condition) did not hold at @time_ns; and asks. */
void ledger_settle(struct ledger *l, const char *part, enum hale_condition c,
		   uint64_t time_ns);
uint64_t ledger_settled(const struct ledger *l, const char *part,
			enum hale_condition c);

/* Closes what happened to @part before @before_ns. Return: how many. */
uint32_t ledger_forget(struct ledger *l, const char *part, uint64_t before_ns);

/* The findings of @from are really about @to: moved, or added to those.
 * ledger_move(): only this one, whose pointer is void then. */
void ledger_move(struct ledger *l, struct ledger_entry *e, const char *to);
bool ledger_rename(struct ledger *l, const char *from, const char *to);

/* Room for one more entry, made where needed; NULL: it matters less than all
 * that is kept. Indices and pointers from before the call are void. */
struct ledger_entry *ledger_room(struct ledger *l, const char *part,
				 enum hale_condition c, uint64_t now_ns);

/* Expiry and decay. Return: when the next is due; *@changed set, not reset. */
uint64_t ledger_age(struct ledger *l, uint64_t now_ns, bool *changed);

int ledger_load(struct ledger *l, const struct hale_memory_row *row,
		bool same_boot, uint64_t now_ns);
void ledger_save(const struct ledger *l, const struct ledger_entry *e,
		 struct hale_memory_row *ret_row);

#endif
