/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kmsg driver and the kernel's own /dev/kmsg under a storm: every line is
 * either heard or told as lost, and the driver goes on afterwards. A second
 * reader of the same log is the witness: the kernel's numbers say how many
 * records there were, so that neither side is believed. The lines mean
 * something only to the rule file that comes with them, so that no other
 * reader of this log takes them for a fault. Prints "ok" or "not ok" lines.
 *
 * Usage: kmsg_storm RULES_DIR LINES
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "hale/base.h"
#include "hale/driver.h"

extern const struct hale_driver kmsg_driver;

/* The kernel takes 10 lines from each open file, now and then one less, and
 * drops the rest in silence. */
#define LINES_AN_OPEN 5

#define TURNS_MAX   100 /* of the storm, until the log is overrun */
#define PATIENCE_MS 10000

static uint64_t heard, lost, position;
static unsigned int n_live, failures;

static void claim(bool holds, const char *what)
{
	printf("%s kmsg - %s\n", holds ? "ok" : "not ok", what);
	failures += !holds;
}

static void emit(void *sink, const struct hale_fact *f)
{
	const struct hale_observation *o = &f->u.observation;

	(void)sink;
	if (f->kind == HALE_FACT_POSITION)
		position = f->u.position;
	if (f->kind == HALE_FACT_COVERAGE)
		n_live += f->u.coverage.sight != HALE_SIGHT_BLIND;
	if (f->kind != HALE_FACT_OBSERVATION)
		return;
	if (o->condition == HALE_AGENT_BLIND)
		lost += o->count;
	else if (strcmp(o->part, "sdhaletest") == 0)
		heard += o->count;
}

static uint64_t clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * HALE_NS_PER_S + (uint64_t)t.tv_nsec;
}

/* At a level that no console prints: a serial line would make it a breeze.
 * Each line ends: what may still go on is shown to no reader. */
static int write_lines(long n)
{
	int fd = -1;

	for (long i = 0; i < n; i++) {
		char text[64];
		int len =
			snprintf(text, sizeof(text),
				 "<7>hale-test: storm on sdhaletest %ld\n", i);

		if (i % LINES_AN_OPEN == 0) {
			if (fd >= 0)
				close(fd);
			fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
		}
		if (write(fd, text, (size_t)len) != len)
			return 1;
	}
	close(fd);
	return 0;
}

/* The witness's next record: its number, 0 where none comes in time. */
static uint64_t next_seq(int fd, char *buf, size_t size, bool *ret_overrun)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };

	while (poll(&ready, 1, PATIENCE_MS) > 0) {
		ssize_t n = read(fd, buf, size - 1);
		const char *comma;

		if (n < 0 && errno == EPIPE)
			*ret_overrun = true;
		if (n <= 0)
			continue;
		buf[n] = '\0';
		comma = strchr(buf, ',');
		return comma ? strtoull(comma + 1, NULL, 10) : 0;
	}
	return 0;
}

static int open_witness(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0 && lseek(fd, 0, SEEK_END) < 0)
		claim(false, "a witness stands at the end of the log");
	return fd;
}

/* Writes a line of its own; returns the number that the kernel gave it. */
static uint64_t mark(void)
{
	static unsigned int n;
	int witness = open_witness();
	int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	char text[64], buf[8192];
	bool overrun;
	uint64_t seq;

	snprintf(text, sizeof(text), "<7>hale-test: mark %d-%u\n", getpid(),
		 n++);
	if (write(fd, text, strlen(text)) < 0)
		claim(false, "a mark can be written");
	do
		seq = next_seq(witness, buf, sizeof(buf), &overrun);
	while (seq != 0 && !strstr(buf, text + strlen("<7>")));
	close(fd);
	close(witness);
	claim(seq != 0, "the witness reads the mark");
	return seq;
}

static void sample(struct hale_probe *p)
{
	p->now_ns = clock_ns(CLOCK_REALTIME);
	if (kmsg_driver.sample(p) < 0)
		claim(false, "the log can be read");
}

/* Until the driver has come to record @seq. */
static void drain(struct hale_probe *p, uint64_t seq)
{
	struct pollfd fd = { .fd = p->event_fd, .events = POLLIN };

	while (failures == 0 && position < seq && poll(&fd, 1, PATIENCE_MS) > 0)
		sample(p);
	claim(position >= seq, "the driver comes to the end of the log");
}

