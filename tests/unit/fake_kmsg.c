/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plays /dev/kmsg to the driver: records and errors in the order in which
 * reads return them, and keeps what the driver says. The kernel's own log
 * cannot be made to overflow on demand. openat(), read() and lseek() of the
 * log are wrapped by the linker, everything else is the real thing.
 */
#include "tests/unit/fake_kmsg.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>

#include "hale/base.h"

ssize_t __real_read(int fd, void *buf, size_t size);
int __real_openat(int dirfd, const char *path, int flags, ...);
off_t __real_lseek(int fd, off_t offset, int whence);
ssize_t __wrap_read(int fd, void *buf, size_t size);
int __wrap_openat(int dirfd, const char *path, int flags, ...);
off_t __wrap_lseek(int fd, off_t offset, int whence);
int __wrap_timerfd_settime(int fd, int flags, const struct itimerspec *new,
			   struct itimerspec *old);

#define ENTRIES_MAX 24000

struct entry {
	int err;
	char *text;
};

static struct entry entries[ENTRIES_MAX];
struct fake_kmsg fake_kmsg;
struct fake_said said;
struct hale_probe probe;
static char root[] = "/tmp/hale-kmsg.XXXXXX";

/* How far a descriptor of the log has read; NULL: it is another file's. */
static size_t *next_of(int fd)
{
	for (size_t i = 0; i < HALE_LOGS; i++) {
		if (fake_kmsg.logs[i] != 0 && fd == fake_kmsg.logs[i])
			return &fake_kmsg.at[i];
	}
	return fake_kmsg.fd != 0 && fd == fake_kmsg.fd ? &fake_kmsg.next : NULL;
}

ssize_t __wrap_read(int fd, void *buf, size_t size)
{
	size_t *next = next_of(fd);
	const struct entry *e;
	size_t len;

	if (!next)
		return __real_read(fd, buf, size);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	if (*next == fake_kmsg.n) {
		errno = EAGAIN;
		return -1;
	}
	e = &entries[(*next)++];
	if (e->err) {
		errno = e->err;
		return -1;
	}
	len = strlen(e->text);
	assert_true(len <= size);
	memcpy(buf, e->text, len);
	return (ssize_t)len;
}

int __wrap_openat(int dirfd, const char *path, int flags, ...)
{
	if (strcmp(path, "dev/kmsg") != 0)
		return __real_openat(dirfd, path, flags);
	if (fake_kmsg.open_err) {
		errno = fake_kmsg.open_err;
		return -1;
	}
	assert_true(flags & O_NONBLOCK);
	fake_kmsg.fd = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC);
	return fake_kmsg.fd;
}

off_t __wrap_lseek(int fd, off_t offset, int whence)
{
	size_t *next = next_of(fd);

	if (!next)
		return __real_lseek(fd, offset, whence);
	*next = 0;
	return 0;
}

int __wrap_timerfd_settime(int fd, int flags, const struct itimerspec *new,
			   struct itimerspec *old)
{
	(void)fd;
	(void)flags;
	(void)old;
	fake_kmsg.timer_s = new->it_value.tv_sec;
	return 0;
}

void fake_logs(size_t at0, size_t at1)
{
	for (size_t i = 0; i < HALE_LOGS; i++)
		fake_kmsg.logs[i] = eventfd(1, EFD_CLOEXEC);
	fake_kmsg.at[0] = at0;
	fake_kmsg.at[1] = at1;
	probe.logs = fake_kmsg.logs;
}

void fake_next_core(uint64_t resume_seq)
{
	int kept[HALE_LOGS];

	for (size_t i = 0; i < HALE_LOGS; i++)
		kept[i] = fcntl(fake_kmsg.logs[i], F_DUPFD_CLOEXEC, 0);
	kmsg_driver.remove(&probe);
	memcpy(fake_kmsg.logs, kept, sizeof(kept));
	memset(probe.state, 0, kmsg_driver.state_size);
	memset(&said, 0, sizeof(said));
	probe.resume_seq = resume_seq;
	fake_start();
}

void fake_log_error(int err)
{
	assert_true(fake_kmsg.n < ENTRIES_MAX);
	entries[fake_kmsg.n++].err = err;
}

static void log_text(const char *text, size_t len)
{
	assert_true(fake_kmsg.n < ENTRIES_MAX);
	entries[fake_kmsg.n++].text = strndup(text, len);
}

