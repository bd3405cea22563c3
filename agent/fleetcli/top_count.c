/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is counted of a fleet's messages. Decides what is one of what: a
 * condition counts once for each host that has it, a build for its host and its
 * repository. Pure.
 */
#include "hale/base.h"

#include "top.h"

void top_add_finding(struct top *t, const Hale__Fleet__V1__FindingEvent *m)
{
	char pair[160];

	if (m->what != HALE__FLEET__V1__FINDING_EVENT__WHAT__OPENED)
		return;
	counts_add(&t->opened, m->finding->condition, false);
	snprintf(pair, sizeof(pair), "%.80s %.64s", m->finding->condition,
		 m->id);
	if (counts_add(&t->pairs, pair, false))
		counts_add(&t->hit, m->finding->condition, false);
}

void top_add_build(struct top *t, const Hale__Fleet__V1__BuildOutcome *m)
{
	bool passed = m->outcome == HALE__V1__BUILD_RESULT__OUTCOME__PASSED ||
		      m->outcome == HALE__V1__BUILD_RESULT__OUTCOME__SUSPECT;
	char repo[2 * FLEET_REPO_ID + 1] = "";

	for (size_t i = 0; i < m->repo.len && i < FLEET_REPO_ID; i++)
		snprintf(repo + 2 * i, 3, "%02x", m->repo.data[i]);
	t->builds++;
	t->passed += passed;
	counts_add(&t->repos, repo, !passed);
	counts_add(&t->builders, m->host[0] ? m->host : m->id, !passed);
	if (!passed)
		counts_add(&t->causes, m->cause[0] ? m->cause : "unknown",
			   false);
}

/* A host that has it on three disks has it once. */
static void add_host(struct top *t, const struct picture *p, uint32_t host,
		     uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		const char *condition = picture_condition(p, host, i);
		bool again = false;

		for (uint32_t k = 0; k < i && !again; k++)
			again = strcmp(picture_condition(p, host, k),
				       condition) == 0;
		if (!again)
			counts_add(&t->standing, condition, false);
	}
}

void top_add_picture(struct top *t, const struct picture *p)
{
	uint32_t cursor = PICTURE_NONE, host;
	struct picture_row r;

	while ((host = picture_changes(p, 0, &cursor)) != PICTURE_NONE) {
		if (picture_row(p, host, &r))
			add_host(t, p, host, r.n_open);
	}
}

void top_done(struct top *t)
{
	counts_done(&t->standing);
	counts_done(&t->opened);
	counts_done(&t->pairs);
	counts_done(&t->hit);
	counts_done(&t->builders);
	counts_done(&t->repos);
	counts_done(&t->causes);
}
