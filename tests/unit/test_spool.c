/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a host has to tell waits until the fleet has taken it, through restarts
 * and a month of silence, in a file that stays within its bounds.
 */
#include "spool_look.h"

static void test_messages_wait_in_order(void **state)
{
	struct spool *s = room_open();
	Hale__Fleet__V1__Spool m;

	(void)state;
	assert_string_equal(room_waits(s), "");
	for (uint32_t i = 1; i <= 5; i++)
		assert_int_equal(
			room_put(s, i == 3 ? FLEET_BUILD : FLEET_FINDING, i),
			0);
	assert_string_equal(room_waits(s), "1 2 3 4 5");
	m = room_tell(s);
	assert_int_equal(m.findings_waiting, 4);
	assert_int_equal(m.builds_waiting, 1);
	assert_int_equal(m.bytes, 1500);
	assert_int_equal(m.oldest_ns, NOW);
	assert_string_equal(m.trouble, "");
	assert_false(spool_news(s, said));
	spool_close(s);
}

static void test_what_is_taken_is_forgotten(void **state)
{
	struct spool *s = room_open();
	struct spool_item items[3];
	struct spool_id ids[2], none = { { 1, 2, 3 } };

	(void)state;
	for (uint32_t i = 1; i <= 3; i++)
		assert_int_equal(room_put(s, FLEET_FINDING, i), 0);
	assert_int_equal(spool_peek(s, 0, items, 3), 3);
	ids[0] = items[0].id;
	ids[1] = items[2].id;
	spool_ack(s, ids, 2);
	assert_string_equal(room_waits(s), "2");
	/* again, and one that nobody knows */
	spool_ack(s, ids, 2);
	spool_ack(s, &none, 1);
	assert_string_equal(room_waits(s), "2");
	assert_int_equal(room_tell(s).findings_waiting, 1);
	assert_int_equal(room_tell(s).findings_dropped, 0);
	spool_close(s);
	s = room_open();
	assert_string_equal(room_waits(s), "2");
	spool_close(s);
}

/* A server that has it already knows it by its id. */
static void test_an_id_outlives_a_restart(void **state)
{
	struct spool *s = room_open();
	struct spool_item first, again;

	(void)state;
	assert_int_equal(room_put(s, FLEET_FINDING, 7), 0);
	assert_int_equal(spool_peek(s, 0, &first, 1), 1);
	spool_close(s);
	s = room_open();
	assert_int_equal(spool_peek(s, 0, &again, 1), 1);
	assert_memory_equal(&first.id, &again.id, sizeof(first.id));
	assert_int_equal(again.created_ns, NOW);
	assert_int_equal(again.len, 300);
	/* and whoever puts it there twice has it there once */
	assert_int_equal(spool_put(s, &again, 1, NOW), 0);
	assert_string_equal(room_waits(s), "7");
	spool_close(s);
}

static void test_a_cursor_meets_what_comes_later(void **state)
{
	struct spool *s = room_open();
	struct spool_item item;
	uint64_t after;

	(void)state;
	assert_int_equal(room_put(s, FLEET_FINDING, 1), 0);
	assert_int_equal(spool_peek(s, 0, &item, 1), 1);
	after = item.at;
	spool_ack(s, &item.id, 1);
	assert_int_equal(spool_peek(s, after, &item, 1), 0);
	assert_int_equal(room_put(s, FLEET_FINDING, 2), 0);
	assert_int_equal(spool_peek(s, after, &item, 1), 1);
	assert_int_equal(room_number(&item), 2);
	spool_close(s);
}

static void test_only_the_newest_state_waits(void **state)
{
	struct spool *s = room_open();
	struct spool_item item, old;
	uint64_t before = room_bytes();

	(void)state;
	assert_false(spool_peek_state(s, &item));
	assert_int_equal(room_put_sized(s, FLEET_STATE, 1, 16384, NOW), 0);
	assert_true(spool_peek_state(s, &old));
	assert_int_equal(room_put_sized(s, FLEET_STATE, 2, 400, NOW + 1), 0);
	/* the older one was taken meanwhile: the newer one still waits */
	spool_ack(s, &old.id, 1);
	assert_true(spool_peek_state(s, &item));
	assert_int_equal(room_number(&item), 2);
	assert_int_equal(item.len, 400);
	assert_string_equal(room_waits(s), "");
	spool_ack(s, &item.id, 1);
	assert_false(spool_peek_state(s, &item));
	/* no heartbeat costs the disk anything */
	assert_int_equal(room_bytes(), before);
	spool_close(s);
}

static void test_numbers_grow(void **state)
{
	struct spool_mark last = { .seq = 0 }, mark;
	struct spool *s = room_open();
	uint64_t spool_id = 0;

	(void)state;
	for (int i = 0; i < 2500; i++) {
		/* each life ends without a word, as by SIGKILL */
		if (i % 900 == 899) {
			spool_close(s);
			s = room_open();
		}
		assert_int_equal(spool_mark(s, &mark), 0);
		assert_true(mark.seq > last.seq);
		assert_memory_not_equal(&mark.id, &last.id, sizeof(mark.id));
		assert_true(spool_id == 0 || spool_id == mark.spool_id);
		spool_id = mark.spool_id;
		last = mark;
	}
	spool_close(s);
	room_end(NULL);
	room_begin(NULL);
	s = room_open();
	assert_int_equal(spool_mark(s, &mark), 0);
	assert_true(mark.spool_id != spool_id);
	spool_close(s);
}

