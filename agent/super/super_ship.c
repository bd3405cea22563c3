/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ship process, from its fork to its end. Decides when it is started again
 * and what is said of the history meanwhile. Must never wait for it, nor read
 * what it says: its last line goes to each core as it came. It outlives cores
 * and needs nothing from them. Invariant: exactly one of these holds: it runs,
 * its next start is set, it is disabled, or it hangs in the kernel.
 */
#include <errno.h>
#include <fcntl.h>

#include "hale/base.h"

#include "agent/daemon/budget.h"
#include "agent/daemon/log.h"
#include "agent/daemon/process.h"
#include "agent/sandbox/successor.h"
#include "agent/super/super.h"

#define NAME "haled: ship"
/* A program that is not there is looked for so often. */
#define MISSING_NS (600 * HALE_NS_PER_S)
/* What it says is passed on as often at most. */
#define TELL_NS (50 * HALE_NS_PER_MS)
/* A history is the first thing to do without when memory runs out. */
#define OOM_SCORE "0"

static const struct backoff_rule rule = {
	.first_ns = HALE_NS_PER_S,
	.longest_ns = 64 * HALE_NS_PER_S,
	.useful_ns = 64 * HALE_NS_PER_S,
	.healthy_ns = 60 * HALE_NS_PER_S,
};

/* One that has to be another, because its folder is: a mount, or two. Where
 * each says so, its folder is not what it is about. */
static const struct backoff_rule renew_rule = {
	.first_ns = HALE_NS_PER_S,
	.longest_ns = 64 * HALE_NS_PER_S,
	.useful_ns = 64 * HALE_NS_PER_S,
	.healthy_ns = 60 * HALE_NS_PER_S,
	.at_once = 2,
};

/* --- its side of the fork --- */

