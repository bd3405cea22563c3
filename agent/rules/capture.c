/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the typed captures of templates: given the rest of a record, how far
 * does a device, a bus address, a number reach. Every reader looks at each
 * byte once and never backs up, which is what keeps matching linear. It never
 * decides what a capture means; match.c does.
 */
#include <string.h>

#include "agent/rules/capture.h"
#include "agent/rules/chars.h"

static const struct {
	const char *name;
	enum capture_reach reach;
} captures[CAP_COUNT] = {
#define CAPTURE_ROW(name, reach) [CAP_##name] = { #name, CAPTURE_##reach },
	CAPTURES(CAPTURE_ROW)
#undef CAPTURE_ROW
};

enum capture capture_from_name(const char *name, size_t len)
{
	for (int i = 0; i < CAP_COUNT; i++) {
		if (strlen(captures[i].name) == len &&
		    memcmp(captures[i].name, name, len) == 0)
			return (enum capture)i;
	}
	return CAP_COUNT;
}

enum capture_reach capture_reach(enum capture type)
{
	return captures[type].reach;
}

static size_t hexes(const char *p, size_t len, size_t max)
{
	size_t n = 0;

	while (n < len && n < max && is_hex(p[n]))
		n++;
	return n;
}

static size_t prefix(const char *p, size_t len, const char *word)
{
	size_t n = strlen(word);

	return n <= len && memcmp(p, word, n) == 0 ? n : 0;
}

/* 'X' counts, as in logs that people have made anonymous. */
size_t capture_digits(const char *p, size_t len)
{
	size_t n = 0;

	while (n < len && (is_digit(p[n]) || p[n] == 'X'))
		n++;
	return n;
}

/*
 * A picture of a shape, read byte by byte: '9' some digits, 'h' some hex
 * digits (at most 4 at once would be too strict for PCI domains), any other
 * byte itself. What follows '?' may be missing from there to the end.
 */
static size_t picture(const char *p, size_t len, const char *shape)
{
	size_t n = 0, whole = 0;

	for (; *shape; shape++) {
		size_t step = 0;

		if (*shape == '?') {
			whole = n;
			continue;
		}
		if (*shape == '9')
			step = digits(p + n, len - n);
		else if (*shape == 'h')
			step = hexes(p + n, len - n, 12);
		else
			step = n < len && p[n] == *shape;
		if (step == 0)
			return whole;
		n += step;
	}
	return n;
}

static size_t numbered(const char *p, size_t len, const char *word)
{
	size_t n = prefix(p, len, word);
	size_t d = n ? capture_digits(p + n, len - n) : 0;

	return d ? n + d : 0;
}

static size_t shape_usb(const char *p, size_t len)
{
	size_t n = picture(p, len, "9-9"), more;

	if (n == 0)
		return prefix(p, len, "usb") ? numbered(p, len, "usb") : 0;
	while ((more = picture(p + n, len - n, ".9")) > 0)
		n += more;
	return n + picture(p + n, len - n, ":9.9");
}

static size_t shape_nvme(const char *p, size_t len)
{
	size_t n = numbered(p, len, "nvme");

	/* nvme0n1 is a namespace: {disk} */
	return n && n < len && is_alpha(p[n]) ? 0 : n;
}

static size_t shape_md(const char *p, size_t len)
{
	size_t n = prefix(p, len, "md");

	if (n == 0)
		return 0;
	while (n < len &&
	       (is_digit(p[n]) || is_alpha(p[n]) || p[n] == '_' || p[n] == '-'))
		n++;
	return n > 2 ? n : 0;
}

static size_t shape_signed(const char *p, size_t len)
{
	size_t sign = len > 0 && p[0] == '-';
	size_t n = digits(p + sign, len - sign);

	return n ? sign + n : 0;
}

static size_t shape_hex(const char *p, size_t len)
{
	size_t n = prefix(p, len, "0x");
	size_t d = hexes(p + n, len - n, 64);

	return d ? n + d : n / 2; /* "0x" alone: the zero */
}

static size_t shape_op(const char *p, size_t len)
{
	size_t n = 0;

	while (n < len && (is_alpha(p[n]) || p[n] == '_'))
		n++;
	return n;
}

