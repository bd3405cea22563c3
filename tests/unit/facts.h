/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FACTS_H
#define TESTS_FACTS_H

/* Facts as text, one a line: for tests that compare, and for `drive`. */

#include <stdio.h>

#include "hale/driver.h"

/* Prints one fact. Return: false where hale_fact_valid() refuses it. */
bool facts_print(FILE *out, const struct hale_fact *f);

#endif
