/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lines of the file of what was told. Decides what is none: a file that was
 * damaged costs messages that are told twice, and nothing else.
 */
#include <errno.h>

#include "hale/base.h"
#include "hale/text.h"

#include "agent/doors/told_file.h"

#define FIELDS 6

static bool take(char *dst, size_t size, const char *field)
{
	return hale_copy(dst, size, field, strlen(field)) &&
	       hale_text_printable(dst, size);
}

int told_line_read(char *line, char ret_hook[HALE_NAME_MAX],
		   struct told *ret_told)
{
	struct told t = { 0 };
	char *fields[FIELDS], hook[HALE_NAME_MAX], *end;
	size_t n = 0;

	while (n < FIELDS && line)
		fields[n++] = strsep(&line, "\t");
	if (n != FIELDS || line)
		return -EINVAL;
	if (!take(hook, sizeof(hook), fields[0]) ||
	    !take(t.condition, sizeof(t.condition), fields[1]) ||
	    !take(t.part, sizeof(t.part), fields[2]) ||
	    !take(t.alias, sizeof(t.alias), fields[3]))
		return -EINVAL;
	if (strlen(fields[4]) != 1 || fields[4][0] < '1' || fields[4][0] > '3')
		return -EINVAL;
	t.effect = (enum hale_effect)(fields[4][0] - '0');
	t.first_ns = strtoull(fields[5], &end, 10);
	if (fields[5][0] < '0' || fields[5][0] > '9' || *end != '\0' ||
	    !hook[0] || !t.condition[0] || !t.part[0])
		return -EINVAL;
	memcpy(ret_hook, hook, sizeof(hook));
	*ret_told = t;
	return 0;
}

static void put(struct text *t, const char *field)
{
	char clean[HALE_PART_MAX];

	hale_print_text(clean, sizeof(clean), field, strlen(field));
	text_put(t, clean);
	text_put(t, "\t");
}

void told_line_write(struct text *t, const char *hook, const struct told *told)
{
	put(t, hook);
	put(t, told->condition);
	put(t, told->part);
	put(t, told->alias);
	text_putf(t, "%d\t%llu\n", (int)told->effect,
		  (unsigned long long)told->first_ns);
}
