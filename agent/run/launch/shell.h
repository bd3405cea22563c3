/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_SHELL_H
#define HALE_RUN_SHELL_H

#include <stdbool.h>

/* Is this a shell for a person to type at ("bash", "zsh -l"), no script? Only
 * where hale's input is a terminal. */
bool shell_for_person(char *const *command);

#endif
