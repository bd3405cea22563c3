/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `haled -n`: would an agent with this configuration do what it says? Decides
 * what is an error (it does not start, or rules are left out) and what only a
 * doubt. Must never start anything. Invariant: exit status 0 means that every
 * file the configuration names was read and understood.
 */
#include <fcntl.h>

#include "hale/base.h"
#include "hale/driver.h"

#include "agent/daemon/config.h"

static size_t section_of(const struct hale_driver *d, const struct config *c,
			 struct hale_option options[CONFIG_OPTIONS_MAX])
{
	size_t n = 0;

	for (uint32_t i = 0; i < c->n_options; i++) {
		if (strcmp(c->options[i].driver, d->name) != 0)
			continue;
		options[n].key = c->options[i].key;
		options[n++].value = c->options[i].value;
	}
	return n;
}

static bool check_driver(const struct hale_driver *d, const struct config *c,
			 int root_fd)
{
	struct hale_option options[CONFIG_OPTIONS_MAX];
	char error[HALE_CHECK_ERROR_MAX] = "";
	const struct hale_probe p = {
		.root_fd = root_fd,
		.event_fd = -1,
		.options = options,
		.n_options = section_of(d, c, options),
	};
	int r = d->check ? d->check(&p, error) : 0;

	if (r == 0)
		return true;
	fprintf(stderr, "haled: [%s] %s\n", d->name,
		error[0] ? error : strerror(-r));
	return false;
}

static int check_drivers(const struct config *c)
{
	_cleanup_fd_ int root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int status = EXIT_SUCCESS;

	for (size_t i = 0; hale_drivers[i]; i++) {
		if (!check_driver(hale_drivers[i], c, root_fd))
			status = EXIT_FAILURE;
	}
	return status;
}

int config_check(const char *path, bool optional)
{
	_cleanup_free_ struct config *config = malloc(sizeof(*config));
	char text[CONFIG_ERROR_MAX];

	if (!config || config_load(path, optional, config, text) < 0) {
		fprintf(stderr, "haled: %s\n", config ? text : "out of memory");
		return EXIT_FAILURE;
	}
	config_resolve(config);
	if (config_doubt(config, text))
		fprintf(stderr, "haled: warning: %s\n", text);
	return check_drivers(config);
}
