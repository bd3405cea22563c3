/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CODEC_FLEET_VET_H
#define HALE_CODEC_FLEET_VET_H

/* The bounds of the fleet's messages: one table, for packers and readers. */

#include "codec_fleet.h"

/**
 * fleet_vet() - hold a message and all within it to their bounds
 * @m: in memory that may be written to, down to its last struct. Texts are cut
 * and made printable, as copies in @a; numbers are cut to INT64_MAX, of bytes
 * to 2^53, which a page's script can still tell apart.
 *
 * Return: 0; -EBADMSG and @ret_why: a list is too long, an enum's number is not
 * known, bytes are not of their length, what must be there is not; -ENOMEM.
 */
int fleet_vet(struct codec_arena *a, ProtobufCMessage *m,
	      char ret_why[FLEET_WHY_MAX]);

/* A copy down to its last struct, texts borrowed; lists are cut to their
 * bounds. NULL: @a is full. */
void *fleet_copy(struct codec_arena *a, const ProtobufCMessage *m);

/* The id of the host that the message is of or for; NULL: it has none. */
const char *fleet_id_of(const ProtobufCMessage *m);

/* What no table can say of whole messages; true: something is wrong. */
bool fleet_lacks(const ProtobufCMessage *m, char ret_why[FLEET_WHY_MAX]);

#endif
