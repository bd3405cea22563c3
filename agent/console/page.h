/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CONSOLE_PAGE_H
#define HALE_CONSOLE_PAGE_H

/* The files of agent/console/page, as bytes in the program: gen/console_page.c
 * is made of them by embed.sh. */

#include <stddef.h>

struct page_file {
	const char *path; /* "/app.js"; the page itself is "/" */
	const char *type;
	const char *etag; /* quoted; of its content */
	const unsigned char *bytes;
	size_t len;
};

extern const struct page_file page_files[];
extern const size_t page_files_n;

#endif
