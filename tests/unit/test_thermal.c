/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver thermal: messages of the kernel's families, made here; counters of
 * processors, in files; what there is to be watched, and what is not.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/genetlink.h>
#include <linux/thermal.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "drivers/thermal_parts.h"

#include "facts.h"
#include "tree.h"

extern const struct hale_driver thermal_driver;

#define THERMAL 0x1a
#define ACPI	0x1b

static const struct thermal_families families = { .thermal = THERMAL,
						  .acpi = ACPI };

static struct nl_msg *message(int family, uint8_t cmd)
{
	struct nl_msg *m = nlmsg_alloc();

	assert_non_null(m);
	assert_non_null(genlmsg_put(m, 0, 0, family, 0, 0, cmd, 1));
	return m;
}

static int parse(struct nl_msg *m, struct thermal_event *ret)
{
	int r = thermal_event_parse(nlmsg_hdr(m), &families, ret);

	nlmsg_free(m);
	return r;
}

static void test_trip_points(void **state)
{
	struct nl_msg *m = message(THERMAL, THERMAL_GENL_EVENT_TZ_TRIP_UP);
	struct thermal_event e;

	(void)state;
	nla_put_u32(m, THERMAL_GENL_ATTR_TZ_ID, 3);
	nla_put_u32(m, THERMAL_GENL_ATTR_TZ_TRIP_ID, 1);
	nla_put_u32(m, THERMAL_GENL_ATTR_TZ_TEMP, 101000);
	assert_int_equal(parse(m, &e), 0);
	assert_int_equal(e.kind, THERMAL_TRIP_UP);
	assert_int_equal(e.id, 3);
	assert_int_equal(e.trip, 1);
	m = message(THERMAL, THERMAL_GENL_EVENT_TZ_TRIP_DOWN);
	nla_put_u32(m, THERMAL_GENL_ATTR_TZ_ID, 3);
	assert_int_equal(parse(m, &e), -EBADMSG);
	m = message(THERMAL, THERMAL_GENL_EVENT_TZ_TRIP_DOWN);
	nla_put_u16(m, THERMAL_GENL_ATTR_TZ_ID, 3);
	nla_put_u32(m, THERMAL_GENL_ATTR_TZ_TRIP_ID, 1);
	assert_int_equal(parse(m, &e), -EBADMSG);
}

static void test_cooling_devices(void **state)
{
	struct nl_msg *m =
		message(THERMAL, THERMAL_GENL_EVENT_CDEV_STATE_UPDATE);
	struct thermal_event e;

	(void)state;
	nla_put_u32(m, THERMAL_GENL_ATTR_CDEV_ID, 7);
	nla_put_u32(m, THERMAL_GENL_ATTR_CDEV_CUR_STATE, 2);
	assert_int_equal(parse(m, &e), 0);
	assert_int_equal(e.kind, THERMAL_COOLING);
	assert_int_equal(e.id, 7);
	assert_int_equal(e.value, 2);
	m = message(THERMAL, THERMAL_GENL_EVENT_TZ_CREATE);
	assert_int_equal(parse(m, &e), 0);
	assert_int_equal(e.kind, THERMAL_NOTHING);
}

/* As drivers/acpi/event.c lays it out. */
struct acpi {
	char device_class[20];
	char bus_id[15];
	uint32_t type, data;
};

static struct nl_msg *acpi_message(const struct acpi *a)
{
	struct nl_msg *m = message(ACPI, 1);

	nla_put(m, 1, sizeof(*a), a);
	return m;
}

static void test_acpi(void **state)
{
	static const struct acpi hot = { "thermal_zone", "LNXTHERM:01", 0xf1,
					 0 };
	static const struct acpi limit = { "processor", "LNXCPU:0a", 0x80, 4 };
	static const struct acpi button = { "button/power", "PBTN", 0x80, 1 };
	static const struct acpi full = { "01234567890123456789",
					  "no end at all, ", 0x80, 1 };
	struct thermal_event e;
	struct nl_msg *m;

	(void)state;
	assert_int_equal(parse(acpi_message(&hot), &e), 0);
	assert_int_equal(e.kind, THERMAL_ACPI_HOT);
	assert_string_equal(e.name, "LNXTHERM:01");
	assert_int_equal(parse(acpi_message(&limit), &e), 0);
	assert_int_equal(e.kind, THERMAL_ACPI_LIMIT);
	assert_int_equal(e.value, 4);
	assert_int_equal(parse(acpi_message(&button), &e), 0);
	assert_int_equal(e.kind, THERMAL_NOTHING);
	assert_int_equal(parse(acpi_message(&full), &e), 0);
	assert_true(hale_text_printable(e.name, sizeof(e.name)));
	m = message(ACPI, 1);
	nla_put(m, 1, sizeof(hot) - 1, &hot);
	assert_int_equal(parse(m, &e), -EBADMSG);
	assert_int_equal(parse(message(ACPI, 1), &e), -EBADMSG);
	/* somebody else's family */
	assert_int_equal(parse(message(0x55, 1), &e), 0);
	assert_int_equal(e.kind, THERMAL_NOTHING);
}

