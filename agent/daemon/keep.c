/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When the vault is written. Decides how much could be lost with the core: what
 * nobody has heard of yet and is not older than 50 ms. Must never spend more
 * than a fifth of the loop's time on it, however often somebody asks in a
 * storm. Invariant: a control that was acknowledged is in the vault.
 */
#include "agent/daemon/keep.h"

#include <errno.h>

#include "hale/base.h"

#include "agent/daemon/log.h"

/* A turn of a storm every few ms: one write for many of them. */
#define PACE_NS (50 * HALE_NS_PER_MS)
/* Before answers: so many times what the last write took must have passed. */
#define REST 4
/* For what a host has that is well; more, as it is needed. */
#define ROOM (32 * 1024)
_Static_assert(ROOM << 7 == VAULT_SLOT_MAX, "doubled, it is all of it");

static void failed(struct keep *k, int error)
{
	if (!k->failed)
		log_line(LOG_LEVEL_ERROR,
			 "memory not kept: %s; findings and clears would not "
			 "survive a restart of the core, trying on",
			 strerror(error));
	k->failed = true;
}

/* It is not known beforehand how much it will be; as much as it was, as a rule.
 * Return: bytes. */
static int64_t encode(struct keep *k)
{
	int64_t n;
	int r;

	for (;; k->room *= 2) {
		if (k->room == 0)
			k->room = ROOM;
		r = vault_reserve(k->vault, k->room);
		if (r < 0) {
			k->room = 0; /* less may be enough the next time */
			return r;
		}
		n = keep_encode(k, vault_next(k->vault), k->room);
		if (n != -EFBIG || k->room >= VAULT_SLOT_MAX)
			return n;
	}
}

static int save(struct keep *k, bool now)
{
	uint64_t generation = middle_generation(k->middle);
	uint64_t began_ns = clock_boot_ns();
	int64_t n;
	int r;

	if (!k->vault || !k->vault->pages)
		return -ENODEV;
	loop_timer_stop(&k->timer);
	n = encode(k);
	r = n < 0 ? (int)n : vault_commit(k->vault, (size_t)n);
	k->saved_ns = clock_boot_ns();
	k->took_ns = k->saved_ns - began_ns;
	if (r < 0) {
		failed(k, -r);
		return r;
	}
	k->failed = false;
	k->saved_generation = generation;
	k->saved_position = middle_position(k->middle);
	k->saved(k->data, now);
	return 0;
}

static bool is_saved(const struct keep *k)
{
	return k->saved_generation == middle_generation(k->middle);
}

static void on_timer(void *data)
{
	save(data, false);
}

int keep_init(struct keep *k)
{
	k->timer = (struct loop_timer){ .due = on_timer, .data = k };
	k->scratch = malloc(KEEP_SCRATCH);
	return k->scratch ? 0 : -ENOMEM;
}

void keep_done(struct keep *k)
{
	if (k->loop)
		loop_timer_remove(k->loop, &k->timer);
	free(k->scratch);
	k->scratch = NULL;
}

void keep_touch(struct keep *k)
{
	uint64_t since_ns = clock_boot_ns() - k->saved_ns;

	if (k->timer.due_ns != 0)
		return;
	if (since_ns >= PACE_NS)
		save(k, false);
	else
		loop_timer_hasten(k->loop, &k->timer, PACE_NS - since_ns);
}

int keep_save(struct keep *k)
{
	return save(k, true);
}

void keep_before_answer(struct keep *k)
{
	if (!is_saved(k) && clock_boot_ns() - k->saved_ns >= REST * k->took_ns)
		save(k, false);
}

void keep_add_clear(struct keep_clears *clears, const char *part,
		    const char *by)
{
	uint32_t i = 0;

	while (i < clears->n && strcmp(clears->list[i].part, part) != 0)
		i++;
	if (i < clears->n) {
		HALE_SET(clears->list[i].by, by);
		return;
	}
	if (i == KEEP_CLEARS_MAX) {
		memmove(&clears->list[0], &clears->list[1],
			sizeof(clears->list) - sizeof(clears->list[0]));
		i--;
	} else {
		clears->n++;
	}
	HALE_SET(clears->list[i].part, part);
	HALE_SET(clears->list[i].by, by);
}

void keep_note_clear(struct keep *k, const char *part, const char *by)
{
	keep_add_clear(&k->clears, part, by);
}
