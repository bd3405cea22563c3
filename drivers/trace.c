/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hears of faults from the kernel's tracepoints, at once and one by one, where
 * the log is late and leaves lines out. Decides when recording begins and what
 * was lost of it; what a record means is trace_event.c's. Must never wait, and
 * must never mount tracefs: that is the host's choice. Invariant: what it says
 * to see since some time it has seen all of, or has said how much was lost.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/statfs.h>

#include "hale/base.h"
#include "hale/driver.h"

#include "trace_event.h"
#include "trace_instance.h"
#include "trace_sight.h"
#include "trace_stack.h"

/* Pages a wake-up, over all CPUs: at some 60 records each, about 1 ms. */
#define BATCH_MAX 16
#define MARK	  "hale begins"

/* A victim whose stack is the next record of its CPU. */
struct victim {
	bool waits;
	struct trace_raw raw;
};

/* Who got SIGBUS lately: the record of a death has no name. */
struct named {
	uint32_t pid;
	char comm[HALE_NAME_MAX];
};

#define NAMED_MAX 8

struct trace_state {
	struct trace_instance instance;
	struct trace_formats formats;
	struct trace_sight sight;
	int symbols_fd;
	struct trace_symbol cgroup_oom;
	uint8_t *page;
	struct named named[NAMED_MAX];
	uint32_t next_named;
};

