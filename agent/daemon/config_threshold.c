/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Thresholds as hale.conf(5) has them: a share, a size, or both. Decides what a
 * number may look like; what is left out bounds nothing. Pure.
 */
#include <errno.h>

#include "hale/base.h"
#include "hale/text.h"

#include "agent/daemon/config.h"

/* "2%", "0.5%": to permille. */
static int parse_percent(const char *text, size_t len, uint32_t *ret_permille)
{
	uint32_t whole = 0, tenth = 0;
	size_t i = 0;

	while (i < len && text[i] >= '0' && text[i] <= '9' && whole <= 100)
		whole = whole * 10 + (uint32_t)(text[i++] - '0');
	if (i == 0)
		return -EINVAL;
	if (i + 1 < len && text[i] == '.' && text[i + 1] >= '0' &&
	    text[i + 1] <= '9') {
		tenth = (uint32_t)(text[i + 1] - '0');
		i += 2;
	}
	while (i < len && text[i] == ' ')
		i++;
	if (i + 1 != len || text[i] != '%' || whole * 10 + tenth > 1000)
		return -EINVAL;
	*ret_permille = whole * 10 + tenth;
	return 0;
}

static int parse_bound(const char *text, size_t len, struct hale_threshold *t)
{
	char item[32];

	while (len > 0 && text[len - 1] == ' ')
		len--;
	if (len == 0 || len >= sizeof(item))
		return -EINVAL;
	if (text[len - 1] == '%')
		return parse_percent(text, len, &t->permille);
	hale_copy(item, sizeof(item), text, len);
	return hale_size_parse(item, &t->bytes) < 0 ? -EINVAL : 0;
}

int config_parse_threshold(const char *value, struct hale_threshold *ret)
{
	struct hale_threshold t = { .bytes = UINT64_MAX, .permille = 1000 };
	size_t len = strcspn(value, ",");
	int r = parse_bound(value, len, &t);

	if (r == 0 && value[len] == ',') {
		value += len + 1;
		value += strspn(value, " ");
		r = parse_bound(value, strlen(value), &t);
	}
	if (r == 0)
		*ret = t;
	return r;
}
