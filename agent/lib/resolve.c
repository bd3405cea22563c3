/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From paths to the filesystems under them. The rule of this room: the calling
 * process never enters a filesystem that may make it wait. It looks a path up
 * in the kernel's caches only (RESOLVE_CACHED) and asks for space only where
 * statfs is known to answer from memory; everything else is done by a child
 * that is given a deadline and forgotten when it misses it. What is not known
 * by then is unresolved or not measured, which is an answer too.
 */
#include "resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

#include "hale/base.h"
#include "hale/fs_type.h"

#include "detach.h"
#include "lookup.h"
#include "mountinfo.h"
#include "statmount.h"

#define CHILD_SECONDS 2 /* then a signal ends it, if anything can */

/* What a path needs, in the order in which it is found out. */
enum stage {
	STAGE_FAILED = 0,
	STAGE_OPEN,    /* look it up: a child must, the cache does not know */
	STAGE_MEASURE, /* mount known; only a child may ask for space */
	STAGE_DONE
};

struct job {
	const char *name;
	struct hale_scope_path *out;
	enum stage stage;
	int fd; /* O_PATH, or -1 */
	struct lookup_id id;
	bool found; /* the mount */
};

/* Used one after the other. */
union scratch {
	char lines[MOUNTINFO_BUFFER];
	uint64_t statmount[STATMOUNT_BUFFER / sizeof(uint64_t)];
	char name[LOOKUP_NAME_MAX];
};

struct work {
	struct resolve_how how;
	struct job jobs[HALE_SCOPE_PATHS_MAX];
	size_t n;
	size_t only; /* of a child: the job that it does */
	union scratch *scratch;
};

/* A child's word about one path; small enough to be one packet. */
struct word {
	uint32_t job;
	enum stage stage;
	struct hale_scope_path out;
};

/* --- looking up --- */

static void fail(struct job *j, int error)
{
	j->stage = STAGE_FAILED;
	j->out->error = (uint32_t)error;
}

/* @cached false: in a child, which may wait. */
static void look_up(struct work *w, struct job *j, bool cached)
{
	int r;

	j->fd = r = lookup_nearest(j->name, cached, w->scratch->name);
	if (r >= 0)
		r = lookup_mount(j->fd, !w->how.no_statmount, !w->how.no_statx,
				 &j->id);
	j->stage = r < 0 ? STAGE_OPEN : STAGE_MEASURE;
	if (r < 0 && !cached)
		fail(j, -r);
}

/* --- mounts --- */

#define KEEP(field, text)                                                      \
	hale_mountinfo_unescape((field), sizeof(field), (text).at, (text).len)

static bool take_mount(void *ctx, const struct hale_mountinfo *m)
{
	struct work *w = ctx;
	bool open = false;

	for (size_t i = 0; i < w->n; i++) {
		struct job *j = &w->jobs[i];

		if (j->stage != STAGE_MEASURE || j->found)
			continue;
		if (j->id.id != m->id) {
			open = true;
			continue;
		}
		j->found = true;
		j->out->major = m->major;
		j->out->minor = m->minor;
		KEEP(j->out->type, m->type);
		KEEP(j->out->source, m->source);
		KEEP(j->out->mountpoint, m->mountpoint);
	}
	return open;
}

static void read_mountinfo(struct work *w)
{
	_cleanup_fd_ int fd =
		open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		mountinfo_read(fd, w->scratch->lines, take_mount, w);
}

/* What an earlier path of the same mount has, holds for this one. */
static bool as_another(struct work *w, struct job *j)
{
	for (struct job *o = w->jobs; o < j; o++) {
		if (!o->found || o->id.unique != j->id.unique)
			continue;
		j->out->major = o->out->major;
		j->out->minor = o->out->minor;
		HALE_SET(j->out->type, o->out->type);
		HALE_SET(j->out->source, o->out->source);
		HALE_SET(j->out->mountpoint, o->out->mountpoint);
		return true;
	}
	return false;
}

/* By its unique number; failing that, its number in mountinfo is looked up. */
static void ask_kernel(struct work *w, struct job *j)
{
	if (as_another(w, j) ||
	    statmount_find(j->id.unique, w->scratch->statmount, j->out) == 0)
		j->found = true;
	else if (lookup_mount(j->fd, false, true, &j->id) < 0)
		fail(j, ENODATA);
}

static void find_mounts(struct work *w)
{
	bool all = true;

	for (size_t i = 0; i < w->n; i++) {
		struct job *j = &w->jobs[i];

		if (j->stage != STAGE_MEASURE || j->found)
			continue;
		if (j->id.unique)
			ask_kernel(w, j);
		all = all && j->found;
	}
	if (!all)
		read_mountinfo(w);
	for (size_t i = 0; i < w->n; i++) {
		if (w->jobs[i].stage == STAGE_MEASURE && !w->jobs[i].found)
			fail(&w->jobs[i], ENODATA);
	}
}

/* --- space --- */

static uint64_t product(uint64_t a, uint64_t b)
{
	uint64_t v;

	return __builtin_mul_overflow(a, b, &v) ? UINT64_MAX : v;
}

/* As df(1) has it: what is reserved for root is nobody's to build on, and not
 * every root may use it (user namespaces, ext4's resuid). */
