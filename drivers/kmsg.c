/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the kernel log. Decides what was read, what was lost and when the log
 * may be called seen; what a record means is kmsg_judge.c's. Must never wait,
 * and must not say LIVE before the ring was read to its end once: a fault from
 * before the agent is in there. Every record that the kernel numbered is taken
 * in once or counted as lost.
 */
#include "hale/base.h"
#include "hale/driver.h"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>

#include "kmsg_clock.h"
#include "kmsg_judge.h"
#include "kmsg_log.h"
#include "kmsg_rules.h"
#include "kmsg_tally.h"

/* Records a wake-up: about 2 ms, so that a storm does not hold up the gate. */
#define BATCH_MAX 1024
/* A scan reads to the end, but not after a log that grows for ever. */
#define SCAN_MAX 200000
/* 0.2 ms, 50 times a second, until the mark is where it should be. */
#define FOLLOW_MAX 256
#define FOLLOW_NS  (20 * HALE_NS_PER_MS)

struct kmsg_state {
	struct hale_rules *rules;
	struct kmsg_log log;
	int timer_fd, wait_fd; /* wait_fd: the log, or the other */
	bool trust_user_records, drained;
	struct kmsg_tally tally;
	struct kmsg_clock clock;
	struct kmsg_judge judge;
	struct hale_group old; /* what the mark went over */
	char buf[KMSG_RECORD_MAX];
};

static bool is_yes(const char *value)
{
	static const char *const words[] = { "yes", "true", "on", "1" };

	for (size_t i = 0; value && i < HALE_ARRAY_SIZE(words); i++) {
		if (strcasecmp(value, words[i]) == 0)
			return true;
	}
	return false;
}

static void cover(struct hale_probe *p, enum hale_sight sight, const char *why,
		  const char *remedy)
{
	hale_emit_coverage(p, HALE_SENSE_BLOCK_ERRORS, sight, why, remedy);
	hale_emit_coverage(p, HALE_SENSE_KERNEL_LOG, sight, why, remedy);
}

static int cannot_open(struct hale_probe *p, int err)
{
	char restrict_[8] = "";
	const char *why = "/dev/kmsg cannot be read: permission denied";

	if (err == ENOENT || err == ENXIO || err == ENODEV) {
		cover(p, HALE_SIGHT_BLIND,
		      "there is no /dev/kmsg: a container?",
		      "run haled on the host, or give the container /dev/kmsg");
		return -ENODEV;
	}
	if (err != EPERM && err != EACCES)
		return -err;
	hale_read_at(p->root_fd, "proc/sys/kernel/dmesg_restrict", restrict_,
		     sizeof(restrict_));
	if (restrict_[0] == '1')
		why = "/dev/kmsg cannot be read: kernel.dmesg_restrict is set";
	cover(p, HALE_SIGHT_BLIND, why, "run haled as root or with CAP_SYSLOG");
	return -err;
}

/* One descriptor that is ready when the log is, or when a held line's time
 * is up. */
static int open_wait(struct kmsg_state *s)
{
	struct epoll_event e = { .events = EPOLLIN };

	s->timer_fd =
		timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	s->wait_fd = epoll_create1(EPOLL_CLOEXEC);
	if (s->timer_fd < 0 || s->wait_fd < 0 ||
	    epoll_ctl(s->wait_fd, EPOLL_CTL_ADD, s->timer_fd, &e) < 0 ||
	    epoll_ctl(s->wait_fd, EPOLL_CTL_ADD, s->log.fd, &e) < 0)
		return -errno;
	return 0;
}

static int load_rules(const struct hale_probe *p, char *ret_error,
		      struct hale_rules **ret_rules)
{
	const char *dir = hale_option(p, "rules_dir");

	return kmsg_rules_load(p->root_fd, dir ? dir : KMSG_RULES_DIR,
			       ret_error, ret_rules);
}

static int kmsg_check(const struct hale_probe *p,
		      char ret_error[HALE_CHECK_ERROR_MAX])
{
	struct hale_rules *rules = NULL;
	int r = load_rules(p, ret_error, &rules);

	hale_rules_free(rules);
	return r == 0 && ret_error[0] ? -EINVAL : r;
}

static int kmsg_probe(struct hale_probe *p)
{
	struct kmsg_state *s = p->state;
	int r;

	s->timer_fd = s->wait_fd = -1;
	s->tally.resume_seq = p->resume_seq;
	s->trust_user_records = is_yes(hale_option(p, "trust_user_records"));
	r = kmsg_log_open(&s->log, p, s->buf);
	if (r < 0)
		return cannot_open(p, -r);
	r = load_rules(p, s->tally.rules_error, &s->rules);
	if (r < 0)
		return r;
	r = open_wait(s);
	if (r < 0)
		return r;
	kmsg_blocks_learn(&s->judge.blocks, p->root_fd);
	p->event_fd = s->wait_fd;
	p->event_mask = POLLIN;
	return 0;
}

static uint64_t mono_ns(const struct hale_probe *p)
{
	return p->now_ns - (uint64_t)p->mono_to_agent_ns;
}

static bool counts(const struct kmsg_state *s, const struct kmsg_record *r)
{
	return r->facility == 0 || s->trust_user_records;
}

