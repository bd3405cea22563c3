/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A build's output of any bytes, in pieces: what is found lies in it, says a
 * cause that there is, and does not depend on how it was cut.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/run/text/classify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(struct classify *c, const uint8_t *data, size_t size,
		  size_t piece, struct run_text *ret)
{
	classify_begin(c, 1);
	for (size_t at = 0; at < size; at += piece)
		classify_put(c, data + at,
			     size - at < piece ? size - at : piece);
	classify_end(c, -1, ret);
}

static void check(const struct run_text *t, uint64_t lines)
{
	if ((unsigned int)t->cause >= HALE_CAUSE_COUNT ||
	    t->n_evidence > RUN_EVIDENCE_MAX)
		abort();
	if (hale_build_cause_is_host(t->cause) &&
	    t->confidence == HALE_CONFIDENCE_CERTAIN)
		abort();
	for (uint32_t i = 0; i < t->n_evidence; i++) {
		if (t->evidence[i].line == 0 || t->evidence[i].line > lines ||
		    !memchr(t->evidence[i].text, '\0',
			    sizeof(t->evidence[i].text)))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct classify *c;
	struct run_text whole, cut;
	uint64_t lines = 1;
	char error[256];

	if (!c && classify_new(NULL, 0, error, &c) < 0)
		abort();
	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	judge(c, data, size, size ? size : 1, &whole);
	check(&whole, lines);
	judge(c, data, size, 1 + size % 7, &cut);
	check(&cut, lines);
	/* of a line longer than can be kept only the beginning may count */
	if (size < 4096 &&
	    (cut.cause != whole.cause || cut.n_evidence != whole.n_evidence))
		abort();
	return 0;
}
