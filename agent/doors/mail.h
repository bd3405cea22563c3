/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_DOORS_MAIL_H
#define HALE_DOORS_MAIL_H

/* Mail: its text (mail.c, pure), and who hands it to sendmail (mailer.c). */

#include "agent/doors/body.h"

void mail_print(const struct body_setup *s, const struct notify *n,
		const struct picture *p, struct text *t);

/* body.c: a change in a line; the changes, a line each */
void body_line(const struct body_setup *s, const struct change *c,
	       const struct picture *p, struct text *t);
void body_lines(const struct body_setup *s, const struct notify *n,
		const struct picture *p, struct text *t);

/* "a@example.org, b@example.org" into words; @buf is theirs. Returns how many.
 */
size_t mail_addresses(const char *to, char buf[HALE_DOOR_TEXT_MAX],
		      char *ret_list[HALE_RECIPIENTS_MAX + 1]);

#define SENDMAIL_DEFAULT "/usr/sbin/sendmail"

/**
 * mailer_start() - a process that hands mails to sendmail(8)
 * @hook: the sender and the recipients are its command line: who takes the
 * doors over may change what is written, not to whom.
 *
 * Before this process is confined, since sendmail runs programs and writes to
 * its own spool. Ends when the returned socket (SOCK_SEQPACKET) is closed; a
 * mail in it is one message, its answer a byte: the exit status.
 * Return: the socket, or negative errno.
 */
int mailer_start(const struct hale_hook *hook);

#endif
