/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CLI_HISTORY_COLUMNS_H
#define HALE_CLI_HISTORY_COLUMNS_H

#include "cli.h"

/* Columns that a text takes (UTF-8). */
size_t history_columns(const char *text);
void history_pad(struct out *o, const char *text, size_t columns);
/* What is too long loses its end, or its begin: that up to a '/' where there is
 * one to begin with. Ends in how many columns. */
void history_cut(struct out *o, const char *text, size_t columns);
size_t history_cut_front(struct out *o, const char *text, size_t columns);

#endif
