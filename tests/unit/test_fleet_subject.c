/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A subject says whose a message is, and nothing but an id gets through as one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "fleet_host.h"

static void test_subjects(void **state)
{
	static const char *const wrong[] = {
		"",
		"up",
		"up.state",
		"up.state.",
		"up.status." HOST_ID,
		"down.state." HOST_ID,
		"up.state." HOST_ID ".x",
		"up.state." HOST_ID "A",
		"up.state.*",
		"up.state.>",
		"up.state.SAHJLSMYZDJCBXZQKZ2PXJLGVQ6WKBNWQF2NPWHCJJWEMTJHW",
	};
	char subject[FLEET_SUBJECT_MAX], id[FLEET_ID_SIZE];
	enum fleet_kind kind;

	(void)state;
	fleet_subject(FLEET_BUILD, HOST_ID, subject);
	assert_string_equal(subject, "up.builds." HOST_ID);
	assert_int_equal(fleet_read_subject(subject, &kind, id), 0);
	assert_int_equal(kind, FLEET_BUILD);
	assert_string_equal(id, HOST_ID);
	assert_int_equal(fleet_read_subject("fleet.state." HOST_ID, &kind, id),
			 0);
	assert_int_equal(kind, FLEET_STATE);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(wrong); i++)
		assert_int_equal(fleet_read_subject(wrong[i], &kind, id),
				 -EBADMSG);
	assert_string_equal(fleet_kind_name(FLEET_FINDING), "findings");
	assert_string_equal(fleet_kind_name(FLEET_KINDS), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_subjects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
