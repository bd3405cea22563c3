/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_DOORS_TOLD_FILE_H
#define HALE_DOORS_TOLD_FILE_H

/* A line of the file that keeps what hooks were told: hook, condition, part,
 * alias, effect and first_ns, with tabs between them. Pure. */

#include "agent/doors/notify.h"
#include "agent/doors/text.h"

/* 0, or -EINVAL: it is none. @line: terminated, without its end; is cut up. */
int told_line_read(char *line, char ret_hook[HALE_NAME_MAX],
		   struct told *ret_told);
void told_line_write(struct text *t, const char *hook, const struct told *told);

#endif
