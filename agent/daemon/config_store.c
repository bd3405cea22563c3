/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The section [store]: what its values may be. Decides the bounds of a history;
 * what is left out is the store's own default.
 */
#include <errno.h>

#include "hale/base.h"

#include "agent/daemon/config.h"

#define DAY_NS (86400 * HALE_NS_PER_S)

static int take_enabled(struct config_store *s, const char *value)
{
	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return -EINVAL;
	s->disabled = value[0] == 'n';
	return 0;
}

/* Less than a day is no history. */
static int take_retention(struct config_store *s, const char *value)
{
	uint64_t ns;

	if (hale_duration_parse(value, &ns) < 0 || ns < DAY_NS ||
	    ns > 36500 * DAY_NS)
		return -EINVAL;
	s->retention_ns = ns;
	return 0;
}

static int take_size(struct config_store *s, const char *value)
{
	uint64_t bytes;

	if (hale_size_parse(value, &bytes) < 0 || bytes < HALE_MIB ||
	    bytes > 64 * HALE_GIB)
		return -EINVAL;
	s->size_bytes = bytes;
	return 0;
}

int config_set_store(struct config_store *s, const char *key, const char *value)
{
	if (strcmp(key, "enabled") == 0)
		return take_enabled(s, value);
	if (strcmp(key, "retention") == 0)
		return take_retention(s, value);
	if (strcmp(key, "size") == 0)
		return take_size(s, value);
	return value[0] == '/' && HALE_SET(s->path, value) ? 0 : -EINVAL;
}