/* --- over files ----------------------------------------------------------- */

struct run {
	struct tree tree;
	struct hale_probe p;
	struct throttle throttle;
	char *text;
	size_t len;
	FILE *out;
};

static void print(void *sink, const struct hale_fact *f)
{
	assert_true(facts_print(sink, f));
}

static void begin(struct run *r)
{
	memset(r, 0, sizeof(*r));
	tree_new(&r->tree);
	r->out = open_memstream(&r->text, &r->len);
	r->p = (struct hale_probe){ .root_fd = r->tree.root_fd,
				    .event_fd = -1,
				    .now_ns = 1700000000 * HALE_NS_PER_S,
				    .emit = print,
				    .sink = r->out };
}

static void end(struct run *r)
{
	throttle_close(&r->throttle);
	fclose(r->out);
	free(r->text);
	tree_remove(&r->tree);
}

#define CPU "sys/devices/system/cpu/cpu%u/"

/* Two threads a core, all in one package. */
static void add_cpu(struct run *r, unsigned int cpu, const char *file,
		    const char *value)
{
	char line[256];

	snprintf(line, sizeof(line),
		 "file " CPU "topology/thread_siblings_list = %u-%u", cpu,
		 cpu & ~1U, cpu | 1U);
	tree_line(&r->tree, line);
	snprintf(line, sizeof(line),
		 "file " CPU "topology/core_siblings_list = 0-3", cpu);
	tree_line(&r->tree, line);
	snprintf(line, sizeof(line), "file " CPU "thermal_throttle/%s = %s",
		 cpu, file, value);
	tree_line(&r->tree, line);
}

static void set_counter(struct run *r, unsigned int cpu, const char *file,
			const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), CPU "thermal_throttle/%s", cpu, file);
	tree_file(&r->tree, path, value, strlen(value));
}

static const char *after(struct run *r, unsigned int seconds)
{
	rewind(r->out);
	r->p.now_ns += seconds * HALE_NS_PER_S;
	throttle_sample(&r->p, &r->throttle);
	fflush(r->out);
	r->text[r->len] = '\0';
	return r->text;
}

static void has(const char *facts, const char *line)
{
	if (!strstr(facts, line))
		fail_msg("missing: %s\nfacts:\n%s", line, facts);
}

#define TIME "core_throttle_total_time_ms"

static void test_throttled_for_long(void **state)
{
	struct run r;

	(void)state;
	begin(&r);
	for (unsigned int cpu = 0; cpu < 4; cpu++)
		add_cpu(&r, cpu, TIME, "100000");
	throttle_open(r.tree.root_fd, &r.throttle);
	assert_int_equal(r.throttle.n, 2); /* cores */
	/* what was before us is no news */
	assert_string_equal(after(&r, 0), "");
	has(after(&r, 60), "state cpu.throttled part=cpu/0 holds=0 ");
	has(r.text, "state cpu.throttled part=cpu/2 holds=0 ");
	/* some hundred milliseconds are nothing */
	set_counter(&r, 2, TIME, "100400");
	assert_string_equal(after(&r, 60), "");
	set_counter(&r, 2, TIME, "112400");
	has(after(&r, 60),
	    "state cpu.throttled part=cpu/2 holds=1 value=12000 total=0 "
	    "evidence=\"CPU 2: its core ran throttled 20 % of the last 60 s\"");
	/* an event wakes us in between: nothing can be told yet */
	assert_string_equal(after(&r, 1), "");
	/* less than what begins it, more than what ends it */
	set_counter(&r, 2, TIME, "114000");
	has(after(&r, 59), "part=cpu/2 holds=1");
	has(after(&r, 60), "part=cpu/2 holds=0");
	assert_string_equal(after(&r, 60), "");
	end(&r);
}

static void test_only_counts(void **state)
{
	struct run r;

	(void)state;
	begin(&r);
	add_cpu(&r, 0, "package_throttle_count", "5");
	throttle_open(r.tree.root_fd, &r.throttle);
	after(&r, 0);
	after(&r, 60);
	set_counter(&r, 0, "package_throttle_count", "15");
	assert_string_equal(after(&r, 60), "");
	set_counter(&r, 0, "package_throttle_count", "215");
	has(after(&r, 60), "part=cpu/0 holds=1 value=200 total=0 evidence="
			   "\"CPU 0: its whole package was throttled 200 times "
			   "in 60 s\"");
	end(&r);
}

