/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host with drivers in children: that lie, flood, fail, crash and hang. The
 * gate's loop goes on; what went wrong is a blind sense, and the part that was
 * asked just then is named.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "host_fixture.h"

static int sample_lies(struct hale_probe *p)
{
	struct hale_fact f = { .kind = HALE_FACT_KIND_END };

	live(p, HALE_SENSE_FS_STATE);
	p->emit(p->sink, &f);
	say_number(p, 1);
	return 0;
}

/* One that can be told, and is none all the same. */
static int sample_lies_well(struct hale_probe *p)
{
	struct hale_fact f = { .kind = HALE_FACT_OBSERVATION };

	live(p, HALE_SENSE_FS_STATE);
	f.u.observation.condition = HALE_FS_ERROR;
	f.u.observation.kind = (enum hale_observed)77;
	HALE_SET(f.u.observation.part, "8:1");
	p->emit(p->sink, &f);
	say_number(p, 1);
	return 0;
}

static int sample_floods(struct hale_probe *p)
{
	for (;;)
		say_number(p, 1);
	return 0;
}

static int sample_hangs_at_two(struct hale_probe *p)
{
	live(p, HALE_SENSE_FS_STATE);
	say_hung(p, "8:1", false);
	say_hung(p, "8:2", false);
	for (;;)
		pause();
	return 0;
}

static int sample_comes_back(struct hale_probe *p)
{
	live(p, HALE_SENSE_FS_STATE);
	say_hung(p, "8:1", false);
	return 0;
}

static int sample_error(struct hale_probe *p)
{
	live(p, HALE_SENSE_FS_STATE);
	return -EIO;
}

static int sample_crashes(struct hale_probe *p)
{
	(void)p;
	_exit(139);
}

/* What it may use. */
static int sample_tells_budget(struct hale_probe *p)
{
	struct rlimit cpu, core;
	char score[16];

	getrlimit(RLIMIT_CPU, &cpu);
	getrlimit(RLIMIT_CORE, &core);
	say_number(p, cpu.rlim_cur);
	say_number(p, core.rlim_max);
	if (hale_read_at(AT_FDCWD, "/proc/self/oom_score_adj", score,
			 sizeof(score)) > 0)
		say_number(p, strtoull(score, NULL, 10));
	live(p, HALE_SENSE_FS_STATE);
	return 0;
}

static const struct hale_driver spender =
	BLOCKING("spender", FS_STATE, sample_tells_budget);
static const struct hale_driver liar = BLOCKING("liar", FS_STATE, sample_lies);
static const struct hale_driver good_liar =
	BLOCKING("good_liar", FS_STATE, sample_lies_well);
static const struct hale_driver flooder =
	BLOCKING("flooder", FS_STATE, sample_floods);
static const struct hale_driver hanger =
	BLOCKING("hanger", FS_STATE, sample_hangs_at_two);
static const struct hale_driver comer =
	BLOCKING("comer", FS_STATE, sample_comes_back);
static const struct hale_driver erring =
	BLOCKING("erring", FS_STATE, sample_error);
static const struct hale_driver crasher =
	BLOCKING("crasher", FS_STATE, sample_crashes);

static void test_a_liar_is_blind(void **state)
{
	const struct hale_driver *const drivers[] = { &liar, &good_liar, NULL };

	(void)state;
	start(drivers);
	turn_until_settled();
	assert_true(is_blind("good_liar", HALE_SENSE_FS_STATE));
	assert_int_equal(find(HALE_FACT_POSITION, "good_liar"), -1);
	assert_true(is_blind("liar", HALE_SENSE_FS_STATE));
	assert_int_equal(find(HALE_FACT_POSITION, "liar"), -1);
}

static void test_a_child_has_a_budget(void **state)
{
	const struct hale_driver *const drivers[] = { &spender, NULL };
	int i;

	(void)state;
	start(drivers);
	turn_until_settled();
	i = find(HALE_FACT_POSITION, "spender");
	assert_true(i >= 0);
	assert_int_equal(said[i].fact.u.position, 10); /* s of CPU */
	assert_int_equal(said[i + 1].fact.u.position, 0);
	assert_int_equal(said[i + 2].fact.u.position, 500);
}

/* Its first look comes later than the start: until then nobody is to think
 * that there is no such driver. */
