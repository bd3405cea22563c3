/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `hale triage kernel`: the judgment of the agent over a kernel log from
 * anywhere, without an agent. Reads files or standard input through one fixed
 * buffer, looks for the places that a rule could match, and takes apart only
 * the lines that hold one. Memory does not grow with the log, and no line, be
 * it a megabyte or not text at all, stops it.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sysexits.h>

#include "agent/cli/triage.h"
#include "agent/cli/triage_build.h"
#include "agent/cli/triage_options.h"
#include "agent/cli/triage_smart.h"
#include "agent/rules/logline.h"
#include "hale/base.h"
#include "hale/text.h"

#define BUFFER_SIZE    (256 * 1024)	     /* stays in the second cache */
#define NO_CLOCK_NS    (50 * HALE_NS_PER_MS) /* between lines without a time */
#define RULES_FILE_MAX HALE_MIB

struct triage {
	struct hale_rules *rules;
	struct hale_group group;
	struct triage_finding open[HALE_GROUP_SLOTS]; /* by slot */
	uint8_t proof[HALE_GROUP_SLOTS]; /* how telling open[].text is */
	struct triage_report report;
	uint64_t line;	    /* newlines passed */
	uint64_t seen_line; /* of the last line that was looked at */
	uint64_t now_ns;    /* log time that never runs back */
	uint64_t clock_ns;
	enum logline_clock clock;
	char buffer[BUFFER_SIZE];
};

static size_t count_lines(const char *p, size_t len)
{
	size_t n = 0;
	const char *end = p + len;

	for (; p < end && (p = memchr(p, '\n', (size_t)(end - p))); p++)
		n++;
	return n;
}

/*
 * Times of one kind are compared; a reboot, another clock or none at all leave
 * only the distance in lines.
 */
static void advance_clock(struct triage *t, const struct logline *l)
{
	uint64_t lines = t->line - t->seen_line;

	t->seen_line = t->line;
	if (l->clock == LOGLINE_NO_CLOCK) {
		t->now_ns += lines * NO_CLOCK_NS;
		return;
	}
	if (l->clock == t->clock && l->time_ns >= t->clock_ns)
		t->now_ns += l->time_ns - t->clock_ns;
	else if (l->clock == t->clock &&
		 t->clock_ns - l->time_ns < HALE_NS_PER_S)
		return; /* CPUs' lines, slightly out of order */
	else
		t->now_ns += lines * NO_CLOCK_NS;
	t->clock = l->clock;
	t->clock_ns = l->time_ns;
}

static void close_slot(struct triage *t, int slot,
		       const struct hale_group_slot *s)
{
	struct triage_finding *f = &t->open[slot];

	f->condition = s->condition;
	f->part_kind = s->part_kind;
	memcpy(f->part, s->part, sizeof(f->part));
	memcpy(f->alias, s->alias, sizeof(f->alias));
	/* what was tentative has come to nothing closer: it stands */
	f->count = s->count ? s->count : 1;
	triage_report_add(&t->report, f);
}

static void close_slots(struct triage *t, uint64_t now_ns)
{
	struct hale_group_slot s;
	int slot;

	while ((slot = hale_group_close(&t->group, now_ns, &s)) >= 0)
		close_slot(t, slot, &s);
}

/* The line that is the fault itself proves more than those around it. */
static uint8_t proof_of(const struct hale_match *m)
{
	if (m->tentative)
		return 1;
	if (m->weak)
		return 3;
	return m->step > 5 ? 2 : m->step == 5 || m->step == 0 ? 5 : 4;
}

