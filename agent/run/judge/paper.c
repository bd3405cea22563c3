/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The paper that reports are written on. Decides about colour, and that nothing
 * gets to a terminal which was not found printable. Is handed out as a whole,
 * so that a build's other output does not come in between.
 */
#include <errno.h>

#include "hale/base.h"
#include "hale/text.h"

#include "report_own.h"

#define TEXT_MAX 1024

int paper_open(struct paper *p, int fd)
{
	const char *term = getenv("TERM"), *none = getenv("NO_COLOR");

	*p = (struct paper){ .fd = fd };
	p->color = isatty(fd) && !(none && none[0]) && term &&
		   strcmp(term, "dumb") != 0;
	p->f = open_memstream(&p->text, &p->size);
	return p->f ? 0 : -ENOMEM;
}

void paper_close(struct paper *p)
{
	size_t done = 0;

	if (p->f && fclose(p->f) == 0) {
		while (done < p->size) {
			ssize_t n =
				write(p->fd, p->text + done, p->size - done);

			if (n < 0 && errno == EINTR)
				continue;
			if (n <= 0)
				break; /* nobody reads: then nobody needs it */
			done += (size_t)n;
		}
	}
	free(p->text);
	*p = (struct paper){ .fd = -1 };
}

void paper_line(struct paper *p, bool indent)
{
	if (p->mid_line)
		fputc('\n', p->f);
	p->mid_line = false;
	fputs(indent ? "hale:   " : "hale: ", p->f);
}

void paper_end(struct paper *p)
{
	fputc('\n', p->f);
}

void paper_put(struct paper *p, const char *text)
{
	char safe[TEXT_MAX];

	hale_print_text(safe, sizeof(safe), text, strlen(text));
	fputs(safe, p->f);
}

void paper_color(struct paper *p, enum paper_color c, const char *text)
{
	static const char *const codes[] = {
		[PAPER_RED] = "\033[1;31m",
		[PAPER_YELLOW] = "\033[33m",
		[PAPER_PLAIN] = "",
	};
	bool on = p->color && c != PAPER_PLAIN;

	if (on)
		fputs(codes[c], p->f);
	paper_put(p, text);
	if (on)
		fputs("\033[0m", p->f);
}

void paper_age(struct paper *p, uint64_t ns)
{
	unsigned long long s = ns / HALE_NS_PER_S;

	if (s < 10)
		fprintf(p->f, "%llu.%llu s", s,
			(unsigned long long)(ns % HALE_NS_PER_S /
					     (HALE_NS_PER_S / 10)));
	else if (s < 60)
		fprintf(p->f, "%llu s", s);
	else if (s < 3600)
		fprintf(p->f, "%llu min", s / 60);
	else if (s < 48 * 3600)
		fprintf(p->f, "%llu h", s / 3600);
	else
		fprintf(p->f, "%llu d", s / 86400);
}
