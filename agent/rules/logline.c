/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Peels a log line down to the kernel's text: dmesg with and without caller,
 * dmesg -T, -d, -x, syslog, journalctl, raw /dev/kmsg records, consoles,
 * lines whose head is lost. Decides whether the line says that it is not the
 * kernel's (a tag, a facility): such text only quotes the kernel. It knows no
 * rule and no condition.
 */
#include <string.h>

#include "agent/rules/chars.h"
#include "agent/rules/logline.h"

#define PEELS_MAX     12  /* prefixes on top of each other */
#define TAG_WORDS_MAX 6	  /* year, zone, host, level, tag */
#define HEAD_MAX      200 /* how far in a console's own text may reach */

struct peel {
	const char *p;
	size_t len;
	struct logline *line;
};

static void advance(struct peel *s, size_t n)
{
	s->p += n;
	s->len -= n;
}

static bool starts(const char *p, size_t len, const char *word)
{
	size_t n = strlen(word);

	return n <= len && memcmp(p, word, n) == 0;
}

static size_t word_len(const char *p, size_t len)
{
	size_t n = 0;

	while (n < len && p[n] != ' ' && p[n] != '\t')
		n++;
	return n;
}

/*
 * "kernel:", "[kernel]", "kernel[0]:": bytes of the tag, 0: not there. Old
 * rsyslogs say "kernel: :" where the kernel gave no time.
 */
static size_t kernel_tag(const char *p, size_t len)
{
	size_t n;

	if (starts(p, len, "kernel: : "))
		return 10;
	if (starts(p, len, "kernel:"))
		return 7;
	if (starts(p, len, "[kernel]"))
		return 8;
	if (!starts(p, len, "kernel["))
		return 0;
	n = 7 + digits(p + 7, len - 7);
	return starts(p + n, len - n, "]:") ? n + 2 : 0;
}

/* "<3>", "<30>": a level, with a facility from 8 on */
static bool peel_level(struct peel *s)
{
	size_t n;

	if (s->len < 3 || s->p[0] != '<')
		return false;
	n = digits(s->p + 1, s->len - 1);
	if (n == 0 || n > 3 || n + 1 >= s->len || s->p[n + 1] != '>')
		return false;
	if (n > 1 || s->p[1] > '7')
		s->line->foreign = true;
	advance(s, n + 2);
	return true;
}

/* "6,1234,5678,-;": a raw record; the first number as in peel_level() */
static bool peel_record(struct peel *s)
{
	size_t at = 0, n, level = 0;

	for (int i = 0; i < 3; i++) {
		n = digits(s->p + at, s->len - at);
		if (n == 0 || at + n >= s->len || s->p[at + n] != ',')
			return false;
		if (i == 0)
			level = n;
		if (i == 2) {
			s->line->clock = LOGLINE_BOOT;
			s->line->time_ns = 0;
			for (size_t j = 0; j < n && j < 16; j++)
				s->line->time_ns =
					s->line->time_ns * 10 +
					(uint64_t)(s->p[at + j] - '0') * 1000;
			s->line->stamp = s->p + at;
			s->line->stamp_len = n;
		}
		at += n + 1;
	}
	while (at < s->len && s->p[at] != ';' && s->p[at] != ' ')
		at++;
	if (at >= s->len || s->p[at] != ';')
		return false;
	if (level > 1 || s->p[0] > '7')
		s->line->foreign = true;
	advance(s, at + 1);
	return true;
}

/* "kern  :err   : ", dmesg -x */
static bool peel_facility(struct peel *s)
{
	static const char *const facilities[] = {
		"kern", "user", "mail", "daemon", "auth", "syslog",
		"lpr",	"news", "uucp", "cron",	  "ftp",  "local",
	};

	for (size_t i = 0; i < sizeof(facilities) / sizeof(*facilities); i++) {
		size_t n = strlen(facilities[i]);

		if (!starts(s->p, s->len, facilities[i]))
			continue;
		n += blanks(s->p + n, s->len - n);
		if (n >= s->len || s->p[n] != ':')
			return false;
		n++;
		while (n < s->len && s->p[n] >= 'a' && s->p[n] <= 'z')
			n++;
		n += blanks(s->p + n, s->len - n);
		if (n >= s->len || s->p[n] != ':')
			return false;
		s->line->foreign |= i != 0;
		advance(s, n + 1);
		return true;
	}
	return false;
}

/* "[T123]", "[    C1]" of CONFIG_PRINTK_CALLER; "[0: comm:12]" of phones */
static bool peel_caller(struct peel *s)
{
	const char *end;
	size_t b, n;

	if (s->len < 4 || s->p[0] != '[')
		return false;
	end = memchr(s->p, ']', s->len < 48 ? s->len : 48);
	if (!end)
		return false;
	n = (size_t)(end - s->p);
	b = 1 + blanks(s->p + 1, n - 1);
	if ((s->p[b] == 'T' || s->p[b] == 'C') && b + 1 < n &&
	    b + 1 + digits(s->p + b + 1, n - b - 1) == n) {
		advance(s, n + 1);
		return true;
	}
	b += digits(s->p + b, n - b);
	if (b == 1 || s->p[b] != ':' || !is_digit(s->p[n - 1]) ||
	    !memchr(s->p, ' ', n))
		return false;
	advance(s, n + 1);
	return true;
}

