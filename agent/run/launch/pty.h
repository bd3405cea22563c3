/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_PTY_H
#define HALE_RUN_PTY_H

/*
 * A terminal for the command's output in place of the real one, so that it
 * still sees a terminal, with the real one's size and modes, while hale sees
 * the bytes. Input stays with the real one. docs/adr has the reasons.
 */

#include <stdbool.h>
#include <sys/ioctl.h>
#include <termios.h>

struct pty {
	int master;
	int real;
	bool follows; /* the real one its modes: it is in the foreground */
	bool changed; /* its modes were; not mirrored yet */
	struct termios shown; /* its modes, as last seen */
	struct winsize size;
};

/* @real: a terminal. @ret_slave: the command's; close it after the launch, or
 * the end is never seen. Negative errno. */
int pty_open(int real, struct pty *ret, int *ret_slave);
/* Output into @buf, from its second byte on: as read(2), but negative errno;
 * -EAGAIN as well where there was only a note of changed modes. Where
 * @p->changed is set with bytes, these are shown by the new ones, as those that
 * follow a note are: pty_mirror() comes first. */
long pty_read(struct pty *p, char *buf, unsigned long size);
/* What the command changed goes on to the real terminal. */
void pty_mirror(struct pty *p);
/* Brings the real one's size; true: it is another, the command must be told. */
bool pty_resize(struct pty *p);

#endif
