/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SIGKILL in the middle of writing, reading and acknowledging: what spool_put()
 * had returned 0 for is there afterwards, once, and what was acknowledged and
 * seen to be gone stays gone; in the same file, life after life.
 */
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "spool_look.h"

#define LIVES 40
/* A word for each that was kept; of a life at least so many before its end. */
#define WORDS_MAX 60

enum what {
	PUT,
	TAKING,
	TAKEN,
	WHATS
};

struct word {
	enum what what;
	uint32_t number;
};

static void say(int fd, enum what what, uint32_t number)
{
	struct word w = { what, number };

	if (write(fd, &w, sizeof(w)) != sizeof(w))
		_exit(1);
}

/* Puts without end; each fifth is taken by the fleet at once. */
static _Noreturn void live(int fd, uint32_t first)
{
	struct spool *s;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	s = room_open();
	for (uint32_t i = first;; i++) {
		struct spool_item item;
		uint32_t number;

		if (room_put_sized(s, i % 3 ? FLEET_FINDING : FLEET_BUILD, i,
				   i % 7 ? 300 : 4000, NOW) != 0)
			_exit(2);
		say(fd, PUT, i);
		if (i % 5 != 0)
			continue;
		if (spool_peek(s, 0, &item, 1) != 1)
			_exit(3);
		number = room_number(&item);
		say(fd, TAKING, number);
		spool_ack(s, &item.id, 1);
		say(fd, TAKEN, number);
	}
}

static bool said_of[WHATS][LIVES * 100000];

/* One life: how many words it said before its end. */
static uint32_t one_life(uint32_t first, uint32_t words)
{
	struct word w;
	uint32_t last = first;
	int fds[2], status;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(fds[0]);
		live(fds[1], first);
	}
	close(fds[1]);
	for (uint32_t i = 0; read(fds[0], &w, sizeof(w)) == sizeof(w); i++) {
		assert_true(w.number < HALE_ARRAY_SIZE(said_of[0]));
		assert_true(w.what < WHATS);
		said_of[w.what][w.number] = true;
		last = w.number > last ? w.number : last;
		/* what it said until the signal came is read to the end */
		if (i == words)
			kill(pid, SIGKILL);
	}
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	return last + 1;
}

/* All that was kept is there once. Of an acknowledgement that was begun nobody
 * knows; one that was done stays done. */
static void expect_all(uint32_t end)
{
	static uint32_t seen[HALE_ARRAY_SIZE(said_of[0])];
	struct spool_item items[SPOOL_BATCH];
	struct spool *s = room_open();
	uint64_t after = 0;
	size_t n;

	memset(seen, 0, sizeof(seen));
	while ((n = spool_peek(s, after, items, SPOOL_BATCH)) > 0) {
		for (size_t i = 0; i < n; i++) {
			assert_true(room_number(&items[i]) <= end);
			seen[room_number(&items[i])]++;
			after = items[i].at;
		}
	}
	for (uint32_t i = 0; i < end; i++) {
		assert_true(seen[i] <= 1);
		if (said_of[PUT][i] && !said_of[TAKING][i])
			assert_int_equal(seen[i], 1);
		if (said_of[TAKEN][i])
			assert_int_equal(seen[i], 0);
	}
	assert_int_equal(room_tell(s).findings_dropped, 0);
	spool_close(s);
}

static void test_kill_loses_nothing(void **state)
{
	uint32_t next = 1;

	(void)state;
	for (uint32_t i = 0; i < LIVES; i++) {
		/* the first at once, later ones after more and more */
		next = one_life(next, i * WORDS_MAX / LIVES) + 1;
		expect_all(next);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_kill_loses_nothing,
						room_begin, room_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
