/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reply of the store of any bytes, as `hale explain` reads it: texts end, and
 * no more builds are kept than there is room for.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/lib/store_builds.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct store_build builds[STORE_BUILDS_MAX];
	uint32_t n = size > 0 && data[0] & 1 ? STORE_BUILDS_MAX - 1 : 0;
	uint32_t from = n;

	store_builds_read(data, size, builds, &n);
	must(n <= STORE_BUILDS_MAX);
	for (uint32_t i = from; i < n; i++) {
		must(memchr(builds[i].repo, 0, sizeof(builds[i].repo)) != NULL);
		must(memchr(builds[i].cause, 0, sizeof(builds[i].cause)) !=
		     NULL);
		must(builds[i].outcome < STORE_BUILD_OUTCOMES);
	}
	return 0;
}
