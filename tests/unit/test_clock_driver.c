/* SPDX-License-Identifier: Apache-2.0 */
/* The driver clock, under a clock that the test sets. */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <time.h>

#include <cmocka.h>

#include "hale/base.h"

#include "facts.h"

extern const struct hale_driver clock_driver;

/* What the wrapped calls answer. */
static int64_t boot_ns, wall_ns;
static int sync_status, sync_error;
static bool was_set;
static unsigned int n_armed;

int __wrap_clock_gettime(clockid_t clock, struct timespec *t);
int __wrap_adjtimex(struct timex *t);
int __wrap_timerfd_settime(int fd, int flags, const struct itimerspec *new_t,
			   struct itimerspec *old);
ssize_t __real_read(int fd, void *buf, size_t size);
ssize_t __wrap_read(int fd, void *buf, size_t size);

int __wrap_clock_gettime(clockid_t clock, struct timespec *t)
{
	int64_t ns = clock == CLOCK_REALTIME ? wall_ns : boot_ns;

	t->tv_sec = ns / (int64_t)HALE_NS_PER_S;
	t->tv_nsec = ns % (int64_t)HALE_NS_PER_S;
	return 0;
}

int __wrap_adjtimex(struct timex *t)
{
	assert_int_equal(t->modes, 0);
	if (sync_error) {
		errno = sync_error;
		return -1;
	}
	t->status = sync_status;
	t->maxerror = 16000000;
	return sync_status & STA_UNSYNC ? TIME_ERROR : TIME_OK;
}

int __wrap_timerfd_settime(int fd, int flags, const struct itimerspec *new_t,
			   struct itimerspec *old)
{
	(void)fd;
	(void)old;
	assert_int_equal(flags, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET);
	assert_true(new_t->it_value.tv_sec > wall_ns / 1000000000);
	n_armed++;
	return 0;
}

ssize_t __wrap_read(int fd, void *buf, size_t size)
{
	if (size != sizeof(uint64_t))
		return __real_read(fd, buf, size);
	errno = was_set ? ECANCELED : EAGAIN;
	was_set = false;
	return -1;
}

struct host {
	struct hale_probe probe;
	char *facts;
	size_t len;
	FILE *out;
};

static void print(void *sink, const struct hale_fact *f)
{
	assert_true(facts_print(((struct host *)sink)->out, f));
}

static void host_new(struct host *h)
{
	*h = (struct host){ .probe = { .event_fd = -1,
				       .root_fd = -1,
				       .now_ns = HALE_NS_PER_S,
				       .emit = print,
				       .sink = h } };
	boot_ns = 1000 * (int64_t)HALE_NS_PER_S;
	wall_ns = 1700000000 * (int64_t)HALE_NS_PER_S;
	sync_status = sync_error = 0;
	n_armed = 0;
	h->probe.state = calloc(1, clock_driver.state_size);
	assert_non_null(h->probe.state);
}

static const char *sample(struct host *h)
{
	free(h->facts);
	h->out = open_memstream(&h->facts, &h->len);
	assert_int_equal(clock_driver.sample(&h->probe), 0);
	fclose(h->out);
	return h->facts;
}

static void host_end(struct host *h)
{
	clock_driver.remove(&h->probe);
	free(h->probe.state);
	free(h->facts);
}

static void pass(int64_t boot_ms, int64_t wall_ms)
{
	boot_ns += boot_ms * (int64_t)HALE_NS_PER_MS;
	wall_ns += wall_ms * (int64_t)HALE_NS_PER_MS;
}

static void a_kept_clock_is_well(void **state)
{
	struct host h;
	const char *facts;

	(void)state;
	host_new(&h);
	assert_int_equal(clock_driver.probe(&h.probe), 0);
	assert_true(h.probe.event_fd >= 0);
	assert_int_equal(h.probe.event_mask, POLLIN);
	pass(300000, 300150); /* a time service at work */
	facts = sample(&h);
	assert_non_null(strstr(facts, "clock.unsynced part=host holds=0"));
	assert_non_null(strstr(facts, "coverage clock live"));
	assert_null(strstr(facts, "clock.stepped"));
	host_end(&h);
}

struct step_case {
	int64_t ms;
	const char *told; /* NULL: not a step */
};

static const struct step_case steps[] = {
	{ 3600 * 1000, "was set forward by 1 h 0 min" },
	{ -90 * 1000, "was set back by 1 min 30 s" },
	{ 2500, "was set forward by 2.5 s" },
	{ 86400 * 2 * 1000, "was set forward by 2 d 0 h" },
	{ 1900, NULL },
	{ -1900, NULL },
};

static void steps_are_told_with_their_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(steps); i++) {
		struct host h;
		const char *facts;

		host_new(&h);
		assert_int_equal(clock_driver.probe(&h.probe), 0);
		was_set = true;
		pass(5000, 5000 + steps[i].ms);
		facts = sample(&h);
		assert_int_equal(n_armed, 2);
		if (steps[i].told)
			assert_non_null(strstr(facts, steps[i].told));
		else
			assert_null(strstr(facts, "clock.stepped"));
		/* once */
		pass(5000, 5000);
		assert_null(strstr(sample(&h), "clock.stepped"));
		host_end(&h);
	}
}

static void nobody_keeps_it(void **state)
{
	struct host h;

	(void)state;
	host_new(&h);
	sync_status = STA_UNSYNC;
	assert_int_equal(clock_driver.probe(&h.probe), 0);
	assert_non_null(strstr(sample(&h), "clock.unsynced part=host holds=1"));
	host_end(&h);
}

static void what_is_forbidden_is_said(void **state)
{
	struct host h;
	const char *facts;

	(void)state;
	host_new(&h);
	sync_error = EPERM;
	assert_int_equal(clock_driver.probe(&h.probe), 0);
	facts = sample(&h);
	assert_non_null(strstr(facts, "coverage clock partial"));
	assert_null(strstr(facts, "clock.unsynced"));
	host_end(&h);
}

static void a_scan_waits_for_nothing(void **state)
{
	struct host h;

	(void)state;
	host_new(&h);
	h.probe.once = true;
	assert_int_equal(clock_driver.probe(&h.probe), 0);
	assert_int_equal(h.probe.event_fd, -1);
	assert_non_null(strstr(sample(&h), "coverage clock partial"));
	host_end(&h);
}

static void options(void **state)
{
	struct hale_option option = { "step", "10s" };
	char error[HALE_CHECK_ERROR_MAX] = "";
	struct host h;

	(void)state;
	host_new(&h);
	h.probe.options = &option;
	h.probe.n_options = 1;
	assert_int_equal(clock_driver.check(&h.probe, error), 0);
	assert_int_equal(clock_driver.probe(&h.probe), 0);
	pass(5000, 12000);
	assert_null(strstr(sample(&h), "clock.stepped"));
	option.value = "0";
	assert_int_equal(clock_driver.check(&h.probe, error), -EINVAL);
	assert_non_null(strstr(error, "step: "));
	option.value = "5 days";
	assert_int_equal(clock_driver.check(&h.probe, error), -EINVAL);
	host_end(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_kept_clock_is_well),
		cmocka_unit_test(steps_are_told_with_their_size),
		cmocka_unit_test(nobody_keeps_it),
		cmocka_unit_test(what_is_forbidden_is_said),
		cmocka_unit_test(a_scan_waits_for_nothing),
		cmocka_unit_test(options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
