/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_ATTRIBUTE_H
#define HALE_RUN_ATTRIBUTE_H

/*
 * Whose fault was it: the build's, the machine's, or the world's? Weighs what
 * the output says with what the kernel saw. Pure. A machine is blamed (75)
 * only where something of it was seen to fail in the build's scope and time,
 * and the text does not say that it was something else.
 */

#include "agent/run/again/crash.h"
#include "agent/run/run.h"
#include "watch.h"

/* @text: NULL where the output was not looked at. */
void attribute(const struct run_options *o, const struct run_attempt *a,
	       const struct run_text *text, const struct run_host *host,
	       struct run_judgement *ret);
/* No further attempt comes: an engine that is still down is this machine's. */
void attribute_last(struct run_judgement *j);
/* A crash that was tried again: it may turn out to be the memory's. */
void attribute_retest(const struct crash_retest *c, struct run_judgement *j);

#endif
