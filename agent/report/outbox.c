/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the fleet has to hear for sure, on its way into the spool. Decides the
 * order that makes each event one: first the events, then what is remembered as
 * told, and only then they may be sent. So a reporter that is killed in between
 * finds them in the spool, and takes them for told. Must never keep an event
 * back because the disk takes none: the spool has memory for that.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "hale/base.h"

#include "agent/report/report.h"

#define PATH_SIZE      1024
#define TIDY_NS	       (60 * HALE_NS_PER_S)
#define TOLD_BYTES_MAX (4 * HALE_MIB)

static void path_of(const struct report *r, const char *name,
		    char ret[PATH_SIZE])
{
	snprintf(ret, PATH_SIZE, "%s/%s", r->setup.dir, name);
}

/* --- what was told --- */

static int write_all(const char *path, const uint8_t *bytes, size_t len)
{
	_cleanup_fd_ int fd = open(
		path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
		0600);
	size_t at = 0;

	while (fd >= 0 && at < len) {
		ssize_t n = write(fd, bytes + at, len - at);

		if (n <= 0)
			return -EIO;
		at += (size_t)n;
	}
	return fd < 0 ? -errno : 0;
}

/* A power cut may take it back: then what is open is told once more. */
void report_save(const struct report *r)
{
	char path[PATH_SIZE], fresh[PATH_SIZE];
	size_t len;
	_cleanup_free_ uint8_t *bytes = told_pack(&r->told, &len);

	path_of(r, "told.pb", path);
	path_of(r, "told.new", fresh);
	if (bytes && write_all(fresh, bytes, len) == 0 &&
	    rename(fresh, path) == 0)
		return;
	unlink(fresh);
}

static int load_told(struct report *r)
{
	_cleanup_free_ uint8_t *bytes = NULL;
	char path[PATH_SIZE];
	struct stat st;
	ssize_t n;

	path_of(r, "told.pb", path);
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || (uint64_t)st.st_size > TOLD_BYTES_MAX)
		return -EFBIG;
	bytes = malloc((size_t)st.st_size + 1);
	if (!bytes)
		return -ENOMEM;
	n = read(fd, bytes, (size_t)st.st_size);
	return n < 0 ? -errno : told_unpack(&r->told, bytes, (size_t)n);
}

static void apply(struct report *r, const struct spool_item *item)
{
	const struct fleet_bytes b = { item->bytes, item->len, r->id };
	struct codec_arena a = { .mem = r->arena, .size = FLEET_ARENA };
	Hale__Fleet__V1__FindingEvent *m;
	char why[FLEET_WHY_MAX];

	if (item->kind == FLEET_FINDING &&
	    fleet_read_finding(&a, &b, &m, why) == 0 &&
	    m->spool_id == r->told.spool_id && m->seq > r->told.seq)
		told_apply(&r->told, m);
}

/* Events of ours that the last reporter put there, and did not remember. */
static void apply_spool(struct report *r)
{
	struct spool_item items[8];
	size_t n;

	while ((n = spool_peek(r->spool, r->known_at, items,
			       HALE_ARRAY_SIZE(items))) > 0) {
		for (size_t i = 0; i < n; i++) {
			apply(r, &items[i]);
			r->known_at = items[i].at;
		}
	}
}

/* --- into the spool --- */

/* One sync of the disk for all events of a report. */
struct batch {
	struct report *r;
	struct spool_item items[SPOOL_BATCH];
	size_t n;
};

static int flush(struct batch *b)
{
	int e = b->n > 0 ? spool_put(b->r->spool, b->items, b->n,
				     report_real_ns())
			 : 0;

	while (b->n > 0)
		free((void *)(uintptr_t)b->items[--b->n].bytes);
	return e < 0 ? e : 0;
}

static int add(struct batch *b, enum fleet_kind kind, const void *m,
	       const struct spool_mark *mark)
{
	struct report *r = b->r;
	struct codec_arena a = { .mem = r->arena, .size = FLEET_ARENA };
	ssize_t n = fleet_pack(&a, FLEET_POLICY_DEFAULT, m, r->buf,
			       FLEET_EVENT_MAX);
	void *copy;
	int e = b->n == SPOOL_BATCH ? flush(b) : 0;

	if (n < 0 || e < 0)
		return n < 0 ? (int)n : e;
	copy = malloc((size_t)n);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, r->buf, (size_t)n);
	b->items[b->n++] = (struct spool_item){
		.kind = kind,
		.id = mark->id,
		.bytes = copy,
		.len = (size_t)n,
	};
	return 0;
}

/* One by itself. */
static int put(struct report *r, enum fleet_kind kind, const void *m,
	       const struct spool_mark *mark)
{
	struct codec_arena a = { .mem = r->arena, .size = FLEET_ARENA };
	ssize_t n = fleet_pack(&a, FLEET_POLICY_DEFAULT, m, r->buf,
			       FLEET_EVENT_MAX);
	const struct spool_item item = {
		.kind = kind,
		.id = mark->id,
		.bytes = r->buf,
		.len = n > 0 ? (size_t)n : 0,
	};
	int e = n < 0 ? (int)n
		      : spool_put(r->spool, &item, 1, report_real_ns());

	return e < 0 ? e : 0;
}

