/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_PATIENCE_H
#define HALE_PATIENCE_H

/*
 * A bound on waits that a stranger chose: who connects may send a descriptor,
 * and this process then makes its last close, which a TCP socket that lingers
 * (socket(7), SO_LINGER) draws out for as long as its owner set. Since Linux
 * 6.16 a socket can refuse them (SO_PASSRIGHTS, gate_listen.c); before that a
 * signal ends the wait.
 */

/* Before who connects to @listen_fd is heard. Where it may be needed, takes
 * SIGALRM and ITIMER_REAL of this process; else the two below do nothing. */
void patience_init(int listen_fd);

/* Around what may wait: from the first millisecond on it is interrupted. */
void patience_begin(void);
void patience_end(void);

#endif
