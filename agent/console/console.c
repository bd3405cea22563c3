/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The console's loop. Decides in which order things get a turn: what the fleet
 * says first, then who watches. Must never wait but in poll(2), nor let a storm
 * of changes become a storm of writes: screens are told at most 20 times a
 * second. Invariant: each turn of the supply is followed by one of the server.
 */
#include "console.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <time.h>

#include "hale/base.h"

/* Between two turns of the supply: below what an eye sees as late. */
#define PACE_NS (HALE_NS_PER_S / 20)

struct console {
	struct screen screen;
	const struct supply *supply;
	struct http *http;
	int signals;
	uint64_t supply_ns; /* CLOCK_MONOTONIC: its next turn */
	uint64_t paced_ns;  /* not before that */
};

static uint64_t clock_ns(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * HALE_NS_PER_S + (uint64_t)t.tv_nsec;
}

/* Not a signalfd: a supply may have brought threads that do not block them. */
static int told_to_end = -1;

static void on_signal(int number)
{
	const uint64_t one = 1;
	int saved = errno;
	ssize_t n = write(told_to_end, &one, sizeof(one));

	(void)number;
	(void)n; /* it was told before */
	errno = saved;
}

static int open_signals(void)
{
	const struct sigaction action = { .sa_handler = on_signal,
					  .sa_flags = SA_RESTART };
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0)
		return -errno;
	told_to_end = fd;
	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	return fd;
}

/* Return: ns until something has to be done. */
static uint64_t turn(struct console *c, bool news)
{
	uint64_t now = clock_ns();
	uint64_t wait, at;

	if (news && c->supply_ns > c->paced_ns)
		c->supply_ns = c->paced_ns;
	if (now >= c->supply_ns) {
		wait = c->supply->turn(c->supply->self, &c->screen);
		now = clock_ns();
		c->supply_ns = now + wait;
		c->paced_ns = now + PACE_NS;
	}
	wait = http_turn(c->http, c->supply->now(c->supply->self));
	at = c->supply_ns > now ? c->supply_ns - now : 0;
	return at < wait ? at : wait;
}

static int poll_ms(uint64_t ns)
{
	uint64_t ms = (ns + HALE_NS_PER_MS - 1) / HALE_NS_PER_MS;

	return ms < 1000 ? (int)ms : 1000;
}

static int loop(struct console *c)
{
	int news = c->supply->fd(c->supply->self);
	struct pollfd fds[] = {
		{ .fd = c->signals, .events = POLLIN },
		{ .fd = http_fd(c->http), .events = POLLIN },
		{ .fd = news, .events = POLLIN },
	};
	uint64_t wait = 0;

	for (;;) {
		bool paced = clock_ns() < c->paced_ns;
		uint64_t now;

		/* news that must wait is not polled for, or poll would spin */
		fds[2].fd = paced ? -1 : news;
		if (poll(fds, HALE_ARRAY_SIZE(fds), poll_ms(wait)) < 0 &&
		    errno != EINTR)
			return -errno;
		if (fds[0].revents)
			return 0;
		wait = turn(c, fds[2].fd >= 0 && fds[2].revents);
		now = clock_ns();
		if (now < c->paced_ns && c->paced_ns - now < wait)
			wait = c->paced_ns - now;
	}
}

static int fail(int r, const char *what, char ret_why[200])
{
	snprintf(ret_why, 200, "%s: %s", what, strerrordesc_np(-r));
	return r;
}

static int serve(struct console *c, const struct console_options *o,
		 char ret_why[200])
{
	struct http_options http = {
		.address = &o->address.any,
		.guard = o->guard,
		.patience_s = o->patience_s,
	};
	char url[LISTEN_URL_MAX];
	int r;

	listen_url(&o->address,
		   ntohs(o->address.any.sa_family == AF_INET6
				 ? o->address.v6.sin6_port
				 : o->address.v4.sin_port),
		   url);
	r = http_new(&http, &c->screen, c->supply, &c->http);
	if (r < 0)
		return fail(r, url, ret_why);
	listen_url(&o->address, http_port(c->http), url);
	printf("%s\n", url);
	if (fflush(stdout) != 0)
		return fail(-errno, "stdout", ret_why);
	r = loop(c);
	return r < 0 ? fail(r, "poll", ret_why) : 0;
}

int console_run(const struct console_options *o, const struct supply *s,
		char ret_why[200])
{
	struct console c = { .supply = s, .signals = -1 };
	int r = screen_init(&c.screen);

	if (r < 0)
		return fail(r, "memory", ret_why);
	c.signals = open_signals();
	r = c.signals < 0 ? fail(c.signals, "signals", ret_why)
			  : serve(&c, o, ret_why);
	http_free(c.http);
	screen_done(&c.screen);
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	if (c.signals >= 0)
		close(c.signals);
	return r;
}
