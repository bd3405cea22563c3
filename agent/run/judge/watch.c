/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host before and after a build. Decides when to ask, and how long to wait
 * for what is still on its way: the kernel may log a fault some milliseconds
 * after the program that met it has died, and writes to the disk only later.
 * Must never harm a build: whoever does not answer is known less of, once.
 */
#include "watch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <time.h>

#include "hale/base.h"

#include "agent/run/launch/clock.h"
#include "watch_own.h"

/* The log's reader is woken with the next tick, and the agent counts within
 * milliseconds; a loaded machine is slower. */
#define PAUSE_1_MS 60
#define PAUSE_2_MS 300
/* A build that passed is held back by no more than a 200th of its time, for
 * what its last moment did. */
#define SETTLE_SHARE 200
#define SETTLE_MS    20
/* For what a failed build has written: a disk that is about to fail does not
 * answer sooner, and a person waits. */
#define SYNC_FAILED_S 5
/* How often all is asked anew; each time takes 6 s at most. */
#define ASKED_MAX 2
/* --strict-outputs: what passed is to lie on the disk. */
#define SYNC_STRICT_S 60

static uint64_t boot_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (uint64_t)ts.tv_sec * HALE_NS_PER_S + (uint64_t)ts.tv_nsec;
}

int watch_new(const struct run_options *o, struct watch **ret)
{
	const struct hale_options h = {
		.size = sizeof(h),
		.run_dir = o->run_dir,
		.exec_dir = o->exec_dir,
	};
	struct watch *w = calloc(1, sizeof(*w));
	int r;

	if (!w)
		return -ENOMEM;
	w->options = o;
	w->log_fd = -1;
	w->root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	r = w->root_fd < 0 ? -errno : hale_open(&h, &w->hale);
	if (r == 0)
		r = watch_scope(w);
	if (r < 0) {
		watch_free(w);
		return r;
	}
	*ret = w;
	return 0;
}

struct watch *watch_free(struct watch *w)
{
	if (!w)
		return NULL;
	watch_space_done(w);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(w->paths); i++)
		free(w->paths[i]);
	for (size_t i = 0; i < w->n_roots; i++)
		free(w->roots[i]);
	hale_reply_free(w->before);
	hale_reply_free(w->after);
	hale_close(w->hale);
	hale_cleanup_fd(&w->root_fd);
	hale_cleanup_fd(&w->log_fd);
	free(w->causes);
	free(w->deaths);
	free(w);
	return NULL;
}

static int check(struct watch *w, bool fresh, struct hale_reply **ret)
{
	const struct run_options *o = w->options;
	const struct hale_check_options c = {
		.size = sizeof(c),
		.paths = (const char *const *)w->paths,
		.n_paths = w->n_paths,
		.need_bytes = o->need_bytes,
		.need_inodes = o->need_inodes,
		.need_memory_bytes = o->need_memory_bytes,
		.strict = o->strict,
		.container = w->container,
		.fresh = fresh,
	};

	return hale_check(w->hale, &c, ret);
}

/* Times from here on are those of the agent that has answered. */
static void follow_clock(const struct hale_reply *reply)
{
	struct hale_summary s;

	hale_reply_summary(reply, &s);
	if (s.agent && s.as_of_ns > 0)
		clock_follow(s.as_of_ns);
}

int watch_before(struct watch *w, const struct hale_reply **ret_reply)
{
	struct hale_reply *reply = NULL;
	int r = check(w, false, &reply);

	if (r == 0 && watch_lacks_room(reply)) {
		reply = hale_reply_free(reply);
		r = check(w, true, &reply);
	}
	if (r < 0)
		return r;
	hale_reply_free(w->before);
	w->before = reply;
	w->after = hale_reply_free(w->after);
	watch_scope_engines(w, reply);
	watch_space_begin(w);
	counters_disks(w->root_fd, w->found, w->n_seen, &w->disks);
	counters_read(w->root_fd, &w->disks, &w->counters);
	watch_log_begin(w);
	w->boot_ns = boot_now_ns();
	follow_clock(reply);
	*ret_reply = reply;
	return 0;
}

void watch_tick(struct watch *w)
{
	watch_space_tick(w);
}

/* --- after --- */

static bool named_in(const struct hale_reply *r, const struct hale_entry *e)
{
	struct hale_entry o;

	for (size_t i = 0; r && hale_reply_reason(r, i, &o); i++) {
		if (strcmp(o.condition, e->condition) == 0 &&
		    strcmp(o.part, e->part) == 0 && o.effect >= e->effect)
			return true;
	}
	return false;
}

/* A sense that is missing now says nothing about the host, and pressure is what
 * a build makes itself, and ends with it. */
static bool counts(const struct hale_entry *e)
{
	return e->condition[0] && e->effect >= HALE_EFFECT_WARNS &&
	       strncmp(e->condition, "agent.", 6) != 0 &&
	       !strstr(e->condition, ".pressure");
}

static bool got_worse(const struct hale_reply *before,
		      const struct hale_reply *after,
		      char ret_what[HALE_EVIDENCE_MAX])
{
	struct hale_entry e;

	for (size_t i = 0; after && hale_reply_reason(after, i, &e); i++) {
		if (!counts(&e) || named_in(before, &e))
			continue;
		snprintf(ret_what, HALE_EVIDENCE_MAX, "%.40s on %.60s%s%.120s",
			 e.condition, e.alias[0] ? e.alias : e.part,
			 e.evidence[0] ? ": " : "", e.evidence);
		return true;
	}
	return false;
}

