/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver diskstats: disks that took a request and never answer. Where a
 * disk has no time limit (virtio, nbd), the kernel says nothing before a task
 * has hung for two minutes, and then only which task. Looks every ten seconds
 * at the kernel's counts of what waits and what came back (/proc/diskstats),
 * which ask no disk. Runs inside the agent: opens everything at its start, and
 * reads it again. Must never blame a disk whose completions nobody counts.
 *
 * Observations of this driver: value is how many requests wait.
 */
#include <errno.h>
#include <fcntl.h>

#include "hale/driver.h"

#include "diskstats_line.h"

/* Of more than these the rest is not followed; 100 bytes each. */
#define DISKS_MAX 64
/* A line has a name of up to 31 characters and up to 20 numbers. */
#define TEXT_MAX 2048

struct row {
	struct diskstats_disk disk;
	enum diskstats_word said;
	/* queue/iostats and inflight; -1: it came later, and nothing can be
	 * opened then */
	int counts_fd, inflight_fd;
	bool discards; /* or nobody could look */
	bool used, here;
};

struct diskstats_state {
	int fd;
	bool opening;	 /* files can be opened */
	uint32_t n_left; /* disks that found no row */
	struct row rows[DISKS_MAX];
};

static void forget(struct row *r)
{
	if (r->counts_fd >= 0)
		close(r->counts_fd);
	if (r->inflight_fd >= 0)
		close(r->inflight_fd);
	*r = (struct row){ .counts_fd = -1, .inflight_fd = -1 };
}

static bool is_of(const struct row *r, const struct diskstats_line *l)
{
	const struct diskstats_line *last = &r->disk.last;

	return r->used && last->major == l->major && last->minor == l->minor &&
	       strcmp(last->name, l->name) == 0;
}

static int open_of(const struct hale_probe *p, const char *name,
		   const char *what)
{
	char path[HALE_NAME_MAX + 32];

	snprintf(path, sizeof(path), "sys/block/%s/%s", name, what);
	return openat(p->root_fd, path, O_RDONLY | O_CLOEXEC);
}

static ssize_t read_of(int fd, char *text, size_t size)
{
	ssize_t n = fd >= 0 ? pread(fd, text, size - 1, 0) : -1;

	text[n > 0 ? n : 0] = '\0';
	return n;
}

static void open_row(const struct hale_probe *p, struct row *r)
{
	const char *name = r->disk.last.name;
	_cleanup_fd_ int most = open_of(p, name, "queue/discard_max_bytes");
	char text[24];

	r->counts_fd = open_of(p, name, "queue/iostats");
	r->inflight_fd = open_of(p, name, "inflight");
	r->discards = read_of(most, text, sizeof(text)) <= 0 || text[0] != '0';
}

/* Its row, or a new one; DISKS_MAX: there is no room. */
static size_t row_of(struct hale_probe *p, const struct diskstats_line *l)
{
	struct diskstats_state *s = p->state;
	size_t at = DISKS_MAX;

	for (size_t i = 0; i < DISKS_MAX; i++) {
		if (is_of(&s->rows[i], l))
			return i;
		if (!s->rows[i].used && at == DISKS_MAX)
			at = i;
	}
	if (at == DISKS_MAX)
		return at;
	s->rows[at].used = true;
	s->rows[at].disk.last = *l;
	s->rows[at].discards = true;
	if (s->opening)
		open_row(p, &s->rows[at]);
	return at;
}

/*
 * Are its completions counted? Somebody may have switched that off for speed,
 * and before Linux 6.10 what waits is counted all the same. Of a disk that was
 * there at the start the kernel says so; of another its counters must have
 * grown before.
 */
static bool counts(const struct row *r)
{
	char text[8];

	if (r->counts_fd < 0)
		return r->disk.moved;
	return read_of(r->counts_fd, text, sizeof(text)) > 0 && text[0] == '1';
}

static bool is_long(const struct row *r)
{
	struct diskstats_inflight waits;
	char text[64];
	bool known = read_of(r->inflight_fd, text, sizeof(text)) > 0 &&
		     diskstats_parse_inflight(text, &waits);

	return diskstats_is_long(&r->disk, known ? &waits : NULL, r->discards);
}

