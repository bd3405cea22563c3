/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver pressure over files of our own: when a finding begins and ends,
 * when the driver wakes, and what it says where the kernel does not help. The
 * few system calls that a recorded file cannot answer are stood in for here.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

#include <cmocka.h>

#include "hale/base.h"
#include "hale/driver.h"

#include "facts.h"
#include "tree.h"

extern const struct hale_driver pressure_driver;

static struct {
	int open_error;	      /* of opening for writing */
	int write_error;      /* of setting a trigger */
	char triggers[160];   /* all that were set */
	unsigned int armed_s; /* the timer */
	bool tick;	      /* the next look at the timer finds one */
} fake;

int __real_openat(int dirfd, const char *path, int flags, int mode);
int __wrap_openat(int dirfd, const char *path, int flags, int mode);
int __wrap_openat(int dirfd, const char *path, int flags, int mode)
{
	if ((flags & O_ACCMODE) == O_RDWR && fake.open_error &&
	    strstr(path, "pressure/")) {
		errno = fake.open_error;
		return -1;
	}
	return __real_openat(dirfd, path, flags, mode);
}

ssize_t __real_write(int fd, const void *buf, size_t len);
ssize_t __wrap_write(int fd, const void *buf, size_t len);
ssize_t __wrap_write(int fd, const void *buf, size_t len)
{
	const char *text = buf;

	if (strncmp(text, "full ", 5) != 0 && strncmp(text, "some ", 5) != 0)
		return __real_write(fd, buf, len);
	if (len > 16 && len < 40 && !strchr(text, '=')) {
		assert_int_equal(text[len - 1], '\0');
		strcat(fake.triggers, text);
		strcat(fake.triggers, "|");
		errno = fake.write_error;
		return fake.write_error ? -1 : (ssize_t)len;
	}
	return __real_write(fd, buf, len);
}

ssize_t __real_read(int fd, void *buf, size_t len);
ssize_t __wrap_read(int fd, void *buf, size_t len);
ssize_t __wrap_read(int fd, void *buf, size_t len)
{
	if (len != sizeof(uint64_t) || !fake.tick)
		return __real_read(fd, buf, len);
	fake.tick = false;
	memset(buf, 1, len);
	return (ssize_t)len;
}

int __wrap_epoll_ctl(int fd, int op, int target, struct epoll_event *event);
int __wrap_epoll_ctl(int fd, int op, int target, struct epoll_event *event)
{
	assert_true(fd >= 0 && target >= 0 && op == EPOLL_CTL_ADD);
	assert_true(event->events == EPOLLIN || event->events == EPOLLPRI);
	return 0;
}

int __wrap_timerfd_settime(int fd, int flags, const struct itimerspec *value,
			   struct itimerspec *old);
int __wrap_timerfd_settime(int fd, int flags, const struct itimerspec *value,
			   struct itimerspec *old)
{
	assert_true(fd >= 0 && flags == 0 && !old);
	fake.armed_s = (unsigned int)value->it_value.tv_sec;
	return 0;
}

/* One driver, its files and what it says. */
struct run {
	struct tree tree;
	struct hale_probe p;
	_Alignas(16) char state[1024];
	char *text;
	size_t len;
	FILE *out;
};

static void print(void *sink, const struct hale_fact *f)
{
	assert_true(facts_print(sink, f));
}

static void set(struct run *r, const char *what, const char *some,
		const char *full)
{
	char path[64], text[256];

	snprintf(path, sizeof(path), "proc/pressure/%s", what);
	snprintf(text, sizeof(text),
		 "some avg10=%s avg60=0.10 avg300=0.00 total=4711\n"
		 "full avg10=%s avg60=0.10 avg300=0.00 total=42\n",
		 some, full);
	tree_file(&r->tree, path, text, strlen(text));
}

static struct run *begin(const struct hale_option *options, size_t n)
{
	struct run *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	assert_true(pressure_driver.state_size <= sizeof(r->state));
	tree_new(&r->tree);
	memset(&fake, 0, sizeof(fake));
	r->out = open_memstream(&r->text, &r->len);
	r->p = (struct hale_probe){ .state = r->state,
				    .root_fd = r->tree.root_fd,
				    .event_fd = -1,
				    .now_ns = 1700000000 * HALE_NS_PER_S,
				    .options = options,
				    .n_options = n,
				    .emit = print,
				    .sink = r->out };
	set(r, "memory", "0.00", "0.00");
	set(r, "io", "55.00", "12.00");
	return r;
}

