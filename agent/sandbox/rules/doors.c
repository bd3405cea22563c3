/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The doors, over the reporter's table: they go out as it does, and besides
 * answer who comes to a socket that was opened before. Decides that no other is
 * opened for listening.
 */
#include "../room.h"
#include "rules.h"

const struct rule rules_doors[] = {
	{ "accept accept4", RULE_ALLOW, "who asks for metrics", ANY },
	{ "socketpair", RULE_ALLOW, "libcurl's thread tells that it is done",
	  ANY },
	{ NULL, RULE_END, NULL, ANY },
};
