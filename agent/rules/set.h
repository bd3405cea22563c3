/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RULES_SET_H
#define HALE_RULES_SET_H

/*
 * The compiled set, shared by the files of this room. A template is a short
 * program of steps; the literal texts of all templates lie in one pool. Every
 * rule rests on at least one literal that a record must contain for it to
 * match. Of each such literal the FRAGMENT most telling bytes are looked for:
 * they cover one of any STRIDE neighbouring places, so that a look at every
 * STRIDE-th place of a text finds them all.
 */

#include "agent/rules/capture.h"
#include "agent/rules/vec.h"
#include "hale/rules.h"

#define RULES_MAX    4096  /* candidates of a record are a bitmap of this */
#define STEPS_MAX    60000 /* a step's number is 16 bits */
#define POOL_MAX     65000 /* likewise an offset into the pool */
#define FRAGMENT     6	   /* bytes; no shorter literal can carry a rule */
#define GRAM	     4	   /* bytes looked at at once */
#define STRIDE	     (FRAGMENT - GRAM + 1)
#define DEPTH_MAX    4	/* groups within groups */
#define CAPTURES_MAX 16 /* of one match; more are a syntax error */
#define GRAM_BITS    17 /* 16 KiB of bitmap: stays in the first cache */
#define CHAIN_BITS   12
#define NONE	     UINT16_MAX

enum step_op {
	STEP_LITERAL, /* arg: pool offset, len: bytes */
	STEP_CAPTURE, /* type; stops: number of what ends a run */
	STEP_CHOICE,  /* try on; at a failure go on at arg, NONE: fail */
	STEP_COMMIT,  /* this alternative it is: go to arg */
	STEP_SEEK,    /* what follows may begin anywhere */
	STEP_LAST,    /* nothing may follow but blanks */
	STEP_DONE,
};

struct step {
	uint8_t op;
	uint8_t type; /* enum capture */
	uint8_t len;
	uint8_t stops;
	uint16_t arg;
};

/* Bytes that end a run, shared by many steps. */
struct stops {
	char at[4];
	uint8_t n;
};

struct rule {
	uint16_t start; /* first step */
	uint16_t condition;
	uint8_t kind, part_kind;
	uint8_t part_capture; /* CAP_COUNT: whatever fits the kind */
	uint8_t family, step, limiter;
	uint8_t weight, as, tool; /* words, 0: none: before the alias, who */
	uint8_t file;
	bool weak, tentative, fresh;
	bool differ; /* the first two {int} must not be equal */
	uint32_t line;
};

/* A literal that rules rest on. */
struct literal {
	uint16_t text; /* in the pool */
	uint8_t len;
	uint8_t window; /* where in it the fragment stands */
	uint16_t rules; /* first in uses[] */
};

/* A list in an array: @what, and the index of the next one or NONE. */
struct link {
	uint16_t what, next;
	uint8_t offset;
};

struct hale_rules {
	struct vec steps;    /* struct step */
	struct vec pool;     /* char */
	struct vec rules;    /* struct rule, benign ones first */
	struct vec stops;    /* struct stops */
	struct vec literals; /* struct literal */
	struct vec uses;     /* struct link to rules */
	struct vec grams;    /* struct link to literals; offset: in text */
	struct vec files;    /* char *, owned */
	struct vec words;    /* char *, owned: families and limiters */
	uint16_t chains[1 << CHAIN_BITS]; /* first in grams */
	uint32_t seen[(1 << GRAM_BITS) / 32];
	bool built_in; /* nobody's to free */
};

static inline const struct rule *set_rule(const struct hale_rules *set,
					  size_t i)
{
	return (const struct rule *)set->rules.at + i;
}

static inline const char *set_text(const struct hale_rules *set, uint16_t at)
{
	return (const char *)set->pool.at + at;
}

static inline const struct step *set_step(const struct hale_rules *set,
					  size_t i)
{
	return (const struct step *)set->steps.at + i;
}

/* gen/kmsg_set.c: hale_rules_kmsg, compiled when hale was built. */
struct hale_rules *rules_built_in(void);

/* template.c: the COMMIT that belongs to the CHOICE at a step. */
size_t set_commit(const struct hale_rules *set, size_t choice);

#endif
