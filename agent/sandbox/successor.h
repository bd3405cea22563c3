/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_SUCCESSOR_H
#define HALE_SUCCESSOR_H

/*
 * What `haled: ship` leaves whoever comes after it, by way of the supervisor,
 * which makes a file in memory and hands it to each in turn, unread.
 */

/* Its size, fixed: all that may wait, with room for one that replaces another.
 * Only what is written to takes memory. */
#define SUCCESSOR_BYTES (1280 * 1024)
/* Exit status: its folder is another than the one it was confined to. One that
 * is started now can reach it. */
#define SUCCESSOR_WANTED 3

#endif