/* --- bounds --- */

static void test_what_is_too_long_is_refused(void **state)
{
	struct spool *s = room_open();
	struct spool_item item = { .kind = FLEET_KINDS,
				   .bytes = "x",
				   .len = 1 };

	(void)state;
	assert_int_equal(
		room_put_sized(s, FLEET_FINDING, 1, FLEET_EVENT_MAX + 1, NOW),
		-EMSGSIZE);
	assert_int_equal(
		room_put_sized(s, FLEET_STATE, 1, FLEET_STATE_MAX + 1, NOW),
		-EMSGSIZE);
	assert_int_equal(spool_put(s, &item, 1, NOW), -EINVAL);
	assert_int_equal(spool_put(s, &item, SPOOL_BATCH + 1, NOW), -EINVAL);
	item.kind = FLEET_BUILD;
	item.len = 0;
	assert_int_equal(spool_put(s, &item, 1, NOW), -EINVAL);
	assert_string_equal(room_waits(s), "");
	spool_close(s);
}

/* As one: a batch is on the disk, or nothing of it. */
static void test_a_batch(void **state)
{
	static uint8_t bytes[SPOOL_BATCH][FLEET_EVENT_MAX];
	struct spool_item items[SPOOL_BATCH], got[SPOOL_BATCH];
	struct spool *s = room_open_sized(SPOOL_SIZE_MIN);
	struct spool_mark mark;
	size_t n = 0;

	(void)state;
	for (uint32_t i = 0; i < SPOOL_BATCH; i++) {
		assert_int_equal(spool_mark(s, &mark), 0);
		memcpy(bytes[i], &i, sizeof(i));
		items[i] = (struct spool_item){ .id = mark.id,
						.kind = FLEET_FINDING,
						.bytes = bytes[i],
						.len = FLEET_EVENT_MAX };
	}
	assert_int_equal(spool_put(s, items, SPOOL_BATCH, NOW), 0);
	assert_int_equal(room_tell(s).findings_waiting, SPOOL_BATCH);
	/* long ones come in several looks, all of them */
	for (uint64_t after = 0;; after = got[0].at) {
		size_t k = spool_peek(s, after, got, SPOOL_BATCH);

		if (k == 0)
			break;
		assert_int_equal(room_number(&got[0]), n);
		got[0] = got[k - 1];
		n += k;
	}
	assert_int_equal(n, SPOOL_BATCH);
	spool_close(s);
}

static void test_old_news_is_given_up(void **state)
{
	struct spool *s = room_open();
	Hale__Fleet__V1__Spool m;

	(void)state;
	assert_int_equal(room_put(s, FLEET_FINDING, 1), 0);
	assert_int_equal(room_put(s, FLEET_BUILD, 2), 0);
	assert_int_equal(room_put_sized(s, FLEET_FINDING, 3, 300, NOW + DAY),
			 0);
	spool_tidy(s, NOW + 30 * DAY);
	assert_string_equal(room_waits(s), "1 2 3");
	spool_tidy(s, NOW + 30 * DAY + 1);
	assert_string_equal(room_waits(s), "3");
	m = room_tell(s);
	assert_int_equal(m.findings_dropped, 1);
	assert_int_equal(m.builds_dropped, 1);
	assert_int_equal(m.dropped_ns, NOW + 30 * DAY + 1);
	/* the count is as lasting as the loss */
	spool_close(s);
	s = room_open();
	m = room_tell(s);
	assert_int_equal(m.findings_dropped, 1);
	assert_int_equal(m.builds_dropped, 1);
	assert_int_equal(m.dropped_ns, NOW + 30 * DAY + 1);
	spool_close(s);
}

static void test_what_no_server_takes_is_counted(void **state)
{
	struct spool *s = room_open();
	struct spool_item item;

	(void)state;
	assert_int_equal(room_put(s, FLEET_BUILD, 1), 0);
	assert_int_equal(spool_peek(s, 0, &item, 1), 1);
	spool_drop(s, &item.id, NOW + 5);
	assert_string_equal(room_waits(s), "");
	assert_int_equal(room_tell(s).builds_dropped, 1);
	assert_int_equal(room_tell(s).dropped_ns, NOW + 5);
	spool_close(s);
}

