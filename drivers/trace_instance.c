/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sets up what the kernel records for us, with libtracefs. The library looks
 * for tracefs, and mounts it where it finds none, unless it is told where that
 * is: so it is given the folder that the driver has opened and found to be one,
 * by its number, and never without. All that is needed later is opened now, for
 * the core has no rights afterwards. What a core of the same supervisor left
 * goes on recording and is taken over. Invariant: what is recorded is chosen in
 * the kernel; an idle host never wakes the reader.
 */
#include "trace_instance.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

#include <tracefs/tracefs.h>

#include "hale/base.h"

#define PREFIX "hale-"
#define CLOCK  "global"
/* A CPU that is plugged in is listened to a minute later. */
#define CPU_PERIOD_S 60
#define READY_MAX    16
#define NAME_SIZE    32

/* What the library answers to a write: bytes, or -1 and errno. */
static int done(int written)
{
	if (written >= 0)
		return 0;
	return errno ? -errno : -EIO;
}

/* "hale-PID", or of a lineage "hale-PID-HEX", the supervisor's and what tells
 * it from others that had its number. */
static void name_it(uint64_t lineage, char name[NAME_SIZE])
{
	if (lineage == 0)
		snprintf(name, NAME_SIZE, PREFIX "%d", (int)getpid());
	else
		snprintf(name, NAME_SIZE, PREFIX "%d-%08x",
			 (int)(lineage >> 32), (unsigned int)lineage);
}

/* Of an agent that is gone. The kernel keeps those that somebody reads. */
static bool is_stale(const char *name)
{
	char *end = NULL;
	long pid;

	if (strncmp(name, PREFIX, strlen(PREFIX)) != 0)
		return false;
	pid = strtol(name + strlen(PREFIX), &end, 10);
	if (end == name + strlen(PREFIX) || pid <= 0 || pid > INT32_MAX)
		return false;
	if (*end == '-')
		strtoul(end + 1, &end, 16);
	return !*end && pid != getpid() && kill((pid_t)pid, 0) < 0 &&
	       errno == ESRCH;
}

static int remove_stale(const char *name, void *data)
{
	struct tracefs_instance *stale;

	(void)data;
	if (!is_stale(name))
		return 0;
	stale = tracefs_instance_alloc(NULL, name);
	if (stale)
		tracefs_instance_destroy(stale);
	tracefs_instance_free(stale);
	return 0;
}

static int tell_library(struct trace_instance *t, int tracefs_fd)
{
	char dir[32];

	t->tracefs_fd = fcntl(tracefs_fd, F_DUPFD_CLOEXEC, 3);
	if (t->tracefs_fd < 0)
		return -errno;
	snprintf(dir, sizeof(dir), "/proc/self/fd/%d", t->tracefs_fd);
	if (access(dir, F_OK) < 0)
		return -ESRCH;
	tracefs_set_loglevel(TEP_LOG_NONE);
	return tracefs_set_tracing_dir(dir) < 0 ? -ENOMEM : 0;
}

/* Made by one that ended in the midst of it? The clock is set first. */
static bool is_made(const struct trace_instance *t)
{
	char *clocks = tracefs_instance_file_read(t->own, "trace_clock", NULL);
	bool made = clocks && strstr(clocks, "[" CLOCK "]");

	free(clocks);
	return made;
}

/* One that is there already is our lineage's; or it was a dead agent's of our
 * number, and holds what it did not read; or it is the one of a living agent in
 * another container. */
static int create(struct trace_instance *t, uint64_t lineage)
{
	char name[NAME_SIZE];

	name_it(lineage, name);
	t->own = tracefs_instance_create(name);
	if (!t->own)
		return errno ? -errno : -ENOMEM;
	t->inherited =
		lineage != 0 && !tracefs_instance_is_new(t->own) && is_made(t);
	if (t->inherited || tracefs_instance_is_new(t->own))
		return 0;
	if (tracefs_instance_destroy(t->own) == 0) {
		tracefs_instance_free(t->own);
		t->own = tracefs_instance_create(name);
		return t->own ? 0 : -errno;
	}
	if (errno != EBUSY)
		return 0;
	tracefs_instance_free(t->own);
	t->own = NULL;
	return -EBUSY;
}

