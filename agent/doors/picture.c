/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A report as the doors see it. Decides what of it is kept (all that fits) and
 * what is true while nobody answers: UNKNOWN. Must never show a host as fit
 * because it was fit once. Pure.
 */
#include "hale/base.h"

#include "agent/doors/picture.h"

static const char *const causes[BUILD_CAUSES] = {
	"host-io",
	"host-disk-full",
	"host-inodes",
	"host-memory",
	"host-sigbus",
	"host-readonly-fs",
	"engine-down",
	"network",
	"registry-outage",
	"auth",
	"cache",
	"timeout",
	"interactive-stall",
	"dependency",
	"code",
	"toolchain-crash",
	"unknown",
	"none", /* it passed, or was refused */
	"other",
};

static const char *const outcomes[BUILD_OUTCOMES] = {
	"unknown", "passed", "failed", "refused", "suspect",
};

const char *build_cause_name(size_t i)
{
	return i < BUILD_CAUSES ? causes[i] : causes[BUILD_CAUSES - 1];
}

size_t build_cause_index(const char *cause)
{
	size_t i = 0;

	if (cause[0] == '\0')
		return build_cause_index("none");
	while (i < BUILD_CAUSES - 1 && strcmp(causes[i], cause) != 0)
		i++;
	return i;
}

const char *build_outcome_name(size_t i)
{
	return i < BUILD_OUTCOMES ? outcomes[i] : outcomes[0];
}

Hale__V1__Fitness picture_fitness(const struct picture *p)
{
	return p->up && p->verdict ? p->verdict->fitness
				   : HALE__V1__FITNESS__UNKNOWN;
}

const char *fitness_name(Hale__V1__Fitness f)
{
	static const char *const names[] = { "UNKNOWN", "FIT", "DEGRADED",
					     "UNFIT" };

	return (unsigned int)f < HALE_ARRAY_SIZE(names) ? names[f] : names[0];
}

const char *effect_name(Hale__V1__Effect e)
{
	static const char *const names[] = { "none", "notes", "warns",
					     "blocks" };

	return (unsigned int)e < HALE_ARRAY_SIZE(names) ? names[e] : names[0];
}

static void take_lists(struct report *r, const Hale__V1__HostReport *m)
{
	struct picture *p = &r->picture;

	for (size_t i = 0;
	     i < m->n_findings && p->n_findings < PICTURE_FINDINGS_MAX; i++) {
		if (m->findings[i]->part)
			r->findings[p->n_findings++] = m->findings[i];
	}
	for (size_t i = 0;
	     i < m->n_coverage && p->n_coverage < PICTURE_COVERAGE_MAX; i++)
		r->coverage[p->n_coverage++] = m->coverage[i];
}

void report_take(struct report *r, Hale__V1__Reply *const *messages, size_t n)
{
	struct picture *p = &r->picture;

	memset(p, 0, sizeof(*p));
	p->host = p->version = p->boot_id = "";
	p->findings = r->findings;
	p->coverage = r->coverage;
	for (size_t i = 0; i < n; i++) {
		const Hale__V1__HostReport *m = messages[i]->report;

		if (i == 0) {
			p->up = true;
			p->host = m->host;
			p->version = m->version;
			p->boot_id = m->boot_id;
			p->as_of_ns = m->as_of_ns;
			p->started_ns = m->started_ns;
		}
		if (m->verdict)
			p->verdict = m->verdict;
		take_lists(r, m);
	}
}
