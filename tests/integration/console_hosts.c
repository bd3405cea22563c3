/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The console over a made-up fleet, for tests/integration/console.sh:
 *
 *	console_hosts HOSTS SEED [PORT [PATIENCE_S [NAME]]]
 *
 * Prints its address; then does what it is told on stdin, a line each, and
 * answers "done": turn INDEX STATE, storm COUNT, link up|down, judge, unjudge,
 * forget INDEX, host INDEX (answers its id). It ends when stdin does.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <time.h>

#include "hale/base.h"

#include "agent/console/console.h"
#include "console/made.h"

struct fake {
	struct made made;
	bool told;
	char line[256];
	size_t len;
};

static void put(struct fake *f, struct screen *s, size_t i)
{
	const char *labels[3];
	struct row row;

	made_row(&f->made, i, &row, labels);
	screen_put(s, &row);
}

static void tell_all(struct fake *f, struct screen *s)
{
	for (size_t i = 0; i < f->made.n; i++)
		put(f, s, i);
	screen_say(s, TOPIC_JUDGMENTS, "[]");
	screen_say(s, TOPIC_LINK,
		   "{\"up\":true,\"whole\":true,\"fleet\":"
		   "\"example\",\"servers\":3}");
	f->told = true;
}

static void storm(struct fake *f, struct screen *s, size_t n, uint64_t now)
{
	for (size_t k = 0; k < n; k++) {
		size_t i = made_number(&f->made, f->made.n);
		enum row_state state =
			(enum row_state)made_number(&f->made, ROW_STATE_COUNT);

		made_turn(&f->made, i, state, now);
		put(f, s, i);
	}
}

static void judge(const struct fake *f, struct screen *s)
{
	char *text = made_judgments(&f->made);

	screen_say(s, TOPIC_JUDGMENTS, text ? text : "[]");
	free(text);
}

static bool obey(struct fake *f, struct screen *s, const char *line,
		 uint64_t now)
{
	size_t i;
	int state;
	bool known = true;

	if (sscanf(line, "turn %zu %d", &i, &state) == 2 && i < f->made.n) {
		made_turn(&f->made, i, (enum row_state)state, now);
		put(f, s, i);
	} else if (sscanf(line, "storm %zu", &i) == 1)
		storm(f, s, i, now);
	else if (sscanf(line, "forget %zu", &i) == 1 && i < f->made.n)
		screen_remove(s, f->made.hosts[i].id);
	else if (sscanf(line, "host %zu", &i) == 1 && i < f->made.n)
		printf("%s\n", f->made.hosts[i].id);
	else if (strcmp(line, "link down") == 0)
		screen_say(s, TOPIC_LINK,
			   "{\"up\":false,\"whole\":true,\"fleet\":\"example\","
			   "\"servers\":0,\"why\":\"no server of 3 answers\"}");
	else if (strcmp(line, "link up") == 0)
		screen_say(s, TOPIC_LINK,
			   "{\"up\":true,\"whole\":true,\"fleet\":\"example\","
			   "\"servers\":3}");
	else if (strcmp(line, "judge") == 0)
		judge(f, s);
	else if (strcmp(line, "unjudge") == 0)
		screen_say(s, TOPIC_JUDGMENTS, "[]");
	else
		known = false;
	return known;
}

static int fake_fd(void *self)
{
	(void)self;
	return STDIN_FILENO;
}

static void take_lines(struct fake *f, struct screen *s, uint64_t now)
{
	char *end;

	while ((end = memchr(f->line, '\n', f->len))) {
		*end = '\0';
		printf("%s\n", obey(f, s, f->line, now) ? "done" : "unknown");
		fflush(stdout);
		f->len -= (size_t)(end + 1 - f->line);
		memmove(f->line, end + 1, f->len);
	}
}

static uint64_t fake_now(void *self)
{
	struct timespec t = { 0 };

	(void)self;
	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * HALE_NS_PER_S + (uint64_t)t.tv_nsec;
}

static uint64_t fake_turn(void *self, struct screen *s)
{
	struct fake *f = self;
	uint64_t now = fake_now(self);
	ssize_t n;

	if (!f->told)
		tell_all(f, s);
	n = read(STDIN_FILENO, f->line + f->len, sizeof(f->line) - f->len);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		raise(SIGTERM);
		return HALE_NS_PER_S;
	}
	f->len += n > 0 ? (size_t)n : 0;
	f->made.now_ns = now;
	take_lines(f, s, now);
	return HALE_NS_PER_S;
}

static int fake_host(void *self, const char *id, struct supply_host *ret)
{
	struct fake *f = self;

	return made_page(&f->made, id, ret);
}

int main(int argc, char **argv)
{
	struct fake f = { 0 };
	struct console_options o = {
		.address.v4 = { .sin_family = AF_INET,
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK) },
		.patience_s = argc > 4 ? (unsigned int)atoi(argv[4]) : 0,
		.guard.names = { argc > 5 ? argv[5] : NULL },
	};
	struct supply supply = { &f, fake_fd, fake_now, fake_turn, fake_host };
	char why[200];
	int r;

	if (argc < 3)
		return 64;
	if (argc > 3)
		o.address.v4.sin_port = htons((uint16_t)atoi(argv[3]));
	fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
	if (made_init(&f.made, strtoul(argv[1], NULL, 10),
		      strtoull(argv[2], NULL, 10), fake_now(NULL)) < 0)
		return EXIT_FAILURE;
	r = console_run(&o, &supply, why);
	if (r < 0)
		fprintf(stderr, "console_hosts: %s\n", why);
	made_done(&f.made);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
