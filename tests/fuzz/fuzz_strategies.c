/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a file of strategies: it is taken whole, every command with its
 * words, or refused with one printable line that names the line.
 */
#include "hale/base.h"
#include "hale/text.h"

#include "agent/run/again/retry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct strategies *s)
{
	if (s->n == 0 || s->n > STRATEGIES_MAX)
		abort();
	for (uint32_t i = 0; i < s->n; i++) {
		const struct strategy *one = &s->strategy[i];

		if (!one->name || !one->command || !one->command[0] ||
		    one->command[0][0] == '\0' ||
		    one->cleanup_timeout_ns == 0 ||
		    (one->cleanup && !one->cleanup[0]))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char make[] = "make", all[] = "a ll";
	static char *given[] = { make, all, NULL };
	struct strategies s = { 0 };
	char error[256] = "", *text = malloc(size + 1);
	int r;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	r = strategies_parse(text, "fuzz", given, &s, error);
	if (r == 0)
		check(&s);
	else if (strncmp(error, "fuzz:", 5) != 0 ||
		 !hale_text_printable(error, sizeof(error)))
		abort();
	strategies_done(&s);
	free(text);
	return 0;
}
