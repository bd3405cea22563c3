/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_GATE_SPARE_H
#define HALE_GATE_SPARE_H

/* The gate where there is no file left, of the host or for this process. */

struct gate;

/* A client, also where there is no file for it; -EMFILE, -ENFILE: not even a
 * spare one; -EAGAIN: nobody is there. */
int gate_spare_accept(struct gate *g);
/* Somebody has gone: what was given up is made again. */
void gate_spare_fill(struct gate *g);
/* Takes in nobody for a moment, and says so to setup.no_files(). */
void gate_spare_rest(struct gate *g);
void gate_spare_go_on(void *gate); /* the timer's */
void gate_spare_close(struct gate *g);

#endif
