/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The procevent driver and the kernel's own process connector, while another
 * process forks as hard as it can. Prints one "ok" or "not ok" line a claim.
 *
 * Usage: procevent_storm storm FORKS CRASHES   every crash seen, no wake-up
 *                                              for anything else
 *        procevent_storm flood CRASHES        more than the socket holds: it is
 *                                              said, and the next is seen
 *        procevent_storm blind WORD            the driver is blind, and the
 *                                              reason holds WORD
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "hale/base.h"
#include "hale/driver.h"

#include "drivers/procevent_event.h"

extern const struct hale_driver procevent_driver;
int __real_procevent_parse(const void *buf, size_t len,
			   struct procevent_event *ret);
int __wrap_procevent_parse(const void *buf, size_t len,
			   struct procevent_event *ret);

#define THREADS	   16
#define DEATHS_MAX 1024
/* Crashes of other programs on this host, while the test runs. */
#define STRANGERS_MAX 200

struct death {
	unsigned int pid;
	enum hale_condition condition;
};

static struct {
	unsigned int n;
	struct death deaths[DEATHS_MAX];
} * expected; /* shared with the storm, which fills it */

static struct death seen[DEATHS_MAX];
static unsigned int n_seen, received, wakes, failures;
static uint64_t blind;
static struct hale_coverage coverage;

/* Every message that reaches the driver comes through here. */
int __wrap_procevent_parse(const void *buf, size_t len,
			   struct procevent_event *ret)
{
	received++;
	return __real_procevent_parse(buf, len, ret);
}

static void claim(bool holds, const char *what)
{
	printf("%s procevent - %s\n", holds ? "ok" : "not ok", what);
	failures += !holds;
}

static void emit(void *sink, const struct hale_fact *f)
{
	const struct hale_observation *o = &f->u.observation;
	struct death *d = &seen[n_seen % DEATHS_MAX];

	(void)sink;
	if (f->kind == HALE_FACT_COVERAGE)
		coverage = f->u.coverage;
	if (f->kind != HALE_FACT_OBSERVATION)
		return;
	blind += o->condition == HALE_AGENT_BLIND;
	if (sscanf(o->evidence, "pid %u ", &d->pid) != 1)
		return;
	d->condition = o->condition;
	n_seen++;
}

/* How often a death was seen as what it was. */
static unsigned int times_seen(const struct death *d)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < n_seen && i < DEATHS_MAX; i++)
		n += seen[i].pid == d->pid && seen[i].condition == d->condition;
	return n;
}

static bool each_seen_once(void)
{
	for (unsigned int i = 0; i < expected->n; i++) {
		if (times_seen(&expected->deaths[i]) != 1)
			return false;
	}
	return true;
}

static void expect(pid_t pid, enum hale_condition c)
{
	struct death *d = &expected->deaths[expected->n++];

	d->pid = (unsigned int)pid;
	d->condition = c;
}

static uint64_t clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * HALE_NS_PER_S + (uint64_t)t.tv_nsec;
}

static void die(int signal_)
{
	signal(signal_, SIG_DFL);
	raise(signal_);
	_exit(99);
}

static void *wait_for_death(void *unused)
{
	for (;;)
		pause();
	return unused;
}

/* One process of many threads: one death. */
static void die_in_company(void)
{
	pthread_t t;

	for (int i = 0; i < THREADS; i++) {
		if (pthread_create(&t, NULL, wait_for_death, NULL) != 0)
			_exit(98);
	}
	die(SIGSEGV);
}

static int fault(long i, long every)
{
	if (i % every != 0)
		return 0;
	return i / every % 2 ? SIGSEGV : SIGBUS;
}

/* Every @every'th dies by a fault, the others exit or are killed. */
static void live(long i, long every)
{
	static const int sent[] = { SIGKILL, SIGTERM, SIGPIPE };

	if (fault(i, every))
		die(fault(i, every));
	if (i % 5 == 0)
		die(sent[i % 3]);
	_exit((int)(i % 3));
}

static pid_t spawn(long i, long every)
{
	pid_t pid = fork();

	if (pid == 0)
		live(i, every);
	if (pid < 0)
		_exit(97);
	return pid;
}

static void storm(long forks, long n)
{
	const struct rlimit none = { 0, 0 };
	pid_t pid;

	setrlimit(RLIMIT_CORE, &none);
	for (long i = 0; i < forks; i++) {
		pid = spawn(i, forks / n);
		if (fault(i, forks / n))
			expect(pid, fault(i, forks / n) == SIGBUS
					    ? HALE_PROCESS_SIGBUS
					    : HALE_PROCESS_CRASHES);
		/* four at a time, as make -j4 */
		if (i >= 4)
			wait(NULL);
	}
	pid = fork();
	if (pid == 0)
		die_in_company();
	expect(pid, HALE_PROCESS_CRASHES);
	while (wait(NULL) > 0)
		;
	_exit(0);
}

