/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs that are awkward to run under another one, one a mode; what
 * run_exact.py runs plainly and through `hale run`, and compares.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hale/base.h"

static void put(int fd, const void *bytes, size_t len)
{
	const char *from = bytes;

	while (len > 0) {
		ssize_t n = write(fd, from, len);
		struct pollfd p = { .fd = fd, .events = POLLOUT };

		if (n < 0 && errno == EAGAIN) {
			poll(&p, 1, -1);
			continue;
		}
		if (n < 0)
			exit(errno == EPIPE ? 99 : 98);
		from += n;
		len -= (size_t)n;
	}
}

static void say(int fd, const char *text)
{
	put(fd, text, strlen(text));
}

static int binary(const char *arg)
{
	unsigned char all[256];

	(void)arg;
	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (unsigned char)i;
	for (int i = 0; i < 700; i++)
		put(1, all, sizeof(all) - (size_t)(i % 7));
	return 0;
}

static int no_newline(const char *arg)
{
	say(1, "one\ntwo\r");
	say(2, arg);
	return 5;
}

static int close_outputs(const char *arg)
{
	int fd = atoi(arg);

	say(fd, "before\n");
	close(fd);
	say(3 - fd, "the other one\n");
	return write(fd, "x", 1) < 0 && errno == EBADF ? 6 : 7;
}

/* "a line of N": N MiB, as fast as it can. */
static int flood(const char *arg)
{
	static char block[1 << 16];
	long blocks = atol(arg) * 16;

	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = i % 61 == 60 ? '\n' : (char)('a' + i % 26);
	for (long i = 0; i < blocks; i++)
		put(1, block, sizeof(block));
	return 0;
}

/* Not blocking, and writes in sizes that split pages. */
static int nonblock(const char *arg)
{
	char block[777];

	(void)arg;
	fcntl(1, F_SETFL, fcntl(1, F_GETFL) | O_NONBLOCK);
	for (int i = 0; i < 3000; i++) {
		memset(block, 'a' + i % 26, sizeof(block));
		put(1, block, sizeof(block));
	}
	return 8;
}

static int interleave(const char *arg)
{
	char line[32];

	(void)arg;
	for (int i = 0; i < 2000; i++) {
		snprintf(line, sizeof(line), "%d on %d\n", i, 1 + i % 2);
		say(1 + i % 2, line);
	}
	return 9;
}

/* A child that lives on in a session of its own, until the fifo is opened. */
static int leave(const char *arg, bool holds)
{
	say(1, "first\n");
	if (fork() == 0) {
		setsid();
		if (!holds) {
			close(0);
			close(1);
			close(2);
		}
		close(open(arg, O_RDONLY));
		if (holds) {
			say(1, "late\n");
			say(2, "late too\n");
		}
		_exit(0);
	}
	return 4;
}

static int leave_holding(const char *arg)
{
	return leave(arg, true);
}

static int leave_letting_go(const char *arg)
{
	return leave(arg, false);
}

static int by_signal(const char *arg)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	say(1, "alive");
	raise(atoi(arg));
	return 0; /* those that nobody dies of */
}

static int by_status(const char *arg)
{
	return atoi(arg);
}

static int copy(const char *arg)
{
	char block[4096];
	ssize_t n;

	(void)arg;
	while ((n = read(0, block, sizeof(block))) > 0)
		put(1, block, (size_t)n);
	return n < 0 ? errno : 0;
}

/* What it was given: descriptors, signals, mask. */
static int given(const char *arg)
{
	char line[128];
	FILE *f = fopen("/proc/self/status", "re");

	(void)arg;
	for (int fd = 0; fd < 64; fd++) {
		if (f && fd != fileno(f) && fcntl(fd, F_GETFD) >= 0)
			dprintf(2, "%d ", fd);
	}
	while (f && fgets(line, sizeof(line), f)) {
		if (strncmp(line, "Sig", 3) == 0 && line[3] != 'Q')
			say(2, line);
	}
	if (f)
		fclose(f);
	return 0;
}

/* Uses its output as the file that it is. */
static int seek(const char *arg)
{
	struct stat st;

	(void)arg;
	say(1, "0123456789");
	if (lseek(1, 3, SEEK_SET) < 0)
		return errno;
	say(1, "abc");
	if (ftruncate(1, 8) < 0 || fstat(1, &st) < 0 || !S_ISREG(st.st_mode))
		return 1;
	return st.st_size == 8 ? 0 : 2;
}

/* Says so, and then nothing moves it but SIGKILL, or the end of its input. */
static int deaf(const char *arg)
{
	char c;

	signal(SIGTERM, SIG_IGN);
	if (arg[0] && fork() == 0)
		say(1, "child\n");
	else
		say(1, "deaf\n");
	while (read(0, &c, 1) < 0 && errno == EINTR)
		;
	return 3;
}

static const struct {
	const char *name;
	int (*run)(const char *arg);
} modes[] = {
	{ "binary", binary },
	{ "no-newline", no_newline },
	{ "close", close_outputs },
	{ "flood", flood },
	{ "nonblock", nonblock },
	{ "interleave", interleave },
	{ "leave-holding", leave_holding },
	{ "leave-letting-go", leave_letting_go },
	{ "signal", by_signal },
	{ "status", by_status },
	{ "copy", copy },
	{ "given", given },
	{ "seek", seek },
	{ "deaf", deaf },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < HALE_ARRAY_SIZE(modes); i++) {
		if (strcmp(modes[i].name, argv[1]) == 0)
			return modes[i].run(argc > 2 ? argv[2] : "");
	}
	return 64;
}