/* "22734.139015] ": a head that was cut off */
static bool peel_torn(struct peel *s)
{
	uint64_t ns;
	size_t n = stamp_seconds(s->p, s->len, &ns);

	if (n == 0 || !starts(s->p + n, s->len - n, "] "))
		return false;
	s->line->clock = LOGLINE_BOOT;
	s->line->time_ns = ns;
	advance(s, n + 2);
	return true;
}

/* A time in brackets; collectors put a colon after it. */
static size_t bracket(const char *p, size_t len, struct logline *line)
{
	size_t n = stamp_bracket(p, len, line);

	return n > 0 && n < len && p[n] == ':' ? n + 1 : n;
}

static bool peel_bracket(struct peel *s)
{
	size_t n = bracket(s->p, s->len, s->line);

	advance(s, n);
	return n > 0;
}

/* "> ", "| ", and a table's line: what a mail or a report puts before a log */
static bool peel_quote(struct peel *s)
{
	static const char *const quotes[] = { ">", "|", "\xe2\x94\x82" };

	for (size_t i = 0; i < sizeof(quotes) / sizeof(*quotes); i++) {
		if (!starts(s->p, s->len, quotes[i]))
			continue;
		advance(s, strlen(quotes[i]));
		return true;
	}
	return false;
}

/* "<3>[    1.234567] ": a whole record inside of another log's line */
static bool is_record(const char *p, size_t len)
{
	struct logline unused = { .text = NULL };
	struct peel s = { p, len, &unused };

	return peel_level(&s) && stamp_bracket(s.p, s.len, &unused);
}

/*
 * Host, level and tag after a date. "name[pid]:" says that the line is that
 * program's; without any tag the rest may be the kernel's own text.
 */
static void peel_tag(struct peel *s)
{
	size_t at = 0;
	bool tagged = false;

	for (int i = 0; i < TAG_WORDS_MAX && at < s->len; i++) {
		size_t n, tag;
		struct logline unused = { .text = NULL };

		at += blanks(s->p + at, s->len - at);
		tag = tagged ? 0 : kernel_tag(s->p + at, s->len - at);
		if (tag > 0) {
			advance(s, at + tag);
			return;
		}
		if (stamp_bracket(s->p + at, s->len - at, &unused) ||
		    is_record(s->p + at, s->len - at)) {
			s->line->foreign |= tagged;
			advance(s, at);
			return;
		}
		n = word_len(s->p + at, s->len - at);
		tagged |= n > 2 && memcmp(s->p + at + n - 2, "]:", 2) == 0;
		at += n;
	}
	s->line->foreign |= tagged;
}

static bool peel_date(struct peel *s)
{
	size_t n;
	uint64_t ns;

	n = stamp_seconds(s->p, s->len, &ns);
	if (n >= 12 && n < s->len && s->p[n] == ' ') { /* journal short-unix */
		advance(s, n);
		peel_tag(s);
		return true;
	}
	n = stamp_date(s->p, s->len, s->line);
	if (n == 0)
		return false;
	advance(s, n);
	n = word_len(s->p, s->len); /* "Z", "+00:00" */
	if (n > 7)
		return true;
	advance(s, n);
	/* dmesg --time-format iso has a comma and no host or tag */
	if (!memchr(s->line->stamp, ',', s->line->stamp_len))
		peel_tag(s);
	return true;
}

/* "kernel: ", or "host kernel: " after a journal's monotonic time */
static bool peel_kernel(struct peel *s)
{
	size_t n = kernel_tag(s->p, s->len), w;

	if (n == 0 && s->line->stamp) {
		w = word_len(s->p, s->len);
		if (w > 0 && w < s->len && !memchr(s->p, ':', w)) {
			n = kernel_tag(s->p + w + 1, s->len - w - 1);
			n = n ? n + w + 1 : 0;
		}
	}
	advance(s, n);
	return n > 0;
}

static bool peel_one(struct peel *s)
{
	char c = s->len > 0 ? s->p[0] : '\0';

	if (c == '[')
		return peel_bracket(s) || peel_caller(s) || peel_kernel(s);
	if (c == '<')
		return peel_level(s);
	if (is_digit(c))
		return peel_record(s) || peel_torn(s) || peel_date(s);
	return peel_quote(s) || peel_kernel(s) || peel_facility(s) ||
	       (!s->line->stamp && peel_date(s));
}

/*
 * A console mixes the kernel's lines into others: "login: [   59.287063] ...".
 * What stands before must not be a tag, or the line quotes the kernel.
 */
static void peel_console(struct peel *s)
{
	size_t max = s->len < HEAD_MAX ? s->len : HEAD_MAX;

	for (size_t at = 1; at < max; at++) {
		struct logline found = *s->line;
		size_t n;

		if (s->p[at] == ']' && at + 1 < max && s->p[at + 1] == ':')
			return;
		if (s->p[at] != '[')
			continue;
		n = bracket(s->p + at, s->len - at, &found);
		if (n == 0)
			continue;
		*s->line = found;
		advance(s, at + n);
		return;
	}
}

void logline_parse(const char *line, size_t len, struct logline *ret_line)
{
	struct peel s = { line, len, ret_line };
	int i = 0;

	*ret_line = (struct logline){ .text = line };
	advance(&s, blanks(s.p, s.len));
	while (i < PEELS_MAX && peel_one(&s)) {
		advance(&s, blanks(s.p, s.len));
		i++;
	}
	if (i == 0) {
		peel_console(&s);
		advance(&s, blanks(s.p, s.len));
	}
	while (s.len > 0 && (s.p[s.len - 1] == '\r' || s.p[s.len - 1] == ' '))
		s.len--;
	ret_line->text = s.p;
	ret_line->len = s.len;
}
