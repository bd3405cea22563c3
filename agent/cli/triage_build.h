/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CLI_TRIAGE_BUILD_H
#define HALE_CLI_TRIAGE_BUILD_H

#include <stdbool.h>
#include <stdio.h>

#include "agent/run/run.h"

/* Is it `hale triage build` that is asked for? */
bool triage_build_meant(int argc, char **argv);
/* The whole of it; an exit code. */
int triage_build(int argc, char **argv);

/* triage_build_report.c: the answer for people, and as BuildTriage. @lines:
 * read in all; @colour: for a terminal. */
void triage_build_text(FILE *out, const struct run_text *t, uint64_t lines,
		       bool colour);
int triage_build_json(FILE *out, const struct run_text *t);

#endif
