/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HMAC-SHA256 of a webhook's body, by libnettle, which GnuTLS has brought into
 * this process anyway. Decides what is signed: the time as well, so that a
 * message which was kept cannot be sent again as a new one.
 */
#include <nettle/hmac.h>

#include "hale/base.h"

#include "agent/doors/sign.h"

void sign_body(struct sign_bytes key, uint64_t time_s, struct sign_bytes body,
	       char ret_text[SIGN_TEXT_MAX])
{
	uint8_t digest[SHA256_DIGEST_SIZE];
	struct hmac_sha256_ctx ctx;
	char prefix[32];
	int n = snprintf(prefix, sizeof(prefix), "%llu.",
			 (unsigned long long)time_s);

	hmac_sha256_set_key(&ctx, key.len, key.at);
	hmac_sha256_update(&ctx, (size_t)n, (const uint8_t *)prefix);
	hmac_sha256_update(&ctx, body.len, body.at);
	hmac_sha256_digest(&ctx, sizeof(digest), digest);
	n = snprintf(ret_text, SIGN_TEXT_MAX,
		     "t=%llu,v1=", (unsigned long long)time_s);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(ret_text + n + 2 * i, 3, "%02x", digest[i]);
}
