/* SPDX-License-Identifier: Apache-2.0 */
/* An engine's answers: whoever can put a socket in its place writes them. */
#include <stdlib.h>

#include "drivers/engine/json.h"
#include "hale/base.h"
#include "hale/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = malloc(len + 1), message[160];
	struct engine_usage usage;
	struct engine_info info;

	if (!text)
		return 0;
	memcpy(text, data, len);
	text[len] = '\0';
	engine_read_error(text, len, message, sizeof(message));
	if (!hale_text_printable(message, sizeof(message)))
		abort();
	engine_read_usage(text, len, &usage);
	if (engine_read_info(text, len, &info) == 0 &&
	    (!hale_text_printable(info.root, sizeof(info.root)) ||
	     !hale_text_printable(info.trouble, sizeof(info.trouble)) ||
	     (info.root[0] && info.root[0] != '/')))
		abort();
	engine_read_graphroot(text, info.root, sizeof(info.root));
	free(text);
	return 0;
}
