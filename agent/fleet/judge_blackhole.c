/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host that fails what its peers pass, and is so quick about it that it
 * gets the next build as well. Decides when the proof is whole. Must never
 * blame a host for a repository, nor for what befell many. The test: for each
 * repository in its unbroken row of failures, all of its attempts failed; if it
 * were like its peers, how likely is that? (Exact, by the failures of both.)
 * A repository speaks only where a peer began to build it after this host had
 * failed it, and passed. Invariant: one passed build ends all suspicion.
 */
#include <errno.h>

#include "agent/fleet/hash.h"
#include "agent/fleet/judge_own.h"

#define FAILURES_MIN  5
#define REPOS_MIN     3
#define PEERS_MIN     2 /* one, in a fleet of two */
#define PEERS_COUNTED 64
/* Of one repository; further ones may be one bad branch, tried again. */
#define COUNTED_EACH REPO_FAILURES_EACH
/* Fast: in less than half the time in which peers pass. */
#define FAST_PART 2
/* ... and three in four of the failures are. */
#define FAST_OF	 4
#define FAST_MIN 3
/* Builds of yesterday are of another commit. */
#define PEERS_S (24 * 3600)

/* What speaks against a host. */
struct proof {
	struct exact chance;
	uint32_t failures, fast, repos, peers;
	uint32_t peer[PEERS_COUNTED];
	uint64_t since_ns;
};

/* One repository's part of it. */
struct witness {
	uint64_t repo;
	uint64_t passed_ms;	 /* in all, by peers */
	uint32_t passed, failed; /* by peers */
	uint32_t first_s;	 /* when the host failed it first */
	uint32_t k, ms[COUNTED_EACH];
	bool since; /* a peer began after, and passed */
};

static bool is_peer(const struct judge *j, uint32_t host, uint32_t other)
{
	const struct streak *s;

	if (other == host || other >= j->n_hosts)
		return false;
	s = j->hosts[other].streak;
	return !s || !s->suspect;
}

static void add_peer(struct proof *p, uint32_t host)
{
	for (uint32_t i = 0; i < p->peers; i++)
		if (p->peer[i] == host)
			return;
	if (p->peers < PEERS_COUNTED)
		p->peer[p->peers++] = host;
}

static uint32_t started_s(const struct repo_attempt *a)
{
	return a->at_s > a->ms / 1000 ? a->at_s - a->ms / 1000 : 0;
}

static void hear(const struct judge *j, uint32_t host, struct witness *w,
		 struct proof *p)
{
	const struct repo *r = repos_find(&j->repos, w->repo);
	uint64_t now_s = j->now_ns / HALE_NS_PER_S;

	for (uint32_t i = 0; r && i < r->n; i++) {
		const struct repo_attempt *a = &r->at[i];

		if (!is_peer(j, host, a->host) || a->at_s + PEERS_S < now_s)
			continue;
		w->failed += !a->ok;
		w->passed += a->ok;
		if (!a->ok)
			continue;
		w->passed_ms += a->ms;
		if (started_s(a) < w->first_s)
			continue;
		w->since = true;
		add_peer(p, a->host);
	}
}

static void weigh(const struct witness *w, struct proof *p)
{
	if (!w->since)
		return;
	p->repos++;
	p->failures += w->k;
	p->chance = exact_all_failed(p->chance, w->k, w->failed,
				     w->failed + w->passed);
	for (uint32_t i = 0; i < w->k; i++)
		p->fast += (uint64_t)w->ms[i] * FAST_PART * w->passed <
			   w->passed_ms;
}

static struct witness *witness_of(struct witness *w, uint32_t *n,
				  const struct streak_failure *f)
{
	for (uint32_t i = 0; i < *n; i++)
		if (w[i].repo == f->repo)
			return &w[i];
	w[*n] = (struct witness){ .repo = f->repo, .first_s = f->at_s };
	return &w[(*n)++];
}

/* The repositories of the row, without failures that were common. */
static uint32_t call(const struct judge *j, uint32_t host,
		     struct witness w[STREAK_KEPT], uint64_t *ret_since_ns)
{
	const struct streak *s = j->hosts[host].streak;
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->n; i++) {
		const struct streak_failure *f = &s->kept[i];
		uint64_t at_ns = f->at_s * HALE_NS_PER_S;
		struct witness *one;

		if (judge_was_common(j, host, f->cause, at_ns))
			continue;
		if (n == 0)
			*ret_since_ns = at_ns;
		one = witness_of(w, &n, f);
		if (one->k < COUNTED_EACH)
			one->ms[one->k++] = f->ms;
	}
	return n;
}

static bool is_proof(const struct judge *j, const struct proof *p)
{
	struct picture_counts counts;

	picture_counts(j->p, &counts);
	return p->failures >= FAILURES_MIN && p->repos >= REPOS_MIN &&
	       p->peers >= (counts.hosts > 2 ? PEERS_MIN : 1) &&
	       p->fast * FAST_OF >= p->failures * FAST_MIN &&
	       exact_bits(p->chance) >= JUDGE_BITS;
}

