/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A log that leaves lines out and a tracer that may come up midway, heard in
 * random order: the count is that of the events that there truly were.
 */
#include "join_world.h"

#define EVENTS_MAX 200
#define LINES_MAX  (4 * EVENTS_MAX)

struct line {
	enum {
		BLOCK,
		SENSE,
		SUPPRESSED
	} kind;
	uint64_t time_ns, sector, count;
};

/* Whether sense data is printed; unevenly: its limiter opens at other times. */
enum sense {
	NO_SENSE,
	SENSES,
	SENSES_UNEVENLY
};

struct limiter {
	uint64_t begin_ns;
	uint32_t printed, left_out;
};

struct story {
	uint64_t began, ended; /* of tracing; 0: never */
	uint32_t n_events, n_lines, pending;
	struct {
		uint64_t time_ns, sector;
		bool traced, printed;
	} events[EVENTS_MAX];
	struct line lines[LINES_MAX];
};

static uint64_t draw(uint64_t *seed, uint64_t below)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (*seed >> 11) % below;
}

/* The kernel's limiter: ten lines, then none until 5 s have passed
 * (lib/ratelimit.c). Return: whether the line is printed; before it, the
 * *@ret_left_out that were not. */
static bool lets(struct limiter *l, uint64_t t, uint32_t *ret_left_out)
{
	*ret_left_out = 0;
	if (l->begin_ns == 0 || t > l->begin_ns + 5 * SECOND) {
		*ret_left_out = l->left_out;
		*l = (struct limiter){ .begin_ns = t };
	}
	if (l->printed++ < 10)
		return true;
	l->left_out++;
	return false;
}

static void print_line(struct story *s, const struct line *l)
{
	s->lines[s->n_lines++] = *l;
}

/* Sense data comes first and has a limiter of its own; a block line counts
 * only where no sense data did. */
static void print_lines(struct story *s, enum sense sense)
{
	struct limiter blocks = { 0 }, senses = { 0 };
	uint32_t open = 0, n;

	for (uint32_t i = 0; i < s->n_events; i++) {
		/* printed first */
		uint64_t t = s->events[i].time_ns - 1000;
		uint64_t early = sense == SENSES_UNEVENLY ? i % 2 * 15 * MS : 0;

		if (sense != NO_SENSE && lets(&senses, t + early, &n)) {
			print_line(s, &(struct line){ SENSE, t, 0, 1 });
			open++;
		}
		s->events[i].printed = lets(&blocks, t, &n);
		if (n > 0)
			print_line(s, &(struct line){ SUPPRESSED, t, 0, n });
		if (!s->events[i].printed)
			continue;
		print_line(s, &(struct line){ BLOCK, t, s->events[i].sector,
					      open == 0 });
		open -= open > 0;
	}
	s->pending = blocks.left_out;
}

static void invent(struct story *s, uint64_t *seed, uint64_t from,
		   enum sense sense)
{
	uint64_t t = from, sectors = 1 + draw(seed, 6);

	memset(s, 0, sizeof(*s));
	s->n_events = 1 + (uint32_t)draw(seed, EVENTS_MAX);
	for (uint32_t i = 0; i < s->n_events; i++) {
		bool pause = draw(seed, 40) == 0;

		t += pause ? draw(seed, 8 * SECOND) : draw(seed, 20 * MS);
		s->events[i].time_ns = t += 10000;
		s->events[i].sector = 8 * draw(seed, sectors);
	}
	print_lines(s, sense);
}

static void tell_line(struct world *w, const struct line *l)
{
	switch (l->kind) {
	case BLOCK:
		if (l->count)
			logged(w, HALE_DISK_IO_ERROR, l->sector, l->time_ns);
		else
			block_line(w, HALE_DISK_IO_ERROR, l->sector,
				   l->time_ns);
		break;
	case SENSE:
		sensed(w, HALE_DISK_IO_ERROR, l->time_ns);
		break;
	case SUPPRESSED:
		suppressed(w, (uint32_t)l->count, l->time_ns);
		break;
	}
}

/* Each side in its order; one of them ahead by up to some lines. */
static void tell(struct world *w, struct story *s, uint64_t *seed, bool log)
{
	uint32_t e = 0, l = 0;
	uint64_t end = s->events[s->n_events - 1].time_ns;
	bool said = s->began == 0;

	while (e < s->n_events || l < s->n_lines) {
		uint64_t te =
			e < s->n_events ? s->events[e].time_ns : UINT64_MAX;
		uint64_t tl = l < s->n_lines ? s->lines[l].time_ns : UINT64_MAX;
		uint64_t late = draw(seed, 300 * MS);
		bool event = te != UINT64_MAX &&
			     (tl == UINT64_MAX || draw(seed, 2)
				      ? te < (tl == UINT64_MAX ? tl : tl + late)
				      : te + late < tl);
		uint64_t t = event ? te : tl;

		if (t == UINT64_MAX)
			break;
		if (w->now < t)
			w->now = t;
		if (!said && w->now >= s->began) {
			trace_lives(w, HALE_SIGHT_LIVE, s->began);
			said = true;
		}
		if (event && s->began && s->events[e].time_ns >= s->began)
			traced(w, HALE_DISK_IO_ERROR, s->events[e].sector,
			       s->events[e].time_ns);
		if (!event && log)
			tell_line(w, &s->lines[l]);
		e += event;
		l += !event;
	}
	assert_true(w->now >= end || !log);
}

static void play(uint64_t *seed, int mode, enum sense sense)
{
	struct story *s = malloc(sizeof(*s));
	uint64_t unknown = 0;
	struct world w;

	assert_non_null(s);
	world_new(&w);
	world_wait(&w, SECOND);
	log_seq = 0;
	invent(s, seed, w.now, sense);
	if (mode == 1)
		s->began = w.now;
	else if (mode == 2)
		s->began = s->events[draw(seed, s->n_events)].time_ns - 5000;
	tell(&w, s, seed, true);
	/* what the log has not said yet that it left out, nobody can know */
	for (uint32_t i = s->n_events; i-- > 0 && unknown < s->pending;) {
		if (s->events[i].printed)
			break;
		unknown += !s->began || s->events[i].time_ns < s->began;
	}
	assert_int_equal(count_of(&w, HALE_DISK_IO_ERROR),
			 s->n_events - unknown);
	if (mode == 1)
		assert_false(is_at_least(&w, HALE_DISK_IO_ERROR));
	world_end(&w);
	free(s);
}

static void play_many(int mode, enum sense sense)
{
	uint64_t seed = 88172645463325252U;

	for (int round = 0; round < 300; round++)
		play(&seed, mode, sense);
}

static void test_random_without_tracing(void **state)
{
	(void)state;
	play_many(0, NO_SENSE);
	play_many(0, SENSES);
}

static void test_random_with_tracing(void **state)
{
	(void)state;
	play_many(1, NO_SENSE);
	play_many(1, SENSES);
	play_many(1, SENSES_UNEVENLY);
}

static void test_random_tracing_from_midway(void **state)
{
	(void)state;
	play_many(2, NO_SENSE);
	play_many(2, SENSES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_without_tracing),
		cmocka_unit_test(test_random_with_tracing),
		cmocka_unit_test(test_random_tracing_from_midway),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
