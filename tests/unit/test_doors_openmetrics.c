/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Metrics as text: both forms, hostile names, bounds. What Prometheus makes of
 * it is tests/integration/doors_metrics.sh's matter.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/doors/openmetrics.h"

#define MANY 300

static char out[METRICS_MAX];
static Hale__V1__Part parts[MANY];
static Hale__V1__Finding findings[MANY], *list[MANY];
static Hale__V1__Verdict verdict;
static char ids[MANY][32];

static struct picture host_of(size_t n)
{
	static char condition[] = "disk.io_error", alias[] = "sde";

	hale__v1__verdict__init(&verdict);
	verdict.fitness = HALE__V1__FITNESS__UNFIT;
	verdict.reasons_total = 3;
	for (size_t i = 0; i < n; i++) {
		hale__v1__part__init(&parts[i]);
		hale__v1__finding__init(&findings[i]);
		snprintf(ids[i], sizeof(ids[i]), "disk/%zu", i);
		parts[i].id = ids[i];
		parts[i].alias = alias;
		findings[i].part = &parts[i];
		findings[i].condition = condition;
		findings[i].effect = HALE__V1__EFFECT__EFFECT_WARNS;
		findings[i].count = i;
		findings[i].first_ns = 1500000000000000001;
		findings[i].last_ns = 1500000001500000000;
		list[i] = &findings[i];
	}
	return (struct picture){ .up = true,
				 .host = "build1",
				 .version = "1.2",
				 .as_of_ns = 5 * HALE_NS_PER_S,
				 .verdict = &verdict,
				 .n_findings = n,
				 .findings = list };
}

static const char *print(const struct picture *p, enum metrics_form form,
			 uint32_t max)
{
	struct text t = { .at = out, .size = sizeof(out) };

	assert_int_equal(metrics_print(p, form, max, &t), 0);
	return out;
}

#define HAS(text, part)	  assert_non_null(strstr((text), (part)))
#define LACKS(text, part) assert_null(strstr((text), (part)))

static size_t count(const char *text, const char *part)
{
	size_t n = 0;

	while ((text = strstr(text, part)) != NULL)
		n++, text++;
	return n;
}

static void says_who_is_unfit(void **state)
{
	const struct picture p = host_of(1);
	const char *t = print(&p, METRICS_OPENMETRICS, 10);

	(void)state;
	HAS(t, "# TYPE hale_verdict stateset\n");
	HAS(t, "hale_verdict{hale_verdict=\"UNFIT\"} 1\n");
	HAS(t, "hale_verdict{hale_verdict=\"FIT\"} 0\n");
	HAS(t, "hale_finding{condition=\"disk.io_error\",part=\"disk/0\","
	       "alias=\"sde\",effect=\"warns\"} 1\n");
	HAS(t, "# TYPE hale_build info\n");
	HAS(t, "hale_finding_occurrences_created{condition=\"disk.io_error\","
	       "part=\"disk/0\"} 1500000000.000000001\n");
	HAS(t, "# UNIT hale_finding_last_seconds seconds\n");
	assert_string_equal(t + strlen(t) - 6, "# EOF\n");
}

/* node-exporter takes a type that it does not know for a broken file. */
static void the_older_text_has_no_new_types(void **state)
{
	const struct picture p = host_of(1);
	const char *t = print(&p, METRICS_PLAIN, 10);

	(void)state;
	LACKS(t, "stateset");
	LACKS(t, " info\n");
	LACKS(t, "# UNIT");
	LACKS(t, "# EOF");
	LACKS(t, "_created");
	HAS(t, "# TYPE hale_build_info gauge\n");
	HAS(t, "# TYPE hale_finding_occurrences_total counter\n");
}

static void a_silent_agent_is_not_fit(void **state)
{
	struct picture p = host_of(1);
	const char *t;

	(void)state;
	verdict.fitness = HALE__V1__FITNESS__FIT;
	p.up = false;
	t = print(&p, METRICS_OPENMETRICS, 10);
	HAS(t, "hale_verdict{hale_verdict=\"UNKNOWN\"} 1\n");
	HAS(t, "hale_verdict{hale_verdict=\"FIT\"} 0\n");
	HAS(t, "hale_agent_up 0\n");
}

