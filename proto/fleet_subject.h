/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEET_SUBJECT_H
#define HALE_FLEET_SUBJECT_H

/*
 * Whose a message of the fleet is and what it is about, as its subject says: a
 * server lets a host publish to subjects of its own id only, so the subject is
 * what proves the id within.
 */

#include <stdbool.h>

#define FLEET_ID_SIZE	  57 /* of an NKey's public half, with a NUL */
#define FLEET_SUBJECT_MAX 80

enum fleet_kind {
	FLEET_STATE = 0, /* HostState */
	FLEET_FINDING,	 /* FindingEvent */
	FLEET_BUILD,	 /* BuildOutcome */
	FLEET_KINDS
};

/* "state", "findings", "builds": the middle of a subject; "" for no kind. */
const char *fleet_kind_name(enum fleet_kind kind);

/* "U" and 55 of A-Z and 2-7, as a user's public NKey is written. */
bool fleet_id_valid(const char *id);

/* What a host publishes to: "up.state.<id>". */
void fleet_subject(enum fleet_kind kind, const char *id,
		   char ret_subject[FLEET_SUBJECT_MAX]);

/* Of "up.state.<id>" or, as the streams have it, "fleet.state.<id>". -EBADMSG:
 * neither. */
int fleet_read_subject(const char *subject, enum fleet_kind *ret_kind,
		       char ret_id[FLEET_ID_SIZE]);

#endif