static void probe(struct run *r)
{
	assert_int_equal(pressure_driver.probe(&r->p), 0);
	assert_true(r->p.once || r->p.event_fd >= 0);
}

/* What one wake-up says. */
static const char *sample(struct run *r)
{
	rewind(r->out);
	assert_int_equal(pressure_driver.sample(&r->p), 0);
	fflush(r->out);
	r->text[r->len] = '\0';
	return r->text;
}

static const char *tick(struct run *r)
{
	r->p.now_ns += fake.armed_s * HALE_NS_PER_S;
	fake.tick = true;
	return sample(r);
}

static void end(struct run *r)
{
	pressure_driver.remove(&r->p);
	fclose(r->out);
	free(r->text);
	tree_remove(&r->tree);
	free(r);
}

static void has(const char *facts, const char *line)
{
	if (!strstr(facts, line))
		fail_msg("missing: %s\nfacts:\n%s", line, facts);
}

#define MEMORY_ENDS  "observation state memory.pressure part=host holds=0 "
#define MEMORY_HOLDS "observation state memory.pressure part=host holds=1 "

/* Idle: two triggers, no timer; what an earlier life said is taken back. */
static void test_nothing_stalls(void **state)
{
	struct run *r = begin(NULL, 0);
	const char *facts;

	(void)state;
	probe(r);
	fflush(r->out);
	has(r->text, "coverage pressure live");
	assert_string_equal(fake.triggers,
			    "full 2000000 10000000|full 6000000 10000000|");
	facts = sample(r);
	has(facts, MEMORY_ENDS);
	has(facts, "observation state io.pressure part=host holds=0 ");
	assert_int_equal(fake.armed_s, 3);
	assert_string_equal(tick(r), "");
	assert_int_equal(fake.armed_s, 0);
	end(r);
}

static void test_memory_is_short_and_then_not(void **state)
{
	struct run *r = begin(NULL, 0);

	(void)state;
	probe(r);
	sample(r);
	tick(r);
	/* the average does not show it yet: another look, soon */
	assert_string_equal(sample(r), "");
	assert_int_equal(fake.armed_s, 3);
	set(r, "memory", "41.38", "23.47");
	has(tick(r), MEMORY_HOLDS "value=234 total=0 evidence=\"of the last "
				  "10 s some tasks waited for memory 41 %, all "
				  "of them 23 %\"\n");
	assert_int_equal(fake.armed_s, 10);
	/* between two ticks a trigger is no news; nor is every tick */
	assert_string_equal(sample(r), "");
	assert_string_equal(tick(r), "");
	set(r, "memory", "9.00", "4.99");
	assert_string_equal(tick(r), "");
	assert_string_equal(tick(r), "");
	has(tick(r), MEMORY_ENDS);
	assert_int_equal(fake.armed_s, 0);
	end(r);
}

static void set_memory(struct run *r, const char *total, const char *available)
{
	char text[160];

	snprintf(text, sizeof(text),
		 "MemTotal:  %9s kB\nMemFree:     123 kB\nMemAvailable: %9s "
		 "kB\nBuffers:    1 kB\n",
		 total, available);
	tree_file(&r->tree, "proc/meminfo", text, strlen(text));
}

/* A job thrashes below its own limit: that is noted, once, and the host is not
 * at fault until its memory is short, too. */
static void test_a_jobs_own_limit(void **state)
{
	struct run *r = begin(NULL, 0);

	(void)state;
	set_memory(r, "16000000", "9000000");
	probe(r);
	set(r, "memory", "90.00", "80.00");
	has(sample(r), "observation event memory.limit part=host count=1 "
		       "value=0 total=0 evidence=\"tasks stall at the limit of "
		       "their own cgroup: the host has 8789 MiB of memory "
		       "left\"\n");
	has(r->text, MEMORY_ENDS);
	assert_int_equal(fake.armed_s, 10);
	assert_string_equal(tick(r), "");
	set_memory(r, "16000000", "700000");
	has(tick(r), MEMORY_HOLDS);
	end(r);
}

