/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_CRASH_CONFINE_H
#define HALE_RUN_CRASH_CONFINE_H

#include <stdbool.h>

/* Has this kernel Landlock, and was it told to use it? */
bool crash_can_confine(void);
/* From here on this process, and what it starts, writes below @dir and to
 * /dev/null only, and reaches no network where the kernel knows to bar it.
 * Needs PR_SET_NO_NEW_PRIVS. 0 or negative errno. */
int crash_confine(const char *dir);

#endif
