/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host under test and what reaches its sink. Decides nothing about right or
 * wrong: the tests do. Of a flood of numbers it keeps the first ones only.
 */
#include "host_fixture.h"

struct loop loop;
static struct hale_clock agent_clock;
struct host *host;

struct said said[SAID_MAX];
size_t n_said;

void remember_fact(void *data, const char *driver, const struct hale_fact *f,
		   uint64_t now_ns)
{
	(void)data;
	(void)now_ns;
	/* of a flood of numbers the first ones are enough */
	if (n_said == HALE_ARRAY_SIZE(said) ||
	    (n_said > HALE_ARRAY_SIZE(said) / 2 &&
	     f->kind == HALE_FACT_POSITION))
		return;
	HALE_SET(said[n_said].driver, driver);
	said[n_said++].fact = *f;
}

int find(enum hale_fact_kind kind, const char *driver)
{
	for (size_t i = 0; i < n_said; i++) {
		if (said[i].fact.kind == kind &&
		    strcmp(said[i].driver, driver) == 0)
			return (int)i;
	}
	return -1;
}

const struct hale_coverage *coverage(const char *driver, enum hale_sense sense)
{
	for (size_t i = n_said; i > 0; i--) {
		const struct hale_coverage *c = &said[i - 1].fact.u.coverage;

		if (said[i - 1].fact.kind == HALE_FACT_COVERAGE &&
		    c->sense == sense && !c->part[0] &&
		    strcmp(c->driver, driver) == 0)
			return c;
	}
	return NULL;
}

bool is_blind(const char *driver, enum hale_sense sense)
{
	const struct hale_coverage *c = coverage(driver, sense);

	return c && c->sight == HALE_SIGHT_BLIND && c->why[0] != '\0';
}

bool is_live(const char *driver, enum hale_sense sense)
{
	const struct hale_coverage *c = coverage(driver, sense);

	return c && c->sight == HALE_SIGHT_LIVE;
}

void say_number(struct hale_probe *p, uint64_t n)
{
	struct hale_fact f = { .kind = HALE_FACT_POSITION, .u.position = n };

	p->emit(p->sink, &f);
}

void live(struct hale_probe *p, enum hale_sense sense)
{
	hale_emit_coverage(p, sense, HALE_SIGHT_LIVE, "", "");
}

void say_hung(struct hale_probe *p, const char *fs, bool holds)
{
	struct hale_observation o = { .kind = HALE_OBSERVED_STATE,
				      .condition = HALE_FS_HUNG,
				      .ref = HALE_REF_FS,
				      .holds = holds,
				      .time_ns = p->now_ns };

	HALE_SET(o.part, fs);
	hale_emit_observation(p, &o);
}

int host_setup_test(void **state)
{
	(void)state;
	n_said = 0;
	clock_init(&agent_clock);
	return loop_init(&loop);
}

int host_teardown_test(void **state)
{
	(void)state;
	host = host_free(host);
	loop_done(&loop);
	return 0;
}

void start(const struct hale_driver *const *drivers)
{
	const struct host_setup s = { .loop = &loop,
				      .clock = &agent_clock,
				      .drivers = drivers,
				      .sink = remember_fact };

	assert_int_equal(host_new(&s, &host), 0);
	host_start(host);
}

void turn_until_settled(void)
{
	TURN_UNTIL(host_settled(host));
}
