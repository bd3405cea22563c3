/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RULES_GROUP_H
#define HALE_RULES_GROUP_H

/*
 * One fault, several lines. A failed read prints a result, a sense key, a
 * sense code, a block-layer line and perhaps a buffer error; thirty of them
 * are thirty, not a hundred and fifty. The grouping watches the matches of a
 * log in their order and says of each how many new faults it stands for.
 *
 * Rules put their lines into a family and give each a step: 1 to 4 come before
 * the line that is the fault itself, that line is 5, 6 to 9 come after it, 0
 * is a fault of its own. Pure: time is what the caller passes, in nanoseconds
 * that never run back.
 */

#include "hale/rules.h"

/* Lines of one fault are printed within milliseconds; a journal keeps seconds,
 * so that two neighbouring ones may be 1 s apart. */
#define HALE_GROUP_WINDOW_NS UINT64_C(2000000000)
#define HALE_GROUP_SLOTS     16
#define HALE_GROUP_LIMITERS  32

/* A run of lines about one part and condition, while it may go on. */
struct hale_group_slot {
	bool used;
	bool weak;	/* the condition may still become a closer one */
	bool failed;	/* a request of it did so for good, without a reason */
	bool tentative; /* nothing else has come yet */
	uint8_t family, step;
	enum hale_condition condition;
	enum hale_match_part part_kind;
	char part[HALE_RULES_PART_MAX];
	char alias[HALE_RULES_PART_MAX]; /* another name: "ata3" where part is
					  * sda, sda where part is usb 1-1 */
	uint64_t order;			 /* of slots, by their first line */
	uint64_t last_ns, count;
	uint32_t pending; /* faults begun whose step 5 has not come yet */
};

struct hale_group_limiter {
	enum {
		HALE_LIMITER_UNUSED,
		HALE_LIMITER_BENIGN,
		HALE_LIMITER_FAULT
	} state;
	uint8_t family;
	enum hale_condition condition;
	enum hale_match_part part_kind;
	char part[HALE_RULES_PART_MAX];
};

/* Zero it to start. About 4 KiB. */
struct hale_group {
	struct hale_group_slot slots[HALE_GROUP_SLOTS];
	struct hale_group_limiter limiters[HALE_GROUP_LIMITERS];
	uint64_t order, now_ns;
};

/* What a line adds. */
struct hale_grouped {
	uint64_t count; /* new faults; 0: evidence for one counted before */
	enum hale_condition condition; /* closer than the match's, maybe */
	enum hale_match_part part_kind;
	char part[HALE_RULES_PART_MAX];
	bool at_least;	/* from "callbacks suppressed" */
	bool tentative; /* count nothing unless the slot closes like this */
	bool opened;	/* the first line of its slot */
	unsigned int slot;
};

/**
 * hale_group_add() - take the next match of the log in
 * @m: of any kind; a benign one only teaches what suppressed lines were
 *
 * Return: false where the line adds nothing to any fault.
 */
bool hale_group_add(struct hale_group *g, const struct hale_match *m,
		    uint64_t now_ns, struct hale_grouped *ret);

/**
 * hale_group_close() - hand out one run of lines that is over
 * @now_ns: UINT64_MAX closes all, the earliest begun first
 *
 * A reader that does not care about runs need not call this: the oldest slot
 * is taken when all are used. One that does calls it until it says -1, before
 * each hale_group_add().
 *
 * Return: the slot's number, -1 where none is over; *@ret_slot is its content.
 */
int hale_group_close(struct hale_group *g, uint64_t now_ns,
		     struct hale_group_slot *ret_slot);

/**
 * hale_rules_subject() - the disk that the next records are about
 *
 * Some kernels (3.14 to 3.16) print "sd 2:0:0:0: [sdc]" and its result, sense
 * key and code each as a record of their own. Return: true where @text is such
 * a first record; a match without a part right after it is about @ret_part.
 */
bool hale_rules_subject(const char *text, size_t len,
			char ret_part[HALE_RULES_PART_MAX]);

#endif
