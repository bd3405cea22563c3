/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store under virtual disks that is mounted here as well: the drive of
 * Windows in WSL. It is full once, however often that is seen. Decides by the
 * place and type that the driver virt writes behind the store's name; must
 * never join what is not named.
 */
#include "cause.h"

/* "drive C: (/mnt/c, 9p) has …" is said of "fs/9p@/mnt/c": filesystems of that
 * kind have no other name than their place. */
bool cause_names_store(const struct ledger_entry *c,
		       const struct ledger_entry *e)
{
	const char *type = strchr(e->part, '/'), *at = strchr(e->part, '@');
	char place[HALE_PART_MAX + 8];

	if (!type || !at || at < type)
		return false;
	type++;
	snprintf(place, sizeof(place), " (%s, %.*s) has ", at + 1,
		 (int)(at - type), type);
	return strstr(c->evidence, place) != NULL;
}
