/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Anything, in any order: what hosts, servers and operators say at random never
 * breaks what must always hold of a picture.
 */
#include "fleet_world.h"

#include "agent/fleet/view.h"

#define HOSTS 40

static const char *word(struct world *w)
{
	static const char *const words[] = {
		"",
		"rack",
		"disk.medium_error",
		"\xff\xfe\n\x1b[2J",
		"7",
		"UA",
		"engine-down",
		"disk/x",
		"fs.full",
		"host-io",
		"a word that is rather longer than most "
		"of the others, and goes on and on and on "
		"past what anyone keeps of a word, a label "
		"or a name, and a little further still, so "
		"that it has to be cut somewhere, which is "
		"what it is here for, until two hundred and "
		"fifty-six bytes are full",
	};

	if (world_random(w, 20) == 0)
		return NULL;
	return words[world_random(w, HALE_ARRAY_SIZE(words))];
}

static uint64_t any_time(struct world *w)
{
	switch (world_random(w, 6)) {
	case 0:
		return 0;
	case 1:
		return UINT64_MAX;
	case 2:
		return w->now_ns - world_random(w, 1000) * HOUR;
	default:
		return w->now_ns - world_random(w, 100) * SECOND;
	}
}

static const char *any_host(struct world *w)
{
	uint32_t i = world_random(w, HOSTS + 2);

	return i < HOSTS ? w->hosts[i].id : i == HOSTS ? "UNOBODY" : "";
}

static void any_state(struct world *w)
{
	struct told_label labels[20];
	struct told_disk disks[70];
	struct told_open open[40];
	struct told_state s = {
		.id = any_host(w),
		.name = word(w),
		.boot = word(w),
		.version = word(w),
		.no = { world_random(w, 4), world_random(w, 1000) },
		.host_sent_ns = any_time(w),
		.host_since_ns = any_time(w),
		.period_s = world_random(w, 3) * world_random(w, 100000),
		.fitness = (enum hale_fitness)world_random(w, 5),
		.agent_silent = world_random(w, 9) == 0,
		.why = word(w),
		.labels = labels,
		.disks = disks,
		.open = open,
		.n_labels = world_random(w, 20),
		.n_disks = world_random(w, 70),
		.n_open = world_random(w, 40),
		.quarantined = world_random(w, 5) == 0,
		.quarantine_who = word(w),
		.quarantine_why = word(w),
	};

	for (uint32_t i = 0; i < 20; i++)
		labels[i] = (struct told_label){ word(w), word(w) };
	for (uint32_t i = 0; i < 70; i++)
		disks[i] = (struct told_disk){ word(w), word(w), word(w) };
	for (uint32_t i = 0; i < 40; i++)
		open[i] = (struct told_open){ word(w), word(w),
					      HALE_EFFECT_BLOCKS, 0 };
	picture_state(w->p, &s, w->now_ns);
}

static void any_failure(struct world *w)
{
	const struct told_finding f = {
		.id = any_host(w),
		.no = { 1, world_random(w, 100000) },
		.condition = word(w),
		.part = word(w),
		.opened = true,
		.effect = HALE_EFFECT_BLOCKS,
		.host_at_ns = any_time(w),
	};
	const uint32_t repo = world_random(w, 5);
	const struct told_build b = {
		.id = any_host(w),
		.no = { 0, 0 },
		.repo = &repo,
		.repo_len = sizeof(repo),
		.ok = world_random(w, 3) == 0,
		.cause = word(w),
		.duration_ms = any_time(w),
		.host_ended_ns = any_time(w),
	};

	judge_finding(w->j, &f, w->now_ns);
	judge_build(w->j, &b, w->now_ns);
}

static void any_word_of_others(struct world *w)
{
	const struct told_order o = {
		.id = any_host(w),
		.quarantine = world_random(w, 2),
		.automatic = world_random(w, 2),
		.who = word(w),
		.why = word(w),
		.issued_ns = world_random(w, 100000),
		.until_ns = world_random(w, 2) ? any_time(w) : 0,
	};
	const char *id = any_host(w);
	uint32_t host = picture_find(w->p, id);

	switch (world_random(w, 8)) {
	case 0:
		picture_connected(w->p, id, any_time(w));
		break;
	case 1:
		picture_disconnected(w->p, id, any_time(w));
		break;
	case 2:
		picture_fed(w->p, world_random(w, 3) > 0, w->now_ns);
		break;
	case 3:
		if (host != PICTURE_NONE)
			judge_forget(w->j, host);
		picture_forget(w->p, id);
		break;
	case 4:
		picture_expect(w->p, id, word(w), w->now_ns);
		break;
	default:
		picture_order(w->p, &o, w->now_ns);
	}
}

static void words_are_words(const struct world *w)
{
	char text[JUDGE_WORDS_MAX];
	const struct judgment *g;

	for (uint32_t i = 0; (g = judge_at(w->j, i)) != NULL; i++) {
		judgment_words(w->p, g, text);
		assert_true(strlen(text) > 0);
		judgment_advice(g, text);
		judgment_proof(g, text);
		assert_true(strlen(text) > 0);
	}
}

/* The sums are those of the rows, and every row can be read. */
static void it_holds(struct world *w)
{
	const struct view_filter all = { 0 };
	uint32_t by_verdict[PICTURE_VERDICTS] = { 0 }, out = 0;
	struct picture_counts counts;
	struct picture_row row;
	struct view v;

	picture_counts(w->p, &counts);
	assert_int_equal(view_make(w->p, &all, VIEW_WORST, false, &v), 0);
	assert_int_equal(v.n, counts.hosts);
	for (uint32_t i = 0; i < v.n; i++) {
		assert_true(picture_row(w->p, v.hosts[i], &row));
		by_verdict[row.verdict]++;
		out += row.quarantine != PICTURE_FREE;
		assert_int_equal(picture_find(w->p, row.id), v.hosts[i]);
		assert_true(strlen(row.name) < TOLD_NAME_MAX);
		assert_null(strpbrk(row.name, "\n\x1b"));
	}
	assert_memory_equal(by_verdict, counts.by_verdict, sizeof(by_verdict));
	assert_int_equal(out, counts.quarantined);
	view_done(&v);
}

static void whatever_comes(void **state)
{
	struct picture_counts counts;
	struct world w;

	(void)state;
	world_init(&w, HOSTS);
	for (uint32_t i = 0; i < 20000; i++) {
		any_state(&w);
		any_failure(&w);
		any_word_of_others(&w);
		if (i % 10 == 0)
			world_step(&w, world_random(&w, 300) * SECOND);
		if (i % 100 == 0)
			it_holds(&w);
	}
	words_are_words(&w);
	for (uint32_t i = 0; i < HOSTS; i++)
		picture_forget(w.p, w.hosts[i].id);
	picture_forget(w.p, "UNOBODY");
	picture_counts(w.p, &counts);
	assert_int_equal(counts.hosts, 0);
	assert_int_equal(counts.quarantined, 0);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_comes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
