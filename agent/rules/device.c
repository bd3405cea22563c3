/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of block devices, as the kernel's drivers make them: a stem, then
 * letters or digits, then perhaps a partition. Decides where a name ends and
 * which part of it is the whole disk. A name with an unknown stem is taken as
 * it stands, so that a new driver's disks are still named.
 */
#include <string.h>

#include "agent/rules/capture.h"
#include "agent/rules/chars.h"

/* How a stem goes on: "sd" + letters + digits, "nvme" + 9n9 + p9 ... */
enum tail {
	LETTERS, /* sdaa1 */
	NUMBER,	 /* dm-0, md127p1, loop0p1, nbd0p1 */
	NVME,	 /* nvme0n1p1, nvme0c0n1 */
	MMC,	 /* mmcblk0p1, mmcblk0boot0 */
};

static const struct {
	const char *stem;
	enum tail tail;
} stems[] = {
	{ "nvme", NVME },	{ "mmcblk", MMC },    { "dm-", NUMBER },
	{ "md", NUMBER },	{ "loop", NUMBER },   { "nbd", NUMBER },
	{ "zram", NUMBER },	{ "ram", NUMBER },    { "rbd", NUMBER },
	{ "drbd", NUMBER },	{ "bcache", NUMBER }, { "pmem", NUMBER },
	{ "zd", NUMBER },	{ "ublkb", NUMBER },  { "mtdblock", NUMBER },
	{ "ubiblock", NUMBER }, { "rnbd", NUMBER },   { "nullb", NUMBER },
	{ "xvd", LETTERS },	{ "dasd", LETTERS },  { "rssd", LETTERS },
	{ "ubd", LETTERS },	{ "vd", LETTERS },    { "sd", LETTERS },
	{ "hd", LETTERS },
};

static bool is_name(char c)
{
	return is_alpha(c) || is_digit(c) || c == '_' || c == '!' || c == '-' ||
	       c == '.';
}

/* A partition after a name that ends in a digit: "p1", pmem's "s" too. */
static size_t partition(const char *p, size_t len)
{
	size_t d;

	if (len < 2 || (p[0] != 'p' && p[0] != 's'))
		return 0;
	d = capture_digits(p + 1, len - 1);
	return d ? d + 1 : 0;
}

static size_t tail_letters(const char *p, size_t len)
{
	size_t n = 0;

	while (n < len && n < 5 && is_alpha(p[n]))
		n++;
	return n;
}

static size_t marked(const char *p, size_t len, char mark)
{
	size_t d;

	if (len < 2 || p[0] != mark)
		return 0;
	d = capture_digits(p + 1, len - 1);
	return d ? d + 1 : 0;
}

static size_t tail_nvme(const char *p, size_t len)
{
	size_t n = capture_digits(p, len);

	if (n == 0)
		return 0;
	n += marked(p + n, len - n, 'c');
	return n + marked(p + n, len - n, 'n');
}

/* Length of the whole disk's name after its stem; 0: not that kind. */
static size_t tail_base(enum tail tail, const char *p, size_t len)
{
	switch (tail) {
	case LETTERS:
		return tail_letters(p, len);
	case NVME:
		return tail_nvme(p, len);
	case NUMBER:
	case MMC:
		return capture_digits(p, len);
	}
	return 0;
}

static size_t tail_rest(enum tail tail, const char *p, size_t len)
{
	size_t n = 0;

	if (tail == LETTERS)
		return capture_digits(p, len);
	if (tail != MMC)
		return partition(p, len);
	if (len > 0 && p[0] == 'p')
		return partition(p, len);
	while (n < len && is_name(p[n]) && p[n] != '-' && p[n] != '.')
		n++;
	return n; /* boot0, rpmb, gp1 */
}

/* The stem of a name; returns the length of its disk's name, 0 if unknown. */
static size_t known(const char *p, size_t len, size_t *ret_whole)
{
	for (size_t i = 0; i < sizeof(stems) / sizeof(stems[0]); i++) {
		size_t s = strlen(stems[i].stem), base, whole;

		if (s > len || memcmp(p, stems[i].stem, s) != 0)
			continue;
		base = tail_base(stems[i].tail, p + s, len - s);
		if (base == 0)
			continue;
		base += s;
		whole = base + tail_rest(stems[i].tail, p + base, len - base);
		if (whole < len && (is_alpha(p[whole]) || p[whole] == '_'))
			continue; /* md_home, vdpa: not what the stem says */
		*ret_whole = whole;
		return base;
	}
	return 0;
}

size_t capture_device(const char *p, size_t len)
{
	size_t n = 0, whole;

	if (known(p, len, &whole))
		return whole;
	while (n < len && is_name(p[n]))
		n++;
	while (n > 0 && p[n - 1] == '.') /* the end of a sentence */
		n--;
	return n;
}

size_t capture_device_base(const char *p, size_t len)
{
	size_t whole = 0;
	size_t base = known(p, len, &whole);

	return base && whole == len ? base : len;
}
