/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_BEARER_H
#define HALE_BEARER_H

/*
 * What the kernel log tells of who bears a kernel name: "sda" is one disk
 * today and may have been another an hour ago.
 */

#include <stdint.h>

#include "hale/observation.h"

enum hale_bearer_news {
	HALE_BEARER_LEFT = 0,
	HALE_BEARER_ANNOUNCED, /* began to come, if CAME follows */
	HALE_BEARER_CAME,      /* another one than any before it */
	HALE_BEARER_SET_UP,    /* likewise, and nothing said before is its own:
				* a loop, an nbd */
	HALE_BEARER_NEWS_COUNT
};

struct hale_bearer {
	enum hale_bearer_news news;
	uint64_t time_ns;	  /* agent time of the record */
	char name[HALE_NAME_MAX]; /* "sda", "loop0", a controller: "nvme0" */
};

#endif