static void test_one_that_has_not_looked_yet_says_so(void **state)
{
	static const struct hale_driver heavy = { .name = "no-such-helper",
						  .senses = FS_STATE,
						  .may_block = true,
						  .helper = true };
	const struct hale_driver *const drivers[] = { &heavy, NULL };

	(void)state;
	start(drivers);
	turn_until_settled();
	assert_true(is_blind("no-such-helper", HALE_SENSE_FS_STATE));
	assert_string_equal(
		coverage("no-such-helper", HALE_SENSE_FS_STATE)->why,
		HOST_NOT_YET);
	TURN_UNTIL(strcmp(coverage("no-such-helper", HALE_SENSE_FS_STATE)->why,
			  HOST_NOT_YET) != 0);
}

/* What the parent has open for one child is nothing for another. */
static int sample_counts_sockets(struct hale_probe *p)
{
	uint64_t n = 0;

	for (int fd = 3; fd < 256; fd++) {
		struct stat st;

		n += fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode);
	}
	say_number(p, n);
	live(p, HALE_SENSE_FS_STATE);
	return 0;
}

static void test_children_do_not_share_their_sockets(void **state)
{
	static const struct hale_driver counter =
		BLOCKING("counter", FS_STATE, sample_counts_sockets);
	const struct hale_driver *const alone[] = { &counter, NULL };
	const struct hale_driver *const drivers[] = { &hanger, &hanger,
						      &counter, NULL };
	uint64_t n;

	(void)state;
	start(alone);
	turn_until_settled();
	n = said[find(HALE_FACT_POSITION, "counter")].fact.u.position;
	host = host_free(host);
	n_said = 0;
	start(drivers);
	turn_until_settled();
	assert_true(said[find(HALE_FACT_POSITION, "counter")].fact.u.position ==
		    n);
}

static void test_a_flood_is_bounded(void **state)
{
	const struct hale_driver *const drivers[] = { &flooder, NULL };

	(void)state;
	start(drivers);
	turn_until_settled();
	assert_true(is_blind("flooder", HALE_SENSE_FS_STATE));
}

static void test_errors_and_crashes_are_blind(void **state)
{
	const struct hale_driver *const drivers[] = { &erring, &crasher, NULL };

	(void)state;
	start(drivers);
	turn_until_settled();
	assert_true(is_blind("erring", HALE_SENSE_FS_STATE));
	assert_true(is_blind("crasher", HALE_SENSE_FS_STATE));
}

static void test_names_where_it_hangs(void **state)
{
	const struct hale_driver *const drivers[] = { &hanger, NULL };
	const struct hale_observation *first, *second;

	(void)state;
	start(drivers);
	turn_until_settled();
	assert_true(is_blind("hanger", HALE_SENSE_FS_STATE));
	assert_int_equal(said[1].fact.kind, HALE_FACT_OBSERVATION);
	first = &said[1].fact.u.observation;
	second = &said[2].fact.u.observation;
	assert_string_equal(first->part, "8:1");
	assert_false(first->holds);
	assert_string_equal(second->part, "8:2");
	assert_true(second->holds);
	assert_true(second->evidence[0] != '\0');
	assert_true(hale_fact_valid(&said[2].fact));
}

static void test_where_it_comes_back_nothing_hangs(void **state)
{
	const struct hale_driver *const drivers[] = { &comer, NULL };
	int i;

	(void)state;
	start(drivers);
	turn_until_settled();
	i = find(HALE_FACT_OBSERVATION, "comer");
	assert_true(i >= 0);
	assert_false(said[i].fact.u.observation.holds);
	assert_true(is_live("comer", HALE_SENSE_FS_STATE));
}

int main(void)
{
#define CASE(f)                                                                \
	cmocka_unit_test_setup_teardown(f, host_setup_test, host_teardown_test)
	const struct CMUnitTest tests[] = {
		CASE(test_a_liar_is_blind),
		CASE(test_a_child_has_a_budget),
		CASE(test_one_that_has_not_looked_yet_says_so),
		CASE(test_children_do_not_share_their_sockets),
		CASE(test_a_flood_is_bounded),
		CASE(test_errors_and_crashes_are_blind),
		CASE(test_names_where_it_hangs),
		CASE(test_where_it_comes_back_nothing_hangs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