static size_t shape_name(const char *p, size_t len)
{
	size_t n = 0;

	while (n < len && (is_alpha(p[n]) || is_digit(p[n]) || p[n] == '_' ||
			   p[n] == '-' || p[n] == '.'))
		n++;
	return n;
}

static size_t shape_optical(const char *p, size_t len)
{
	size_t n = numbered(p, len, "sr");

	n = n ? n : numbered(p, len, "scd");
	n = n ? n : numbered(p, len, "fd");
	return n && n < len && is_alpha(p[n]) ? 0 : n;
}

static size_t shape_pci(const char *p, size_t len)
{
	size_t n = picture(p, len, "h:h:h?.h");

	return n ? n : picture(p, len, "h:h.h");
}

static size_t shape_ata(const char *p, size_t len)
{
	size_t n = numbered(p, len, "ata");

	return n ? n + picture(p + n, len - n, ".9") : 0;
}

static size_t shape_disk(const char *p, size_t len)
{
	return shape_optical(p, len) ? 0 : capture_device(p, len);
}

static size_t shape_loop(const char *p, size_t len)
{
	return numbered(p, len, "loop");
}

static size_t shape_nbd(const char *p, size_t len)
{
	return numbered(p, len, "nbd");
}

static size_t shape_mmc(const char *p, size_t len)
{
	return numbered(p, len, "mmc");
}

static size_t shape_scsi(const char *p, size_t len)
{
	return picture(p, len, "9:9:9:9");
}

static size_t shape_devno(const char *p, size_t len)
{
	return picture(p, len, "9:9");
}

static size_t shape_guid(const char *p, size_t len)
{
	return picture(p, len, "h-h-h-h-h");
}

static size_t (*const shapes[CAP_COUNT])(const char *p, size_t len) = {
	[CAP_disk] = shape_disk,  [CAP_optical] = shape_optical,
	[CAP_loop] = shape_loop,  [CAP_nbd] = shape_nbd,
	[CAP_nvme] = shape_nvme,  [CAP_ata] = shape_ata,
	[CAP_mmc] = shape_mmc,	  [CAP_md] = shape_md,
	[CAP_scsi] = shape_scsi,  [CAP_devno] = shape_devno,
	[CAP_pci] = shape_pci,	  [CAP_usb] = shape_usb,
	[CAP_guid] = shape_guid,  [CAP_hex] = shape_hex,
	[CAP_int] = shape_signed, [CAP_errno] = shape_signed,
	[CAP_op] = shape_op,	  [CAP_name] = shape_name,
	[CAP__] = blanks,	  [CAP_cpu] = digits,
	[CAP_mc] = digits,	  [CAP_pid] = digits,
	[CAP_lba] = digits,	  [CAP_kib] = digits,
	[CAP_n] = digits,
};

size_t capture_shape(enum capture type, const char *p, size_t len)
{
	return shapes[type] ? shapes[type](p, len) : 0;
}

static bool ends_run(char c, const char *stops, size_t n_stops)
{
	if (c == ' ' || (unsigned char)c < 0x20)
		return true;
	for (size_t i = 0; i < n_stops; i++) {
		if (stops[i] == c)
			return true;
	}
	return false;
}

size_t capture_run(enum capture type, const char *p, size_t len,
		   const char *stops, size_t n_stops)
{
	size_t n = 0;

	if (type == CAP_dev) {
		/* "0000:03:00.0: text": its colons are inside, not at its end
		 */
		while (n < len && !ends_run(p[n], "", 0))
			n++;
		return n > 1 && p[n - 1] == ':' ? n - 1 : n;
	}
	while (n < len && !ends_run(p[n], stops, n_stops))
		n++;
	if (type == CAP_net && n > 15) /* IFNAMSIZ - 1 */
		return 0;
	return n;
}

/* "comm:pid"; a worker's comm holds colons of its own. */
static bool fits_task(const char *p, size_t len)
{
	size_t d = 0;

	while (d < len && is_digit(p[len - 1 - d]))
		d++;
	return d > 0 && d + 1 < len && p[len - 1 - d] == ':';
}

bool capture_gap_fits(enum capture type, const char *p, size_t len)
{
	if (type == CAP_text)
		return true;
	if (len == 0 || len > 80) /* workers print up to 64 bytes */
		return false;
	if (memmem(p, len, "]: ", 3)) /* a program's tag: it quotes */
		return false;
	return type != CAP_task || fits_task(p, len);
}
