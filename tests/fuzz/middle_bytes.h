/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FUZZ_MIDDLE_BYTES_H
#define TESTS_FUZZ_MIDDLE_BYTES_H

/*
 * Valid facts out of any bytes, for the fuzzer and the random test of the
 * middle. Names come from small sets, so that facts meet each other.
 */

#include "hale/base.h"

#include "agent/core/middle.h"

struct bytes {
	const uint8_t *data;
	size_t len;
};

/* The next number below @below out of the bytes; 0 where they have run out. */
uint32_t bytes_next(struct bytes *b, uint32_t below);

/* A name that something may have, for an operator to say. */
const char *bytes_name(struct bytes *b);

/* A valid fact of about the time @now. Return: the driver that says it. */
const char *bytes_fact(struct bytes *b, uint64_t now,
		       struct hale_fact *ret_fact);

void bytes_request(struct bytes *b, struct hale_scope_request *ret_req);

#endif
