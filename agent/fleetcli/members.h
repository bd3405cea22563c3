/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEETCLI_MEMBERS_H
#define HALE_FLEETCLI_MEMBERS_H

/*
 * Who may connect to a fleet: DIR/members, one line each, which enroll and
 * revoke write and from which the servers' lists of users are made:
 *
 *	ROLE KEY NAME SINCE BY LABELS
 *	host UD4... build-07 2026-11-22T07:10:00Z root rack=7,role=ci
 *
 * A key that was revoked stays, so that it never comes back by a mistake.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "agent/fleetcli/nkey.h"

#define MEMBERS_MAX	   1000000 /* past that, leaf nodes */
#define MEMBER_NAME_SIZE   254
#define MEMBER_BY_SIZE	   33
#define MEMBER_SINCE_SIZE  21
#define MEMBER_LABELS_SIZE 520
#define MEMBER_LABELS_MAX  16
#define MEMBERS_WHY_SIZE   160

enum member_role {
	MEMBER_HOST = 0,
	MEMBER_READER,
	MEMBER_OPERATOR,
	MEMBER_SYSTEM,	/* the servers' own account */
	MEMBER_REVOKED, /* was a host, reader or operator */
	MEMBER_ROLES
};

struct member {
	enum member_role role;
	char key[NKEY_PUBLIC_SIZE];
	char *name;   /* in ->text */
	char *since;  /* "2026-11-22T07:10:00Z" */
	char *by;     /* who let it in, or shut it out */
	char *labels; /* "rack=7,role=ci"; "-": none */
	char *text;
};

struct members {
	struct member *list;
	size_t n, size;
};

const char *member_role_name(enum member_role role);
/* MEMBER_ROLES: none of that name. */
enum member_role member_role_of(const char *name);

/* "rack=7": a-z, 0-9, '_', '-' and '.' from a letter on; letters, digits and
 * "._:/@+-" */
bool member_label_valid(const char *label);

/**
 * members_parse() - a line into the list
 *
 * Return: 1, 0 where the line says nothing, -ENOMEM, or -EINVAL with what is
 * wrong in @ret_why.
 */
int members_parse(struct members *m, const char *line,
		  char ret_why[MEMBERS_WHY_SIZE]);
/* Of a file; -EINVAL: @ret_why names file and line. No file: 0. */
int members_load(struct members *m, const char *path,
		 char ret_why[MEMBERS_WHY_SIZE]);
/* Adds one; @like is copied. 0, -ENOMEM, or -EINVAL: as members_parse(). */
int members_add(struct members *m, const struct member *like,
		char ret_why[MEMBERS_WHY_SIZE]);
/* By key, else by the name of one that is not revoked; NULL: none. */
struct member *members_find(const struct members *m, const char *word);
size_t members_count(const struct members *m, enum member_role role);
void members_write(const struct members *m, FILE *to);
void members_done(struct members *m);

#endif
