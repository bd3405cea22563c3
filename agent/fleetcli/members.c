/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of a fleet's members. It decides what a line is; it must never let
 * through a key, name or label that could be more than that in the servers'
 * configuration. Invariant: what members_write() wrote members_parse() takes.
 */
#include <errno.h>

#include "hale/base.h"

#include "agent/fleetcli/layout.h"
#include "agent/fleetcli/members.h"

#define LINE_MAX_BYTES 1200
#define FIELDS	       6

static const char *const roles[MEMBER_ROLES] = {
	[MEMBER_HOST] = "host",		[MEMBER_READER] = "reader",
	[MEMBER_OPERATOR] = "operator", [MEMBER_SYSTEM] = "system",
	[MEMBER_REVOKED] = "revoked",
};

const char *member_role_name(enum member_role role)
{
	return roles[role];
}

enum member_role member_role_of(const char *name)
{
	for (size_t i = 0; i < MEMBER_ROLES; i++) {
		if (strcmp(roles[i], name) == 0)
			return (enum member_role)i;
	}
	return MEMBER_ROLES;
}

bool member_label_valid(const char *label)
{
	static const char in_key[] = "abcdefghijklmnopqrstuvwxyz0123456789_-.";
	static const char in_value[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz"
				       "0123456789._:/@+-";
	size_t key = strspn(label, in_key), value;

	if (label[0] < 'a' || label[0] > 'z' || key > 32 || label[key] != '=')
		return false;
	value = strspn(label + key + 1, in_value);
	return value > 0 && value <= 64 && label[key + 1 + value] == '\0';
}

static bool labels_valid(const char *labels)
{
	char copy[MEMBER_LABELS_SIZE], *rest = copy, *label;
	size_t n = 0;

	if (strcmp(labels, "-") == 0)
		return true;
	if (!HALE_SET(copy, labels))
		return false;
	while ((label = strsep(&rest, ","))) {
		if (!member_label_valid(label) || ++n > MEMBER_LABELS_MAX)
			return false;
	}
	return true;
}

static const char *fault_of(const struct member *m)
{
	if (m->role == MEMBER_ROLES)
		return "the role is none of host, reader, operator, system and "
		       "revoked";
	if (!nkey_public_valid(m->key))
		return nkey_public_fault(m->key);
	if (!layout_name_valid(m->name, MEMBER_NAME_SIZE))
		return "not a name: letters, digits, '-', '_' and '.'";
	if (strlen(m->since) >= MEMBER_SINCE_SIZE)
		return "not a time";
	if (!layout_name_valid(m->by, MEMBER_BY_SIZE))
		return "not the name of who did it";
	if (!labels_valid(m->labels))
		return "not labels: rack=7,role=ci";
	return NULL;
}

static int push(struct members *m, const struct member *one)
{
	if (m->n == MEMBERS_MAX)
		return -ENOMEM;
	if (m->n == m->size) {
		size_t size = m->size ? 2 * m->size : 64;
		void *list = reallocarray(m->list, size, sizeof(*m->list));

		if (!list)
			return -ENOMEM;
		m->list = list;
		m->size = size;
	}
	m->list[m->n++] = *one;
	return 0;
}

/* Takes @text, which the fields point into. */
static int take(struct members *m, char *text, char *const fields[FIELDS],
		char why[MEMBERS_WHY_SIZE])
{
	struct member one = { .role = member_role_of(fields[0]),
			      .name = fields[2],
			      .since = fields[3],
			      .by = fields[4],
			      .labels = fields[5],
			      .text = text };
	bool whole = HALE_SET(one.key, fields[1]);
	const char *fault =
		whole ? fault_of(&one) : nkey_public_fault(fields[1]);
	int r = fault ? -EINVAL : push(m, &one);

	if (fault)
		snprintf(why, MEMBERS_WHY_SIZE, "%s", fault);
	if (r < 0)
		free(text);
	return r < 0 ? r : 1;
}

int members_parse(struct members *m, const char *line,
		  char why[MEMBERS_WHY_SIZE])
{
	char *fields[FIELDS], *text, *rest, *word;
	size_t n = 0;

	line += strspn(line, " \t");
	if (!line[0] || line[0] == '#' || line[0] == '\n')
		return 0;
	text = rest = strdup(line);
	if (!text)
		return -ENOMEM;
	while ((word = strsep(&rest, " \t\r\n"))) {
		if (word[0] && n < FIELDS)
			fields[n++] = word;
		else if (word[0])
			n = FIELDS + 1;
	}
	if (n == FIELDS)
		return take(m, text, fields, why);
	free(text);
	snprintf(why, MEMBERS_WHY_SIZE,
		 "wants six words: role, key, name, since, by, labels");
	return -EINVAL;
}

int members_load(struct members *m, const char *path,
		 char why[MEMBERS_WHY_SIZE])
{
	char line[LINE_MAX_BYTES], fault[MEMBERS_WHY_SIZE] = "";
	_cleanup_file_ FILE *f = fopen(path, "re");
	size_t number = 0;

	if (!f && errno == ENOENT)
		return 0;
	if (!f) {
		snprintf(why, MEMBERS_WHY_SIZE, "%.100s: %s", path,
			 strerrordesc_np(errno));
		return -errno;
	}
	while (fgets(line, sizeof(line), f)) {
		int r = members_parse(m, line, fault);

		number++;
		if (r >= 0)
			continue;
		snprintf(why, MEMBERS_WHY_SIZE, "%.60s:%zu: %.80s", path,
			 number, fault[0] ? fault : strerrordesc_np(-r));
		return r;
	}
	return ferror(f) ? -EIO : 0;
}

int members_add(struct members *m, const struct member *like,
		char why[MEMBERS_WHY_SIZE])
{
	char line[LINE_MAX_BYTES];
	int n = snprintf(line, sizeof(line), "%s %s %s %s %s %s",
			 roles[like->role], like->key, like->name, like->since,
			 like->by, like->labels);

	if (n < 0 || (size_t)n >= sizeof(line)) {
		snprintf(why, MEMBERS_WHY_SIZE, "too long");
		return -EINVAL;
	}
	n = members_parse(m, line, why);
	return n < 0 ? n : 0;
}

struct member *members_find(const struct members *m, const char *word)
{
	for (size_t i = 0; i < m->n; i++) {
		if (strcmp(m->list[i].key, word) == 0)
			return &m->list[i];
	}
	for (size_t i = 0; i < m->n; i++) {
		if (m->list[i].role != MEMBER_REVOKED &&
		    strcasecmp(m->list[i].name, word) == 0)
			return &m->list[i];
	}
	return NULL;
}

size_t members_count(const struct members *m, enum member_role role)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++)
		n += m->list[i].role == role;
	return n;
}

void members_write(const struct members *m, FILE *to)
{
	fputs("# role key name since by labels. `hale fleet enroll` and "
	      "`hale fleet revoke`\n# write this, and the servers' lists "
	      "from it.\n",
	      to);
	for (size_t i = 0; i < m->n; i++) {
		const struct member *one = &m->list[i];

		fprintf(to, "%s %s %s %s %s %s\n", roles[one->role], one->key,
			one->name, one->since, one->by, one->labels);
	}
}

void members_done(struct members *m)
{
	for (size_t i = 0; i < m->n; i++)
		free(m->list[i].text);
	free(m->list);
	*m = (struct members){ 0 };
}