static void compare(const struct watch *w, struct run_host *ret)
{
	struct hale_summary before = { 0 }, after = { 0 };

	if (w->before)
		hale_reply_summary(w->before, &before);
	if (w->after)
		hale_reply_summary(w->after, &after);
	ret->before = before.fitness;
	ret->after = after.fitness;
	ret->agent = before.agent && after.agent;
	ret->got_worse =
		w->before && got_worse(w->before, w->after, ret->worse);
	if (before.agent && !after.agent) {
		ret->blind = true;
		HALE_SET(ret->note, "the agent has not answered since the "
				    "build began; part of what happened to "
				    "this machine is not known");
	}
}

static void count(const struct watch *w, struct run_host *ret)
{
	const struct counters *b = &w->counters;
	struct counters a;

	counters_read(w->root_fd, &w->disks, &a);
	ret->memory_stall_ns =
		HALE_NS_PER_US *
		counters_grown(b->memory_full_us, a.memory_full_us);
	ret->io_stall_ns =
		HALE_NS_PER_US * counters_grown(b->io_full_us, a.io_full_us);
	ret->memory_uncorrected = counters_grown(b->uncorrected, a.uncorrected);
	ret->memory_errors = counters_grown(b->corrected, a.corrected) +
			     ret->memory_uncorrected;
	ret->disk_errors = counters_grown(b->disk_errors, a.disk_errors);
	ret->fs_errors = counters_grown(b->fs_errors, a.fs_errors);
	ret->oom_kills = counters_grown(b->oom_kills, a.oom_kills);
}

/* A build passed where only a scan could look again: is there anything for it
 * to find? Fitness before is fitness after, then. */
static bool nothing_new(struct watch *w, struct run_host *ret)
{
	struct hale_summary before = { .agent = true };

	if (w->before)
		hale_reply_summary(w->before, &before);
	if (before.agent || !before.scanned || w->options->strict_outputs ||
	    ret->bytes.full != HALE_CONFIDENCE_NONE ||
	    ret->inodes.full != HALE_CONFIDENCE_NONE || !watch_log_silent(w))
		return false;
	count(w, ret);
	if (ret->memory_errors > 0 || ret->disk_errors > 0 ||
	    ret->fs_errors > 0 || ret->oom_kills > 0)
		return false;
	ret->before = ret->after = before.fitness;
	w->n_causes = w->n_deaths = 0;
	return true;
}

/* One look. */
static int look(struct watch *w, const struct run_attempt *a, bool fresh,
		struct run_host *ret)
{
	struct hale_reply *reply = NULL;
	int r = check(w, fresh, &reply);

	if (r < 0)
		return r;
	hale_reply_free(w->after);
	w->after = reply;
	compare(w, ret);
	if (!watch_why(w, a, ret) && !ret->blind) {
		ret->blind = true;
		HALE_SET(ret->note, "nobody could say what happened to this "
				    "machine meanwhile");
	}
	count(w, ret);
	return 0;
}

static int look_again(struct watch *w, const struct run_attempt *a,
		      enum watch_patience p, struct run_host *ret)
{
	static const int pauses_ms[] = { PAUSE_1_MS, PAUSE_2_MS };
	int r = 0;

	for (int i = 0; i < (int)p && i < 2; i++) {
		/* without an agent nobody is on the way to know more */
		if (r < 0 || watch_explained(w, ret) || !ret->agent)
			break;
		poll(NULL, 0, pauses_ms[i]);
		r = look(w, a, false, ret);
	}
	if (r < 0 || p != WATCH_PATIENCE_SYNC || watch_explained(w, ret))
		return r;
	ret->write_errors = watch_sync(w, SYNC_FAILED_S);
	return look(w, a, false, ret);
}

static void settle(const struct run_attempt *a)
{
	uint64_t ms = a->wall_ns / SETTLE_SHARE / HALE_NS_PER_MS;

	if (ms > 0)
		poll(NULL, 0, ms < SETTLE_MS ? (int)ms : SETTLE_MS);
}

int watch_after(struct watch *w, const struct run_attempt *a,
		const struct run_text *text, struct run_host *ret_host)
{
	struct run_host host = { .before = HALE_UNKNOWN };
	bool passed = a->end == RUN_EXITED && a->status == 0;
	int r;

	watch_space_end(w, &host);
	if (passed)
		settle(a);
	if (passed && w->options->strict_outputs)
		host.write_errors = watch_sync(w, SYNC_STRICT_S);
	r = passed && nothing_new(w, &host) ? 0 : look(w, a, false, &host);
	if (r == 0 && !passed)
		r = look_again(w, a, watch_patience(a, text), &host);
	for (int i = 0; r == 0 && i < ASKED_MAX; i++) {
		if (!watch_worth_asking(w, a, text, &host))
			break;
		r = look(w, a, true, &host);
	}
	if (r < 0)
		return r;
	if (a->end == RUN_STALLED && a->stall.wait == RUN_WAIT_DISK)
		watch_silent(w, &a->stall, &host);
	host.n_causes = w->n_causes;
	host.n_deaths = w->n_deaths;
	host.causes = w->causes;
	host.deaths = w->deaths;
	*ret_host = host;
	return 0;
}

bool watch_container(const struct watch *w)
{
	return w->container;
}

const struct hale_reply *watch_reply(const struct watch *w)
{
	return w->after ? w->after : w->before;
}

const struct hale_reply *watch_reply_before(const struct watch *w)
{
	return w->before;
}

size_t watch_paths(const struct watch *w, const char *const **ret_paths)
{
	*ret_paths = (const char *const *)w->roots;
	return w->n_roots;
}
