/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asker RUN_DIR OUT COMMAND…: asks the agent again and again, through whatever
 * happens to the machine meanwhile: the gate's socket directly, the link
 * RUN_DIR/fit, and COMMAND, a `hale check`, as a process of its own. It notes
 * when it asked, how long an answer took, and what it was. Each SIGUSR1 begins
 * a new phase; with SIGTERM it writes what it has to OUT and ends: first one
 * line for each phase and kind of question, then every answer.
 *
 * It is no part of what is tested, so it is not to suffer: static, locked in
 * memory, not for the OOM killer, served first where others want the processor,
 * and it waits for no child that hangs. Its commands are ordinary processes.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ANSWERS	 200000
#define PHASES	 16
#define LATE_MS	 10000
#define SOON_US	 10000
#define PAUSE_MS 20

enum kind {
	GATE,
	LINK,
	COMMAND,
	N_KINDS
};
/* hale.v1.Fitness, and one for no answer at all */
enum {
	UNKNOWN,
	FIT,
	DEGRADED,
	UNFIT,
	SILENT,
	N_SAID
};

static const char *const kinds[] = { "gate", "link", "command" };
static const char *const words[] = { "unknown", "fit", "degraded", "unfit",
				     "silent" };

struct answer {
	uint64_t at_us;
	uint32_t took_us;
	uint8_t phase, kind, said;
};

static struct answer answers[ANSWERS];
static size_t n_answers;
static uint32_t sorted[ANSWERS];
static uint64_t phase_us[PHASES];
static volatile sig_atomic_t phase, stop;
static char stack[65536];

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void on_signal(int number)
{
	if (number == SIGTERM) {
		stop = 1;
	} else if (phase < PHASES - 1) {
		phase_us[phase + 1] = now_us();
		phase = phase + 1;
	}
}

static void note(enum kind kind, uint64_t from, int begun_in, int said)
{
	/* what was asked before the phase and answered in it belongs to none */
	if (n_answers < ANSWERS && begun_in == phase)
		answers[n_answers++] = (struct answer){
			.at_us = from,
			.took_us = (uint32_t)(now_us() - from),
			.phase = (uint8_t)begun_in,
			.kind = (uint8_t)kind,
			.said = (uint8_t)said,
		};
}

/* --- the gate: Request{check{host: true}}, and the fitness in its Reply --- */

static int fitness_of(const unsigned char *b, ssize_t n)
{
	/* Reply.check (1) > CheckReply.verdict (1) > Verdict.fitness (1) */
	ssize_t at = 0;

	for (int depth = 0; depth < 2; depth++) {
		if (at >= n || b[at] != 0x0a)
			return UNKNOWN;
		do
			at++;
		while (at < n && b[at] & 0x80);
		at++;
	}
	return at + 1 < n && b[at] == 0x08 && b[at + 1] <= UNFIT ? b[at + 1]
								 : UNKNOWN;
}

static int ask_gate(const char *run_dir)
{
	static const unsigned char question[] = { 0x0a, 0x02, 0x10, 0x01 };
	static unsigned char reply[262144];
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = LATE_MS / 1000 };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	int said = SILENT;
	ssize_t n;

	snprintf(to.sun_path, sizeof(to.sun_path), "%.80s/gate.sock", run_dir);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (!connect(fd, (struct sockaddr *)&to, sizeof(to)) &&
	    send(fd, question, sizeof(question), MSG_NOSIGNAL) > 0) {
		n = recv(fd, reply, sizeof(reply), 0);
		if (n > 0)
			said = fitness_of(reply, n);
	}
	close(fd);
	return said;
}

/* --- a command of its own --- */

static int child(void *argv)
{
	int score = open("/proc/self/oom_score_adj", O_WRONLY);

	/* what the shell that starts it would have */
	if (score >= 0 && write(score, "0", 1) != 1)
		_exit(126);
	execv(((char **)argv)[0], argv);
	_exit(127);
}

static int said_by(int status)
{
	if (!WIFEXITED(status))
		return SILENT;
	switch (WEXITSTATUS(status)) {
	case 0:
		return FIT; /* or DEGRADED */
	case 75:
		return UNFIT;
	case 69:
		return UNKNOWN;
	}
	return SILENT;
}