static void no_host_has_more_series_than_it_may(void **state)
{
	const struct picture p = host_of(MANY);
	const char *t;

	(void)state;
	findings[MANY - 1].effect = HALE__V1__EFFECT__EFFECT_BLOCKS;
	t = print(&p, METRICS_OPENMETRICS, 10);
	assert_int_equal(count(t, "\nhale_finding{"), 10);
	HAS(t, "hale_findings_omitted 290\n");
	HAS(t, "hale_findings{effect=\"warns\"} 299\n");
	/* the worst is among those that are shown */
	HAS(t, "part=\"disk/299\"");
	t = print(&p, METRICS_OPENMETRICS, 0);
	assert_int_equal(count(t, "\nhale_finding{"), 0);
	HAS(t, "hale_findings_omitted 300\n");
}

static void a_name_cannot_end_its_label(void **state)
{
	static char evil[] = "sd\"} 1\nhale_verdict{x=\"\\";
	const struct picture p = host_of(1);
	const char *t;

	(void)state;
	parts[0].alias = evil;
	t = print(&p, METRICS_OPENMETRICS, 10);
	HAS(t, "alias=\"sd\\\"} 1?hale_verdict{x=\\\"\\\\\",effect");
	assert_int_equal(count(t, "\nhale_verdict{"), 4);
}

static void a_builds_user_makes_no_series(void **state)
{
	struct build_counts b = { .known = true, .since_ns = HALE_NS_PER_S };
	struct picture p = host_of(0);
	const char *t;

	(void)state;
	b.counts[2][build_cause_index("host-io")] = 4;
	b.counts[2][build_cause_index("whatever he likes")] = 5;
	b.counts[1][build_cause_index("")] = 6;
	p.builds = &b;
	t = print(&p, METRICS_OPENMETRICS, 10);
	HAS(t, "hale_builds_total{outcome=\"failed\",cause=\"host-io\"} 4\n");
	HAS(t, "hale_builds_total{outcome=\"failed\",cause=\"other\"} 5\n");
	HAS(t, "hale_builds_total{outcome=\"passed\",cause=\"none\"} 6\n");
	LACKS(t, "whatever");
}

static void what_does_not_fit_is_no_answer(void **state)
{
	const struct picture p = host_of(MANY);
	struct text t = { .at = out, .size = 2000 };

	(void)state;
	assert_int_equal(metrics_print(&p, METRICS_OPENMETRICS, 100, &t), -90);
	assert_true(strlen(out) < 2000);
}

static void one_row_a_sense_and_driver(void **state)
{
	static char sense[] = "clock", driver[] = "clock", part[] = "sdc";
	Hale__V1__Coverage rows[3], *all[3];
	struct picture p = host_of(0);
	const char *t;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		hale__v1__coverage__init(&rows[i]);
		rows[i].sense = sense;
		rows[i].driver = driver;
		rows[i].sight = HALE__V1__SIGHT__SIGHT_PARTIAL;
		all[i] = &rows[i];
	}
	rows[2].part = part;
	p.coverage = all;
	p.n_coverage = 3;
	t = print(&p, METRICS_OPENMETRICS, 10);
	assert_int_equal(count(t, "\nhale_coverage{"), 1);
	HAS(t, "hale_coverage{sense=\"clock\",driver=\"clock\"} 0.5\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_who_is_unfit),
		cmocka_unit_test(the_older_text_has_no_new_types),
		cmocka_unit_test(a_silent_agent_is_not_fit),
		cmocka_unit_test(no_host_has_more_series_than_it_may),
		cmocka_unit_test(a_name_cannot_end_its_label),
		cmocka_unit_test(a_builds_user_makes_no_series),
		cmocka_unit_test(what_does_not_fit_is_no_answer),
		cmocka_unit_test(one_row_a_sense_and_driver),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
