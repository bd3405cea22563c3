/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CORE_PARSE_H
#define HALE_CORE_PARSE_H

/* Rates, durations, sizes and caches as people write and read them. */

#include "hale/observation.h"

/* "N / window": more than @limit within @window_ns. limit 0: not a rate. */
struct hale_rate {
	uint32_t limit;
	uint64_t window_ns;
};

/* "10 / 24h", "15min", "3d": 0, or -EINVAL. Units: s min h d; plain: s. */
int hale_rate_parse(const char *text, struct hale_rate *ret_rate);
int hale_duration_parse(const char *text, uint64_t *ret_ns);
/* "/home/ci/.cache/x 30d"; the age may be left out: 14 days. 0, -EINVAL. */
int hale_cache_parse(const char *text, char ret_path[HALE_PATH_MAX],
		     uint64_t *ret_age_ns);
/* "2GiB", "500M", "10G", "4096": 1024-based; 0, -EINVAL or -ERANGE. */
int hale_size_parse(const char *text, uint64_t *ret_bytes);

/* "1.2 GiB", "20 GiB", "0 B": HALE_SIZE_TEXT bytes at most, rounded down. */
#define HALE_SIZE_TEXT 16
void hale_size_print(char *ret_text, uint64_t bytes);

#endif