static void ask_at_once(const char *run_dir)
{
	char fit[128];
	int in = phase;
	uint64_t from = now_us();

	note(GATE, from, in, ask_gate(run_dir));
	snprintf(fit, sizeof(fit), "%.100s/fit", run_dir);
	from = now_us();
	note(LINK, from, in, access(fit, F_OK) ? UNFIT : FIT);
}

/* While it runs, the others are asked. */
static int run(char **argv, const char *run_dir)
{
	int pidfd = -1, status = 0, said = SILENT;
	pid_t pid = clone(child, stack + sizeof(stack),
			  CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, argv,
			  &pidfd);
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	uint64_t end = now_us() + LATE_MS * 1000ull;

	if (pid < 0)
		return SILENT;
	while (now_us() < end && poll(&p, 1, PAUSE_MS) <= 0)
		ask_at_once(run_dir);
	if (waitpid(pid, &status, WNOHANG) == pid)
		said = said_by(status);
	else
		kill(pid, SIGKILL); /* what hangs is left behind */
	close(pidfd);
	return said;
}

/* --- what it has to say --- */

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/*
 * Of each answer: how often, when first and last, in ms of its phase, and the
 * longest time from one such answer to the next, in ms.
 */
static void tell_answers(FILE *out, int in, int kind)
{
	for (int said = 0; said < N_SAID; said++) {
		size_t n = 0;
		uint64_t first = 0, last = 0, gap = 0, at;

		for (size_t i = 0; i < n_answers; i++) {
			const struct answer *a = &answers[i];

			if (a->phase != in || a->kind != kind ||
			    a->said != said)
				continue;
			at = (a->at_us + a->took_us - phase_us[in]) / 1000;
			if (!n++)
				first = at;
			else if (at - last > gap)
				gap = at - last;
			last = at;
		}
		fprintf(out, " %s=%zu", words[said], n);
		if (n)
			fprintf(out, " %s_first=%llu %s_last=%llu %s_gap=%llu",
				words[said], (unsigned long long)first,
				words[said], (unsigned long long)last,
				words[said], (unsigned long long)gap);
	}
}

static void tell(FILE *out, int in, int kind)
{
	size_t n = 0, late = 0;

	for (size_t i = 0; i < n_answers; i++) {
		if (answers[i].phase != in || answers[i].kind != kind)
			continue;
		late += answers[i].took_us > SOON_US;
		sorted[n++] = answers[i].took_us;
	}
	if (!n)
		return;
	qsort(sorted, n, sizeof(sorted[0]), by_number);
	fprintf(out,
		"phase=%d kind=%s n=%zu median_us=%u p99_us=%u max_us=%u "
		"late=%zu",
		in, kinds[kind], n, sorted[n / 2], sorted[(n - 1) * 99 / 100],
		sorted[n - 1], late);
	tell_answers(out, in, kind);
	fprintf(out, "\n");
}

static void tell_all(FILE *out)
{
	for (int in = 0; in <= phase; in++)
		for (int kind = 0; kind < N_KINDS; kind++)
			tell(out, in, kind);
	for (size_t i = 0; i < n_answers; i++)
		fprintf(out, "%u %s %llu %u %s\n", answers[i].phase,
			kinds[answers[i].kind],
			(unsigned long long)(answers[i].at_us - phase_us[0]),
			answers[i].took_us, words[answers[i].said]);
}

static void steady(void)
{
	const struct sched_param first = { .sched_priority = 1 };
	int score = open("/proc/self/oom_score_adj", O_WRONLY);

	if (mlockall(MCL_CURRENT | MCL_FUTURE) || score < 0 ||
	    write(score, "-1000", 5) != 5 ||
	    sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &first))
		perror("asker: it may suffer with the rest");
	if (score >= 0)
		close(score);
}

int main(int argc, char **argv)
{
	const struct sigaction sa = { .sa_handler = on_signal,
				      .sa_flags = SA_RESTART };
	FILE *out = argc > 3 ? fopen(argv[2], "w") : NULL;

	if (!out) {
		fputs("usage: asker RUN_DIR OUT COMMAND...\n", stderr);
		return 64;
	}
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGUSR1, &sa, NULL);
	steady();
	phase_us[0] = now_us();
	while (!stop) {
		int in = phase;
		uint64_t from;

		ask_at_once(argv[1]);
		from = now_us();
		note(COMMAND, from, in, run(argv + 3, argv[1]));
		usleep(PAUSE_MS * 1000);
	}
	tell_all(out);
	return fclose(out) ? 1 : 0;
}