static void test_torn_counters(void **state)
{
	struct run r;

	(void)state;
	begin(&r);
	add_cpu(&r, 0, TIME, "-5");
	add_cpu(&r, 2, TIME, "");
	throttle_open(r.tree.root_fd, &r.throttle);
	assert_int_equal(r.throttle.n, 2);
	for (int i = 0; i < 3; i++)
		assert_string_equal(after(&r, 60), "");
	/* back from being switched off, it counts from 0 */
	set_counter(&r, 0, TIME, "90000");
	after(&r, 60);
	set_counter(&r, 0, TIME, "100");
	has(after(&r, 60), "part=cpu/0 holds=0");
	end(&r);
}

/* As when a laptop has slept; what was open reads nothing for ever. */
static void test_files_that_are_made_anew(void **state)
{
	struct run r;

	(void)state;
	begin(&r);
	add_cpu(&r, 2, TIME, "1000");
	throttle_open(r.tree.root_fd, &r.throttle);
	after(&r, 0);
	set_counter(&r, 2, TIME, "");
	unlinkat(r.tree.root_fd,
		 "sys/devices/system/cpu/cpu2/thermal_throttle/" TIME, 0);
	after(&r, 60);
	set_counter(&r, 2, TIME, "2000");
	after(&r, 60);
	set_counter(&r, 2, TIME, "32000");
	has(after(&r, 60), "part=cpu/2 holds=1 value=30000 ");
	end(&r);
}

static void test_what_there_is(void **state)
{
	static const char *const lines[] = {
		"file sys/class/thermal/thermal_zone0/type = acpitz",
		"file sys/class/thermal/thermal_zone0/trip_point_0_type = "
		"critical",
		"file sys/class/thermal/thermal_zone0/trip_point_1_type = "
		"active",
		"file sys/class/thermal/thermal_zone99/type = far",
		"file sys/class/thermal/cooling_device0/type = Fan",
		"file sys/class/thermal/cooling_device1/type = Processor",
		"file sys/class/thermal/cooling_device70/type = "
		"thermal-cpufreq-0",
		"file sys/class/thermal/cooling_devicex/type = Processor",
	};
	struct thermal_map m;
	struct run r;

	(void)state;
	begin(&r);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(lines); i++)
		tree_line(&r.tree, lines[i]);
	thermal_map_read(r.tree.root_fd, &m);
	assert_int_equal(m.n_zones, 2);
	assert_string_equal(m.zones[0].type, "acpitz");
	assert_int_equal(m.zones[0].hot_trips, 1);
	assert_false(thermal_slows_cpu(&m, 0));
	assert_true(thermal_slows_cpu(&m, 1));
	assert_true(thermal_slows_cpu(&m, 70));
	assert_false(thermal_slows_cpu(&m, 1U << 31));
	end(&r);
}

static void absent(const char *line, const char *coverage)
{
	struct run r;

	begin(&r);
	r.p.state = calloc(1, thermal_driver.state_size);
	tree_line(&r.tree, line);
	assert_int_equal(thermal_driver.probe(&r.p), -ENODEV);
	fflush(r.out);
	has(r.text, coverage);
	thermal_driver.remove(&r.p);
	free(r.p.state);
	end(&r);
}

static void test_nothing_to_watch(void **state)
{
	(void)state;
	absent("file proc/cpuinfo = flags : fpu hypervisor lm",
	       "coverage thermal blind why=\"a virtual machine");
	absent("file proc/cpuinfo = flags : fpu lm",
	       "coverage thermal blind why=\"no thermal zones");
}

/* A processor of AMD's: zones, but no counters. */
static void test_coverage_and_first_words(void **state)
{
	struct run r;

	(void)state;
	begin(&r);
	r.p.state = calloc(1, thermal_driver.state_size);
	tree_line(&r.tree, "file sys/class/thermal/thermal_zone0/type = x");
	assert_int_equal(thermal_driver.probe(&r.p), 0);
	assert_int_equal(thermal_driver.sample(&r.p), 0);
	fflush(r.out);
	has(r.text, "coverage thermal partial why=\"this processor does not "
		    "count its throttling\"");
	has(r.text, "state cpu.throttled part=host holds=0 ");
	thermal_driver.remove(&r.p);
	free(r.p.state);
	end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trip_points),
		cmocka_unit_test(test_cooling_devices),
		cmocka_unit_test(test_acpi),
		cmocka_unit_test(test_throttled_for_long),
		cmocka_unit_test(test_only_counts),
		cmocka_unit_test(test_torn_counters),
		cmocka_unit_test(test_files_that_are_made_anew),
		cmocka_unit_test(test_what_there_is),
		cmocka_unit_test(test_nothing_to_watch),
		cmocka_unit_test(test_coverage_and_first_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
