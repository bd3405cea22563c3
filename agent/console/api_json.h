/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CONSOLE_API_JSON_H
#define HALE_CONSOLE_API_JSON_H

#include "supply.h"

/**
 * api_host() - one host as a JSON object
 *
 *	{"id", "now": ms, "received": ms, "judged": state, "judgedSince": ms,
 *	 "connected": bool or null, "state": hale.fleet.v1.HostState or null,
 *	 "events": [FindingEvent, ...], "builds": [BuildOutcome, ...], "cut",
 *	 "catalogue": {condition: [meaning, advice, clears], ...}}
 *
 * Messages as proto3 JSON; states as in screen.h; of the catalogue only what
 * these messages name.
 */
void api_host(struct jot *out, const char *id, const struct supply_host *h,
	      uint64_t now_ns);

#endif