static void take(struct triage *t, const struct logline *l,
		 const struct hale_match *m)
{
	struct hale_grouped g;
	struct triage_finding *f;

	close_slots(t, t->now_ns);
	if (m->kind == HALE_MATCH_END) {
		close_slots(t, UINT64_MAX);
		triage_report_end(&t->report, m);
		return;
	}
	if (!hale_group_add(&t->group, m, t->now_ns, &g))
		return;
	f = &t->open[g.slot];
	if (g.opened) {
		*f = (struct triage_finding){ .line = t->line + 1 };
		t->proof[g.slot] = 0;
		hale_print_text(f->first, sizeof(f->first), l->stamp,
				l->stamp_len);
	}
	if (m->kind == HALE_MATCH_FAULT && proof_of(m) > t->proof[g.slot]) {
		t->proof[g.slot] = proof_of(m);
		hale_print_text(f->text, sizeof(f->text), l->text, l->len);
	}
	f->at_least |= g.at_least;
	f->now_ns = t->now_ns;
	hale_print_text(f->last, sizeof(f->last), l->stamp, l->stamp_len);
}

/* The line before may say which disk this one, which names none, is about. */
static void ask_line_before(const char *buf, const char *line,
			    struct hale_match *m)
{
	const char *end = line - 1, *start;
	struct logline l;

	if (m->part[0] || m->part_kind != HALE_MATCH_DISK || line == buf)
		return;
	start = memrchr(buf, '\n', (size_t)(end - buf));
	start = start ? start + 1 : buf;
	logline_parse(start, (size_t)(end - start), &l);
	hale_rules_subject(l.text, l.len, m->part);
}

static void judge_line(struct triage *t, const char *buf, const char *line,
		       size_t len)
{
	struct logline l;
	struct hale_match m;

	logline_parse(line, len, &l);
	if (l.foreign || !hale_rules_match(t->rules, l.text, l.len, &m))
		return;
	ask_line_before(buf, line, &m);
	advance_clock(t, &l);
	take(t, &l, &m);
}

/* Whole lines, the last one perhaps without its newline. */
static void judge(struct triage *t, const char *buf, size_t len)
{
	size_t at = 0, hit;

	while ((hit = hale_rules_find(t->rules, buf, len, at)) < len) {
		const char *before = memrchr(buf + at, '\n', hit - at);
		const char *line = before ? before + 1 : buf + at;
		const char *end = memchr(buf + hit, '\n', len - hit);

		t->line += count_lines(buf + at, (size_t)(line - (buf + at)));
		end = end ? end : buf + len;
		judge_line(t, buf, line, (size_t)(end - line));
		at = (size_t)(end - buf);
		if (at == len)
			return;
		at++;
		t->line++;
	}
	t->line += count_lines(buf + at, len - at);
}