static int start(struct hale_probe *p)
{
	p->root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	p->event_fd = -1;
	p->emit = emit;
	p->now_ns = clock_ns(CLOCK_REALTIME);
	p->mono_to_agent_ns = (int64_t)(p->now_ns - clock_ns(CLOCK_MONOTONIC));
	p->state = calloc(1, procevent_driver.state_size);
	return p->state ? procevent_driver.probe(p) : -ENOMEM;
}

/* Serves the driver's events until the storm is over and all is read: a death
 * is in the socket before wait() returns. */
static int serve(struct hale_probe *p, pid_t pid, int end_fd)
{
	struct pollfd fds[] = { { .fd = p->event_fd, .events = POLLIN },
				{ .fd = end_fd, .events = POLLIN } };
	int status;

	while (fds[1].revents == 0) {
		if (poll(fds, 2, -1) < 0)
			return 1;
		if (fds[0].revents == 0)
			continue;
		wakes++;
		p->now_ns = clock_ns(CLOCK_REALTIME);
		if (procevent_driver.sample(p) < 0)
			return 1;
	}
	waitpid(pid, &status, 0);
	return procevent_driver.sample(p) < 0 || status != 0;
}

static int run_storm(long forks, long n)
{
	struct hale_probe p = { .event_fd = -1 };
	int end[2];
	pid_t pid;

	expected = mmap(NULL, sizeof(*expected), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	claim(expected != MAP_FAILED && start(&p) == 0 &&
		      coverage.sight == HALE_SIGHT_LIVE,
	      "the connector is live");
	if (failures || n <= 0 || n >= DEATHS_MAX - STRANGERS_MAX ||
	    pipe(end) < 0)
		return 1;
	received = 0;
	pid = fork();
	if (pid == 0)
		storm(forks, n);
	close(end[1]); /* the storm holds the other end until it is over */
	claim(serve(&p, pid, end[0]) == 0, "the storm came to its end");
	printf("# %ld forks, %u died by a fault, %u seen, %u messages, "
	       "%u wake-ups\n",
	       forks, expected->n, n_seen, received, wakes);
	claim(expected->n == n + 1 && each_seen_once(),
	      "every death by a fault counts once, as what it was");
	claim(blind == 0, "nothing was lost");
	/* and the threads of one of them, and other programs' crashes */
	claim(received <= expected->n + THREADS + STRANGERS_MAX &&
		      wakes <= received,
	      "nobody is woken for the rest");
	procevent_driver.remove(&p);
	free(p.state);
	return failures != 0;
}

static void crash_alone(void)
{
	const struct rlimit none = { 0, 0 };
	pid_t pid = fork();

	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &none);
		die(SIGBUS);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

static void drain(struct hale_probe *p)
{
	struct pollfd fd = { .fd = p->event_fd, .events = POLLIN };

	p->now_ns = clock_ns(CLOCK_REALTIME);
	while (poll(&fd, 1, 0) > 0 && procevent_driver.sample(p) == 0)
		;
}

static int run_flood(long n)
{
	struct hale_probe p = { .event_fd = -1 };
	unsigned int before;

	claim(start(&p) == 0, "the connector is live");
	if (failures)
		return 1;
	for (long i = 0; i < n; i++)
		crash_alone();
	drain(&p);
	printf("# %ld crashes, %u seen, %lu times blind\n", n, n_seen,
	       (unsigned long)blind);
	claim(blind > 0 && n_seen > 0, "what did not fit is said");
	before = n_seen;
	crash_alone();
	drain(&p);
	claim(n_seen > before, "it goes on after that");
	procevent_driver.remove(&p);
	free(p.state);
	return failures != 0;
}

static int run_blind(const char *word)
{
	struct hale_probe p = { .event_fd = -1 };
	int r = start(&p);

	printf("# %d: %s; %s\n", r, coverage.why, coverage.remedy);
	claim(r == -ENODEV && coverage.sight == HALE_SIGHT_BLIND &&
		      strstr(coverage.why, word) && coverage.remedy[0],
	      word);
	free(p.state);
	return failures != 0;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc == 4 && strcmp(argv[1], "storm") == 0)
		return run_storm(strtol(argv[2], NULL, 10),
				 strtol(argv[3], NULL, 10));
	if (argc == 3 && strcmp(argv[1], "flood") == 0)
		return run_flood(strtol(argv[2], NULL, 10));
	if (argc == 3 && strcmp(argv[1], "blind") == 0)
		return run_blind(argv[2]);
	return 64;
}
