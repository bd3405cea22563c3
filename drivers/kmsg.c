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
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <time.h>

#include "kmsg_clock.h"
#include "kmsg_judge.h"
#include "kmsg_rules.h"
#include "kmsg_tally.h"

/* Records a wake-up: about 2 ms, so that a storm does not hold up the gate. */
#define BATCH_MAX 1024
/* A scan reads to the end, but not after a log that grows for ever. */
#define SCAN_MAX 200000

struct kmsg_state {
	struct hale_rules *rules;
	int log_fd, timer_fd, wait_fd; /* wait_fd: either of the others */
	bool trust_user_records, drained;
	struct kmsg_tally tally;
	struct kmsg_clock clock;
	struct kmsg_judge judge;
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
	    epoll_ctl(s->wait_fd, EPOLL_CTL_ADD, s->log_fd, &e) < 0)
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
	s->log_fd = openat(p->root_fd, "dev/kmsg",
			   O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (s->log_fd < 0)
		return cannot_open(p, errno);
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

static void take_record(struct kmsg_state *s, struct hale_probe *p, size_t len)
{
	struct kmsg_record r;

	if (kmsg_record_parse(s->buf, len, &r) < 0) {
		s->tally.malformed++;
		return;
	}
	kmsg_tally_record(&s->tally, &r);
	r.time_ns = kmsg_clock_settle(&s->clock, r.time_ns, mono_ns(p));
	if (r.facility != 0 && !s->trust_user_records)
		return;
	if (r.seq <= s->tally.resume_seq && s->tally.resume_seq != 0)
		kmsg_judge_learn(&s->judge, s->rules, &r);
	else
		kmsg_judge_record(&s->judge, p, s->rules, &r);
}

/* 1: a record was taken in, 0: there is none now, or negative errno. */
static int read_one(struct kmsg_state *s, struct hale_probe *p)
{
	ssize_t n = read(s->log_fd, s->buf, sizeof(s->buf));

	if (n > 0) {
		take_record(s, p, (size_t)n);
		return 1;
	}
	if (n == 0 || errno == EAGAIN)
		return 0;
	if (errno == EPIPE || errno == EINTR)
		return 1; /* overwritten: the next number tells how many */
	if (errno == EINVAL) {
		s->tally.malformed++; /* larger than any record may be */
		return 1;
	}
	return -errno;
}

/* The position was never reached: it is of another log. Begin anew. */
static bool rewind_log(struct kmsg_state *s)
{
	struct kmsg_tally *t = &s->tally;

	if (t->resume_seq == 0 || (t->any && t->last_seq >= t->resume_seq) ||
	    lseek(s->log_fd, 0, SEEK_SET) < 0)
		return false;
	t->resume_seq = 0;
	t->any = false;
	/* not what it knows of disks, which is as true of this log */
	memset(&s->judge, 0, offsetof(struct kmsg_judge, blocks));
	return true;
}

static void set_timer(const struct kmsg_state *s, bool waiting)
{
	struct itimerspec t = { .it_value.tv_nsec = waiting };

	if (waiting)
		t.it_value.tv_sec =
			(time_t)(HALE_GROUP_WINDOW_NS / HALE_NS_PER_S + 1);
	timerfd_settime(s->timer_fd, 0, &t, NULL);
}

/* After a batch: what was held back, what was lost, how far it went. */
static void finish(struct kmsg_state *s, struct hale_probe *p, bool drained)
{
	kmsg_judge_flush(&s->judge, p);
	/* what follows in an old log is old: now says nothing of it */
	if (drained || p->once)
		set_timer(s,
			  kmsg_judge_close(&s->judge, p,
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
	const int fds[] = { s->wait_fd, s->timer_fd, s->log_fd };

	for (size_t i = 0; i < HALE_ARRAY_SIZE(fds); i++) {
		if (fds[i] > 0)
			close(fds[i]);
	}
	s->rules = hale_rules_free(s->rules);
	s->wait_fd = s->timer_fd = s->log_fd = -1;
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
