/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_DOORS_BODY_H
#define HALE_DOORS_BODY_H

/*
 * What a hook is sent: the changes of a message as JSON for a webhook, Slack or
 * PagerDuty (Events API v2), or as mail (RFC 5322). Pure. What comes from disks
 * and logs is escaped for where it stands and can neither end a JSON string nor
 * begin a header.
 */

#include "agent/doors/notify.h"
#include "agent/doors/text.h"

#define BODY_MAX (96 * 1024)

struct body_setup {
	const struct hale_hook *hook;
	const char *routing_key; /* PagerDuty */
	const char *body;	 /* a webhook's own template, or NULL */
	uint64_t now_ns;	 /* ns since the epoch */
};

/* 0; -EMSGSIZE where @t is too small for one change; of several the last are
 * taken out of @n, for the next message. */
int body_print(const struct body_setup *s, struct notify *n,
	       const struct picture *p, struct text *t);

/* "opened", "changed", "closed" */
const char *change_name(enum change_kind kind);

/* The same for the same change of the same finding: a receiver who gets a
 * message twice knows it by that. 16 hex digits. */
#define CHANGE_KEY_MAX 17
void change_key(const struct change *c, const char *host,
		char ret_key[CHANGE_KEY_MAX]);

/* template.c: how a value is written */
enum template_form {
	TEMPLATE_TEXT = 0,
	TEMPLATE_JSON
};

/* @template: checked by hale_template_fault(). */
void template_print(const char *template, enum template_form form,
		    const struct change *c, const struct picture *p,
		    struct text *t);

#endif