/* The driver hears the storm as it rages. */
static void serve(struct hale_probe *p, long n)
{
	struct pollfd fds[] = { { .fd = p->event_fd, .events = POLLIN },
				{ .fd = -1, .events = POLLIN } };
	int end[2], status = -1;
	pid_t pid;

	if (pipe(end) < 0)
		return;
	pid = fork();
	if (pid == 0)
		_exit(write_lines(n));
	close(end[1]); /* the writer holds the other end until it is done */
	fds[1].fd = end[0];
	while (failures == 0 && fds[1].revents == 0 && poll(fds, 2, -1) > 0) {
		if (fds[0].revents != 0)
			sample(p);
	}
	waitpid(pid, &status, 0);
	close(end[0]);
	claim(status == 0, "the storm came to its end");
}

static long memory_kib(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_maxrss;
}

/* @n lines were written since the mark @from. */
static void judge(struct hale_probe *p, uint64_t from, uint64_t n)
{
	uint64_t to = mark();
	uint64_t records = to - from - 1;

	drain(p, to);
	printf("# %lu lines, %lu records: %lu heard, %lu told as lost\n",
	       (unsigned long)n, (unsigned long)records, (unsigned long)heard,
	       (unsigned long)lost);
	claim(records >= n, "the kernel took every line");
	/* lines of others may be among the lost */
	claim(heard <= n && heard + lost >= n,
	      "every line is heard or told as lost");
	claim(heard + lost <= position - from, "no more than there was");
}

static void test_storm(struct hale_probe *p, long n)
{
	uint64_t from = mark(), cpu;
	long kib;

	drain(p, from);
	claim(n_live == 2, "the log was read to its end");
	heard = lost = 0;
	kib = memory_kib();
	cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID);
	serve(p, n);
	cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	judge(p, from, (uint64_t)n);
	printf("# %.1f us CPU a line\n", (double)cpu / (double)n / 1000);
	claim(heard > 0, "not all was lost");
	claim(memory_kib() - kib < 1024, "memory stays flat");
}

/* Nobody reads until the kernel has overwritten what was not read. */
static void test_overrun(struct hale_probe *p, long n)
{
	uint64_t from = mark(), n_written = 0, oldest = 0;
	int witness = open_witness();
	char buf[8192];
	bool overrun = false;

	drain(p, from);
	heard = lost = 0;
	for (int i = 0; i < TURNS_MAX && !overrun; i++) {
		if (write_lines(n) != 0)
			break;
		n_written += (uint64_t)n;
		oldest = next_seq(witness, buf, sizeof(buf), &overrun);
	}
	claim(overrun, "the log is overrun");
	judge(p, from, n_written);
	claim(lost >= oldest - from - 1, "as much as the kernel says is lost");
	close(witness);
}

static void test_goes_on(struct hale_probe *p)
{
	heard = lost = 0;
	claim(write_lines(1) == 0, "one more line");
	drain(p, mark());
	claim(heard == 1 && lost == 0, "it goes on after the storm");
}

int main(int argc, char **argv)
{
	struct hale_probe p = { .event_fd = -1, .emit = emit };
	struct hale_option options[] = { { "trust_user_records", "yes" },
					 { "rules_dir", NULL } };

	if (argc != 3)
		return 64;
	setvbuf(stdout, NULL, _IOLBF, 0);
	options[1].value = argv[1];
	p.options = options;
	p.n_options = HALE_ARRAY_SIZE(options);
	p.root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	p.now_ns = clock_ns(CLOCK_REALTIME);
	p.mono_to_agent_ns = (int64_t)(p.now_ns - clock_ns(CLOCK_MONOTONIC));
	p.state = calloc(1, kmsg_driver.state_size);
	claim(p.state && kmsg_driver.probe(&p) == 0, "the log can be opened");
	if (failures == 0)
		test_storm(&p, strtol(argv[2], NULL, 10));
	if (failures == 0)
		test_overrun(&p, strtol(argv[2], NULL, 10));
	if (failures == 0)
		test_goes_on(&p);
	kmsg_driver.remove(&p);
	free(p.state);
	return failures != 0;
}
