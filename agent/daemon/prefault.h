/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_PREFAULT_H
#define HALE_PREFAULT_H

/* Reads in all code and constants of this program and the C library, so that
 * what locks the pages that are there finds them there: before mlockall(2). */
void prefault_code(void);

#endif