static void take_record(struct kmsg_state *s, struct hale_probe *p, size_t len)
{
	struct kmsg_record r;

	if (kmsg_record_parse(s->buf, len, &r) < 0) {
		s->tally.malformed++;
		return;
	}
	kmsg_tally_record(&s->tally, &r);
	r.time_ns = kmsg_clock_settle(&s->clock, r.time_ns, mono_ns(p));
	if (!counts(s, &r))
		return;
	if (r.seq <= s->tally.resume_seq && s->tally.resume_seq != 0)
		kmsg_judge_learn(&s->judge.group, s->rules, &r);
	else
		kmsg_judge_record(&s->judge, p, s->rules, &r);
}

/* 1: a record was taken in, 0: there is none now, or negative errno. */
static int read_one(struct kmsg_state *s, struct hale_probe *p)
{
	ssize_t n = kmsg_log_read(&s->log, s->buf);

	if (n > 0) {
		take_record(s, p, (size_t)n);
		return 1;
	}
	if (n == -EAGAIN)
		return 0;
	if (n == -EPIPE || n == -EINTR)
		return 1; /* overwritten: the next number tells how many */
	if (n == -EINVAL) {
		s->tally.malformed++; /* larger than any record may be */
		return 1;
	}
	return (int)n;
}

/* The position was never reached: it is of another log. Begin anew. */
static bool rewind_log(struct kmsg_state *s)
{
	struct kmsg_tally *t = &s->tally;

	if (t->resume_seq == 0 || (t->any && t->last_seq >= t->resume_seq) ||
	    kmsg_log_rewind(&s->log) < 0)
		return false;
	t->resume_seq = 0;
	t->any = false;
	/* not what it knows of disks, which is as true of this log */
	memset(&s->judge, 0, offsetof(struct kmsg_judge, blocks));
	return true;
}

static void set_timer(const struct kmsg_state *s, uint64_t ns)
{
	struct itimerspec t = {
		.it_value.tv_sec = (time_t)(ns / HALE_NS_PER_S),
		.it_value.tv_nsec = (long)(ns % HALE_NS_PER_S),
	};

	timerfd_settime(s->timer_fd, 0, &t, NULL);
}

/* Some records further with the mark for the next core; true: not there yet.
 * What it goes over for the first time teaches what the kernel leaves out,
 * where this core did not begin with those records itself. */
static bool follow(struct kmsg_state *s)
{
	ssize_t n = 1;

	for (int left = FOLLOW_MAX; left > 0 && n != 0; left--) {
		struct kmsg_record r;

		n = kmsg_log_follow(&s->log, s->tally.last_seq, s->buf);
		if (n > 0 && !s->log.marked &&
		    kmsg_record_parse(s->buf, (size_t)n, &r) == 0 &&
		    counts(s, &r))
			kmsg_judge_learn(&s->old, s->rules, &r);
	}
	if (n == 0 && !s->log.marked) {
		s->log.marked = true;
		kmsg_judge_teach(&s->judge, &s->old);
	}
	return n != 0;
}

/* When to look again though nothing was printed. */
static void wait_on(struct kmsg_state *s, bool waiting)
{
	if (follow(s))
		set_timer(s, FOLLOW_NS);
	else
		set_timer(s,
			  waiting ? HALE_GROUP_WINDOW_NS + HALE_NS_PER_S : 0);
}

/* After a batch: what was held back, what was lost, how far it went. */
static void finish(struct kmsg_state *s, struct hale_probe *p, bool drained)
{
	kmsg_judge_flush(&s->judge, p);
	/* what follows in an old log is old: now says nothing of it */
	if (drained || p->once)
		wait_on(s, kmsg_judge_close(&s->judge, p,
					    p->once ? UINT64_MAX : mono_ns(p)));
	kmsg_tally_say_lost(&s->tally, p);
	kmsg_tally_say_position(&s->tally, p);
	if (!drained)
		return;
	kmsg_clock_end(&s->clock, mono_ns(p));
	/* doubling: a flood of them is told in a few words */
	if (!s->drained || s->tally.malformed > 2 * s->tally.malformed_said)
		kmsg_tally_say_coverage(&s->tally, p);
	s->drained = true;
}

static int kmsg_sample(struct hale_probe *p)
{
	struct kmsg_state *s = p->state;
	int left = p->once ? SCAN_MAX : BATCH_MAX;
	int r = 1;

	while (r > 0 && left-- > 0) {
		r = read_one(s, p);
		if (r == 0 && !s->drained && rewind_log(s))
			r = 1;
	}
	if (r < 0)
		return r;
	finish(s, p, r == 0);
	return 0;
}

static void kmsg_remove(struct hale_probe *p)
{
	struct kmsg_state *s = p->state;
	const int fds[] = { s->wait_fd, s->timer_fd };

	for (size_t i = 0; i < HALE_ARRAY_SIZE(fds); i++) {
		if (fds[i] > 0)
			close(fds[i]);
	}
	s->rules = hale_rules_free(s->rules);
	s->wait_fd = s->timer_fd = -1;
	kmsg_log_close(&s->log);
}

HALE_DRIVER(kmsg) = {
	.name = "kmsg",
	.about = "faults in the kernel log: disks, filesystems, memory, buses",
	.state_size = sizeof(struct kmsg_state),
	.senses = 1U << HALE_SENSE_BLOCK_ERRORS | 1U << HALE_SENSE_KERNEL_LOG,
	.scans = true,
	.probe = kmsg_probe,
	.check = kmsg_check,
	.sample = kmsg_sample,
	.remove = kmsg_remove,
};
