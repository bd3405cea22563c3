/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CODEC_FACT_H
#define HALE_CODEC_FACT_H

/*
 * Facts as they cross between processes: from a driver's child or helper to the
 * probe, and from there to the core. As in codec.h, messages lie in the
 * caller's arena and borrow the texts of the structs they are built of; as in
 * codec_read.h, who sent the bytes is not trusted.
 */

#include "codec.h"

/* One message of the agent's own processes: some eighty mounts. */
#define CODEC_FACTS_MAX (8 * 1024)
/* The longest fact there can be, packed: a disk's reading. */
#define CODEC_FACT_MAX 2048
/* Enough to build any one fact. */
#define CODEC_ARENA_FACT (8 * 1024)
/* Enough to unpack a message of CODEC_FACTS_MAX that is made of facts; more is
 * refused. */
#define CODEC_ARENA_FACTS (128 * 1024)

/* "fs.bytes"; "" for none. */
const char *codec_metric_name(enum hale_metric metric);

/* NULL where the arena is full or @f->kind is none. */
Hale__V1__Fact *codec_fact(struct codec_arena *a, const struct hale_fact *f);

/**
 * codec_read_fact() - a message to a fact
 *
 * Texts are cut to their fields and made printable. Whether it is well formed
 * is for hale_fact_valid() to say; the two together let nothing else through.
 *
 * Return: 0; -EBADMSG and *ret_why, in static storage; @ret_f is then
 * undefined.
 */
int codec_read_fact(const Hale__V1__Fact *m, struct hale_fact *ret_f,
		    const char **ret_why);

/* Packed facts, one after the other: the bytes of a message Facts, or the
 * beginning of a ProbeReport, whose field 1 they are. */
struct codec_facts {
	size_t len;
	uint32_t n;
	uint8_t bytes[CODEC_FACTS_MAX];
	uint8_t arena[CODEC_ARENA_FACT]; /* scratch */
};

/**
 * codec_facts_add() - put one more fact in
 * @driver: who says it; NULL: the reader knows.
 *
 * Return: 0; -ENOSPC: send what is there and set @b->len to 0 first; -EINVAL:
 * @f is none.
 */
int codec_facts_add(struct codec_facts *b, const struct hale_fact *f,
		    const char *driver);

/* Is it a driver's word which part it turns to next (hale/driver.h)? It has to
 * be known before the driver does so: send at once. */
bool codec_fact_turns(const struct hale_fact *f);

/* Appends the fields of another message of the same kind; -ENOSPC. */
int codec_facts_append(struct codec_facts *b, const void *m);

#endif
