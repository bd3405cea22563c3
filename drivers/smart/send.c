/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sends a SCSI command until it is about the command. After a reset, or when
 * somebody has changed its settings, a device answers the next command of each
 * host with a unit attention instead of doing it.
 */
#include "pages.h"
#include "smart.h"

/* More may be waiting, one after the other: power on, mode, microcode. */
#define TRIES 4

enum {
	KEY_UNIT_ATTENTION = 6
};

static bool was_attention(const struct smart_command *c)
{
	struct sense s;

	return c->status != 0 && sense_read(c->sense, c->sense_len, &s) == 0 &&
	       s.key == KEY_UNIT_ATTENTION;
}

int smart_send(struct smart_visit *v, struct smart_command *c)
{
	int r = 0;

	for (int i = 0; i < TRIES && r == 0; i++) {
		c->got = 0;
		c->status = c->sense_len = 0;
		r = v->io->scsi(v->io, v->disk, c);
		if (r == 0 && !was_attention(c))
			break;
	}
	return r;
}
