/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the one who waits is told: on a terminal one line in place, else a line
 * now and then. Never more often than can be read. Standard output is for the
 * result alone.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <unistd.h>

#include "progress.h"

#include "agent/core/middle.h"

#define EVERY_NS      (HALE_NS_PER_S / 2)
#define EVERY_LINE_NS (10 * HALE_NS_PER_S)

static void put_left(char *ret, size_t size, const struct verify_progress *p,
		     uint64_t now)
{
	uint64_t took = now - p->since_ns, left;

	ret[0] = '\0';
	if (p->done == 0 || took < HALE_NS_PER_S || p->done > p->total)
		return;
	left = (uint64_t)((double)took * (double)(p->total - p->done) /
			  (double)p->done) /
	       HALE_NS_PER_S;
	if (left >= 3600)
		snprintf(ret, size, ", %" PRIu64 " h %" PRIu64 " min left",
			 left / 3600, left / 60 % 60);
	else if (left >= 60)
		snprintf(ret, size, ", %" PRIu64 " min left", left / 60);
	else
		snprintf(ret, size, ", %" PRIu64 " s left", left);
}

static void put_amount(char *ret, size_t size, const struct verify_progress *p)
{
	char done[HALE_SIZE_TEXT], total[HALE_SIZE_TEXT];

	if (p->total == 0) {
		snprintf(ret, size, "%u %%", p->percent);
		return;
	}
	hale_size_print(done, p->done);
	hale_size_print(total, p->total);
	snprintf(ret, size, "%s of %s (%u %%)", done, total,
		 (unsigned int)((double)p->done * 100.0 / (double)p->total));
}

void verify_progress(struct verify *v, const struct verify_progress *p)
{
	uint64_t now = verify_now_ns();
	char amount[64], left[48];

	if (now - v->said_ns < (v->terminal ? EVERY_NS : EVERY_LINE_NS))
		return;
	/* a quick one needs no words */
	if (v->said_ns == 0 && now - v->began_ns < EVERY_NS)
		return;
	v->said_ns = now;
	put_amount(amount, sizeof(amount), p);
	put_left(left, sizeof(left), p, now);
	fprintf(stderr, "%s%s %s%s, %" PRIu64 " error%s%s",
		v->terminal ? "\r" : "", p->what, amount, left, p->errors,
		p->errors == 1 ? "" : "s", v->terminal ? "\033[K" : "\n");
	fflush(stderr);
	v->line = v->terminal;
}

void verify_progress_end(struct verify *v)
{
	if (v->line)
		fputs("\r\033[K", stderr);
	v->line = false;
}

int verify_fail(int code, const char *text, ...)
{
	va_list args;

	fputs("hale verify: ", stderr);
	va_start(args, text);
	vfprintf(stderr, text, args);
	va_end(args);
	fputs("\n", stderr);
	return code;
}
