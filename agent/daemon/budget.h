/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_BUDGET_H
#define HALE_BUDGET_H

/* What a driver's process may use, before the kernel ends it. */

#include "hale/driver.h"

/* In a driver's child, before it does anything. What is not permitted is left
 * as it is. */
void budget_take(const struct hale_driver *driver);

/* The score by which the kernel chooses whom to kill when memory runs out: a
 * driver's process goes long before the agent. For the probe as a whole. */
void budget_set_oom_score(const char *score);

#endif
