/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Subjects of the fleet, made and read. Decides what an id may look like, and
 * so what may stand in a subject, a file's name or a server's configuration
 * because it was called one. Invariant: an id has no byte that any of them
 * gives a meaning to.
 */
#include "fleet_subject.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const names[FLEET_KINDS] = {
	[FLEET_STATE] = "state",
	[FLEET_FINDING] = "findings",
	[FLEET_BUILD] = "builds",
};

const char *fleet_kind_name(enum fleet_kind kind)
{
	return (unsigned int)kind < FLEET_KINDS ? names[kind] : "";
}

bool fleet_id_valid(const char *id)
{
	size_t len = strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");

	return id[0] == 'U' && len == FLEET_ID_SIZE - 1 && id[len] == '\0';
}

void fleet_subject(enum fleet_kind kind, const char *id,
		   char ret_subject[FLEET_SUBJECT_MAX])
{
	snprintf(ret_subject, FLEET_SUBJECT_MAX, "up.%s.%.56s",
		 fleet_kind_name(kind), id);
}

/* What comes after @word and a dot, or NULL. */
static const char *after(const char *text, const char *word)
{
	size_t len = strlen(word);

	return strncmp(text, word, len) == 0 && text[len] == '.'
		       ? text + len + 1
		       : NULL;
}

int fleet_read_subject(const char *subject, enum fleet_kind *ret_kind,
		       char ret_id[FLEET_ID_SIZE])
{
	const char *rest = after(subject, "up");

	if (!rest)
		rest = after(subject, "fleet");
	for (int i = 0; rest && i < FLEET_KINDS; i++) {
		const char *id = after(rest, names[i]);

		if (!id || !fleet_id_valid(id))
			continue;
		*ret_kind = (enum fleet_kind)i;
		memcpy(ret_id, id, FLEET_ID_SIZE);
		return 0;
	}
	return -EBADMSG;
}