/* Builds by the thousand push out builds: the findings stay. */
static void test_builds_make_room_first(void **state)
{
	struct spool *s = room_open_sized(SPOOL_SIZE_MIN);
	Hale__Fleet__V1__Spool m;

	(void)state;
	for (uint32_t i = 0; i < 100; i++)
		assert_int_equal(room_put(s, FLEET_FINDING, i), 0);
	for (uint32_t i = 0; i < 3000; i++)
		assert_int_equal(room_put(s, FLEET_BUILD, i), 0);
	m = room_tell(s);
	assert_int_equal(m.findings_waiting, 100);
	assert_int_equal(m.findings_dropped, 0);
	assert_int_equal(m.builds_waiting + m.builds_dropped, 3000);
	assert_true(m.builds_waiting > 1000);
	/* and the other way round they have their quarter */
	for (uint32_t i = 0; i < 3000; i++)
		assert_int_equal(room_put(s, FLEET_FINDING, i), 0);
	m = room_tell(s);
	assert_int_equal(m.findings_waiting + m.findings_dropped, 3100);
	assert_in_range(m.builds_waiting * 300, m.bytes / 5, m.bytes * 3 / 10);
	assert_true(room_bytes() <= SPOOL_SIZE_MIN + 2 * HALE_MIB);
	spool_close(s);
}

/* 30 days without a server: a heartbeat each 30 s, 1,000 findings a day, each
 * restart of the host among them. */
static void test_a_month_without_a_server(void **state)
{
	struct spool *s = room_open();
	uint64_t now = NOW, most = 0;
	uint32_t number = 0;
	Hale__Fleet__V1__Spool m;

	(void)state;
	for (uint32_t beat = 0; beat < 30 * 2880; beat++) {
		now += 30 * HALE_NS_PER_S;
		assert_int_equal(room_put_sized(s, FLEET_STATE, beat, 450, now),
				 0);
		while (number < (uint64_t)(beat + 1) * 1000 / 2880)
			assert_int_equal(room_put_sized(s, FLEET_FINDING,
							number++, 350, now),
					 0);
		if (beat % 120 == 0)
			spool_tidy(s, now);
		if (beat % 2880 == 2879) {
			most = room_bytes() > most ? room_bytes() : most;
			spool_close(s);
			s = room_open();
		}
	}
	assert_int_equal(number, 30000);
	m = room_tell(s);
	/* nothing of it is lost, and it took no more than it may */
	assert_int_equal(m.findings_waiting, 30000);
	assert_int_equal(m.findings_dropped, 0);
	assert_true(most <= SPOOL_SIZE + HALE_MIB);
	print_message("30,000 findings: %llu KiB\n",
		      (unsigned long long)most / 1024);
	spool_close(s);
}

/* A year of it, in the smallest file: the newest are kept, the rest counted. */
static void test_a_year_in_a_mebibyte(void **state)
{
	struct spool *s = room_open_sized(SPOOL_SIZE_MIN);
	Hale__Fleet__V1__Spool m;
	struct spool_item item;
	const char *all;

	(void)state;
	for (uint32_t i = 0; i < 6000; i++) {
		assert_int_equal(room_put_sized(s, FLEET_FINDING, i, 2000,
						NOW + i * DAY / 16),
				 0);
		if (i % 500 == 0)
			assert_true(room_bytes() <=
				    SPOOL_SIZE_MIN + 2 * HALE_MIB);
	}
	m = room_tell(s);
	assert_int_equal(m.findings_waiting + m.findings_dropped, 6000);
	assert_in_range(m.findings_waiting, 300, 500);
	assert_int_equal(spool_peek(s, 0, &item, 1), 1);
	assert_int_equal(room_number(&item), m.findings_dropped);
	all = room_waits(s);
	assert_string_equal(all + strlen(all) - 4, "5999");
	spool_close(s);
}

/* A fleet that is back takes it all, and the disk has its room again. */
static void test_room_is_given_back(void **state)
{
	struct spool_item items[SPOOL_BATCH];
	struct spool_id ids[SPOOL_BATCH];
	struct spool *s = room_open();
	uint64_t before = room_bytes(), full;
	size_t n, taken = 0;

	(void)state;
	for (uint32_t i = 0; i < 4000; i++)
		assert_int_equal(room_put(s, FLEET_FINDING, i), 0);
	full = room_bytes();
	assert_true(full > HALE_MIB);
	while ((n = spool_peek(s, 0, items, SPOOL_BATCH)) > 0) {
		for (size_t i = 0; i < n; i++)
			ids[i] = items[i].id;
		spool_ack(s, ids, n);
		taken += n;
	}
	assert_int_equal(taken, 4000);
	for (int i = 0; i < 20; i++)
		spool_tidy(s, NOW);
	assert_int_equal(room_tell(s).bytes, 0);
	spool_close(s);
	assert_true(room_bytes() < before + HALE_MIB);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, room_begin, room_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_messages_wait_in_order),
		TEST(test_what_is_taken_is_forgotten),
		TEST(test_an_id_outlives_a_restart),
		TEST(test_a_cursor_meets_what_comes_later),
		TEST(test_only_the_newest_state_waits),
		TEST(test_numbers_grow),
		TEST(test_what_is_too_long_is_refused),
		TEST(test_a_batch),
		TEST(test_old_news_is_given_up),
		TEST(test_what_no_server_takes_is_counted),
		TEST(test_builds_make_room_first),
		TEST(test_a_month_without_a_server),
		TEST(test_a_year_in_a_mebibyte),
		TEST(test_room_is_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