static int open_tracefs(const struct hale_probe *p)
{
	static const char *const places[] = { "sys/kernel/tracing",
					      "sys/kernel/debug/tracing" };
	int err = ENOENT;

	for (size_t i = 0; i < HALE_ARRAY_SIZE(places); i++) {
		int fd = openat(p->root_fd, places[i],
				O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (fd >= 0 && faccessat(fd, "instances", F_OK, 0) == 0)
			return fd;
		/* a folder that is there and empty says more than none */
		if (fd >= 0)
			err = ENOTCONN;
		else if (err == ENOENT)
			err = errno;
		if (fd >= 0)
			close(fd);
	}
	return -err;
}

/* 16 to 4096; -EINVAL. */
static int buffer_kib(const struct hale_probe *p, uint32_t *ret_kib)
{
	const char *text = hale_option(p, "buffer_kib");
	char *end = NULL;
	unsigned long n = 128; /* about 1500 failed requests for each CPU */

	if (text)
		n = strtoul(text, &end, 10);
	if (text && (end == text || *end || n < 16 || n > 4096))
		return -EINVAL;
	*ret_kib = (uint32_t)n;
	return 0;
}

static int trace_check(const struct hale_probe *p,
		       char ret_error[HALE_CHECK_ERROR_MAX])
{
	uint32_t kib;
	int r = buffer_kib(p, &kib);

	if (r < 0)
		snprintf(ret_error, HALE_CHECK_ERROR_MAX,
			 "buffer_kib = %s: not a number from 16 to 4096",
			 hale_option(p, "buffer_kib"));
	return r;
}

static int set_up(struct trace_state *s, const struct hale_probe *p,
		  int tracefs_fd)
{
	_cleanup_fd_ int events_fd = openat(tracefs_fd, "events",
					    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct trace_setup setup = { .buffer_kib = 128, .lineage = p->lineage };
	int r;

	if (events_fd < 0)
		return -errno;
	r = trace_formats_load(events_fd, &s->formats);
	if (r < 0)
		return r;
	s->page = malloc(s->formats.page_size);
	if (!s->page)
		return -ENOMEM;
	buffer_kib(p, &setup.buffer_kib);
	s->symbols_fd =
		openat(p->root_fd, "proc/kallsyms", O_RDONLY | O_CLOEXEC);
	return trace_instance_open(&s->instance, tracefs_fd, &s->formats,
				   &setup);
}

/* Where a cgroup's limit is enforced: looked for when first needed, through
 * what was opened with the right to see addresses. */
static enum trace_oom_scope scope_of(struct trace_state *s,
				     const struct trace_raw *stack)
{
	if (s->symbols_fd >= 0 && s->cgroup_oom.begin == 0) {
		int r = trace_symbol_find(s->symbols_fd,
					  "mem_cgroup_out_of_memory",
					  &s->cgroup_oom);

		/* a kernel without memory cgroups: it is always the host */
		if (r == -ENOENT)
			s->cgroup_oom = (struct trace_symbol){ 1, 1 };
		close(s->symbols_fd);
		s->symbols_fd = -1;
	}
	return trace_stack_scope(&s->cgroup_oom, &s->formats, stack);
}

static void keep_name(struct trace_state *s, const struct trace_raw *raw)
{
	const struct trace_layout *l = &s->formats.layouts[TRACE_SIGNAL];
	struct named *n = &s->named[s->next_named];

	s->next_named = (s->next_named + 1) % NAMED_MAX;
	n->pid = trace_signal_pid(l, raw);
	trace_signal_comm(l, raw, n->comm, sizeof(n->comm));
}

static void say_death(struct trace_state *s, struct hale_probe *p,
		      const struct trace_raw *raw)
{
	const struct trace_layout *l = &s->formats.layouts[TRACE_DEATH];
	uint32_t pid = trace_death_pid(l, raw);
	const char *comm = "";

	for (uint32_t i = 0; i < NAMED_MAX; i++) {
		if (pid != 0 && s->named[i].pid == pid)
			comm = s->named[i].comm;
	}
	trace_death_say(p, l, raw, comm);
}

static void take_record(struct trace_state *s, struct hale_probe *p,
			const struct trace_raw *raw, struct victim *victim)
{
	enum trace_event event = trace_event_of(&s->formats, raw);

	if (victim->waits && event == TRACE_STACK)
		trace_oom_say(p, &s->formats, &victim->raw, scope_of(s, raw));
	victim->waits = event == TRACE_OOM;
	victim->raw = *raw;
	if (event == TRACE_SIGNAL)
		keep_name(s, raw);
	if (event == TRACE_DEATH)
		say_death(s, p, raw);
	if (event == TRACE_MARK && s->sight.since_ns == 0)
		s->sight.since_ns = trace_agent_ns(p, raw->time_ns);
	trace_event_say(p, &s->formats, event, raw);
}

static void take_page(struct trace_state *s, struct hale_probe *p, uint32_t cpu,
		      size_t len)
{
	struct victim victim = { .waits = false };
	struct trace_page page;
	struct trace_raw raw;

	if (trace_page_open(s->page, len, s->formats.commit_size, &page) < 0) {
		trace_sight_lost(&s->sight, p, cpu, 0);
		return;
	}
	if (page.overran)
		trace_sight_lost(&s->sight, p, cpu, page.lost);
	while (trace_page_next(&page, &raw)) {
		/* till all is read: of whom the lost ones were, nobody knows */
		raw.after_loss |= s->sight.lost_now > 0;
		take_record(s, p, &raw, &victim);
	}
}

/* 1: a page was taken in, 0: there is none now, or negative errno. */
static int read_page(struct trace_state *s, struct hale_probe *p, uint32_t cpu)
{
	const struct trace_cpu *c = &s->instance.cpus[cpu];
	ssize_t n;

	if (c->fd < 0 || c->waiting)
		return 0;
	n = read(c->fd, s->page, s->formats.page_size);
	if (n > 0) {
		take_page(s, p, cpu, (size_t)n);
		return 1;
	}
	if (n == 0 || errno == EAGAIN || errno == EINTR)
		return 0;
	return -errno;
}

/* A page of each CPU that has one: how many were read, or negative errno. */
static int read_ready(struct trace_state *s, struct hale_probe *p, int max)
{
	uint32_t cpus[BATCH_MAX];
	int n = trace_instance_ready(&s->instance, cpus, max);
	int pages = 0;

	for (int i = 0; i < n; i++) {
		int r = read_page(s, p, cpus[i]);

		if (r < 0)
			return r;
		pages += r;
	}
	return pages;
}

/* In turn, so that a storm on one CPU does not hide the others. */
static int trace_sample(struct hale_probe *p)
{
	struct trace_state *s = p->state;
	int left = BATCH_MAX, r;

	do {
		r = read_ready(s, p, left);
		left -= r;
	} while (r > 0 && left > 0);
	if (r < 0)
		return r;
	trace_sight_say_lost(&s->sight, p);
	return 0;
}

static void trace_remove(struct hale_probe *p)
{
	struct trace_state *s = p->state;

	if (!s->instance.own && !s->page)
		return;
	trace_instance_close(&s->instance);
	if (s->symbols_fd >= 0)
		close(s->symbols_fd);
	s->symbols_fd = -1;
	free(s->page);
	s->page = NULL;
}

static int trace_probe(struct hale_probe *p)
{
	struct trace_state *s = p->state;
	_cleanup_fd_ int tracefs_fd = open_tracefs(p);
	int r = tracefs_fd < 0 ? tracefs_fd : 0;

	s->instance = TRACE_INSTANCE_NULL;
	s->symbols_fd = -1;
	if (r == 0)
		r = set_up(s, p, tracefs_fd);
	if (r < 0) {
		trace_remove(p);
		return trace_sight_absent(p, r);
	}
	p->event_fd = s->instance.wait_fd;
	p->event_mask = POLLIN;
	/* the mark's record tells since when, by the clock of all others */
	if (trace_instance_mark(&s->instance, MARK) < 0)
		s->sight.since_ns = p->now_ns;
	r = trace_sample(p);
	if (s->sight.since_ns == 0)
		s->sight.since_ns = p->now_ns;
	s->sight.enabled = s->instance.enabled;
	trace_sight_say(&s->sight, p);
	return r;
}

HALE_DRIVER(trace) = {
	.name = "trace",
	.about = "tracepoints: failed requests, memory errors, SIGBUS, OOM",
	.state_size = sizeof(struct trace_state),
	.senses = 1U << HALE_SENSE_BLOCK_ERRORS |
		  1U << HALE_SENSE_MEMORY_ERRORS |
		  1U << HALE_SENSE_PROCESS_DEATHS,
	.probe = trace_probe,
	.check = trace_check,
	.sample = trace_sample,
	.remove = trace_remove,
};
