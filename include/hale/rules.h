/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RULES_H
#define HALE_RULES_H

/*
 * The pattern engine: rule files (hale-rules(5)) compiled once, then matched
 * against one record of text at a time. Matching takes no heap, never looks
 * at more than HALE_RULES_TEXT_MAX bytes of a record and visits every step of
 * a template at most once, so its cost is linear whatever the record says.
 * A compiled set is read-only: any number of readers may share it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hale/condition.h"

#define HALE_RULES_TEXT_MAX 4096 /* four times the kernel's longest line */
#define HALE_RULES_PART_MAX 64	 /* terminator included; longer is cut */

struct hale_rules;

/* One rule file. The texts are read at compile time only; @name is copied. */
struct hale_rules_source {
	const char *name; /* for messages: "kmsg.rules" */
	const char *text; /* not terminated */
	size_t len;
};

/* What a rule file's first word means: above 0, or 0 for "no such word". */
typedef int (*hale_rules_word_fn)(const char *word, size_t len);

/* The built-in drivers/kmsg.rules; alone, compiled when hale was built. */
extern const struct hale_rules_source hale_rules_kmsg;

/**
 * hale_rules_new() - compile rule files into one set
 * @src: @n files; of two rules that match the earlier wins, or a benign one
 * @word: the vocabulary, NULL for the names of the catalogue's conditions
 * @ret_error: on -EINVAL and -E2BIG "file:line: message", else ""
 *
 * Return: 0; -EINVAL, nothing is compiled; -ENOMEM; -E2BIG, a fixed limit.
 */
int hale_rules_new(const struct hale_rules_source *src, size_t n,
		   hale_rules_word_fn word, char ret_error[256],
		   struct hale_rules **ret);

struct hale_rules *hale_rules_free(struct hale_rules *rules); /* NULL */

/* Bytes that it holds. */
size_t hale_rules_memory(const struct hale_rules *rules);

enum hale_match_kind {
	HALE_MATCH_FAULT,      /* the condition occurred on the part */
	HALE_MATCH_END,	       /* the condition no longer holds */
	HALE_MATCH_BENIGN,     /* looks like a fault and is none */
	HALE_MATCH_SUPPRESSED, /* the kernel left out @count records */
	HALE_MATCH_APPEARS,    /* the part's name has a new bearer */
	HALE_MATCH_DEPARTS,    /* the part's name has no bearer any more */
};

enum hale_match_part {
	HALE_MATCH_HOST,
	HALE_MATCH_DISK,    /* sda, sda1, nvme0n1, nvme0, ata3, 2:0:0:0 */
	HALE_MATCH_FS,	    /* the block device beneath, or server:path */
	HALE_MATCH_ARRAY,   /* md0 */
	HALE_MATCH_PCI,	    /* 0000:03:00.0 */
	HALE_MATCH_USB,	    /* 1-1.2 */
	HALE_MATCH_NET,	    /* eth0 */
	HALE_MATCH_CPU,	    /* 3 */
	HALE_MATCH_DIMM,    /* the label that EDAC gives, else mc0 */
	HALE_MATCH_PROCESS, /* the command's name */
	HALE_MATCH_PART_COUNT
};

/* "disk", "fs" ...: what stands before the slash in "disk/sda" */
const char *hale_match_part_name(enum hale_match_part kind);
struct hale_match {
	enum hale_match_kind kind;
	enum hale_condition condition; /* or the vocabulary's number */
	enum hale_match_part part_kind;
	char part[HALE_RULES_PART_MAX];	 /* "" where the record names none */
	char alias[HALE_RULES_PART_MAX]; /* in the record: "ata3.00", or "" */
	uint64_t count;	      /* occurrences that the record stands for */
	uint64_t sector;      /* of 512 bytes, UINT64_MAX where not said */
	int error;	      /* errno without its sign, 0 where not said */
	char op[16];	      /* "READ", "" where not said */
	uint8_t family, step; /* for hale_group; family 0: stands alone */
	uint8_t limiter;      /* rate limiter of the record, 0: none known */
	uint8_t weight;	      /* how near the root, 1 to 9; 0: not said */
	bool weak;	/* condition yields to a closer one of its group */
	bool tentative; /* means something only if nothing else follows */
	bool fresh;	/* appears: not even where it is the first one */
	const char *file, *tool; /* of the rule, the set's; no tool: "" */
	unsigned int line;
};

/**
 * hale_rules_match() - the rule that a record of text matches
 * @text: the message without any log prefix: @len bytes of anything
 * @ret_match: written only where a rule matches
 */
bool hale_rules_match(const struct hale_rules *rules, const char *text,
		      size_t len, struct hale_match *ret_match);

/**
 * hale_rules_find() - where in a buffer a record might match
 *
 * Return: an offset, at least @from, inside the first text that a rule needs;
 * @len where none of the rest can match any rule.
 */
size_t hale_rules_find(const struct hale_rules *rules, const char *buf,
		       size_t len, size_t from);

/* The texts that hale_rules_find() looks for: @i from 0, until NULL. */
const char *hale_rules_literal(const struct hale_rules *rules, size_t i,
			       size_t *ret_len);

#endif
