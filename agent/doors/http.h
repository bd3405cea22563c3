/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_DOORS_HTTP_H
#define HALE_DOORS_HTTP_H

/*
 * As much of HTTP/1.1 (RFC 9112) as a scrape takes: GET and HEAD without a
 * body, one answer, then the end. Pure; server.c is the shell.
 */

#include <stdbool.h>
#include <stddef.h>

/* A request's head; Prometheus sends some 400 bytes. */
#define HTTP_HEAD_MAX 4096

struct http_request {
	bool head;	  /* HEAD */
	bool openmetrics; /* its Accept asks for it */
	bool own_host;	  /* its Host names this host as itself */
	char path[64];
};

/**
 * http_parse() - what came so far
 * @bytes: @len of them, @len <= HTTP_HEAD_MAX.
 *
 * Return: 0: a whole request; -EAGAIN: go on reading; or the status to refuse
 * it with, 400 to 505.
 */
int http_parse(const char *bytes, size_t len, struct http_request *ret);

/* "Not Found"; "Error" for what this server never says. */
const char *http_reason(int status);

#endif