void fake_log_record(unsigned int prio, uint64_t seq, const char *text)
{
	char record[512];
	int n = snprintf(record, sizeof(record), "%u,%llu,%llu,-;%s\n", prio,
			 (unsigned long long)seq,
			 (unsigned long long)(1000000 + 1000 * seq), text);

	log_text(record, (size_t)n);
}

void fake_log_medium_error(unsigned int prio, uint64_t seq)
{
	fake_log_record(
		prio, seq,
		"critical medium error, dev sde, sector 7 op 0x0:(READ) "
		"flags 0x0 phys_seg 1 prio class 2");
}

/* A file of records; lines that begin with a blank belong to the one before. */
void fake_log_fixture(const char *name)
{
	static char text[16384];
	char path[64];
	char *at = text, *end;
	int n;

	snprintf(path, sizeof(path), "tests/fixtures/kmsg/%s", name);
	n = hale_read_at(AT_FDCWD, path, text, sizeof(text));
	assert_true(n > 0);
	end = text + n;
	while (at < end) {
		char *stop = at;

		do
			stop = strchrnul(stop + 1, '\n');
		while (stop[0] && stop[1] == ' ');
		log_text(at, (size_t)(stop - at) + (stop < end));
		at = stop + 1;
	}
}

static void emit(void *sink, const struct hale_fact *f)
{
	(void)sink;
	assert_true(hale_fact_valid(f));
	if (f->kind == HALE_FACT_COVERAGE) {
		said.coverage[f->u.coverage.sense] = f->u.coverage;
		said.n_coverage++;
	} else if (f->kind == HALE_FACT_POSITION) {
		said.position = f->u.position;
	} else if (f->kind == HALE_FACT_BEARER) {
		said.bearers[said.n_bearers++ % FAKE_SAID_MAX] = f->u.bearer;
	} else {
		assert_int_equal(f->kind, HALE_FACT_OBSERVATION);
		said.count += f->u.observation.count;
		said.observations[said.n_observations++ % FAKE_SAID_MAX] =
			f->u.observation;
	}
}

void fake_make_dir(const char *path)
{
	char full[128];

	snprintf(full, sizeof(full), "%s/%s", root, path);
	assert_int_equal(mkdir(full, 0700), 0);
}

void fake_write_file(const char *path, const char *text)
{
	char full[128];
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", root, path);
	f = fopen(full, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

int fake_setup(void **state)
{
	(void)state;
	memset(&said, 0, sizeof(said));
	memset(&fake_kmsg, 0, sizeof(fake_kmsg));
	memset(entries, 0, sizeof(entries));
	memcpy(root + strlen(root) - 6, "XXXXXX", 6);
	assert_non_null(mkdtemp(root));
	probe = (struct hale_probe){ .emit = emit,
				     .event_fd = -1,
				     .now_ns = 1000000 * HALE_NS_PER_S };
	probe.root_fd = open(root, O_PATH | O_DIRECTORY);
	probe.state = calloc(1, kmsg_driver.state_size);
	assert_non_null(probe.state);
	return 0;
}

int fake_teardown(void **state)
{
	char command[64];

	(void)state;
	kmsg_driver.remove(&probe);
	free(probe.state);
	close(probe.root_fd);
	for (size_t i = 0; i < fake_kmsg.n; i++)
		free(entries[i].text);
	snprintf(command, sizeof(command), "rm -r %s", root);
	return system(command);
}

void fake_sample(void)
{
	assert_int_equal(kmsg_driver.sample(&probe), 0);
}

void fake_start(void)
{
	assert_int_equal(kmsg_driver.probe(&probe), 0);
	assert_true(probe.event_fd >= 0);
	fake_sample();
}

/* The first of a condition; one of no condition where there is none. */
const struct hale_observation *fake_find(enum hale_condition c)
{
	static const struct hale_observation none;

	for (size_t i = 0; i < said.n_observations && i < FAKE_SAID_MAX; i++) {
		if (said.observations[i].condition == c)
			return &said.observations[i];
	}
	return &none;
}

bool fake_has(enum hale_condition c)
{
	return fake_find(c)->condition == c;
}

enum hale_sight fake_sight(enum hale_sense s)
{
	return said.coverage[s].sight;
}
