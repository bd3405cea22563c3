/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A memory that a core left which fell, and one that is as full as it can be:
 * no bound is exceeded, what makes no sense is left out and told in one line,
 * and it is written and read in the time that there is.
 */
#include <errno.h>

#include "kept.h"

/* --- a core that fell --- */

static struct hale_memory_note forged(uint32_t room, uint64_t number)
{
	struct hale_memory_note n = { .room = room,
				      .n_numbers = HALE_NOTE_NUMBERS,
				      .n_texts = HALE_NOTE_TEXTS };

	for (uint32_t i = 0; i < HALE_NOTE_NUMBERS; i++)
		n.number[i] = number;
	for (uint32_t i = 0; i < HALE_NOTE_TEXTS; i++)
		n.text[i] = "forged";
	return n;
}

/* Ten thousand of each kind, with numbers that are near an edge. */
static void test_forged_notes(void **state)
{
	static const uint64_t numbers[] = { 0,	       1,	   255,
					    256,       UINT16_MAX, UINT32_MAX,
					    INT64_MAX, UINT64_MAX };

	(void)state;
	for (uint32_t i = 0; i < 10000; i++) {
		for (uint32_t room = 0; room < NOTE_ROOMS + 3; room++) {
			struct hale_memory_note n = forged(
				room, numbers[i % HALE_ARRAY_SIZE(numbers)]);

			n.number[i % HALE_NOTE_NUMBERS] = i;
			middle_load_note(kept.middle, &n, kept_now());
		}
	}
	middle_resumed(kept.middle, kept_now());
	assert_true(kept.middle->inventory.n <= INVENTORY_MAX);
	assert_true(kept.middle->coverage.n <= COVERAGE_MAX);
	assert_true(kept.middle->victims.n <= VICTIMS_MAX);
	assert_true(kept.middle->rests.n <= RESTS_MAX);
	kept_verdict();
	middle_tick(kept.middle, kept_now() + HALE_NS_PER_S);
	assert_int_equal(keep_save(&kept.keep), 0);
	kept_succeed();
}

/* What makes no sense is left out, in one line; the rest counts. */
static void test_one_bad_row_is_left_out(void **state)
{
	static const uint8_t note[] = { 0x5a, 2, 0x08, 99 };
	uint8_t *at;
	int64_t n;

	(void)state;
	kept_host();
	kept_fault("kmsg", "sda", 5);
	at = vault_next(&kept.vault);
	n = keep_encode(&kept.keep, at, VAULT_SLOT_MAX);
	assert_true(n > 0);
	memcpy(at + n, note, sizeof(note));
	assert_int_equal(vault_commit(&kept.vault, (size_t)n + sizeof(note)),
			 0);
	kept_succeed();
	assert_non_null(strstr(kept.mem.error, "1 of "));
	assert_non_null(strstr(kept.mem.error, "make no sense, ignoring them"));
	assert_int_equal(kept_verdict(), HALE_UNFIT);
}

/* Bytes that are no Memory: what was saved before them counts. */
static void test_bad_memory_is_set_aside(void **state)
{
	(void)state;
	kept_host();
	kept_fault("kmsg", "sda", 5);
	keep_save(&kept.keep);
	memset(vault_next(&kept.vault), 0xff, 4096);
	assert_int_equal(vault_commit(&kept.vault, 4096), 0);
	kept_succeed();
	assert_int_equal(kept_verdict(), HALE_UNFIT);
	assert_string_equal(kept.mem.error,
			    "the last core's memory is damaged; what was saved "
			    "before it counts");
	for (int i = 0; i < 2; i++) {
		memset(vault_next(&kept.vault), 0xff, 4096);
		assert_int_equal(vault_commit(&kept.vault, 4096), 0);
	}
	kept_end_core();
	kept_new_core();
	assert_int_equal(keep_resume(&kept.vault, &kept.mem), -EBADMSG);
	assert_string_equal(kept.mem.error,
			    "the last core's memory is damaged");
	assert_int_equal(kept_verdict(), HALE_UNKNOWN);
}

/* --- bounds --- */

