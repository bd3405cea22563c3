/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The helper of the driver sensors over a libsensors of our own: what a whole
 * pass says, when it looks twice, which chips it leaves alone. What each value
 * means is in test_sensors_judge.c.
 */
#include <errno.h>
#include <math.h>
#include <sensors/error.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

#include "hale/base.h"
#include "hale/helper.h"

#include "facts.h"
#include "fake_sensors.h"
#include "tree.h"

#define END                                                                    \
	{                                                                      \
		FAKE_END, 0, 0                                                 \
	}
#define IN_C(x)                                                                \
	{                                                                      \
		SENSORS_SUBFEATURE_TEMP_INPUT, (x), 0                          \
	}
#define CRIT_C(x)                                                              \
	{                                                                      \
		SENSORS_SUBFEATURE_TEMP_CRIT, (x), 0                           \
	}
#define TEMP(name, ...)                                                        \
	{                                                                      \
		SENSORS_FEATURE_TEMP, name,                                    \
		{                                                              \
			__VA_ARGS__, END                                       \
		}                                                              \
	}

/* What is there from the second look on; NULL: the same. */
static const struct fake_chip *later;
static unsigned int waits;
/* Of the first chip. */
static const char *first_path;

int __wrap_nanosleep(const struct timespec *req, struct timespec *rem);
int __wrap_nanosleep(const struct timespec *req, struct timespec *rem)
{
	assert_null(rem);
	assert_true(req->tv_sec == 1);
	waits++;
	if (later)
		fake.chips = later;
	return 0;
}

static void print(void *sink, const struct hale_fact *f)
{
	assert_true(facts_print(sink, f));
}

static char *pass(const struct fake_chip *chips, int n, const char *line)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	struct hale_probe p = { .event_fd = -1,
				.now_ns = 1700000000 * HALE_NS_PER_S,
				.emit = print,
				.sink = out };
	struct tree t;

	memset(&fake, 0, sizeof(fake));
	fake.chips = chips;
	fake.n = n;
	fake.path = first_path;
	waits = 0;
	tree_new(&t);
	if (line)
		tree_line(&t, line);
	p.root_fd = t.root_fd;
	assert_int_equal(hale_helper.sample(&p), 0);
	assert_int_equal(fake.open, 0);
	tree_remove(&t);
	fclose(out);
	later = NULL;
	first_path = NULL;
	return text;
}

static void has(const char *facts, const char *line)
{
	if (!strstr(facts, line))
		fail_msg("missing: %s\nfacts:\n%s", line, facts);
}

static const struct fake_chip cool[] = {
	{ "coretemp",
	  { TEMP("Package id 0", IN_C(61), CRIT_C(100)),
	    TEMP("Core 0", IN_C(60), CRIT_C(100)) } },
};
static const struct fake_chip hot[] = {
	{ "coretemp",
	  { TEMP("Package id 0", IN_C(101), CRIT_C(100)),
	    TEMP("Core 0", IN_C(60), CRIT_C(100)) } },
};

static void test_all_is_well(void **state)
{
	char *facts = pass(cool, 1, NULL);

	(void)state;
	has(facts, "state sensor.temperature "
		   "part=sensor/coretemp-isa-0000.Package_id_0 holds=0 ");
	has(facts, "part=sensor/coretemp-isa-0000.Core_0 holds=0 ");
	has(facts, "coverage sensors live why=\"\"");
	assert_int_equal(waits, 0);
	free(facts);
}

static void test_too_hot_twice(void **state)
{
	char *facts = pass(hot, 1, NULL);

	(void)state;
	has(facts, "part=sensor/coretemp-isa-0000.Package_id_0 holds=1 value=0 "
		   "total=0 evidence=\"Package id 0 of coretemp-isa-0000: "
		   "101.0 C, its limit is 100.0 C\"\n");
	has(facts, "part=sensor/coretemp-isa-0000.Core_0 holds=0 ");
	assert_int_equal(waits, 1);
	free(facts);
}

/* One reading of the two: neither good nor bad. */
static void test_a_glitch_is_nothing(void **state)
{
	char *facts;

	(void)state;
	later = cool;
	facts = pass(hot, 1, NULL);
	assert_null(strstr(facts, "Package_id_0"));
	has(facts, "part=sensor/coretemp-isa-0000.Core_0 holds=0 ");
	assert_int_equal(waits, 1);
	free(facts);
}

/* To ask a disk's chip may wake the disk. */
static void test_disks_are_left_alone(void **state)
{
	static const struct fake_chip chips[] = {
		{ "nvme", { TEMP("Composite", IN_C(95), CRIT_C(80)) } },
		{ "drivetemp", { TEMP("temp1", IN_C(95), CRIT_C(80)) } },
	};
	char *facts = pass(chips, 2, NULL);

	(void)state;
	assert_int_equal(fake.reads, 0);
	assert_null(strstr(facts, "observation"));
	has(facts, "coverage sensors partial why=\"only disks have sensors "
		   "here: see disk_health\"");
	free(facts);
}

static void test_a_sensor_that_cannot_be_read(void **state)
{
	static const struct fake_chip chips[] = {
		{ "lm75",
		  { TEMP("temp1",
			 { SENSORS_SUBFEATURE_TEMP_INPUT, 0, -SENSORS_ERR_IO },
			 CRIT_C(80)) } },
		{ "coretemp", { TEMP("Core 0", IN_C(60), CRIT_C(100)) } },
	};
	char *facts = pass(chips, 2, NULL);

	(void)state;
	assert_null(strstr(facts, "part=sensor/lm75"));
	has(facts, "coverage sensors partial why=\"1 sensor cannot be read\"");
	has(facts, "coverage sensors of sensor/lm75-isa-0000.temp1 blind "
		   "why=\"temp1 of lm75-isa-0000 cannot be read: Input/output "
		   "error\"");
	assert_true(strstr(facts, "coverage sensors partial") <
		    strstr(facts, "coverage sensors of"));
	free(facts);
}

