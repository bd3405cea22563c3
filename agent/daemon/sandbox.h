/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_SANDBOX_H
#define HALE_SANDBOX_H

/* The sandbox of each of the agent's processes, and its proof. */

#include "agent/sandbox/sandbox.h"

/* sandbox_check.c, for `haled --check-sandbox`: enters each role in a child,
 * tries there what must fail and what must not, says a line for each; an exit
 * status: 1 where something that must fail did not. */
int sandbox_check(const struct sandbox_user *user);

#endif
