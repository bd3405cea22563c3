/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CLI_LIKE_H
#define HALE_CLI_LIKE_H

/*
 * `hale check --like REPO`: what earlier builds of a repository needed here,
 * as needs of this one.
 */

#include "agent/lib/store_ask.h"
#include "cli.h"
#include "hale/repo.h"

struct like {
	char repo[HALE_REPO_MAX];
	struct store_needs needs;
	char note[160]; /* why nothing is known; "" */
	/* Which of them were taken as needs: not those that were given. */
	bool disk, inodes, memory;
};

/* Raises those needs of @o that the user did not give. @repo "." is the one
 * that the working directory belongs to. */
void like_apply(const struct cli *cli, const char *repo,
		struct hale_check_options *o, struct like *ret_like);
/* "builds of X usually need 38 GiB here; 21 GiB are free on / (sde1)", or the
 * note. Lines on stderr. */
void like_explain(const struct like *like, const struct hale_reply *r,
		  struct out *o);

#endif
