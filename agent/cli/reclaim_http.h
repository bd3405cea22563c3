/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CLI_RECLAIM_HTTP_H
#define HALE_CLI_RECLAIM_HTTP_H

/* One request to an engine's API over its unix socket, by libcurl. */

#include <stddef.h>

#include <jansson.h>

struct reclaim_answer {
	long status;   /* of HTTP */
	json_t *body;  /* NULL: no JSON; json_decref() */
	char text[96]; /* what went wrong, for people; "" */
};

enum reclaim_method {
	RECLAIM_GET,
	RECLAIM_POST,
};

/* 0, or negative errno with @ret->text set. @seconds: its patience. */
int reclaim_http(const char *socket, enum reclaim_method method,
		 const char *path, long seconds, struct reclaim_answer *ret);

#endif
