/* SPDX-License-Identifier: Apache-2.0 */
/* The way to the store's socket; apart, so that who asks one short question
 * links no more than that. */
#include "exchange.h"
#include "store_ask.h"

int store_connect(const char *run_dir, uint32_t ms, int *ret_fd)
{
	return exchange_connect(run_dir, EXCHANGE_STORE, ms, ret_fd);
}
