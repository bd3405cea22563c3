/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_LIB_DETACH_H
#define HALE_LIB_DETACH_H

/**
 * detach() - run @work in a process that nobody has to wait for
 * @keep_fd: the only file it inherits, given to @work.
 * @seconds: how long it may live; SIGALRM ends it then, a D state permitting.
 * @work: may use async-signal-safe functions only; its return ends the process.
 *
 * It keeps no pipe of the caller open and leaves no zombie behind, so a
 * process that hangs on a dead disk harms nobody.
 *
 * Return: 0, or negative errno of fork(2).
 */
int detach(int keep_fd, unsigned int seconds, void (*work)(void *ctx, int fd),
	   void *ctx);

/* The monotonic clock in milliseconds, and what is left until @end_ms. */
long long detach_now_ms(void);
int detach_left_ms(long long end_ms);

#endif