struct words {
	char *argv[24];
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
static void say_all(struct words *w, const struct super *s)
{
	const struct config_store *c = &s->config.store;

	snprintf(w->path, sizeof(w->path), "%s%s",
		 c->path[0] ? c->path : s->options.state_dir,
		 c->path[0] ? "" : "/builds.db");
	snprintf(w->seconds, sizeof(w->seconds), "%llu",
		 (unsigned long long)(c->retention_ns / HALE_NS_PER_S));
	snprintf(w->bytes, sizeof(w->bytes), "%llu",
		 (unsigned long long)c->size_bytes);
	snprintf(w->gid, sizeof(w->gid), "%u", (unsigned int)s->config.gid);
	add(w, NAME, NULL);
	add(w, "--agent", "3");
	add(w, "--listen", "4");
	add(w, "--run-dir", s->options.run_dir);
	add(w, "--store", w->path);
	if (s->waiting_fd >= 0)
		add(w, "--waiting", "5");
	if (s->user.known)
		add(w, "--confined", NULL);
	if (c->retention_ns > 0)
		add(w, "--retention", w->seconds);
	if (c->size_bytes > 0)
		add(w, "--size", w->bytes);
	if (s->config.group_known)
		add(w, "--group", w->gid);
}

/* Another folder may be there by now, which is root's. In a child: its disk may
 * hang, and then so would what is started here. */
static void give_folder(const struct super *s)
{
	const char *wrong;
	int fd = super_open_state(s, &wrong);

	if (fd >= 0)
		close(fd);
}

static int work(void *data, int fd)
{
	struct super *s = data;
	const int keep[] = { fd, s->ship_fd, s->waiting_fd };
	size_t n = s->waiting_fd < 0 ? 2 : 3;
	struct words w = { .n = 0 };

	say_all(&w, s);
	process_in_child();
	process_leave_signals();
	budget_set_oom_score(OOM_SCORE);
	give_folder(s);
	return super_exec(s, "hale-ship", w.argv, keep, n);
}

/* --- the supervisor's side --- */

/* To this core and each that follows. */
static void say(struct super *s, const char *line, size_t len)
{
	hale_copy(s->ship_said, sizeof(s->ship_said), line, len);
	super_tell(s, WIRE_SHIP, s->ship_said, strlen(s->ship_said));
}

/* enum hale_sight as a digit, as ship itself says it. */
static void say_blind(struct super *s, const char *why)
{
	char line[SUPER_WHY_MAX + 1];
	int n = snprintf(line, sizeof(line), "%d%s", (int)HALE_SIGHT_BLIND,
			 why);

	say(s, line, (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1);
}

void super_repeat_ship(struct super *s)
{
	super_tell(s, WIRE_SHIP, s->ship_said, strlen(s->ship_said));
}

static void on_told(void *data)
{
	super_repeat_ship(data);
}

/* A wire that it filled would be the core's end: of what it says in a row, the
 * last counts. */
static void on_message(void *data, const void *bytes, size_t len)
{
	struct super *s = data;

	if (len == 0 || len >= sizeof(s->ship_bytes))
		return;
	hale_copy(s->ship_said, sizeof(s->ship_said), bytes, len);
	loop_timer_hasten(&s->loop, &s->ship_told, TELL_NS);
}

/* Who asks while nobody will answer is to be told at once. */
static void close_socket(struct super *s)
{
	if (s->ship_fd < 0)
		return;
	unlink(s->ship_path);
	close(s->ship_fd);
	s->ship_fd = -1;
}

static int open_socket(struct super *s)
{
	int n, fd;

	if (s->ship_fd >= 0)
		return 0;
	n = snprintf(s->ship_path, sizeof(s->ship_path), "%s/ship.sock",
		     s->options.run_dir);
	fd = (size_t)n < sizeof(s->ship_path) ? gate_listen(s->ship_path)
					      : -ENAMETOOLONG;
	s->ship_fd = fd;
	return fd < 0 ? fd : 0;
}

static uint64_t lived_ns(const struct super *s)
{
	return clock_boot_ns() - s->ship.began_ns;
}

static void set_next_in(struct super *s, const char *why, uint64_t delay)
{
	log_line(LOG_LEVEL_WARNING, "%s, starting it again in %llu s", why,
		 (unsigned long long)(delay / HALE_NS_PER_S));
	say_blind(s, why);
	loop_timer_set(&s->loop, &s->ship.timer, delay);
}

static void set_next(struct super *s, const char *why)
{
	set_next_in(s, why,
		    backoff_next(&s->ship.backoff, &rule, lived_ns(s), true));
}

static void set_missing(struct super *s)
{
	const char *why = "hale-ship is not installed";

	if (!s->ship_missing)
		log_line(LOG_LEVEL_WARNING, "%s: no history is kept", why);
	s->ship_missing = true;
	close_socket(s);
	say_blind(s, why);
	loop_timer_set(&s->loop, &s->ship.timer, MISSING_NS);
}

static void spawn(struct super *s);

static void renew(struct super *s)
{
	uint64_t delay =
		backoff_next(&s->renewing, &renew_rule, lived_ns(s), true);

	if (delay == 0)
		spawn(s);
	else
		set_next_in(s, "the process " NAME " wants to be another again",
			    delay);
}

static void on_ended(void *data, int status)
{
	struct super *s = data;
	char why[SUPER_WHY_MAX];

	if (s->config.store.disabled)
		return;
	if (status == SUPER_NOT_FOUND) {
		set_missing(s);
		return;
	}
	/* its last words are that it is ending, and why */
	if (status == SUCCESSOR_WANTED) {
		renew(s);
		return;
	}
	super_how(why, NAME, status);
	set_next(s, why);
}

static void on_stuck(void *data)
{
	const char *why = "the process " NAME " hangs and cannot be ended";

	log_line(LOG_LEVEL_WARNING, "%s", why);
	say_blind(data, why);
}

static void spawn(struct super *s)
{
	struct child_job job = {
		.name = NAME,
		.work = work,
		.message = on_message,
		.buffer = s->ship_bytes,
		.size = sizeof(s->ship_bytes),
		.stuck = on_stuck,
		.ended = on_ended,
		.data = s,
	};
	int r = open_socket(s);

	super_keep_waiting(s);
	s->ship.began_ns = clock_boot_ns();
	if (r == 0)
		r = child_start(&s->ship.child, &job);
	if (r == -EBUSY)
		return; /* its end starts it */
	if (r < 0)
		set_next(s, "cannot start " NAME);
}

static void on_timer(void *data)
{
	spawn(data);
}

static void on_changed(void *data, int status)
{
	struct super *s = data;

	(void)status;
	s->ship.backoff.failures = 0;
	if (!s->config.store.disabled)
		spawn(s);
}

static bool same(const struct config *a, const struct config *b)
{
	return a->store.disabled == b->store.disabled &&
	       a->store.retention_ns == b->store.retention_ns &&
	       a->store.size_bytes == b->store.size_bytes &&
	       strcmp(a->store.path, b->store.path) == 0 &&
	       a->group_known == b->group_known && a->gid == b->gid;
}

void super_configure_ship(struct super *s, const struct config *old)
{
	if (old && same(&s->config, old))
		return;
	loop_timer_stop(&s->ship.timer);
	if (s->config.store.disabled) {
		close_socket(s);
		say_blind(s, "[store] enabled = no");
	}
	if (s->ship.child.state != CHILD_NONE) {
		s->ship.child.job.ended = on_changed;
		child_hang_up(&s->ship.child);
	} else if (!s->config.store.disabled) {
		spawn(s);
	}
}

void super_init_ship(struct super *s)
{
	child_init(&s->ship.child, &s->loop);
	s->ship.timer = (struct loop_timer){ .due = on_timer, .data = s };
	s->ship_told = (struct loop_timer){ .due = on_told, .data = s };
}
