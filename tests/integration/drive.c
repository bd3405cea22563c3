/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs one driver without an agent and prints its facts as text, one a line:
 *
 *     drive DRIVER [-r ROOT] [-o KEY=VALUE]… [-w SECONDS] [-s USER | -l USER]
 *
 * -r: another root than "/", for recorded trees. -w: after the first sample
 * goes on sampling whenever the driver's event_fd is ready, for that long. -s:
 * samples in the sandbox that the agent has for it, as USER; -l: does nothing
 * but that in the one in which hale-look finds out whether it is there.
 * Exit status: 0, or 1 where the driver failed, 2 where it is absent (ENODEV).
 * It links every driver there is, chosen or not, and judges nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

#include "hale/base.h"
#include "hale/driver.h"

#include "agent/sandbox/sandbox.h"
#include "tests/unit/facts.h"

static void print_fact(void *sink, const struct hale_fact *f)
{
	uint32_t *n_invalid = sink;

	*n_invalid += !facts_print(stdout, f);
	fflush(stdout);
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * HALE_NS_PER_S + (uint64_t)t.tv_nsec;
}

static void set_time(struct hale_probe *p)
{
	p->now_ns = clock_ns(CLOCK_REALTIME);
	p->boot_to_agent_ns = (int64_t)(p->now_ns - clock_ns(CLOCK_BOOTTIME));
	p->mono_to_agent_ns = (int64_t)(p->now_ns - clock_ns(CLOCK_MONOTONIC));
}

static const struct hale_driver *find(const char *name)
{
	for (size_t i = 0; hale_drivers[i]; i++) {
		if (strcmp(hale_drivers[i]->name, name) == 0)
			return hale_drivers[i];
	}
	fprintf(stderr, "drive: no driver %s in this build\n", name);
	exit(1);
}

static int sample(const struct hale_driver *d, struct hale_probe *p)
{
	int r;

	set_time(p);
	r = d->sample ? d->sample(p) : 0;
	printf("sampled %d\n", r);
	fflush(stdout);
	return r;
}

static void watch(const struct hale_driver *d, struct hale_probe *p, int s)
{
	uint64_t end = clock_ns(CLOCK_MONOTONIC) + (uint64_t)s * HALE_NS_PER_S;

	while (p->event_fd >= 0) {
		struct pollfd pfd = { .fd = p->event_fd,
				      .events = p->event_mask };
		uint64_t now = clock_ns(CLOCK_MONOTONIC);

		if (now >= end ||
		    poll(&pfd, 1, (int)((end - now) / HALE_NS_PER_MS) + 1) <= 0)
			return;
		sample(d, p);
	}
}

static void confine(const struct hale_driver *d, const char *name, bool look)
{
	struct sandbox_user user;
	const struct sandbox_setup setup = { .user = &user,
					     .capabilities = d->capabilities };
	char lacks[SANDBOX_TEXT_MAX];
	int r;

	sandbox_find_user(name, &user);
	r = sandbox_enter(look		 ? SANDBOX_LOOK
			  : d->may_block ? SANDBOX_DRIVER
					 : SANDBOX_CORE,
			  &setup, lacks);
	if (r < 0) {
		fprintf(stderr, "drive: sandbox: %s\n", strerror(-r));
		exit(1);
	}
}

int main(int argc, char **argv)
{
	struct hale_option options[16] = { 0 };
	uint32_t n_invalid = 0;
	struct hale_probe p = { .event_fd = -1,
				.event_mask = POLLIN,
				.emit = print_fact,
				.sink = &n_invalid,
				.options = options };
	const struct hale_driver *d;
	const char *root = "/", *user = NULL;
	bool look = false;
	int c, seconds = 0, r = 0;

	while ((c = getopt(argc, argv, "r:o:w:s:l:")) != -1) {
		if (c == 'r')
			root = optarg;
		else if (c == 'w')
			seconds = atoi(optarg);
		else if (c == 's' || c == 'l') {
			user = optarg;
			look = c == 'l';
		} else if (c == 'o' && p.n_options < 16 &&
			   strchr(optarg, '=')) {
			options[p.n_options].key = optarg;
			options[p.n_options].value = strchr(optarg, '=') + 1;
			*strchr(optarg, '=') = '\0';
			p.n_options++;
		} else
			return 64;
	}
	if (optind + 1 != argc)
		return 64;
	d = find(argv[optind]);
	p.root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	p.state = calloc(1, d->state_size + 1);
	set_time(&p);
	if (look)
		confine(d, user, true);
	if (d->probe)
		r = d->probe(&p);
	printf("probed %d\n", r);
	if (r == 0 && user && !look)
		confine(d, user, false);
	if (r == 0 && !look)
		r = sample(d, &p);
	if (r == 0 && seconds)
		watch(d, &p, seconds);
	if (d->remove)
		d->remove(&p);
	free(p.state);
	return r == -ENODEV ? 2 : r < 0 || n_invalid;
}
