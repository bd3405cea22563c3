/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEET_PICTURE_WORDS_H
#define HALE_FLEET_PICTURE_WORDS_H

/*
 * In what hosts are alike: labels, hale's version (as if it were a label
 * "hale"), models of disks with their firmware. Each is a number as long as a
 * host has it. For the judge, who counts by these numbers; for no other room.
 */

#include "agent/fleet/picture.h"

#define PICTURE_WORDS_MAX (TOLD_LABELS_MAX + 1 + TOLD_DISKS_MAX)

struct picture_word {
	uint32_t word;
	bool model; /* of a disk: model and firmware */
};

/* Each once. Return: how many. */
uint32_t picture_host_words(const struct picture *p, uint32_t host,
			    struct picture_word ret[PICTURE_WORDS_MAX]);
/* All numbers are below. */
uint32_t picture_words_end(const struct picture *p);
/* How many hosts have it. */
uint32_t picture_word_hosts(const struct picture *p, uint32_t word);
/* Key and value; model and firmware. */
struct told_label picture_word_text(const struct picture *p, uint32_t word);
/* Of its texts: the same whatever its number is today. */
uint64_t picture_word_hash(const struct picture *p, uint32_t word);

/* Keeps its number and texts, whether a host has it or not, until as many
 * drops. A word that is held counts as one host more. */
void picture_word_hold(struct picture *p, uint32_t word);
void picture_word_drop(struct picture *p, uint32_t word);

/* A part's id as disks are kept by. */
uint64_t picture_part(const char *part);
/* The model of that disk; false: the host does not have it (any longer). */
bool picture_disk_word(const struct picture *p, uint32_t host, uint64_t part,
		       uint32_t *ret_word);
/* A word a disk. Return: how many. */
uint32_t picture_disk_words(const struct picture *p, uint32_t host,
			    uint32_t ret_words[TOLD_DISKS_MAX]);

#endif