static int tell_finding(void *data, int what, const Hale__V1__Finding *f)
{
	Hale__Fleet__V1__FindingEvent m;
	struct batch *b = data;
	struct report *r = b->r;
	struct spool_mark mark;
	int e = spool_mark(r->spool, &mark);

	hale__fleet__v1__finding_event__init(&m);
	if (e < 0)
		return e;
	m.message_id.data = mark.id.bytes;
	m.message_id.len = FLEET_MESSAGE_ID;
	m.id = r->id;
	m.host = r->host;
	m.boot_id = r->boot_id;
	m.spool_id = mark.spool_id;
	m.seq = mark.seq;
	m.what = (Hale__Fleet__V1__FindingEvent__What)what;
	m.at_ns = report_real_ns();
	m.finding = (Hale__V1__Finding *)(uintptr_t)f;
	e = add(b, FLEET_FINDING, &m, &mark);
	if (e == 0) {
		r->told.spool_id = mark.spool_id;
		r->told.seq = mark.seq;
	}
	return e;
}

void report_tell(struct report *r, const Hale__V1__HostReport *m)
{
	_cleanup_free_ struct batch *b = calloc(1, sizeof(*b));
	int n = -ENOMEM, e;

	if (b) {
		b->r = r;
		n = told_report(&r->told, m, tell_finding, b);
		e = flush(b);
		n = e < 0 ? e : n;
	}
	if (n < 0)
		report_log(4, "a finding could not be kept for the fleet: %s",
			   strerror(-n));
	if (n != 0)
		report_save(r);
}

/* Its own id is random, too, and the same where it is told twice. */
static int add_build(struct batch *b, Hale__Fleet__V1__BuildOutcome *m)
{
	struct report *r = b->r;
	struct spool_mark mark;
	int e = spool_mark(r->spool, &mark);

	if (e < 0)
		return e;
	if (m->message_id.len == FLEET_MESSAGE_ID)
		memcpy(mark.id.bytes, m->message_id.data, FLEET_MESSAGE_ID);
	m->message_id.data = mark.id.bytes;
	m->message_id.len = FLEET_MESSAGE_ID;
	m->id = r->id;
	m->host = r->host;
	m->spool_id = mark.spool_id;
	m->seq = mark.seq;
	return add(b, FLEET_BUILD, m, &mark);
}

int report_tell_builds(struct report *r,
		       Hale__Fleet__V1__BuildOutcome *const *m, size_t n)
{
	_cleanup_free_ struct batch *b = calloc(1, sizeof(*b));
	int e = b ? 0 : -ENOMEM, f;

	if (!b)
		return e;
	b->r = r;
	for (size_t i = 0; i < n; i++) {
		f = add_build(b, m[i]);
		/* one that no reader would take is not waited for */
		e = e == 0 && f != -EINVAL && f != -EMSGSIZE ? f : e;
	}
	f = flush(b);
	return e < 0 ? e : f;
}

static int put_finding_anew(struct report *r, const struct fleet_bytes *b,
			    const struct spool_mark *mark)
{
	_cleanup_free_ uint8_t *mem = malloc(FLEET_ARENA);
	struct codec_arena a = { .mem = mem, .size = FLEET_ARENA };
	Hale__Fleet__V1__FindingEvent *m;
	char why[FLEET_WHY_MAX];
	int e = mem ? fleet_read_finding(&a, b, &m, why) : -ENOMEM;

	if (e < 0)
		return e;
	memcpy(m->message_id.data, mark->id.bytes, FLEET_MESSAGE_ID);
	m->seq = mark->seq;
	return put(r, FLEET_FINDING, m, mark);
}

/* False: it is not there any more. */
static bool find_row(struct report *r, const struct spool_id *id,
		     struct spool_item *ret)
{
	uint64_t after = 0;

	while (spool_peek(r->spool, after, ret, 1) == 1) {
		if (memcmp(&ret->id, id, sizeof(*id)) == 0)
			return true;
		after = ret->at;
	}
	return false;
}

void report_tell_anew(struct report *r, const struct spool_id *id)
{
	struct spool_mark mark;
	struct spool_item item;
	_cleanup_free_ uint8_t *copy = malloc(FLEET_EVENT_MAX);
	struct fleet_bytes b;

	if (!copy || spool_mark(r->spool, &mark) < 0 ||
	    !find_row(r, id, &item) || item.len > FLEET_EVENT_MAX)
		return;
	memcpy(copy, item.bytes, item.len);
	b = (struct fleet_bytes){ copy, item.len, r->id };
	if (put_finding_anew(r, &b, &mark) == 0)
		spool_ack(r->spool, id, 1);
}

/* --- its life --- */

static void say_news(struct report *r)
{
	char said[SPOOL_SAID_MAX];

	if (spool_news(r->spool, said))
		report_log(4, "%s", said);
}

void report_tidy(struct report *r)
{
	spool_tidy(r->spool, report_real_ns());
	say_news(r);
	r->tidy_ns = report_mono_ns() + TIDY_NS;
}

int report_open_outbox(struct report *r)
{
	struct spool_mark mark = { .seq = 0 };
	char path[PATH_SIZE], said[SPOOL_SAID_MAX] = "";
	const struct spool_setup setup = { path, r->setup.spool_bytes,
					   r->setup.spool_age_ns };
	int e;

	path_of(r, "spool.db", path);
	r->buf = malloc(FLEET_STATE_MAX);
	r->arena = malloc(FLEET_ARENA);
	e = r->buf && r->arena ? spool_open(&setup, said, &r->spool) : -ENOMEM;
	if (said[0])
		report_log(4, "%s", said);
	if (e == 0)
		e = spool_mark(r->spool, &mark);
	if (e < 0) {
		report_log(3, "no spool for the fleet: %s", strerror(-e));
		return e;
	}
	load_told(r);
	if (r->told.spool_id != mark.spool_id)
		r->told.seq = 0;
	r->told.spool_id = mark.spool_id;
	apply_spool(r);
	report_tidy(r);
	return 0;
}
