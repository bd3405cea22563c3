/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides when a finding of the log has the disks asked about it. Must never
 * let a storm of the log keep them busy: one look a minute, and one an hour for
 * each part and condition. Invariant: what is new is looked at, if later.
 */
#include "hale/base.h"

#include "agent/daemon/confirm.h"

/* The line that is new is followed by others: one look for all of them. */
#define AFTER_NS HALE_NS_PER_S
#define APART_NS (60 * HALE_NS_PER_S)
/* A disk that fails for days has its own driver's period. */
#define KNOWN_NS (3600 * HALE_NS_PER_S)

static uint32_t gist_of(const struct hale_observation *o)
{
	uint32_t gist = 0x811c9dc5U ^ (uint32_t)o->condition; /* FNV-1a */

	for (const char *p = o->part; *p; p++)
		gist = (gist ^ (uint8_t)*p) * 0x01000193U;
	return gist;
}

/* Was it looked into already? The oldest gives way. */
static bool is_known(struct confirm *c, uint32_t gist, uint64_t now)
{
	struct confirm_known *oldest = &c->known[0];

	for (size_t i = 0; i < CONFIRM_KNOWN_MAX; i++) {
		struct confirm_known *k = &c->known[i];

		if (k->at_ns != 0 && k->gist == gist &&
		    now - k->at_ns < KNOWN_NS)
			return true;
		if (k->at_ns < oldest->at_ns)
			oldest = k;
	}
	*oldest = (struct confirm_known){ .gist = gist, .at_ns = now };
	return false;
}

static bool matters(const struct hale_observation *o)
{
	const char *name = hale_condition_info(o->condition)->name;

	return o->kind == HALE_OBSERVED_EVENT &&
	       (strncmp(name, "disk.", 5) == 0 || strncmp(name, "fs.", 3) == 0);
}

uint64_t confirm_delay(struct confirm *c, const struct hale_observation *o,
		       uint64_t now_ns)
{
	uint64_t at = now_ns + AFTER_NS;

	if (!matters(o) || is_known(c, gist_of(o), now_ns))
		return UINT64_MAX;
	if (c->set_ns > now_ns)
		return UINT64_MAX;
	if (c->set_ns != 0 && c->set_ns + APART_NS > at)
		at = c->set_ns + APART_NS;
	c->set_ns = at;
	return at - now_ns;
}
