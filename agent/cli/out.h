/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CLI_OUT_H
#define HALE_CLI_OUT_H

/*
 * Text for people, gathered in memory and written at once. No stdio and no
 * locale: a gate is asked before every build, and they cost more than the
 * question.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OUT_BYTES_MAX (8u << 20) /* far above any report; then it is cut */

enum out_color {
	OUT_PLAIN = 0,
	OUT_GREEN,
	OUT_YELLOW,
	OUT_RED,
	OUT_DIM,
	OUT_BOLD,
};

struct out {
	char *text; /* @len bytes, not terminated */
	size_t len, size;
	bool color;
};

void out_done(struct out *o);
/* Literal text of our own. */
void out_raw(struct out *o, const char *text);
/* Text from elsewhere: '?' for what a terminal should not be given. */
void out_text(struct out *o, const char *text);
/* Everything that @from holds, as it is. */
void out_append(struct out *o, const struct out *from);
void out_number(struct out *o, uint64_t n);
/* The two above in a colour, where there are colours. */
void out_color(struct out *o, enum out_color c, const char *text);
/* "0.2 s", "12 s", "3 min", "5 h", "2 d" */
void out_duration(struct out *o, uint64_t ns);
/* "0 B", "512 MiB", "1.2 GiB": hale_size_print() */
void out_size(struct out *o, uint64_t bytes);
/* "12 s ago", or "just now" */
void out_ago(struct out *o, uint64_t then_ns, uint64_t now_ns);

/**
 * out_flush() - write everything and start anew
 * Return: 0, or negative errno of write(2).
 */
int out_flush(struct out *o, int fd);

#endif