static void fill_ledger(void)
{
	struct hale_memory_row row = { .open = true };
	struct hale_finding *r = &row.finding;

	*r = (struct hale_finding){ .condition = HALE_DISK_MEDIUM_ERROR,
				    .effect = HALE_EFFECT_BLOCKS,
				    .count = UINT64_MAX,
				    .first_ns = kept_now(),
				    .last_ns = kept_now() };
	memset(r->evidence, 'e', sizeof(r->evidence) - 1);
	memset(r->model, 'm', sizeof(r->model) - 1);
	memset(r->serial, 's', sizeof(r->serial) - 1);
	memset(r->driver, 'd', sizeof(r->driver) - 1);
	for (uint32_t i = 0; i < LEDGER_MAX; i++) {
		snprintf(r->part, sizeof(r->part), "disk/eui.%060u", i);
		assert_int_equal(
			middle_load_running(kept.middle, &row, kept_now()), 0);
	}
}

/* As much as there can be of everything, with names as long as they may be. */
static void fill(void)
{
	struct hale_fact f = { .kind = HALE_FACT_DEVICE };

	for (uint32_t i = 0; i < INVENTORY_MAX; i++) {
		struct hale_device *d = &f.u.device;

		*d = (struct hale_device){ .major = 259,
					   .minor = i,
					   .present = true };
		snprintf(d->name, sizeof(d->name), "nvme%un1", i);
		snprintf(d->identity, sizeof(d->identity), "disk/eui.%060u", i);
		snprintf(d->devpath, sizeof(d->devpath), "/devices/%060u", i);
		kept_say("storage", f);
	}
	kept_say("storage", (struct hale_fact){ .kind = HALE_FACT_MAP_BEGIN });
	for (uint32_t i = 0; i < MAP_MOUNTS_MAX; i++) {
		f = (struct hale_fact){ .kind = HALE_FACT_MOUNT };
		f.u.mount = (struct hale_mount){ .major = 259, .minor = i };
		memset(f.u.mount.source, 's', 60);
		snprintf(f.u.mount.mountpoint, 61, "/%059u", i);
		kept_say("storage", f);
	}
	for (uint32_t i = 0; i < MAP_LAYERS_MAX; i++) {
		f = (struct hale_fact){ .kind = HALE_FACT_LAYER };
		f.u.layer = (struct hale_layer){ .upper_major = 253,
						 .upper_minor = i,
						 .lower_major = 259,
						 .lower_minor = i % 512,
						 .via = "overlay-lower" };
		kept_say("storage", f);
	}
	kept_say("storage", (struct hale_fact){ .kind = HALE_FACT_MAP_END });
	fill_ledger();
	for (uint64_t i = 0; i < SETTLED_MAX; i++)
		kept.middle->ledger.settled[i] =
			(struct settled){ UINT64_MAX - i, kept_now() };
	for (uint32_t i = 0; i < JOIN_MAX; i++)
		join_add(&kept.middle->join,
			 &(struct join_entry){ .join = HALE_JOIN_BLOCK,
					       .condition = 1,
					       .part = UINT64_MAX,
					       .key = UINT64_MAX,
					       .time_ns = kept_now(),
					       .heard_ns = kept_now() });
}

static void test_full(void **state)
{
	uint64_t best_ns = UINT64_MAX, began_ns;
	uint8_t *bytes;
	size_t len = 0;

	(void)state;
	fill();
	for (int i = 0; i < 5; i++) {
		assert_int_equal(keep_save(&kept.keep), 0);
		best_ns = kept.keep.took_ns < best_ns ? kept.keep.took_ns
						      : best_ns;
	}
	assert_true(vault_newest(&kept.vault, &bytes, &len) > 0);
	free(bytes);
	assert_true(len < VAULT_SLOT_MAX / 2);
	began_ns = clock_boot_ns();
	kept_succeed();
	print_message(
		"a full memory: %zu KiB, written in %llu us, read in "
		"%llu us\n",
		len / 1024, (unsigned long long)(best_ns / 1000),
		(unsigned long long)((clock_boot_ns() - began_ns) / 1000));
	assert_string_equal(kept.mem.error, "");
	assert_true(kept.mem.running);
	assert_int_equal(kept_count_of("disk/eui."
				       "000000000000000000000000000000"
				       "000000000000000000000000000511"),
			 UINT64_MAX);
}

int main(void)
{
#define KEEP_TEST(f)                                                           \
	cmocka_unit_test_setup_teardown(f, kept_setup, kept_teardown)
	const struct CMUnitTest tests[] = {
		KEEP_TEST(test_forged_notes),
		KEEP_TEST(test_one_bad_row_is_left_out),
		KEEP_TEST(test_bad_memory_is_set_aside),
		KEEP_TEST(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
