/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FUZZ_PLANTED_H
#define TESTS_FUZZ_PLANTED_H

/*
 * An input as a folder of files: records PATH 0xfe TEXT 0xff (a file) or PATH
 * 0xfd TARGET 0xff (a link). Links lead up only at their beginning and never
 * past the folder, so nothing outside of it is read.
 */

#include <stddef.h>
#include <stdint.h>

/* Makes it; @root ends in XXXXXX. Its descriptor. */
int planted_open(char *root);
void planted(int root_fd, const uint8_t *data, size_t size);
/* All that is in it. */
void planted_clear(const char *root);

#endif
