/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What holds of any reading of any disk, drawn with a fixed seed: the word over
 * it is that of a reason, reasons stand worst first and can be printed, the
 * same reading twice is judged the same, and a disk that fails by its own word,
 * and has no better one for why, fails whatever else it says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hale/base.h"
#include "hale/disk_health.h"
#include "hale/text.h"

#define READINGS 20000
#define NOW	 (UINT64_C(1795303800) * HALE_NS_PER_S)

static uint64_t seed = 88172645463325252;

static uint64_t random_next(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed >> 11;
}

/* Mostly the small numbers that disks show, at times any. */
static uint64_t random_value(void)
{
	static const uint64_t limits[] = { 2, 12, 110, 300, 50000 };
	uint64_t kind = random_next() % 8;

	return kind < HALE_ARRAY_SIZE(limits) ? random_next() % limits[kind]
	       : kind == 7		      ? UINT64_MAX - random_next() % 3
					      : random_next();
}

static void random_attribute(struct hale_disk_attribute *a)
{
	static const uint8_t ids[] = { 1,   5,	 10,  171, 172, 177, 179,
				       184, 187, 188, 190, 194, 196, 197,
				       198, 199, 202, 231, 233, 241 };

	*a = (struct hale_disk_attribute){
		.id = ids[random_next() % HALE_ARRAY_SIZE(ids)],
		.value = (uint8_t)random_next(),
		.worst = (uint8_t)random_next(),
		.threshold = (uint8_t)(random_next() % 60),
		.flags = (uint16_t)(random_next() % 4),
		.threshold_known = random_next() % 4 > 0,
		.foreign = random_next() % 8 == 0,
		.raw = random_value() & 0xffffffffffff,
	};
}

static struct hale_disk_reading random_reading(void)
{
	struct hale_disk_reading d = {
		.protocol = (enum hale_disk_protocol)(random_next() %
						      HALE_DISK_PROTOCOL_COUNT),
		.asleep = random_next() % 16 == 0,
		.rotational = random_next() % 2,
		.time_ns = NOW,
		.n_attributes = (uint32_t)(random_next() %
					   (HALE_DISK_ATTRIBUTES_MAX + 1)),
	};

	for (int v = 0; v < HALE_DISK_VALUE_COUNT; v++) {
		if (random_next() % 3 == 0)
			hale_disk_set(&d, (enum hale_disk_value)v,
				      random_value());
	}
	hale_disk_set(&d, HALE_DISK_PASSED, random_next() % 8 > 0);
	for (uint32_t i = 0; i < d.n_attributes; i++)
		random_attribute(&d.attributes[i]);
	return d;
}

static void judge(const struct hale_disk_reading *d,
		  const struct hale_disk_counts *before)
{
	static struct hale_disk_assessment a, again;

	hale_disk_judge(d, before, &a);
	assert_true(a.n_reasons <= HALE_DISK_REASONS_MAX);
	assert_true(a.worst <= HALE_DISK_HEALTHY || a.n_reasons > 0);
	for (uint32_t i = 0; i < a.n_reasons; i++) {
		assert_true(a.reasons[i].text[0] != '\0');
		assert_true(hale_text_printable(a.reasons[i].text,
						HALE_EVIDENCE_MAX));
	}
	if (d->asleep)
		assert_int_equal(a.worst, HALE_DISK_UNREAD);
	else if (!d->value[HALE_DISK_PASSED] &&
		 !hale_disk_knows(d, HALE_DISK_CRITICAL_WARNING) &&
		 !hale_disk_knows(d, HALE_DISK_IE_ASC))
		assert_int_equal(a.worst, HALE_DISK_FAILING);
	hale_disk_judge(d, before, &again);
	assert_int_equal(a.worst, again.worst);
	assert_int_equal(a.n_reasons, again.n_reasons);
}

static void any_reading(void **state)
{
	(void)state;
	for (int i = 0; i < READINGS; i++) {
		struct hale_disk_reading d = random_reading();
		struct hale_disk_counts before;

		judge(&d, NULL);
		hale_disk_count(&d, &before);
		for (size_t k = 0; k < HALE_DISK_COUNTS; k++)
			before.count[k] -= random_next() % 4;
		before.time_ns -= random_next() % (90 * 86400) * HALE_NS_PER_S;
		judge(&d, &before);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_reading),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
