/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The terminal in between. Two invariants. Bytes come out translated once: the
 * real terminal goes on to do that by its own modes, so here OPOST is off, and
 * all that OPOST would apply is shown as the real one has it. And a change of
 * modes that the command makes here (ncurses does it on its output) is made on
 * the real one too, bit by bit, as only there it can work; the kernel tells of
 * one in packet mode under EXTPROC, ioctl_tty(2).
 */
#include "pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "hale/base.h"

/* What a program that wants the terminal raw turns off together. */
#define COOKED (ICANON | ISIG | IEXTEN)

static int open_slave(int master)
{
	int lock = 0, fd;
	char *name;

	if (ioctl(master, TIOCSPTLCK, &lock) < 0)
		return -errno;
	fd = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	name = ptsname(master); /* before Linux 4.13 */
	fd = name ? open(name, O_RDWR | O_NOCTTY | O_CLOEXEC) : -1;
	return fd < 0 ? -errno : fd;
}

static void set_modes(struct pty *p, struct termios *t)
{
	t->c_oflag &= ~(tcflag_t)OPOST;
	t->c_lflag |= EXTPROC;
	tcsetattr(p->master, TCSANOW, t);
	tcgetattr(p->master, &p->shown);
}

static int set_up(struct pty *p)
{
	struct termios t;
	int on = 1;

	if (tcgetattr(p->real, &t) < 0 || ioctl(p->master, TIOCPKT, &on) < 0)
		return -errno;
	set_modes(p, &t);
	if (p->shown.c_oflag & OPOST)
		return -EIO;
	pty_resize(p);
	return 0;
}

int pty_open(int real, struct pty *ret, int *ret_slave)
{
	struct pty p = { .real = real };
	int slave, r;

	p.master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (p.master < 0)
		return -errno;
	slave = open_slave(p.master);
	r = slave < 0 ? slave : set_up(&p);
	if (r < 0) {
		if (slave >= 0)
			close(slave);
		close(p.master);
		return r;
	}
	*ret = p;
	*ret_slave = slave;
	return 0;
}

/* The kernel looks for a note, then for bytes: those that came with a change in
 * between are read before its note (n_tty_read; the note is POLLPRI). */
static bool has_note(const struct pty *p)
{
	struct pollfd f = { .fd = p->master, .events = POLLPRI };

	return poll(&f, 1, 0) == 1 && (f.revents & POLLPRI) != 0;
}

long pty_read(struct pty *p, char *buf, unsigned long size)
{
	/* packet mode: the first byte says what follows */
	ssize_t n = read(p->master, buf, size);

	if (n < 0)
		return -errno;
	if (n == 0)
		return 0;
	if (buf[0] == TIOCPKT_DATA) {
		p->changed |= has_note(p);
		return n > 1 ? n - 1 : -EAGAIN;
	}
	if (buf[0] & TIOCPKT_IOCTL)
		p->changed = true;
	return -EAGAIN;
}

static void take_bits(tcflag_t *to, tcflag_t before, tcflag_t now,
		      tcflag_t except)
{
	tcflag_t bits = (before ^ now) & ~except;

	*to = (*to & ~bits) | (now & bits);
}

/* Whole raw, and back: OPOST is never seen to change here. */
static void take_raw(struct termios *real, const struct pty *p,
		     const struct termios *now)
{
	if (!(now->c_lflag & COOKED) && p->shown.c_lflag & COOKED)
		real->c_oflag &= ~(tcflag_t)OPOST;
	if (now->c_lflag & COOKED && !(p->shown.c_lflag & COOKED))
		real->c_oflag |= OPOST;
}

static bool same_modes(const struct termios *a, const struct termios *b)
{
	return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag &&
	       a->c_cflag == b->c_cflag && a->c_lflag == b->c_lflag &&
	       memcmp(a->c_cc, b->c_cc, sizeof(a->c_cc)) == 0;
}

void pty_mirror(struct pty *p)
{
	struct termios now, real;

	p->changed = false;
	if (tcgetattr(p->master, &now) < 0 || tcgetattr(p->real, &real) < 0)
		return;
	if (same_modes(&now, &p->shown))
		return;
	take_bits(&real.c_iflag, p->shown.c_iflag, now.c_iflag, 0);
	take_bits(&real.c_oflag, p->shown.c_oflag, now.c_oflag, OPOST);
	take_bits(&real.c_cflag, p->shown.c_cflag, now.c_cflag, 0);
	take_bits(&real.c_lflag, p->shown.c_lflag, now.c_lflag, EXTPROC);
	for (size_t i = 0; i < NCCS; i++) {
		if (now.c_cc[i] != p->shown.c_cc[i])
			real.c_cc[i] = now.c_cc[i];
	}
	take_raw(&real, p, &now);
	tcsetattr(p->real, TCSANOW, &real); /* SIGTTOU is blocked */
	/* written back only where it must be: the command may have changed
	 * them again meanwhile */
	if (now.c_oflag & OPOST || !(now.c_lflag & EXTPROC))
		set_modes(p, &now);
	else
		p->shown = now;
}

bool pty_resize(struct pty *p)
{
	struct winsize now;

	if (ioctl(p->real, TIOCGWINSZ, &now) < 0 ||
	    memcmp(&now, &p->size, sizeof(now)) == 0)
		return false;
	p->size = now;
	ioctl(p->master, TIOCSWINSZ, &now);
	return true;
}
