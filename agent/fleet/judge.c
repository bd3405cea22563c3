/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The judge: what it is told, and when it looks. Decides at which time by the
 * server's clock a failure was, and which judgments may be asked again. Must
 * never count a word twice, nor let a host's clock move a failure: its clock is
 * set right by what it said when it was last heard.
 */
#include "agent/fleet/judge.h"

#include <errno.h>

#include "agent/fleet/judge_own.h"

/* A failure is on the screen ten seconds later at most. */
#define EVERY_NS (10 * HALE_NS_PER_S)

struct judge *judge_new(struct picture *p, const struct judge_options *o)
{
	struct judge *j = calloc(1, sizeof(*j));

	if (!j)
		return NULL;
	j->p = p;
	if (o)
		j->o = *o;
	if (recent_init(&j->recent) == 0 && repos_init(&j->repos) == 0)
		return j;
	judge_free(j);
	return NULL;
}

void judge_free(struct judge *j)
{
	if (!j)
		return;
	for (uint32_t i = 0; i < j->n_hosts; i++)
		free(j->hosts[i].streak);
	kept_done(j);
	judge_disks_done(j);
	recent_done(&j->recent);
	repos_done(&j->repos);
	free(j->suspects);
	free(j->peaks);
	free(j->hosts);
	free(j);
}

static int room_for_host(struct judge *j, uint32_t host)
{
	uint32_t n = j->n_hosts;
	struct judged_host *hosts;

	if (host < n)
		return 0;
	while (n <= host)
		n = n ? n * 2 : 64;
	hosts = reallocarray(j->hosts, n, sizeof(*hosts));
	if (!hosts)
		return -ENOMEM;
	memset(hosts + j->n_hosts, 0, (n - j->n_hosts) * sizeof(*hosts));
	j->hosts = hosts;
	j->n_hosts = n;
	return 0;
}

/* Its index, with room for it. */
static int64_t host_of(struct judge *j, const char *id)
{
	uint32_t host = picture_find(j->p, id);

	if (host == PICTURE_NONE)
		return -ENOENT;
	return room_for_host(j, host) < 0 ? -ENOMEM : (int64_t)host;
}

/* When that was by the server's clock: what waited in a spool is as old as it
 * is. Never later than it was received. */
static uint64_t when(const struct judge *j, uint32_t host, uint64_t host_ns,
		     uint64_t at_ns)
{
	struct picture_row row;
	uint64_t ns;

	if (host_ns == 0 || !picture_row(j->p, host, &row) || row.heard_ns == 0)
		return at_ns;
	if (row.skew_ns >= 0)
		ns = host_ns > (uint64_t)row.skew_ns
			     ? host_ns - (uint64_t)row.skew_ns
			     : 0;
	else
		ns = host_ns + (uint64_t)-row.skew_ns;
	return ns < at_ns ? ns : at_ns;
}

static void look_back(struct judge *j, uint64_t at_ns)
{
	if (j->from_ns == 0 || at_ns < j->from_ns)
		j->from_ns = at_ns;
}

/* A failure: among the recent ones, and to what is usual. */
static void count(struct judge *j, const struct recent_failure *f)
{
	struct picture_word words[PICTURE_WORDS_MAX];
	uint32_t n;

	if (!recent_add(&j->recent, f) || judge_is_outage(j, f->host, f->cause))
		return;
	recent_count(&j->recent, f->cause, 0, f->at_ns);
	n = picture_host_words(j->p, f->host, words);
	for (uint32_t i = 0; i < n; i++)
		if (!words[i].model || cause_of_disk(f->cause))
			recent_count(&j->recent, f->cause,
				     picture_word_hash(j->p, words[i].word),
				     f->at_ns);
}

int judge_finding(struct judge *j, const struct told_finding *f, uint64_t at_ns)
{
	struct recent_failure one = { .cause = cause_of_condition(
					      f->condition) };
	int64_t host = host_of(j, f->id);

	if (host < 0)
		return (int)host;
	if (one.cause == CAUSE_NONE)
		return -EINVAL;
	if (!liveness_newer(&j->hosts[host].findings, &f->no))
		return -ESTALE;
	look_back(j, at_ns);
	if (!f->opened || f->effect < HALE_EFFECT_WARNS)
		return 0;
	one.host = (uint32_t)host;
	one.at_ns = when(j, one.host, f->host_at_ns, at_ns);
	count(j, &one);
	return judge_disk(j, one.host, f, one.at_ns);
}

int judge_build(struct judge *j, const struct told_build *b, uint64_t at_ns)
{
	struct recent_failure one = { .cause = cause_of_build(b->cause) };
	int64_t host = host_of(j, b->id);

	if (host < 0)
		return (int)host;
	if (!liveness_newer(&j->hosts[host].builds, &b->no))
		return -ESTALE;
	look_back(j, at_ns);
	one.host = (uint32_t)host;
	one.at_ns = when(j, one.host, b->host_ended_ns, at_ns);
	if (!b->ok)
		count(j, &one);
	return judge_streak(j, one.host, b, one.at_ns);
}

void judge_forget(struct judge *j, uint32_t host)
{
	if (host >= j->n_hosts)
		return;
	judge_streak_drop(j, host);
	j->hosts[host] = (struct judged_host){ 0 };
	recent_forget(&j->recent, host);
	repos_forget(&j->repos, host);
	for (uint32_t i = 0; i < j->n_disks; i++)
		if (j->disks[i].host == host)
			j->disks[i].host = PICTURE_NONE;
}

/* Who fell silent since the last look, as the picture says. */
static void hear_silence(struct judge *j, uint64_t last_ns)
{
	uint32_t cursor = PICTURE_NONE, i;
	struct picture_counts counts;
	struct picture_row row;

	picture_counts(j->p, &counts);
	while ((i = picture_changes(j->p, j->picture_change, &cursor)) !=
	       PICTURE_NONE) {
		struct recent_failure one = { .host = i,
					      .cause = cause_of_silence() };

		if (!picture_row(j->p, i, &row) ||
		    row.verdict != PICTURE_SILENT || row.heard_ns == 0 ||
		    row.since_ns + HALE_NS_PER_S < last_ns)
			continue; /* another change of one who was silent */
		one.at_ns = row.since_ns;
		count(j, &one);
	}
	j->picture_change = counts.change;
}

void judge_tick(struct judge *j, uint64_t now_ns)
{
	uint64_t last_ns = j->now_ns;

	if (now_ns < last_ns + EVERY_NS)
		return;
	j->now_ns = now_ns;
	look_back(j, now_ns);
	hear_silence(j, last_ns);
	judge_common(j);
	judge_black_holes(j);
	judge_outliers(j);
}