/* A state that goes on is refreshed once a minute. */
static void test_a_long_stall_is_said_again(void **state)
{
	struct run *r = begin(NULL, 0);
	unsigned int said = 0;

	(void)state;
	probe(r);
	set(r, "memory", "90.00", "80.00");
	has(sample(r), MEMORY_HOLDS);
	for (int i = 0; i < 12; i++)
		said += tick(r)[0] != '\0';
	assert_int_equal(said, 2);
	end(r);
}

/* One calm look between two bad ones ends nothing. */
static void test_a_short_calm_ends_nothing(void **state)
{
	struct run *r = begin(NULL, 0);

	(void)state;
	probe(r);
	set(r, "memory", "90.00", "80.00");
	has(sample(r), MEMORY_HOLDS);
	for (int i = 0; i < 6; i++) {
		set(r, "memory", "1.00", i % 3 == 2 ? "11.00" : "0.50");
		if (strstr(tick(r), MEMORY_ENDS))
			fail_msg("it ended at look %d", i);
	}
	end(r);
}

static void test_limits_of_ones_own(void **state)
{
	static const struct hale_option options[] = {
		{ "memory", "some 5% / 2s" }, { "io", "off" }
	};
	struct run *r = begin(options, 2);

	(void)state;
	probe(r);
	assert_string_equal(fake.triggers, "some 100000 2000000|");
	set(r, "memory", "2.50", "0.00");
	set(r, "io", "99.00", "99.00");
	has(sample(r), MEMORY_HOLDS "value=25 ");
	assert_null(strstr(r->text, "io.pressure"));
	end(r);
}

/* Before Linux 6.5, and not root: it looks now and then. */
static void test_triggers_not_permitted(void **state)
{
	struct run *r = begin(NULL, 0);

	(void)state;
	fake.open_error = EPERM;
	probe(r);
	fflush(r->out);
	has(r->text, "coverage pressure partial why=\"triggers are not "
		     "permitted");
	sample(r);
	assert_int_equal(fake.armed_s, 30);
	set(r, "memory", "40.00", "10.00");
	has(tick(r), MEMORY_HOLDS);
	assert_int_equal(fake.armed_s, 10);
	end(r);
}

static void test_once(void **state)
{
	struct run *r = begin(NULL, 0);

	(void)state;
	r->p.once = true;
	set(r, "memory", "60.00", "50.00");
	probe(r);
	has(sample(r), MEMORY_HOLDS);
	assert_string_equal(fake.triggers, "");
	end(r);
}

static void absent_with(int error, const char *coverage)
{
	struct run *r = begin(NULL, 0);

	fake.write_error = error;
	if (error == 0) {
		tree_remove(&r->tree);
		tree_new(&r->tree);
		r->p.root_fd = r->tree.root_fd;
	}
	assert_int_equal(pressure_driver.probe(&r->p), -ENODEV);
	fflush(r->out);
	has(r->text, coverage);
	end(r);
}

static void test_no_psi(void **state)
{
	(void)state;
	absent_with(0, "coverage pressure blind why=\"this kernel does not "
		       "measure pressure\" remedy=\"use a kernel with "
		       "CONFIG_PSI, booted with psi=1\"");
	absent_with(EOPNOTSUPP, "coverage pressure blind why=\"pressure is not "
				"measured in this boot\" remedy=\"psi=1 on "
				"the kernel command line\"");
}

static void test_a_torn_file_blinds(void **state)
{
	struct run *r = begin(NULL, 0);

	(void)state;
	probe(r);
	tree_file(&r->tree, "proc/pressure/memory", "some av", 7);
	assert_int_equal(pressure_driver.sample(&r->p), -EINVAL);
	end(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_stalls),
		cmocka_unit_test(test_memory_is_short_and_then_not),
		cmocka_unit_test(test_a_jobs_own_limit),
		cmocka_unit_test(test_a_long_stall_is_said_again),
		cmocka_unit_test(test_a_short_calm_ends_nothing),
		cmocka_unit_test(test_limits_of_ones_own),
		cmocka_unit_test(test_triggers_not_permitted),
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_no_psi),
		cmocka_unit_test(test_a_torn_file_blinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
