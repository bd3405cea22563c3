/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ship process, from its fork to its end. Decides when it is started again
 * and what is said of the history meanwhile. Must never wait for it, nor let
 * anything that it does or says reach a verdict. Invariant: exactly one of
 * these holds: it runs, its next start is set, it is disabled, or it hangs in
 * the kernel.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>

#include "hale/base.h"
#include "hale/text.h"

#include "agent/daemon/budget.h"
#include "agent/daemon/clock.h"
#include "agent/daemon/host_exec.h"
#include "agent/daemon/log.h"
#include "agent/daemon/ship.h"

#define AGENT_FD   3
#define AGAIN_NS   HALE_NS_PER_S
#define SHIFT_MAX  6 /* 64 s between starts */
#define HEALTHY_NS (60 * HALE_NS_PER_S)
/* A program that is not there is looked for so often. */
#define MISSING_NS (600 * HALE_NS_PER_S)
#define NOT_FOUND  127
/* A history is the first thing to do without when memory runs out. */
#define OOM_SCORE "0"

static void tell(struct ship *s, enum hale_sight sight, const char *why)
{
	s->setup.tell(s->setup.data, sight, why);
}

/* --- its side of the fork --- */

struct words {
	char *argv[16];
	int n;
	char path[CONFIG_VALUE_MAX + 64], seconds[24], bytes[24], gid[16];
};

static void add(struct words *w, const char *name, const char *value)
{
	w->argv[w->n++] = (char *)(uintptr_t)name;
	if (value)
		w->argv[w->n++] = (char *)(uintptr_t)value;
}

/* What is not configured is the store's own default. */
static void say_all(struct words *w, const struct ship *s)
{
	const struct config_store *c = &s->config;

	snprintf(w->path, sizeof(w->path), "%s%s",
		 c->path[0] ? c->path : s->setup.state_dir,
		 c->path[0] ? "" : "/builds.db");
	snprintf(w->seconds, sizeof(w->seconds), "%llu",
		 (unsigned long long)(c->retention_ns / HALE_NS_PER_S));
	snprintf(w->bytes, sizeof(w->bytes), "%llu",
		 (unsigned long long)c->size_bytes);
	snprintf(w->gid, sizeof(w->gid), "%u", (unsigned int)s->group);
	add(w, "hale-ship", NULL);
	add(w, "--agent", "3");
	add(w, "--run-dir", s->setup.run_dir);
	add(w, "--store", w->path);
	if (c->retention_ns > 0)
		add(w, "--retention", w->seconds);
	if (c->size_bytes > 0)
		add(w, "--size", w->bytes);
	if (s->group_known)
		add(w, "--group", w->gid);
}

static int become(const struct ship *s, int fd)
{
	struct words w = { .n = 0 };
	char dir[1024];
	int r;

	say_all(&w, s);
	budget_set_oom_score(OOM_SCORE);
	r = fd == AGENT_FD ? fcntl(fd, F_SETFD, 0) : dup2(fd, AGENT_FD);
	if (r < 0)
		return EXIT_FAILURE;
	return host_exec_program(w.argv, dir, sizeof(dir)) == -ENOENT
		       ? NOT_FOUND
		       : EXIT_FAILURE;
}

/* The end of the pair has to stay open through what closes all of the core's.
 */
static int work(void *data, int fd)
{
	struct ship *s = data;

	if (s->setup.in_child)
		s->setup.in_child(s->setup.data);
	return become(s, fd);
}

/* --- the core's side --- */

/* "1the disk is full": a sight, and a line for people. */
static void on_message(void *data, const void *bytes, size_t len)
{
	struct ship *s = data;
	const char *text = bytes;
	char why[128];

	if (len == 0 || len > sizeof(s->message) || text[0] < '0' ||
	    text[0] > '2')
		return;
	hale_print_text(why, sizeof(why), text + 1, len - 1);
	tell(s, (enum hale_sight)(text[0] - '0'), why);
}

static void spawn(struct ship *s);

