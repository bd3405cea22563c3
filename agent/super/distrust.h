/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_DISTRUST_H
#define HALE_DISTRUST_H

/*
 * What cores remember may be what ends them: bytes that crash whoever reads
 * them would end each successor. Pure: told how cores ended.
 */

#include <stdbool.h>
#include <stdint.h>

/* So many in a row that were never ready. */
#define DISTRUST_DEATHS 2

enum distrust {
	DISTRUST_NOTHING = 0,
	DISTRUST_VAULT, /* start with what the disk has */
	DISTRUST_DISK,	/* that was no better: start without */
};

/* One ended that nobody told to. @deaths: 0 at first. */
enum distrust distrust_after(uint32_t *deaths, bool was_ready);

#endif