static void say(struct hale_probe *p, struct row *r, enum diskstats_word word)
{
	const struct diskstats_disk *d = &r->disk;
	struct hale_observation o = { .kind = HALE_OBSERVED_STATE,
				      .condition = HALE_DISK_STALLED,
				      .ref = HALE_REF_DISK,
				      .time_ns = p->now_ns,
				      .value = d->last.waiting };

	if (word == DISKSTATS_NOTHING || word == r->said)
		return;
	if (word == DISKSTATS_HANGS && (!counts(r) || !is_long(r)))
		return;
	r->said = word;
	o.holds = word == DISKSTATS_HANGS;
	o.count = o.holds;
	HALE_SET(o.part, d->last.name);
	if (o.holds)
		snprintf(o.evidence, sizeof(o.evidence),
			 "nothing has come back from %s for %llu s; requests "
			 "waiting: %llu",
			 d->last.name,
			 (unsigned long long)(d->still_ns / HALE_NS_PER_S),
			 (unsigned long long)d->last.waiting);
	hale_emit_observation(p, &o);
}

static void see_line(struct hale_probe *p, const char *line)
{
	struct diskstats_state *s = p->state;
	struct diskstats_line l;
	size_t at;

	if (!diskstats_parse(line, &l) || !diskstats_is_disk(l.name))
		return;
	at = row_of(p, &l);
	if (at == DISKS_MAX) {
		s->n_left++;
		return;
	}
	s->rows[at].here = true;
	if (s->opening) /* what a disk is called is not known yet */
		return;
	say(p, &s->rows[at], diskstats_look(&s->rows[at].disk, &l, p->now_ns));
}

/* Whole lines of @text; returns how many bytes they were. */
static size_t see_lines(struct hale_probe *p, char *text)
{
	char *line = text, *end;

	while ((end = strchr(line, '\n')) != NULL) {
		*end = '\0';
		see_line(p, line);
		line = end + 1;
	}
	return (size_t)(line - text);
}

/* Once all rows are taken, what follows is not worth the reading. */
static int see_all(struct hale_probe *p)
{
	struct diskstats_state *s = p->state;
	char text[TEXT_MAX];
	off_t at = 0;
	ssize_t n;

	s->n_left = 0;
	do {
		n = pread(s->fd, text, sizeof(text) - 1, at);
		if (n < 0)
			return -errno;
		text[n] = '\0';
		n = (ssize_t)see_lines(p, text);
		at += n;
	} while (n > 0 && s->n_left == 0);
	return 0;
}

/* Of one that hangs nothing is withdrawn: that it is gone shows nothing, and
 * its finding is a note while it is (ADR 7). Where it is seen again, and
 * answers or has nothing to answer, that is said. */
static void forget_gone(struct diskstats_state *s)
{
	for (size_t i = 0; i < DISKS_MAX; i++) {
		if (s->rows[i].used && !s->rows[i].here)
			forget(&s->rows[i]);
		s->rows[i].here = false;
	}
}

static void cover(struct hale_probe *p)
{
	const struct diskstats_state *s = p->state;
	char why[64] = "";

	if (s->n_left > 0)
		snprintf(why, sizeof(why), "there are more than %d disks",
			 DISKS_MAX);
	hale_emit_coverage(p, HALE_SENSE_STALLS,
			   s->n_left ? HALE_SIGHT_PARTIAL : HALE_SIGHT_LIVE,
			   why, "");
}

static int diskstats_sample(struct hale_probe *p)
{
	int r = see_all(p);

	if (r < 0)
		return r;
	forget_gone(p->state);
	cover(p);
	return 0;
}

static void diskstats_remove(struct hale_probe *p)
{
	struct diskstats_state *s = p->state;

	for (size_t i = 0; i < DISKS_MAX; i++) {
		if (s->rows[i].used)
			forget(&s->rows[i]);
	}
	if (s->fd > 0)
		close(s->fd);
	s->fd = -1;
}

static int diskstats_probe(struct hale_probe *p)
{
	struct diskstats_state *s = p->state;
	int r;

	for (size_t i = 0; i < DISKS_MAX; i++)
		s->rows[i].counts_fd = s->rows[i].inflight_fd = -1;
	s->fd = openat(p->root_fd, "proc/diskstats", O_RDONLY | O_CLOEXEC);
	if (s->fd < 0) {
		hale_emit_coverage(p, HALE_SENSE_STALLS, HALE_SIGHT_BLIND,
				   "there is no /proc/diskstats",
				   "mount proc without subset=pid");
		return errno == ENOENT ? -ENODEV : -errno;
	}
	s->opening = true;
	r = see_all(p);
	s->opening = false;
	if (r < 0)
		diskstats_remove(p);
	return r;
}

HALE_DRIVER(diskstats) = {
	.name = "diskstats",
	.about = "disks that never answer a request",
	.state_size = sizeof(struct diskstats_state),
	.period_ms = 10 * 1000,
	.senses = 1U << HALE_SENSE_STALLS,
	.probe = diskstats_probe,
	.sample = diskstats_sample,
	.remove = diskstats_remove,
};