/* The kernel rounds up to a page, and since Linux 6.13 tells that. */
static int set_size(const struct trace_instance *t, uint32_t kib)
{
	unsigned long page_kib = (unsigned long)sysconf(_SC_PAGESIZE) / 1024;
	char *text = t->inherited ? tracefs_instance_file_read(
					    t->own, "buffer_size_kb", NULL)
				  : NULL;
	unsigned long has = text ? strtoul(text, NULL, 10) : 0;
	bool same = has >= kib && has - kib <= page_kib;

	free(text);
	return same ? 0
		    : done(tracefs_instance_set_buffer_size(t->own, kib, -1));
}

static int make(struct trace_instance *t, int tracefs_fd,
		const struct trace_setup *setup)
{
	int r = tell_library(t, tracefs_fd);

	if (r < 0)
		return r;
	tracefs_instances_walk(remove_stale, NULL);
	r = create(t, setup->lineage);
	if (r < 0)
		return r;
	/* the clock of the kernel log, so that both tell one order of things;
	 * to set it empties the buffers */
	if (!t->inherited)
		r = done(tracefs_instance_file_write(t->own, "trace_clock",
						     CLOCK));
	if (r < 0)
		return r;
	r = set_size(t, setup->buffer_kib);
	if (r < 0)
		return r;
	/* else a reader sleeps until half of the buffer is full; kernels before
	 * 5.0 do not have it, and wake at once */
	r = done(tracefs_instance_file_write(t->own, "buffer_percent", "0"));
	return r == -ENOENT ? 0 : r;
}

/* Of one that was inherited. What is set already is only read: to set it again
 * takes the kernel 40 ms. */
static bool says(const struct trace_instance *t,
		 const struct trace_event_info *e, const char *file,
		 const char *word)
{
	char *text = t->inherited ? tracefs_event_file_read(t->own, e->group,
							    e->name, file, NULL)
				  : NULL;
	bool said = text && strncmp(text, word, strlen(word)) == 0;

	free(text);
	return said;
}

static bool record_stacks(const struct trace_instance *t,
			  const struct trace_event_info *e)
{
	return says(t, e, "trigger", "stacktrace") ||
	       tracefs_event_file_append(t->own, e->group, e->name, "trigger",
					 "stacktrace") >= 0;
}

static int enable(struct trace_instance *t, enum trace_event event)
{
	const struct trace_event_info *e = &trace_events[event];
	int r = 0;

	if (event == TRACE_OOM)
		t->stacks = record_stacks(t, e);
	/* that comes last: what else there is to set is set; "1*" with a
	 * trigger */
	if (says(t, e, "enable", "1")) {
		t->enabled |= 1U << event;
		return 0;
	}
	if (e->filter)
		r = done(tracefs_event_file_write(t->own, e->group, e->name,
						  "filter", e->filter));
	if (r < 0)
		return r;
	/* tracefs_event_enable() takes patterns: it would look through all
	 * events there are, for each of ours */
	r = done(tracefs_event_file_write(t->own, e->group, e->name, "enable",
					  "1"));
	if (r == 0)
		t->enabled |= 1U << event;
	return r;
}

static int enable_all(struct trace_instance *t, const struct trace_formats *f)
{
	int last = -ENOENT;

	for (int i = 0; i < TRACE_STACK; i++) {
		int r;

		if (!f->layouts[i].known ||
		    (i == TRACE_BLOCK_COMPLETE &&
		     (t->enabled & 1U << TRACE_BLOCK_ERROR) != 0))
			continue;
		r = enable(t, (enum trace_event)i);
		last = r < 0 && t->enabled == 0 ? r : last;
	}
	return t->enabled ? 0 : last;
}

/* A CPU without a buffer is an error to poll(2), and never wakes anybody. */
static bool has_buffer(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) >= 0 && (p.revents & (POLLERR | POLLNVAL)) == 0;
}

