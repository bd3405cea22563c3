/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_CLASSIFY_H
#define HALE_RUN_CLASSIFY_H

/*
 * What a build's output says about why it failed: the rules of
 * drivers/build.rules over its lines, then one weighing of all that matched.
 * Text alone never makes a host's fault certain. Pure but for the memory that
 * classify_new() takes.
 */

#include "agent/run/run.h"
#include "hale/rules.h"

struct classify;

/* The built-in drivers/build.rules. */
extern const struct hale_rules_source hale_rules_build;

/* @more: further rule files, asked first. -ENOMEM, or -EINVAL and ret_error. */
int classify_new(const struct hale_rules_source *more, size_t n,
		 char ret_error[256], struct classify **ret);
struct classify *classify_free(struct classify *c);
/* Begins a new output; @line is the number of its first line, from 1. */
void classify_begin(struct classify *c, uint64_t line);
/* Any bytes, in pieces of any size. */
void classify_put(struct classify *c, const void *bytes, size_t len);
/* The rules that it was made of, for those who look into them. */
const struct hale_rules *classify_rules(const struct classify *c);
/* @status: as a shell says it; -1: not known. */
void classify_end(struct classify *c, int status, struct run_text *ret);

#endif
