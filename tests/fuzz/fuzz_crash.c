/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any output of a build: what is taken out of it to be run again begins with a
 * compiler, and what is made of that writes to one place only.
 */
#include "hale/base.h"
#include "hale/text.h"

#include "agent/run/again/crash_tool.h"
#include "agent/run/again/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_rewritten(char *const *words)
{
	size_t n = words_count(words);

	if (n < 3)
		abort();
	for (size_t i = 1; i < n; i++) {
		if (words[i][0] == '@' || strcmp(words[i], "-") == 0 ||
		    strncmp(words[i], "-fplugin", 8) == 0 ||
		    (strcmp(words[i - 1], "-o") == 0 &&
		     strcmp(words[i], "/T/out") != 0))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char why[HALE_EVIDENCE_MAX] = "", **out = NULL;
	struct crash_found f;

	if (crash_find((const char *)data, size, &f) < 0)
		return 0;
	if (f.words ? !crash_tool_is_known(f.words[0]) : f.why[0] == '\0')
		abort();
	if (!hale_text_printable(f.why, sizeof(f.why)))
		abort();
	if (f.words && crash_rewrite(f.words, "/T", "/build", why, &out) == 0)
		check_rewritten(out);
	else if (f.words &&
		 (why[0] == '\0' || !hale_text_printable(why, sizeof(why))))
		abort();
	words_free(f.words);
	words_free(out);
	return 0;
}
