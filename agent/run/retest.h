/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_RETEST_H
#define HALE_RUN_RETEST_H

/* --retest-crash: what running a crashed compiler again means for the run. */

#include "result.h"

/* Runs it again where one crashed; the outcome goes into the judgement and,
 * where memory is suspect, to the agent, which remembers it. */
void retest(const struct run_options *o, struct run_record *r);

#endif
