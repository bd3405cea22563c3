/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_LIB_ASK_H
#define HALE_LIB_ASK_H

/* The way of one question: to the agent, or where there is none, to a scan. */

#include "hale/hale.h"

#include "hale.pb-c.h"

struct hale {
	char *run_dir, *exec_dir; /* exec_dir NULL: never scan */
	uint32_t answer_ms;
	int watch_fd;
};

/* @q stays the caller's. 0, -ENOMEM: see hale/hale.h. */
int ask_question(struct hale *h, const Hale__V1__Request *q,
		 struct hale_reply **ret_reply);

#endif
