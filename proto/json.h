/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_JSON_H
#define HALE_JSON_H

/*
 * Any protobuf-c message as proto3 JSON (protobuf.dev, "ProtoJSON Format"), by
 * walking its descriptor: a field that is added to hale.proto appears here by
 * itself. Names are lowerCamelCase, enums are names (numbers where the name is
 * not known), 64-bit integers are strings, bytes are base64, NaN and the
 * infinities are strings, maps are objects. The mappings of google.protobuf's
 * own types (Timestamp, Any, ...) are not made: hale uses none.
 */

#include <stdio.h>

#include <protobuf-c/protobuf-c.h>

enum json_flag {
	JSON_PRETTY = 1 << 0,	/* several lines, indented by two spaces */
	JSON_DEFAULTS = 1 << 1, /* fields without presence are printed even
				 * where they hold their default */
};

/* Messages nested deeper are refused; protobuf's own readers stop at 100. */
#define JSON_DEPTH_MAX 64

struct json_sink {
	void (*write)(void *sink, const char *text, size_t len);
	void *sink;
};

/**
 * json_print() - a message as JSON, without a newline at the end
 * @m: &message->base, a pointer to any generated message.
 * @flags: of enum json_flag.
 * @out: called with pieces as they come; nothing is gathered.
 *
 * Strings come out as valid UTF-8: U+FFFD stands for what is not.
 *
 * Return: 0, or -ELOOP at JSON_DEPTH_MAX, with what came before it printed.
 */
int json_print(const void *m, unsigned int flags, const struct json_sink *out);

/* The same into a file and with a newline; -EIO where writing failed. */
int json_print_file(const void *m, unsigned int flags, FILE *f);

/* A bare JSON string, for callers that print a few words of their own. */
void json_print_string(const char *text, size_t len,
		       const struct json_sink *out);

#endif
