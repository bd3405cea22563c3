/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_RULES_BUILT_IN_H
#define TESTS_UNIT_RULES_BUILT_IN_H

/* The built-in rules, compiled for a whole group of tests. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "hale/base.h"
#include "hale/rules.h"

static struct hale_rules *rules;

static int compile(void **state)
{
	char error[256];

	(void)state;
	if (hale_rules_new(&hale_rules_kmsg, 1, NULL, error, &rules) == 0)
		return 0;
	fputs(error, stderr);
	return -1;
}

static int release(void **state)
{
	(void)state;
	rules = hale_rules_free(rules);
	return 0;
}

#endif