static int listen_to(struct trace_instance *t, uint32_t cpu)
{
	struct epoll_event e = { .events = EPOLLIN, .data.u32 = cpu };
	struct trace_cpu *c = &t->cpus[cpu];

	c->waiting = !has_buffer(c->fd);
	if (c->waiting)
		return 0;
	return epoll_ctl(t->wait_fd, EPOLL_CTL_ADD, c->fd, &e) < 0 ? -errno : 0;
}

static int open_cpus(struct trace_instance *t)
{
	long n = sysconf(_SC_NPROCESSORS_CONF);
	char path[48];
	int r = 0;

	n = n < 1 ? 1 : n > TRACE_CPUS_MAX ? TRACE_CPUS_MAX : n;
	t->cpus = calloc((size_t)n, sizeof(*t->cpus));
	if (!t->cpus)
		return -ENOMEM;
	t->n_cpus = (uint32_t)n;
	for (uint32_t i = 0; i < t->n_cpus; i++) {
		snprintf(path, sizeof(path), "per_cpu/cpu%u/trace_pipe_raw", i);
		t->cpus[i].fd = tracefs_instance_file_open(
			t->own, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		if (t->cpus[i].fd < 0 && errno != ENOENT)
			r = -errno;
		else if (t->cpus[i].fd >= 0 && r == 0)
			r = listen_to(t, i);
	}
	return r;
}

static bool waits_for_cpus(const struct trace_instance *t)
{
	for (uint32_t i = 0; i < t->n_cpus; i++) {
		if (t->cpus[i].waiting)
			return true;
	}
	return false;
}

static void set_timer(struct trace_instance *t)
{
	struct itimerspec s = { .it_value.tv_sec = 0 };

	if (waits_for_cpus(t))
		s.it_value.tv_sec = s.it_interval.tv_sec = CPU_PERIOD_S;
	timerfd_settime(t->timer_fd, 0, &s, NULL);
}

static int open_wait(struct trace_instance *t)
{
	struct epoll_event e = { .events = EPOLLIN, .data.u32 = UINT32_MAX };

	t->wait_fd = epoll_create1(EPOLL_CLOEXEC);
	t->timer_fd =
		timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (t->wait_fd < 0 || t->timer_fd < 0 ||
	    epoll_ctl(t->wait_fd, EPOLL_CTL_ADD, t->timer_fd, &e) < 0)
		return -errno;
	return 0;
}

int trace_instance_open(struct trace_instance *t, int tracefs_fd,
			const struct trace_formats *formats,
			const struct trace_setup *setup)
{
	int r = make(t, tracefs_fd, setup);

	if (r == 0)
		r = open_wait(t);
	if (r == 0)
		r = open_cpus(t);
	if (r == 0)
		r = enable_all(t, formats);
	if (r == 0)
		set_timer(t);
	return r;
}

int trace_instance_mark(const struct trace_instance *t, const char *text)
{
	return done(tracefs_instance_file_append(t->own, "trace_marker", text));
}

static void poll_cpus(struct trace_instance *t)
{
	uint64_t expired;

	if (read(t->timer_fd, &expired, sizeof(expired)) < 0)
		return;
	for (uint32_t i = 0; i < t->n_cpus; i++) {
		if (t->cpus[i].waiting)
			listen_to(t, i);
	}
	set_timer(t);
}

int trace_instance_ready(struct trace_instance *t, uint32_t *ret_cpus, int max)
{
	struct epoll_event events[READY_MAX];
	int n = epoll_wait(t->wait_fd, events,
			   max < READY_MAX ? max : READY_MAX, 0);
	int cpus = 0;

	for (int i = 0; i < n; i++) {
		if (events[i].data.u32 < t->n_cpus)
			ret_cpus[cpus++] = events[i].data.u32;
		else
			poll_cpus(t);
	}
	return cpus;
}

static void shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void trace_instance_close(struct trace_instance *t)
{
	for (uint32_t i = 0; i < t->n_cpus; i++)
		shut(&t->cpus[i].fd);
	free(t->cpus);
	t->cpus = NULL;
	t->n_cpus = 0;
	shut(&t->timer_fd);
	shut(&t->wait_fd);
	if (t->own)
		tracefs_instance_destroy(t->own);
	tracefs_instance_free(t->own);
	t->own = NULL;
	shut(&t->tracefs_fd);
}
