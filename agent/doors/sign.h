/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_DOORS_SIGN_H
#define HALE_DOORS_SIGN_H

/*
 * A webhook's signature, so that its receiver knows who sent it and when:
 * "t=<Unix time>,v1=<hex>", of HMAC-SHA256 (RFC 2104) over "<time>.<body>".
 * Who keeps messages of the last minutes only cannot be sent one twice. Pure.
 */

#include <stddef.h>
#include <stdint.h>

#define SIGN_HEADER   "Hale-Signature"
#define SIGN_TEXT_MAX 96

struct sign_bytes {
	const void *at;
	size_t len;
};

void sign_body(struct sign_bytes key, uint64_t time_s, struct sign_bytes body,
	       char ret_text[SIGN_TEXT_MAX]);

#endif