static void set_next(struct ship *s, const char *why)
{
	uint32_t shift = s->failures < SHIFT_MAX ? s->failures : SHIFT_MAX;

	s->failures++;
	log_line(LOG_LEVEL_WARNING, "%s, starting it again in %u s", why,
		 1U << shift);
	tell(s, HALE_SIGHT_BLIND, why);
	loop_timer_set(s->setup.loop, &s->timer, AGAIN_NS << shift);
}

static void set_missing(struct ship *s)
{
	const char *why = "hale-ship is not installed";

	if (!s->missing)
		log_line(LOG_LEVEL_WARNING, "%s: no history is kept", why);
	s->missing = true;
	tell(s, HALE_SIGHT_BLIND, why);
	loop_timer_set(s->setup.loop, &s->timer, MISSING_NS);
}

static void on_ended(void *data, int status)
{
	struct ship *s = data;
	const char *name = status < 0 ? sigabbrev_np(-status) : NULL;
	char why[96];

	if (s->config.disabled)
		return;
	if (clock_boot_ns() - s->began_ns > HEALTHY_NS)
		s->failures = 0;
	if (status == NOT_FOUND) {
		set_missing(s);
		return;
	}
	if (status < 0)
		snprintf(why, sizeof(why),
			 "the process haled: ship was ended by SIG%s",
			 name ? name : "NAL");
	else
		snprintf(why, sizeof(why),
			 "the process haled: ship ended with status %d",
			 status);
	set_next(s, why);
}

static void on_stuck(void *data)
{
	const char *why = "the process haled: ship hangs and cannot be ended";

	log_line(LOG_LEVEL_WARNING, "%s", why);
	tell(data, HALE_SIGHT_BLIND, why);
}

static void spawn(struct ship *s)
{
	struct child_job job = {
		.name = "haled: ship",
		.work = work,
		.message = on_message,
		.buffer = s->message,
		.size = sizeof(s->message),
		.stuck = on_stuck,
		.ended = on_ended,
		.data = s,
	};
	int r;

	s->began_ns = clock_boot_ns();
	r = child_start(&s->child, &job);
	if (r == -EBUSY)
		return; /* its end starts it */
	if (r < 0)
		set_next(s, "cannot start haled: ship");
}

static void on_timer(void *data)
{
	spawn(data);
}

static void on_changed(void *data, int status)
{
	struct ship *s = data;

	(void)status;
	s->failures = 0;
	if (!s->config.disabled)
		spawn(s);
}

static bool same(const struct ship *s, const struct config *c)
{
	return s->config.disabled == c->store.disabled &&
	       s->config.retention_ns == c->store.retention_ns &&
	       s->config.size_bytes == c->store.size_bytes &&
	       strcmp(s->config.path, c->store.path) == 0 &&
	       s->group_known == c->group_known && s->group == c->gid;
}

void ship_start(struct ship *s, const struct ship_setup *setup,
		const struct config *config)
{
	bool first = s->setup.loop == NULL;

	if (!first && same(s, config))
		return;
	if (first) {
		s->setup = *setup;
		child_init(&s->child, setup->loop);
		s->timer = (struct loop_timer){ .due = on_timer, .data = s };
	}
	s->config = config->store;
	s->group_known = config->group_known;
	s->group = config->gid;
	loop_timer_stop(&s->timer);
	if (s->config.disabled)
		tell(s, HALE_SIGHT_BLIND, "[store] enabled = no");
	if (s->child.state != CHILD_NONE) {
		s->child.job.ended = on_changed;
		child_hang_up(&s->child);
	} else if (!s->config.disabled) {
		spawn(s);
	}
}

void ship_stop(struct ship *s, int timeout_ms)
{
	if (!s->setup.loop)
		return;
	s->child.job.ended = NULL;
	child_hang_up(&s->child);
	child_wait(&s->child, timeout_ms);
	child_done(&s->child);
	loop_timer_remove(s->setup.loop, &s->timer);
}

void ship_close_fds(const struct ship *s)
{
	if (!s->setup.loop)
		return;
	if (s->child.exit_source.fd >= 0)
		close(s->child.exit_source.fd);
	if (s->child.message_source.fd >= 0)
		close(s->child.message_source.fd);
}
