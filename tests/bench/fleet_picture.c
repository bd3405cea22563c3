/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a picture costs: time per message and memory per host, for a fleet of a
 * given size. Every host has four labels, two disks, one in a hundred is unfit.
 * The seconds are the processor's, so that a busy machine changes little.
 * Usage: fleet_picture HOSTS
 */
#include <inttypes.h>
#include <malloc.h>
#include <time.h>

#include "agent/fleet/judge.h"
#include "agent/fleet/view.h"
#include "hale/base.h"

#define START (UINT64_C(1700000000) * HALE_NS_PER_S)

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void say(const char *what, double s, uint64_t n)
{
	printf("%-34s %8.0f ns each, %9.0f a second\n", what,
	       s * 1e9 / (double)n, (double)n / s);
}

/* A host's word number @round. */
static int64_t speak(struct picture *p, uint32_t i, uint32_t round,
		     uint64_t at_ns)
{
	char id[TOLD_ID_MAX], name[32], rack[16], part[2][40];
	const struct told_label labels[] = { { "rack", rack },
					     { "pool", i % 3 ? "ci" : "gpu" },
					     { "image", "debian-12.7" },
					     { "zone", i % 2 ? "a" : "b" } };
	const struct told_disk disks[] = {
		{ part[0], "SAMSUNG MZ7LH960HAJR", "HXT7904Q" },
		{ part[1], i % 5 ? "WDC WD4003FRYZ" : "ST4000NM0035", "01.01" },
	};
	bool bad = (i + round) % 100 == 0;
	const struct told_open open = { "disk.medium_error", part[1],
					HALE_EFFECT_BLOCKS, 0 };
	const struct told_state s = {
		.id = id,
		.name = name,
		.boot = "4f1c0d9e-8a34-4b5e-9d43-0c3f3b1f2a11",
		.version = "0.1.0",
		.no = { 7, round },
		.host_sent_ns = at_ns,
		.period_s = 30,
		.fitness = bad ? HALE_UNFIT : HALE_FIT,
		.why = bad ? "disk.medium_error sdb: 14 times, critical medium "
			     "error, dev sdb, sector 60000"
			   : "",
		.labels = labels,
		.n_labels = HALE_ARRAY_SIZE(labels),
		.disks = disks,
		.n_disks = HALE_ARRAY_SIZE(disks),
		.open = &open,
		.n_open = bad,
	};

	snprintf(id, sizeof(id), "U%055u", i);
	snprintf(name, sizeof(name), "build-%u.example.org", i);
	snprintf(rack, sizeof(rack), "%u", i / 40);
	for (int d = 0; d < 2; d++)
		snprintf(part[d], sizeof(part[d]), "disk/naa.%d%015u", d, i);
	return picture_state(p, &s, at_ns);
}

static void all_speak(struct picture *p, uint32_t n, uint32_t round,
		      uint64_t at_ns, const char *what)
{
	double begin = seconds();

	for (uint32_t i = 0; i < n; i++)
		if (speak(p, i, round, at_ns) < 0)
			exit(1);
	say(what, seconds() - begin, n);
}

static void look(struct picture *p, uint32_t n)
{
	const struct view_filter all = { 0 };
	const struct view_filter unfit = { .verdicts = 1u << PICTURE_UNFIT };
	struct view v;
	double begin = seconds();

	if (view_make(p, &all, VIEW_WORST, false, &v) < 0)
		exit(1);
	view_done(&v);
	say("view: all, the worst first", seconds() - begin, n);
	begin = seconds();
	if (view_make(p, &unfit, VIEW_NAME, false, &v) < 0)
		exit(1);
	say("view: those that are unfit", seconds() - begin, n);
	view_done(&v);
}

static void judge(struct picture *p, uint32_t n)
{
	struct judge *j = judge_new(p, NULL);
	struct told_build b = { .repo_len = 4, .duration_ms = 60000 };
	char id[TOLD_ID_MAX];
	double begin = seconds();

	for (uint32_t i = 0; i < n; i++) {
		uint32_t repo = i * 7919 % 500;

		snprintf(id, sizeof(id), "U%055u", i);
		b.id = id;
		b.repo = &repo;
		b.no = (struct told_order_no){ 7, 1 };
		b.ok = i % 100 != 0;
		b.cause = "code";
		if (judge_build(j, &b, START) < 0)
			exit(1);
	}
	say("build, one in 100 fails", seconds() - begin, n);
	begin = seconds();
	judge_tick(j, START + 10 * HALE_NS_PER_S);
	say("judging, per host", seconds() - begin, n);
	judge_free(j);
}

int main(int argc, char **argv)
{
	uint32_t n = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 10000;
	struct picture *p = picture_new(NULL);
	struct picture_counts counts;
	struct mallinfo2 m;
	double begin;

	if (!p || n == 0)
		return 64;
	printf("%" PRIu32 " hosts\n", n);
	all_speak(p, n, 1, START, "first word");
	m = mallinfo2();
	picture_counts(p, &counts);
	printf("%-34s %8.0f bytes (malloc: %.0f)\n", "memory, per host",
	       (double)counts.bytes / n, (double)(m.uordblks + m.hblkhd) / n);
	for (uint32_t i = 0; i < n; i++)
		if (i % 100 == 0)
			speak(p, i, 2, START);
	all_speak(p, n, 101, START + 30 * HALE_NS_PER_S, "heartbeat");
	all_speak(p, n, 102, START + 60 * HALE_NS_PER_S,
		  "heartbeat, one in 50 another");
	look(p, n);
	judge(p, n);
	begin = seconds();
	picture_tick(p, START + 600 * HALE_NS_PER_S);
	say("all fall silent", seconds() - begin, n);
	picture_free(p);
	return 0;
}
