/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the victim out of the OOM killer's lines. Names in them are the
 * process's own choice and may hold anything, commas and brackets included: the
 * numbers behind a name are looked for from the end. Must never take one for a
 * victim that was only thought of. Pure.
 */
#include "kmsg_chosen.h"

#include <signal.h>

#include "hale/base.h"
#include "hale/text.h"

#define LINE_MAX_LEN 1024
#define COMM_MAX     15 /* TASK_COMM_LEN - 1 */

static bool number_at(const char *at, uint32_t *ret)
{
	unsigned long n;
	char *end;

	if (*at < '0' || *at > '9')
		return false;
	n = strtoul(at, &end, 10);
	if (n > UINT32_MAX)
		return false;
	*ret = (uint32_t)n;
	return true;
}

static const char *after(const char *text, const char *mark)
{
	const char *at = strstr(text, mark);

	return at ? at + strlen(mark) : NULL;
}

/* Behind the last @mark: what stands before it may be anybody's words. */
static const char *after_last(const char *text, const char *mark)
{
	const char *found = NULL;

	for (const char *at = after(text, mark); at; at = after(at, mark))
		found = at;
	return found;
}

static void put(char *dst, size_t size, const char *from, const char *to)
{
	hale_print_text(dst, size, from, (size_t)(to - from));
}

/* "... Killed process 4711 (cc1) total-vm:8kB, ..., UID:1000 pgtables:1kB ..."
 */
static bool from_kill(const char *text, struct hale_victim *v)
{
	const char *at = after(text, "out of memory: Killed process ");
	const char *name, *end = NULL, *uid;

	v->oom_limit = at != NULL;
	if (!at)
		at = after(text, "Out of memory: Killed process ");
	if (!at)
		at = after(text, "(oom_kill_allocating_task): Killed process ");
	if (!at || !number_at(at, &v->pid))
		return false;
	name = at + strspn(at, "0123456789");
	if (strncmp(name, " (", 2) != 0)
		return true;
	name += 2;
	for (size_t i = 0; i <= COMM_MAX && name[i]; i++) {
		if (name[i] == ')')
			end = name + i;
	}
	if (!end)
		return true;
	put(v->comm, sizeof(v->comm), name, end);
	uid = after_last(end, " UID:");
	v->uid_known = uid && number_at(uid, &v->uid);
	return true;
}

/* "oom-kill:constraint=CONSTRAINT_MEMCG,...,oom_memcg=/job,task_memcg=/job/a,
 * task=cc1,pid=4711,uid=1000" */
static bool from_summary(const char *text, struct hale_victim *v)
{
	const char *at = after(text, "oom-kill:constraint=CONSTRAINT_");
	const char *pid = after_last(text, ",pid="), *group, *name, *uid;

	if (!at || !pid || !number_at(pid, &v->pid))
		return false;
	v->oom_limit = strncmp(at, "MEMCG,", 6) == 0;
	uid = after_last(pid, ",uid=");
	v->uid_known = uid && number_at(uid, &v->uid);
	group = after(at, ",task_memcg=");
	name = after(group ? group : at, ",task=");
	if (!name || name > pid)
		return true;
	put(v->comm, sizeof(v->comm), name, pid - strlen(",pid="));
	/* "/" is also what is said where there are no cgroups for memory */
	if (group && strncmp(group, "/,", 2) != 0)
		put(v->cgroup, sizeof(v->cgroup), group,
		    name - strlen(",task="));
	return true;
}

bool kmsg_chosen(const char *text, size_t len, struct hale_victim *ret)
{
	struct hale_victim v = { .signal = SIGKILL,
				 .oom = true,
				 .witnesses = HALE_WITNESS_SIGNAL };
	char line[LINE_MAX_LEN];

	if (memchr(text, '\0', len) || len >= sizeof(line))
		return false;
	hale_copy(line, sizeof(line), text, len);
	if (!from_kill(line, &v) && !from_summary(line, &v))
		return false;
	if (v.pid == 0)
		return false;
	*ret = v;
	return true;
}
