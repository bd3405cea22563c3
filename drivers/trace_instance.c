/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sets up what the kernel records for us. tracefs itself is neither mounted
 * nor changed: libtracefs would mount it, and takes paths where drivers have a
 * root of their own, so its few writes are made here. All that is needed later
 * is opened now, for the core has no rights afterwards. Invariant: what is
 * recorded is chosen in the kernel; an idle host never wakes the reader.
 */
#include "trace_instance.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/timerfd.h>

#include "hale/base.h"

#define PREFIX "hale-"
/* A CPU that is plugged in is listened to a minute later. */
#define CPU_PERIOD_S 60

static int write_at(int dirfd, const char *path, const char *text)
{
	_cleanup_fd_ int fd = openat(dirfd, path, O_WRONLY | O_CLOEXEC);
	ssize_t len = (ssize_t)strlen(text);

	if (fd < 0)
		return -errno;
	return write(fd, text, (size_t)len) == len ? 0 : -EIO;
}

/* Of an agent that is gone. The kernel keeps those that somebody reads. */
static bool is_stale(const char *name)
{
	char *end = NULL;
	long pid;

	if (strncmp(name, PREFIX, strlen(PREFIX)) != 0)
		return false;
	pid = strtol(name + strlen(PREFIX), &end, 10);
	if (end == name + strlen(PREFIX) || *end || pid <= 0 || pid > INT32_MAX)
		return false;
	return pid != getpid() && kill((pid_t)pid, 0) < 0 && errno == ESRCH;
}

static void remove_stale(int root_fd)
{
	int fd = openat(root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *e;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((e = readdir(dir)) != NULL) {
		if (is_stale(e->d_name))
			unlinkat(root_fd, e->d_name, AT_REMOVEDIR);
	}
	closedir(dir);
}

static int make(struct trace_instance *t, int tracefs_fd, uint32_t buffer_kib)
{
	char text[16];
	int r;

	t->root_fd = openat(tracefs_fd, "instances",
			    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (t->root_fd < 0)
		return -errno;
	remove_stale(t->root_fd);
	snprintf(t->name, sizeof(t->name), PREFIX "%d", (int)getpid());
	if (mkdirat(t->root_fd, t->name, 0700) < 0 && errno != EEXIST)
		return -errno;
	t->fd = openat(t->root_fd, t->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (t->fd < 0)
		return -errno;
	/* the clock of the kernel log, so that both tell one order of things */
	r = write_at(t->fd, "trace_clock", "global");
	if (r < 0)
		return r;
	snprintf(text, sizeof(text), "%u", buffer_kib);
	r = write_at(t->fd, "buffer_size_kb", text);
	if (r < 0)
		return r;
	/* else a reader sleeps until half of the buffer is full; kernels before
	 * 5.0 do not have it, and wake at once */
	r = write_at(t->fd, "buffer_percent", "0");
	return r == -ENOENT ? 0 : r;
}

static int enable(struct trace_instance *t, enum trace_event event)
{
	const struct trace_event_info *info = &trace_events[event];
	char path[80];
	int r;

	if (info->filter) {
		snprintf(path, sizeof(path), "events/%s/%s/filter", info->group,
			 info->name);
		r = write_at(t->fd, path, info->filter);
		if (r < 0)
			return r;
	}
	if (event == TRACE_OOM) {
		snprintf(path, sizeof(path), "events/%s/%s/trigger",
			 info->group, info->name);
		t->stacks = write_at(t->fd, path, "stacktrace") == 0;
	}
	snprintf(path, sizeof(path), "events/%s/%s/enable", info->group,
		 info->name);
	r = write_at(t->fd, path, "1");
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
		t->cpus[i].fd =
			openat(t->fd, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
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
			uint32_t buffer_kib)
{
	int r = make(t, tracefs_fd, buffer_kib);

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
	return write_at(t->fd, "trace_marker", text);
}

void trace_instance_poll_cpus(struct trace_instance *t)
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
	shut(&t->fd);
	if (t->root_fd >= 0 && t->name[0])
		unlinkat(t->root_fd, t->name, AT_REMOVEDIR);
	shut(&t->root_fd);
}
