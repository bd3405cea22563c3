/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the few texts that the driver limits rests on. Pure. What is not a
 * number of the form that the kernel writes is no number: it must never be
 * taken for zero, or for a limit that is not there.
 */
#include "limits_read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Steps over one number; NULL where there is none. */
static const char *number(const char *text, uint64_t *ret)
{
	char *end;
	uint64_t n;

	if (*text < '0' || *text > '9')
		return NULL;
	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno)
		return NULL;
	*ret = n;
	return end;
}

bool limits_number(const char *text, uint64_t *ret_number)
{
	uint64_t n;
	const char *end = number(text, &n);

	if (!end || end[strspn(end, "\n")])
		return false;
	*ret_number = n;
	return true;
}

unsigned int limits_permille(const struct limits_use *use)
{
	if (use->limit == 0)
		return 0;
	if (use->used >= use->limit)
		return 1000;
	/* file-max may be near 2^63 */
	if (use->used > UINT64_MAX / 1000)
		return (unsigned int)(use->used / (use->limit / 1000 + 1));
	return (unsigned int)(use->used * 1000 / use->limit);
}

int limits_percent(const char *text, unsigned int *ret_percent)
{
	uint64_t n;
	const char *end = number(text, &n);

	if (!end || (*end && strcmp(end, "%") != 0) || n < 1 || n > 100)
		return -EINVAL;
	*ret_percent = (unsigned int)n;
	return 0;
}

bool limits_loadavg(const char *text, uint64_t *ret_threads)
{
	const char *slash = strchr(text, '/'), *end;
	uint64_t n;

	if (!slash)
		return false;
	end = number(slash + 1, &n);
	if (!end || *end != ' ')
		return false;
	*ret_threads = n;
	return true;
}

bool limits_file_nr(const char *text, uint64_t *ret_used, uint64_t *ret_limit)
{
	uint64_t used, unused, limit;
	const char *at = number(text, &used);

	at = at && *at == '\t' ? number(at + 1, &unused) : NULL;
	at = at && *at == '\t' ? number(at + 1, &limit) : NULL;
	if (!at || (*at && *at != '\n'))
		return false;
	*ret_used = used >= unused ? used - unused : 0;
	*ret_limit = limit;
	return true;
}