static void look_at(struct judge *j, uint32_t host)
{
	const struct streak *s = j->hosts[host].streak;
	struct proof p = { .chance = EXACT_ONE };
	struct witness w[STREAK_KEPT];
	struct judgment g = { .kind = JUDGMENT_BLACK_HOLE, .host = host };
	uint32_t n;

	n = call(j, host, w, &p.since_ns);
	for (uint32_t i = 0; i < n; i++) {
		hear(j, host, &w[i], &p);
		weigh(&w[i], &p);
	}
	if (!is_proof(j, &p))
		return;
	g.since_ns = p.since_ns;
	g.cause = cause_name(s->kept[s->n - 1].cause);
	g.bits = exact_bits(p.chance);
	g.repos = p.repos;
	g.failures = p.failures;
	g.peers = p.peers;
	kept_hold(j, &g,
		  &(struct kept_own){ .newest_ns = s->kept[s->n - 1].at_s *
						   HALE_NS_PER_S });
}

static void end_of(struct judge *j, uint32_t host)
{
	for (uint32_t n = 0; n < j->n_kept; n++)
		if (j->kept[n].kind == JUDGMENT_BLACK_HOLE &&
		    j->kept[n].host == host && j->kept[n].ended_ns == 0)
			kept_end(j, n);
}

static void drop_suspect(struct judge *j, uint32_t host)
{
	for (uint32_t i = 0; i < j->n_suspects; i++)
		if (j->suspects[i] == host) {
			j->suspects[i] = j->suspects[--j->n_suspects];
			return;
		}
}

void judge_streak_drop(struct judge *j, uint32_t host)
{
	if (!j->hosts[host].streak)
		return;
	free(j->hosts[host].streak);
	j->hosts[host].streak = NULL;
	drop_suspect(j, host);
	end_of(j, host);
}

static uint32_t count_repos(const struct streak *s)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < s->n; i++) {
		uint32_t k = 0;

		while (s->kept[k].repo != s->kept[i].repo)
			k++;
		n += k == i;
	}
	return n;
}

/* Of a full row the newest failure but one of its repository goes. */
static void make_room(struct streak *s)
{
	uint32_t drop = 0, most = 0;

	if (s->n < STREAK_KEPT)
		return;
	for (uint32_t i = 0; i < s->n; i++) {
		uint32_t same = 0;

		for (uint32_t k = 0; k < s->n; k++)
			same += s->kept[k].repo == s->kept[i].repo;
		if (same >= most && same > COUNTED_EACH) {
			most = same;
			drop = i;
		}
	}
	s->n--;
	memmove(&s->kept[drop], &s->kept[drop + 1],
		(s->n - drop) * sizeof(s->kept[0]));
}

static int add_suspect(struct judge *j, uint32_t host)
{
	struct streak *s = j->hosts[host].streak;
	uint32_t size = j->size_suspects * 2 + 16, *more;

	if (s->suspect || s->n < FAILURES_MIN || count_repos(s) < REPOS_MIN)
		return 0;
	if (j->n_suspects == j->size_suspects) {
		more = reallocarray(j->suspects, size, sizeof(*more));
		if (!more)
			return -ENOMEM;
		j->suspects = more;
		j->size_suspects = size;
	}
	s->suspect = true;
	j->suspects[j->n_suspects++] = host;
	return 0;
}

static int add_failure(struct judge *j, uint32_t host,
		       const struct streak_failure *f)
{
	struct judged_host *h = &j->hosts[host];

	if (!h->streak)
		h->streak = calloc(1, sizeof(*h->streak));
	if (!h->streak)
		return -ENOMEM;
	make_room(h->streak);
	h->streak->kept[h->streak->n++] = *f;
	h->streak->failures++;
	return add_suspect(j, host);
}

int judge_streak(struct judge *j, uint32_t host, const struct told_build *b,
		 uint64_t at_ns)
{
	uint32_t ms = b->duration_ms < UINT32_MAX ? (uint32_t)b->duration_ms
						  : UINT32_MAX;
	uint32_t at_s = (uint32_t)(at_ns / HALE_NS_PER_S);
	uint64_t repo = fleet_hash(j->o.seed, b->repo, b->repo_len);
	struct streak_failure f = { repo, at_s, ms, cause_of_build(b->cause) };
	struct repo_attempt a = { host, at_s, ms, b->ok };
	int r = repos_add(&j->repos, repo, &a);

	if (r < 0)
		return r;
	if (!b->ok)
		return add_failure(j, host, &f);
	judge_streak_drop(j, host);
	return 0;
}

/* Who was let back in begins anew: what was is not held against it. */
static bool was_released(struct judge *j, uint32_t host)
{
	struct streak *s = j->hosts[host].streak;
	struct picture_row row;
	bool was = s->was_out;

	if (!picture_row(j->p, host, &row))
		return true;
	s->was_out = row.quarantine != PICTURE_FREE;
	return was && !s->was_out;
}

void judge_black_holes(struct judge *j)
{
	for (uint32_t i = j->n_suspects; i-- > 0;) {
		uint32_t host = j->suspects[i];

		if (was_released(j, host))
			judge_streak_drop(j, host);
		else
			look_at(j, host);
	}
}

uint32_t judge_proposals(const struct judge *j, struct cap_candidate *ret,
			 uint32_t max)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < j->n_kept && n < max; i++)
		if (j->kept[i].kind == JUDGMENT_BLACK_HOLE &&
		    j->kept[i].ended_ns == 0)
			ret[n++] = (struct cap_candidate){ j->kept[i].host,
							   j->kept[i].made_ns };
	return n;
}