/* To ask a graphics card that sleeps is to wake it. */
static void test_a_sleeping_card_is_left_alone(void **state)
{
	static const struct fake_chip chips[] = {
		{ "amdgpu", { TEMP("edge", IN_C(101), CRIT_C(100)) } },
		{ "coretemp", { TEMP("Core 0", IN_C(60), CRIT_C(100)) } },
	};
	struct tree t;
	char *facts;

	(void)state;
	tree_new(&t);
	tree_line(&t, "file device/power/runtime_status = suspended");
	first_path = t.path;
	facts = pass(chips, 2, NULL);
	assert_null(strstr(facts, "amdgpu"));
	has(facts, "coverage sensors live why=\"\"");
	free(facts);
	tree_line(&t, "file device/power/runtime_status = active");
	first_path = t.path;
	facts = pass(chips, 2, NULL);
	has(facts, "part=sensor/amdgpu-isa-0000.edge holds=1 ");
	free(facts);
	tree_remove(&t);
}

static void test_no_number_at_all(void **state)
{
	static const struct fake_chip chips[] = {
		{ "odd",
		  { TEMP("temp1", IN_C((double)NAN), CRIT_C(80)),
		    TEMP("temp2", IN_C((double)INFINITY), CRIT_C(80)),
		    TEMP("temp3", IN_C(1e300), CRIT_C(80)),
		    TEMP("temp\x1b[31m4", IN_C(50), CRIT_C(80)) } },
	};
	char *facts = pass(chips, 1, NULL);

	(void)state;
	has(facts, "part=sensor/odd-isa-0000.temp__31m4 holds=0 ");
	assert_null(strstr(facts, "temp1"));
	assert_null(strstr(facts, "temp2"));
	assert_null(strstr(facts, "temp3"));
	free(facts);
}

static void test_no_chips(void **state)
{
	char *facts = pass(NULL, 0, "file proc/cpuinfo = flags : hypervisor");

	(void)state;
	has(facts, "coverage sensors blind why=\"no hardware sensors\" "
		   "remedy=\"none to expect in a virtual machine\"");
	free(facts);
	facts = pass(NULL, 0, "file proc/cpuinfo = flags : fpu");
	has(facts, "remedy=\"run sensors-detect to find the board's chip\"");
	free(facts);
}

static void test_no_limits(void **state)
{
	static const struct fake_chip chips[] = {
		{ "acpitz", { TEMP("temp1", IN_C(40)) } },
	};
	char *facts = pass(chips, 1, NULL);

	(void)state;
	has(facts, "coverage sensors partial why=\"no sensor has limits that "
		   "mean anything\"");
	free(facts);
}

static void test_more_than_fit(void **state)
{
	static struct fake_chip chips[50];
	char *facts;

	(void)state;
	for (int i = 0; i < 50; i++) {
		chips[i] = cool[0];
		for (int k = 2; k < 7; k++)
			chips[i].features[k] = cool[0].features[1];
	}
	facts = pass(chips, 50, NULL);
	has(facts, "and there are more than fit");
	free(facts);
}

static char *supply(const char *type, const char *status)
{
	struct tree t;
	char line[128], *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	struct hale_probe p = { .emit = print, .sink = out, .now_ns = 1 };

	memset(&fake, 0, sizeof(fake));
	tree_new(&t);
	snprintf(line, sizeof(line),
		 "file sys/class/power_supply/ups 1/type = %s", type);
	tree_line(&t, line);
	snprintf(line, sizeof(line),
		 "file sys/class/power_supply/ups 1/status = %s", status);
	tree_line(&t, line);
	p.root_fd = t.root_fd;
	assert_int_equal(hale_helper.sample(&p), 0);
	tree_remove(&t);
	fclose(out);
	return text;
}

static void test_supplies(void **state)
{
	char *facts = supply("UPS", "Discharging");

	(void)state;
	has(facts, "state power.supply part=sensor/ups.ups_1 holds=1 value=0 "
		   "total=0 evidence=\"the UPS runs on its battery\"");
	has(facts, "coverage sensors live");
	free(facts);
	facts = supply("UPS", "Full");
	has(facts, "power.supply part=sensor/ups.ups_1 holds=0");
	free(facts);
	/* a laptop's, unplugged: no fault */
	facts = supply("Battery", "Discharging");
	assert_null(strstr(facts, "power.supply"));
	free(facts);
	facts = supply("UPS", "Unknown");
	assert_null(strstr(facts, "power.supply"));
	free(facts);
}

static void test_library_fails(void **state)
{
	struct hale_probe p = { .root_fd = -1, .emit = print, .sink = stderr };

	(void)state;
	memset(&fake, 0, sizeof(fake));
	fake.init_error = -SENSORS_ERR_PARSE;
	assert_int_equal(hale_helper.sample(&p), -EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_is_well),
		cmocka_unit_test(test_too_hot_twice),
		cmocka_unit_test(test_a_glitch_is_nothing),
		cmocka_unit_test(test_disks_are_left_alone),
		cmocka_unit_test(test_a_sensor_that_cannot_be_read),
		cmocka_unit_test(test_a_sleeping_card_is_left_alone),
		cmocka_unit_test(test_no_number_at_all),
		cmocka_unit_test(test_no_chips),
		cmocka_unit_test(test_no_limits),
		cmocka_unit_test(test_more_than_fit),
		cmocka_unit_test(test_supplies),
		cmocka_unit_test(test_library_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
