/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts of /proc about one process, taken apart. Pure. The names in them are
 * the process's own choice and may hold anything: what stands after a name is
 * found from its end, and what is not a number is none.
 */
#include <inttypes.h>

#include "hale/base.h"
#include "hale/text.h"

#include "victim.h"

/* A number and what must follow it; NULL: it is not there. */
static char *number(char *at, int base, char end, uint64_t *ret)
{
	char *stop;

	if (!at || strchr(" +-", *at))
		return NULL;
	*ret = strtoull(at, &stop, base);
	return stop == at || *stop != end ? NULL : stop + 1;
}

static char *field(char *at, char **ret)
{
	char *end = at ? strchr(at, ' ') : NULL;

	if (!end)
		return NULL;
	*end = '\0';
	*ret = at;
	return end + 1;
}

/* start-end perms offset major:minor inode     path */
bool victim_map_parse(char *line, struct victim_map *ret_map)
{
	struct victim_map m = { .path = "" };
	uint64_t major = 0, minor = 0;
	char *at = line, *flags = NULL;

	at = number(at, 16, '-', &m.start);
	at = number(at, 16, ' ', &m.end);
	at = field(at, &flags);
	at = number(at, 16, ' ', &m.offset);
	at = number(at, 16, ':', &major);
	at = number(at, 16, ' ', &minor);
	if (!at || strlen(flags) != 4 || m.end <= m.start || major > 0xfff ||
	    minor > 0xfffff)
		return false;
	m.inode = strtoull(at, &at, 10);
	m.path = at + strspn(at, " ");
	m.major = (uint32_t)major;
	m.minor = (uint32_t)minor;
	m.usable = strncmp(flags, "---", 3) != 0;
	m.executable = flags[2] == 'x';
	m.shared = flags[3] == 's';
	*ret_map = m;
	return true;
}

/* Digits after blanks; moves *at behind them. */
static bool next_number(const char **at, uint32_t *ret)
{
	unsigned long n;
	char *end;

	while (**at == ' ' || **at == '\t')
		++*at;
	if (**at < '0' || **at > '9')
		return false;
	n = strtoul(*at, &end, 10);
	*at = end;
	if (n > UINT32_MAX)
		return false;
	*ret = (uint32_t)n;
	return true;
}

bool victim_stat_parse(const char *text, struct hale_victim *v)
{
	const char *open = strchr(text, '('), *close = strrchr(text, ')');
	const char *at = close ? close + 1 : "";
	uint32_t parent, group, session;

	if (!open || !close || close < open)
		return false;
	at += strspn(at, " ");
	at += *at ? 1 : 0; /* the state, a letter */
	if (!next_number(&at, &parent) || !next_number(&at, &group) ||
	    !next_number(&at, &session))
		return false;
	hale_print_text(v->comm, sizeof(v->comm), open + 1,
			(size_t)(close - open - 1));
	v->parent = parent;
	v->group = group;
	v->session = session;
	return true;
}

/* At the begin of a line: a name in "Name:" has its newlines escaped. */
bool victim_status_number(const char *text, const char *key, uint32_t *ret)
{
	size_t len = strlen(key);
	const char *at = text;

	while (at) {
		const char *number = at + len;

		if (strncmp(at, key, len) == 0 && next_number(&number, ret))
			return true;
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
	return false;
}

void victim_cgroup_parse(const char *text, char *ret_path, size_t size)
{
	static const char deleted[] = " (deleted)";
	const char *at = text;
	size_t len;

	ret_path[0] = '\0';
	while (at && strncmp(at, "0::", 3) != 0) {
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
	if (!at)
		return;
	at += 3;
	len = strcspn(at, "\n");
	if (len >= sizeof(deleted) &&
	    strncmp(at + len - strlen(deleted), deleted, strlen(deleted)) == 0)
		len -= strlen(deleted);
	hale_print_text(ret_path, size, at, len);
}