static ssize_t read_some(int fd, char *buf, size_t size)
{
	ssize_t n;

	do
		n = read(fd, buf, size);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/* The beginning of a line longer than the buffer is judged, its rest skipped.
 */
static int judge_fd(struct triage *t, int fd)
{
	size_t used = 0;
	bool skip = false;
	ssize_t n;

	while ((n = read_some(fd, t->buffer + used, BUFFER_SIZE - used)) > 0) {
		size_t len = used + (size_t)n, whole, from = 0;
		char *last = memrchr(t->buffer, '\n', len);

		if (!last && len < BUFFER_SIZE) {
			used = len;
			continue;
		}
		whole = last ? (size_t)(last + 1 - t->buffer) : len;
		if (skip) {
			char *end = memchr(t->buffer, '\n', whole);

			from = end ? (size_t)(end - t->buffer) : whole;
		}
		judge(t, t->buffer + from, whole - from);
		skip = !last;
		used = len - whole;
		memmove(t->buffer, t->buffer + whole, used);
	}
	if (n < 0)
		return (int)n;
	if (used > 0 && !skip)
		judge(t, t->buffer, used);
	if (used > 0)
		t->line++;
	return 0;
}

static int judge_file(struct triage *t, const char *name)
{
	_cleanup_fd_ int fd = -1;
	bool input = strcmp(name, "-") == 0;
	int r;

	if (!input)
		fd = open(name, O_RDONLY | O_CLOEXEC);
	r = !input && fd < 0 ? -errno : judge_fd(t, input ? 0 : fd);
	if (r < 0)
		fprintf(stderr, "hale triage: %s: %s\n", name, strerror(-r));
	/* what one file began the next one does not continue */
	close_slots(t, UINT64_MAX);
	t->clock = LOGLINE_NO_CLOCK;
	t->now_ns += 2 * HALE_GROUP_WINDOW_NS;
	return r;
}

/* A rule file from the command line; @ret_text is the caller's to free. */
static int load(const char *name, char **ret_text, size_t *ret_len)
{
	_cleanup_fd_ int fd = open(name, O_RDONLY | O_CLOEXEC);
	_cleanup_free_ char *text = NULL;
	size_t len = 0;
	ssize_t n = -errno;

	if (fd < 0)
		return (int)n;
	text = malloc(RULES_FILE_MAX);
	if (!text)
		return -ENOMEM;
	while (len < RULES_FILE_MAX &&
	       (n = read_some(fd, text + len, RULES_FILE_MAX - len)) > 0)
		len += (size_t)n;
	if (n != 0)
		return n < 0 ? (int)n : -EFBIG;
	*ret_text = text;
	*ret_len = len;
	text = NULL;
	return 0;
}

static int load_all(const struct triage_options *o, char **texts,
		    struct hale_rules_source *sources)
{
	for (size_t i = 0; i < o->n_rules; i++) {
		int r = load(o->rules[i], &texts[i], &sources[i].len);

		if (r < 0) {
			fprintf(stderr, "hale triage: %s: %s\n", o->rules[i],
				strerror(-r));
			return r;
		}
		sources[i].name = o->rules[i];
		sources[i].text = texts[i];
	}
	return 0;
}

static int compile(const struct triage_options *o, struct hale_rules **ret)
{
	struct hale_rules_source sources[TRIAGE_RULES_MAX + 1];
	char *texts[TRIAGE_RULES_MAX] = { NULL };
	char error[256] = "";
	int r = load_all(o, texts, sources);

	sources[o->n_rules] = hale_rules_kmsg;
	if (r == 0)
		r = hale_rules_new(sources, o->n_rules + 1, NULL, error, ret);
	if (error[0])
		fprintf(stderr, "hale triage: %s\n", error);
	for (size_t i = 0; i < o->n_rules; i++)
		free(texts[i]);
	return r;
}

static void print_literals(const struct hale_rules *rules)
{
	const char *text;
	size_t len;

	for (size_t i = 0; (text = hale_rules_literal(rules, i, &len)); i++) {
		fwrite(text, 1, len, stdout);
		putchar('\n');
	}
}

static int judge_all(struct triage *t, char **names, size_t n)
{
	static char input[] = "-", *standard[] = { input };
	size_t failed = 0;

	if (n == 0) {
		names = standard;
		n = 1;
	}
	for (size_t i = 0; i < n; i++)
		failed += judge_file(t, names[i]) < 0;
	/* of what could not be read nothing is said */
	if (failed < n)
		triage_report_print(&t->report, t->line);
	return failed ? EX_NOINPUT : 0;
}

int main(int argc, char **argv)
{
	static struct triage t; /* too large for a stack */
	struct triage_options o = { .format = TRIAGE_TEXT_FORMAT };
	int status = 0, r;

	if (triage_build_meant(argc, argv))
		return triage_build(argc, argv);
	if (triage_smart_meant(argc, argv))
		return triage_smart(argc, argv);
	if (!triage_options_read(argc, argv, &o, &status))
		return status;
	r = compile(&o, &t.rules);
	if (r < 0)
		return r == -EINVAL || r == -E2BIG ? EX_CONFIG : EX_NOINPUT;
	t.report.out = stdout;
	t.report.format = o.format;
	if (o.literals)
		print_literals(t.rules);
	else
		status = judge_all(&t, argv + optind, (size_t)(argc - optind));
	hale_rules_free(t.rules);
	if (fflush(stdout) != 0 || ferror(stdout))
		return EX_IOERR;
	return status;
}
