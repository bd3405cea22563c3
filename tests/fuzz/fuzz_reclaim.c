/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a container engine answers `hale reclaim`, or whoever has put a socket
 * in its place: the plan stays within its table, what is to be freed can be
 * told, and no text of it reaches a terminal as it is. The input: /info and
 * /system/df, divided by a NUL.
 */
#include <errno.h>
#include <stdlib.h>

#include "hale/base.h"
#include "hale/text.h"

#include "agent/cli/reclaim.h"
#include "agent/cli/reclaim_http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *rest;
static size_t rest_len;

static void check(bool holds)
{
	if (!holds)
		abort();
}

/* Instead of libcurl's: the next piece of the input. */
int reclaim_http(const char *socket, enum reclaim_method method,
		 const char *path, long seconds, struct reclaim_answer *ret)
{
	size_t len = strnlen(rest, rest_len);

	(void)socket;
	(void)method;
	(void)path;
	(void)seconds;
	ret->body = json_loadb(rest, len, 0, NULL);
	rest += len;
	rest_len -= len;
	if (rest_len > 0) {
		rest++;
		rest_len--;
	}
	if (ret->body)
		return 0;
	HALE_SET(ret->text, "no JSON");
	return -EBADMSG;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct reclaim r;

	for (int aggressive = 0; aggressive < 2; aggressive++) {
		memset(&r, 0, sizeof(r));
		r.now_ns = UINT64_C(1795303800) * HALE_NS_PER_S;
		r.options.aggressive = aggressive;
		r.n_engines = 1;
		HALE_SET(r.engines[0].name, "docker");
		HALE_SET(r.engines[0].socket, "/run/nothing.sock");
		rest = (const char *)data;
		rest_len = size;
		reclaim_engines(&r);
		check(r.n <= RECLAIM_STEPS_MAX && r.n_engines == 1);
		check(hale_text_printable(r.engines[0].root, HALE_PATH_MAX));
		check(hale_text_printable(r.engines[0].why, HALE_EVIDENCE_MAX));
		check(!r.engines[0].root[0] || r.engines[0].root[0] == '/');
		reclaim_sort_out(&r);
		check(r.n <= RECLAIM_STEPS_MAX);
		for (size_t i = 0; i < r.n; i++) {
			check(r.steps[i].kind < RECLAIM_KIND_COUNT);
			check(aggressive ||
			      (r.steps[i].kind != RECLAIM_CONTAINERS &&
			       r.steps[i].kind != RECLAIM_IMAGES));
		}
	}
	return 0;
}
