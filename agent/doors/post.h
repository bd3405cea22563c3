/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_DOORS_POST_H
#define HALE_DOORS_POST_H

/*
 * HTTP POSTs and mails by SMTP, through libcurl's multi interface: many at
 * once, nobody waited for. Certificates and names are verified, redirects are
 * not followed (an answer of 3xx is a failure), answers are read up to a bound.
 */

#include <poll.h>

#include "hale/doors.h"

#define POST_JOBS_MAX	 (HALE_HOOKS_MAX + 2)
#define POST_HEADERS_MAX 20
#define POST_ERROR_MAX	 160

struct post_result {
	bool delivered;		    /* 2xx */
	long status;		    /* HTTP's; 0: there was no answer */
	uint32_t after_s;	    /* Retry-After; 0: none */
	char error[POST_ERROR_MAX]; /* why it was not delivered, for people */
};

struct post_request {
	const char *url, *ca_file; /* "": the system's authorities */
	const char *headers[POST_HEADERS_MAX + 1]; /* "Name: value", to NULL */
	const void *body;			   /* @len bytes, copied */
	size_t len;
	const char *from; /* mail: its sender, and */
	char *const *to;  /* its recipients, to NULL */
	void (*done)(void *data, const struct post_result *r);
	void *data;
};

struct post;

/* Before the process is confined. NULL: no memory. */
struct post *post_new(void);
struct post *post_free(struct post *p);

/* 0: done() will be called, from post_turn() only; or negative errno. */
int post_start(struct post *p, const struct post_request *q);

/* poll(2) of @fds and of what it has itself; @p may be NULL. */
int post_wait(struct post *p, struct pollfd *fds, size_t n, int ms);
void post_turn(struct post *p);

#endif
