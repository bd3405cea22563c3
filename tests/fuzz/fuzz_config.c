/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a configuration: it is taken or refused with one printable line,
 * and what is taken keeps its own bounds.
 */
#include "hale/base.h"
#include "hale/text.h"

#include "agent/daemon/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct config config;
	struct driver_option options[CONFIG_OPTIONS_MAX];
	char error[CONFIG_ERROR_MAX] = "";
	char *text = malloc(size + 1);
	int r;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	r = config_parse(text, "fuzz", &config, error);
	if ((r < 0) != (error[0] != '\0') ||
	    !hale_text_printable(error, sizeof(error)))
		abort();
	if (r == 0 &&
	    (config_driver_options(&config, options, CONFIG_OPTIONS_MAX) !=
		     config.n_options ||
	     config.policy.n_host_paths > HALE_SCOPE_PATHS_MAX))
		abort();
	free(text);
	return 0;
}
