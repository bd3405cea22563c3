/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose words a finding shows, where several speak of the same. Time is
 * invented.
 */
#include "world.h"

#define DISK "disk/naa.build"

static struct hale_observation event(enum hale_condition c, const char *part)
{
	return world_observation(c, HALE_REF_PART, part);
}

static bool on(struct world *w, enum hale_condition c)
{
	return world_finding(w, DISK, c) != NULL;
}

static void words_stay_with_their_speaker(void **state)
{
	struct hale_observation o = event(HALE_DISK_MEDIUM_ERROR, DISK);
	struct world w;

	(void)state;
	world_new(&w);
	HALE_SET(o.evidence, "newer");
	assert_true(world_say(&w, "kmsg", &o));
	o.evidence[0] = '\0';
	o.count = 0;
	world_say(&w, "trace", &o);
	assert_true(on(&w, HALE_DISK_MEDIUM_ERROR));
	assert_string_equal(w.finding.evidence, "newer");
	assert_string_equal(w.finding.driver, "kmsg");
	world_end(&w);
}

/* The clock of the log's lines may be ahead of who looks right after them. */
static void a_look_has_the_newer_words(void **state)
{
	struct hale_observation o = event(HALE_ARRAY_DEGRADED, DISK);
	struct world w;

	(void)state;
	world_new(&w);
	o.time_ns = w.now + HALE_NS_PER_S;
	HALE_SET(o.evidence, "a line of the log");
	world_say(&w, "kmsg", &o);
	o.kind = HALE_OBSERVED_STATE;
	o.holds = true;
	o.time_ns = w.now;
	HALE_SET(o.evidence, "it lacks one of its two members");
	assert_true(world_say(&w, "array", &o));
	assert_true(on(&w, HALE_ARRAY_DEGRADED));
	assert_string_equal(w.finding.evidence,
			    "it lacks one of its two members");
	assert_string_equal(w.finding.driver, "array");
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_stay_with_their_speaker),
		cmocka_unit_test(a_look_has_the_newer_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
