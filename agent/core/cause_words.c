/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of a cause, as they are written, shipped and compared. Decides
 * nothing but what retrying can do about a cause as such: a host's fault goes
 * elsewhere, the world's may pass, the build's own does not.
 */
#include <string.h>

#include "hale/base.h"
#include "hale/cause.h"

struct word {
	const char *name;
	enum hale_retry retry;
};

static const struct word words[HALE_CAUSE_COUNT] = {
	[HALE_CAUSE_UNKNOWN] = { "unknown", HALE_RETRY_NO },
	[HALE_CAUSE_HOST_IO] = { "host-io", HALE_RETRY_ELSEWHERE },
	[HALE_CAUSE_HOST_DISK_FULL] = { "host-disk-full",
					HALE_RETRY_ELSEWHERE },
	[HALE_CAUSE_HOST_INODES] = { "host-inodes", HALE_RETRY_ELSEWHERE },
	[HALE_CAUSE_HOST_MEMORY] = { "host-memory", HALE_RETRY_ELSEWHERE },
	[HALE_CAUSE_HOST_SIGBUS] = { "host-sigbus", HALE_RETRY_ELSEWHERE },
	[HALE_CAUSE_HOST_READONLY_FS] = { "host-readonly-fs",
					  HALE_RETRY_ELSEWHERE },
	[HALE_CAUSE_ENGINE_DOWN] = { "engine-down", HALE_RETRY_HERE },
	[HALE_CAUSE_NETWORK] = { "network", HALE_RETRY_HERE },
	[HALE_CAUSE_REGISTRY_OUTAGE] = { "registry-outage", HALE_RETRY_HERE },
	[HALE_CAUSE_AUTH] = { "auth", HALE_RETRY_NO },
	[HALE_CAUSE_CACHE] = { "cache", HALE_RETRY_HERE },
	[HALE_CAUSE_TIMEOUT] = { "timeout", HALE_RETRY_NO },
	[HALE_CAUSE_INTERACTIVE_STALL] = { "interactive-stall", HALE_RETRY_NO },
	[HALE_CAUSE_DEPENDENCY] = { "dependency", HALE_RETRY_NO },
	[HALE_CAUSE_CODE] = { "code", HALE_RETRY_NO },
	[HALE_CAUSE_TOOLCHAIN_CRASH] = { "toolchain-crash", HALE_RETRY_NO },
	[HALE_CAUSE_BUILD_LIMIT] = { "build-limit", HALE_RETRY_NO },
};

static const struct word *word_of(enum hale_build_cause c)
{
	return &words[(unsigned int)c < HALE_CAUSE_COUNT ? c : 0];
}

const char *hale_build_cause_name(enum hale_build_cause c)
{
	return word_of(c)->name;
}

enum hale_retry hale_build_cause_retry(enum hale_build_cause c)
{
	return word_of(c)->retry;
}

bool hale_build_cause_is_host(enum hale_build_cause c)
{
	return c >= HALE_CAUSE_HOST_IO && c <= HALE_CAUSE_HOST_READONLY_FS;
}

enum hale_build_cause hale_build_cause_from_name(const char *name, size_t len)
{
	for (size_t i = 1; i < HALE_ARRAY_SIZE(words); i++) {
		if (strlen(words[i].name) == len &&
		    memcmp(words[i].name, name, len) == 0)
			return (enum hale_build_cause)i;
	}
	return HALE_CAUSE_UNKNOWN;
}

const char *hale_confidence_name(enum hale_confidence c)
{
	static const char *const names[HALE_CONFIDENCE_COUNT] = {
		[HALE_CONFIDENCE_NONE] = "none",
		[HALE_CONFIDENCE_POSSIBLE] = "possible",
		[HALE_CONFIDENCE_LIKELY] = "likely",
		[HALE_CONFIDENCE_CERTAIN] = "certain",
	};

	return names[(unsigned int)c < HALE_CONFIDENCE_COUNT ? c : 0];
}

const char *hale_retry_name(enum hale_retry r)
{
	static const char *const names[HALE_RETRY_COUNT] = {
		[HALE_RETRY_NO] = "no",
		[HALE_RETRY_HERE] = "here",
		[HALE_RETRY_ELSEWHERE] = "elsewhere",
	};

	return names[(unsigned int)r < HALE_RETRY_COUNT ? r : 0];
}