static void measure(struct job *j)
{
	struct hale_scope_path *out = j->out;
	struct statfs st;
	uint64_t unit;

	j->stage = STAGE_DONE;
	if (fstatfs(j->fd, &st) < 0)
		return;
	unit = (uint64_t)(st.f_frsize ? st.f_frsize : st.f_bsize);
	out->avail_bytes = product(st.f_bavail, unit);
	out->total_bytes = product(st.f_blocks, unit);
	out->avail_inodes = st.f_ffree;
	out->total_inodes = st.f_files;
	out->read_only = st.f_flags & ST_RDONLY;
	/* A filesystem of no size at all (proc, cgroup) has nothing to run
	 * out of. */
	out->measured = st.f_blocks > 0;
}

/* --- children for what may hang --- */

static void say(const struct work *w, int fd, enum stage stage)
{
	const struct job *j = &w->jobs[w->only];
	struct word word = {
		.job = (uint32_t)w->only,
		.stage = stage,
		.out = *j->out,
	};
	ssize_t n = write(fd, &word, sizeof(word));

	(void)n; /* nobody listens any more: then nobody needs it */
}

static void child(void *ctx, int fd)
{
	struct work *w = ctx;
	struct job *j = &w->jobs[w->only];

	look_up(w, j, false);
	find_mounts(w);
	if (j->stage == STAGE_MEASURE) {
		if (hale_fs_statfs(j->out->type) == HALE_STATFS_NEVER) {
			j->stage = STAGE_DONE;
		} else {
			say(w, fd, STAGE_MEASURE);
			measure(j);
		}
	}
	say(w, fd, j->stage);
}

/* Other jobs are not this child's, and its files are closed. */
static void start_child(struct work *w, size_t i, int fd)
{
	enum stage kept[HALE_SCOPE_PATHS_MAX] = { STAGE_FAILED };

	for (size_t k = 0; k < w->n; k++) {
		kept[k] = w->jobs[k].stage;
		if (k != i)
			w->jobs[k].stage = STAGE_FAILED;
	}
	w->only = i;
	detach(fd, CHILD_SECONDS, child, w);
	for (size_t k = 0; k < w->n; k++)
		w->jobs[k].stage = kept[k];
}

static size_t open_jobs(const struct work *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++) {
		enum stage s = w->jobs[i].stage;

		n += s == STAGE_OPEN || s == STAGE_MEASURE;
	}
	return n;
}

/* A child is our own code, but may have met anything: check the bounds. */
static void hear(struct work *w, const struct word *word)
{
	struct job *j;

	if (word->job >= w->n || word->stage > STAGE_DONE)
		return;
	j = &w->jobs[word->job];
	j->stage = word->stage;
	*j->out = word->out;
}

static void listen_until(struct work *w, int fd, long long end_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct word word;
	int r;

	while (open_jobs(w) > 0) {
		r = poll(&p, 1, detach_left_ms(end_ms));
		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0 ||
		    read(fd, &word, sizeof(word)) != (ssize_t)sizeof(word))
			return;
		hear(w, &word);
	}
}

static void ask_children(struct work *w)
{
	uint32_t ms =
		w->how.deadline_ms ? w->how.deadline_ms : RESOLVE_DEADLINE_MS;
	long long end_ms = detach_now_ms() + ms;
	int pair[2];

	if (pipe2(pair, O_CLOEXEC) < 0)
		return;
	for (size_t i = 0; i < w->n; i++) {
		if (w->jobs[i].stage == STAGE_OPEN ||
		    w->jobs[i].stage == STAGE_MEASURE)
			start_child(w, i, pair[1]);
	}
	close(pair[1]);
	listen_until(w, pair[0], end_ms);
	close(pair[0]);
}

/* --- all together --- */

static void measure_here(struct work *w)
{
	for (size_t i = 0; i < w->n; i++) {
		struct job *j = &w->jobs[i];

		if (j->stage != STAGE_MEASURE)
			continue;
		switch (hale_fs_statfs(j->out->type)) {
		case HALE_STATFS_QUICK:
			measure(j);
			break;
		case HALE_STATFS_NEVER:
			j->stage = STAGE_DONE;
			break;
		case HALE_STATFS_WAITS:
		case HALE_STATFS_HANGS:
			break;
		}
	}
}

/* The mount is known, its numbers are not: a busy disk may be late, but a
 * server or process that does not answer now keeps a build waiting too. */
static bool is_silent(const struct job *j)
{
	return j->stage == STAGE_MEASURE &&
	       hale_fs_statfs(j->out->type) == HALE_STATFS_HANGS;
}

static void finish(struct work *w)
{
	for (size_t i = 0; i < w->n; i++) {
		struct job *j = &w->jobs[i];

		if (j->fd >= 0)
			close(j->fd);
		j->out->unresolved = j->stage == STAGE_FAILED ||
				     j->stage == STAGE_OPEN || is_silent(j);
	}
}

int resolve_paths(const struct resolve_how *how, const char *const *names,
		  struct hale_scope_path *paths, size_t n)
{
	_cleanup_free_ union scratch *scratch = malloc(sizeof(*scratch));
	struct work w = { .n = n, .scratch = scratch };

	if (!scratch)
		return -ENOMEM;
	if (how)
		w.how = *how;
	for (size_t i = 0; i < n; i++) {
		w.jobs[i] = (struct job){ .name = names[i],
					  .out = &paths[i],
					  .fd = -1,
					  .stage = STAGE_OPEN };
		if (!w.how.no_openat2)
			look_up(&w, &w.jobs[i], true);
	}
	find_mounts(&w);
	measure_here(&w);
	if (open_jobs(&w) > 0)
		ask_children(&w);
	finish(&w);
	return 0;
}
