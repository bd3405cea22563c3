/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop of `haled: doors`. Decides when it turns and when it ends. Sleeps
 * until a client, a report or a time of its own comes: where it is only scraped
 * it wakes for nobody else. Must end with its agent. Invariant: whatever has a
 * time set is looked at when that has come.
 */
#include "agent/doors/doors.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/signalfd.h>
#include <time.h>

#include "hale/base.h"

#define OWN_FDS 3 /* agent, gate, signals */
#define FDS_MAX (OWN_FDS + SERVER_FDS + HALE_HOOKS_MAX)

void doors_log(int level, const char *format, ...)
{
	char line[512];
	va_list args;
	int n = isatty(STDERR_FILENO)
			? snprintf(line, sizeof(line), "haled: doors: ")
			: snprintf(line, sizeof(line),
				   "<%d>haled: doors: ", level);
	size_t used = (size_t)n;

	va_start(args, format);
	n = vsnprintf(line + used, sizeof(line) - used - 1, format, args);
	va_end(args);
	used += n > 0 ? strlen(line + used) : 0;
	line[used++] = '\n';
	if (write(STDERR_FILENO, line, used) < 0)
		return; /* nobody reads the log */
}

static uint64_t read_clock(clockid_t which)
{
	struct timespec ts;

	clock_gettime(which, &ts);
	return (uint64_t)ts.tv_sec * HALE_NS_PER_S + (uint64_t)ts.tv_nsec;
}

uint64_t doors_now_ns(void)
{
	return read_clock(CLOCK_BOOTTIME);
}

uint64_t doors_time_ns(void)
{
	return read_clock(CLOCK_REALTIME);
}

struct picture doors_picture(struct doors *d, struct door_counts *counts,
			     struct hook_counts hooks[HALE_HOOKS_MAX])
{
	struct picture p = d->report.picture;

	if (d->builds_ns <= doors_now_ns())
		builds_look(d);
	for (size_t i = 0; i < d->n_hooks; i++)
		hooks[i] = d->hooks[i].notify.counts;
	*counts = (struct door_counts){
		.scrapes = d->server.answered,
		.refused = d->server.refused,
		.exported = d->exported,
		.unexported = d->unexported,
		.n_hooks = d->n_hooks,
		.hooks = hooks,
	};
	p.host = p.host && p.host[0] ? p.host : d->host;
	p.builds = &d->builds;
	p.own = counts;
	return p;
}

/* --- the loop --- */

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

static int wait_ms(struct doors *d)
{
	uint64_t now = doors_now_ns();
	uint64_t next = sooner(server_expire(&d->server, now), d->gate_ns);

	if (d->changed)
		return 0;
	next = sooner(next, d->hooks_ns);
	if (d->config.textfile[0])
		next = sooner(next, d->textfile_ns);
	if (d->config.endpoint[0]) {
		next = sooner(next, d->logs_ns);
		if (!d->config.no_metrics && !d->metrics_busy)
			next = sooner(next, d->metrics_ns);
	}
	if (next == 0)
		return -1;
	return next <= now ? 0 : (int)((next - now) / HALE_NS_PER_MS) + 1;
}

static size_t fill(const struct doors *d, struct pollfd fds[FDS_MAX],
		   int signal_fd)
{
	size_t n = OWN_FDS;

	fds[0] = (struct pollfd){ .fd = d->agent_fd, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = d->gate_ns == 0 ? d->gate_fd : -1,
				  .events = POLLIN };
	fds[2] = (struct pollfd){ .fd = signal_fd, .events = POLLIN };
	for (size_t i = 0; i < d->n_hooks; i++)
		fds[n++] = (struct pollfd){ .fd = d->hooks[i].mailer_fd,
					    .events = POLLIN };
	return n + server_fds(&d->server, fds + n);
}

static void on_time(struct doors *d)
{
	uint64_t now = doors_now_ns();

	if (d->gate_ns != 0 && d->gate_ns <= now) {
		d->gate_ns = 0;
		if (d->gate_fd < 0)
			watch_connect(d);
	}
	if (d->config.textfile[0] && (d->changed || d->textfile_ns <= now))
		textfile_write(d);
	if (d->changed || (d->hooks_ns != 0 && d->hooks_ns <= now))
		deliver_due(d);
	export_due(d);
	d->changed = false;
}

/* False where the agent is gone, or somebody ends us. */
static bool turn(struct doors *d, int signal_fd)
{
	struct pollfd fds[FDS_MAX];
	size_t n = fill(d, fds, signal_fd);
	int ready = post_wait(d->post, fds, n, wait_ms(d));

	if (ready < 0 && errno != EINTR)
		return false;
	if (ready < 0)
		return true;
	if ((fds[0].fd >= 0 && fds[0].revents != 0) || fds[2].revents != 0)
		return false;
	if (fds[1].fd >= 0 && fds[1].revents != 0)
		watch_read(d);
	for (size_t i = 0; i < d->n_hooks; i++) {
		if (fds[OWN_FDS + i].fd >= 0 && fds[OWN_FDS + i].revents != 0)
			deliver_mailed(&d->hooks[i]);
	}
	server_turn(&d->server, fds + OWN_FDS + d->n_hooks, doors_now_ns());
	post_turn(d->post);
	on_time(d);
	return true;
}

static void finish(struct doors *d)
{
	server_close(&d->server);
	textfile_remove(d);
	d->post = post_free(d->post);
	for (size_t i = 0; i < d->n_hooks; i++) {
		notify_done(&d->hooks[i].notify);
		free(d->hooks[i].body);
		if (d->hooks[i].mailer_fd >= 0)
			close(d->hooks[i].mailer_fd);
	}
	notify_done(&d->logs);
	free(d->headers);
	watch_done(d);
}

int doors_run(struct doors *d)
{
	_cleanup_fd_ int signal_fd = -1;
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	d->gate_fd = -1;
	d->gate_ns = 1;
	d->silent_ns = 0;
	d->builds.since_ns = doors_time_ns();
	told_load(d);
	while (turn(d, signal_fd))
		;
	finish(d);
	return EXIT_SUCCESS;
}
