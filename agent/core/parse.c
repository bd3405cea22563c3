/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rates, durations and sizes as people write and read them. Accepts exactly the
 * forms named in parse.h, refuses signs, fractions, unknown units and
 * overflow, and leaves the result alone when it refuses. Knows no locale and no
 * stdio.
 */
#include <errno.h>

#include "hale/base.h"

#include "parse.h"

struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit durations[] = {
	{ "", HALE_NS_PER_S },
	{ "s", HALE_NS_PER_S },
	{ "min", 60 * HALE_NS_PER_S },
	{ "h", 3600 * HALE_NS_PER_S },
	{ "d", 24 * 3600 * HALE_NS_PER_S },
	{ NULL, 0 },
};

static const struct unit sizes[] = {
	{ "", 1 },
	{ "B", 1 },
	{ "K", HALE_KIB },
	{ "KiB", HALE_KIB },
	{ "M", HALE_MIB },
	{ "MiB", HALE_MIB },
	{ "G", HALE_GIB },
	{ "GiB", HALE_GIB },
	{ "T", HALE_GIB << 10 },
	{ "TiB", HALE_GIB << 10 },
	{ NULL, 0 },
};

static const char *skip_blanks(const char *text)
{
	while (*text == ' ' || *text == '\t')
		text++;
	return text;
}

/* Reads digits; moves *text behind them. */
static int parse_number(const char **text, uint64_t *ret_number)
{
	uint64_t number = 0;
	const char *s = *text;

	if (*s < '0' || *s > '9')
		return -EINVAL;
	for (; *s >= '0' && *s <= '9'; s++) {
		uint64_t digit = (uint64_t)(*s - '0');

		if (number > (UINT64_MAX - digit) / 10)
			return -ERANGE;
		number = number * 10 + digit;
	}
	*text = s;
	*ret_number = number;
	return 0;
}

/* Is @text exactly @name, but for blanks behind? */
static bool unit_is(const char *text, const char *name)
{
	size_t len = strlen(name);

	return strncmp(text, name, len) == 0 &&
	       *skip_blanks(text + len) == '\0';
}

static int parse_unit(const char *text, const struct unit *units,
		      uint64_t *ret_value)
{
	uint64_t number;
	int r;

	text = skip_blanks(text);
	r = parse_number(&text, &number);
	if (r < 0)
		return r;
	text = skip_blanks(text);
	for (; units->name; units++) {
		if (!unit_is(text, units->name))
			continue;
		if (number > UINT64_MAX / units->factor)
			return -ERANGE;
		*ret_value = number * units->factor;
		return 0;
	}
	return -EINVAL;
}

int hale_size_parse(const char *text, uint64_t *ret_bytes)
{
	return parse_unit(text, sizes, ret_bytes);
}

static char *put_number(char *at, uint64_t n)
{
	if (n > 9)
		at = put_number(at, n / 10);
	*at++ = (char)('0' + n % 10);
	return at;
}

void hale_size_print(char *ret_text, uint64_t bytes)
{
	static const char names[][4] = { "B",	"KiB", "MiB", "GiB",
					 "TiB", "PiB", "EiB" };
	uint64_t unit = 1, tenths;
	size_t i = 0;

	for (; bytes / unit >= HALE_KIB; i++)
		unit *= HALE_KIB;
	/* never claim more than there is */
	tenths = bytes % unit * 10 / unit;
	ret_text = put_number(ret_text, bytes / unit);
	if (tenths > 0) {
		*ret_text++ = '.';
		*ret_text++ = (char)('0' + tenths);
	}
	*ret_text++ = ' ';
	memcpy(ret_text, names[i], sizeof(names[i]));
}

int hale_duration_parse(const char *text, uint64_t *ret_ns)
{
	return parse_unit(text, durations, ret_ns) < 0 ? -EINVAL : 0;
}

int hale_rate_parse(const char *text, struct hale_rate *ret_rate)
{
	uint64_t limit, window_ns;

	text = skip_blanks(text);
	if (parse_number(&text, &limit) < 0)
		return -EINVAL;
	text = skip_blanks(text);
	if (*text++ != '/')
		return -EINVAL;
	if (hale_duration_parse(text, &window_ns) < 0)
		return -EINVAL;
	/* limit squared stays below the window in ns: decay.c needs that */
	if (limit == 0 || limit > 10000 || window_ns < HALE_NS_PER_S ||
	    window_ns > 366 * 24 * 3600 * HALE_NS_PER_S)
		return -EINVAL;
	ret_rate->limit = (uint32_t)limit;
	ret_rate->window_ns = window_ns;
	return 0;
}

int hale_cache_parse(const char *text, char ret_path[HALE_PATH_MAX],
		     uint64_t *ret_age_ns)
{
	uint64_t age_ns = 14 * 24 * 3600 * HALE_NS_PER_S;
	size_t len = strcspn(text, " \t");
	const char *rest = skip_blanks(text + len);

	if (text[0] != '/' || len >= HALE_PATH_MAX)
		return -EINVAL;
	if (*rest && (hale_duration_parse(rest, &age_ns) < 0 || age_ns == 0))
		return -EINVAL;
	hale_copy(ret_path, HALE_PATH_MAX, text, len);
	*ret_age_ns = age_ns;
	return 0;
}
