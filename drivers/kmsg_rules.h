/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_KMSG_RULES_H
#define HALE_KMSG_RULES_H

#include "hale/driver.h"
#include "hale/rules.h"

#define KMSG_RULES_DIR	 "/etc/hale/rules.d"
#define KMSG_RULES_ERROR 256

/**
 * kmsg_rules_load() - the built-in rules and those of a folder
 * @dir: its *.rules, in the order of their names, go before the built-in ones;
 *       below @root_fd. It need not exist.
 * @ret_error: "" or one line about the first file that was left out; a bad
 *             file never costs more than itself.
 *
 * Return: 0, or -ENOMEM.
 */
int kmsg_rules_load(int root_fd, const char *dir,
		    char ret_error[KMSG_RULES_ERROR],
		    struct hale_rules **ret_rules);

#endif
