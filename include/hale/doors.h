/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_DOORS_H
#define HALE_DOORS_H

/*
 * The sections [metrics], [notify.NAME] and [otlp] of hale.conf(5), as one
 * struct: what `hale-doors` opens. The reader of the configuration checks them
 * by the same functions (agent/core/doors_config.c), so that a line which the
 * doors would refuse is refused by `haled -n`. No pointers, no system calls.
 */

#include "hale/observation.h"
#include "hale/words.h"

#define HALE_DOOR_TEXT_MAX  200 /* a line of the file is shorter */
#define HALE_DOOR_ERROR_MAX 200
#define HALE_HOOKS_MAX	    8
#define HALE_RECIPIENTS_MAX 8

enum hale_hook_kind {
	HALE_HOOK_NONE = 0,
	HALE_HOOK_WEBHOOK, /* generic JSON */
	HALE_HOOK_SLACK,
	HALE_HOOK_PAGERDUTY,
	HALE_HOOK_EMAIL,
};

/* One [notify.NAME]; a text that was not given is "". */
struct hale_hook {
	char name[HALE_NAME_MAX];
	enum hale_hook_kind kind;
	enum hale_effect least; /* findings below are not told */
	uint32_t limit;		/* messages within @window_s */
	uint32_t window_s;
	char url[HALE_DOOR_TEXT_MAX];
	char url_file[HALE_DOOR_TEXT_MAX];    /* a URL that is a secret */
	char secret_file[HALE_DOOR_TEXT_MAX]; /* HMAC key, routing key */
	char template[HALE_DOOR_TEXT_MAX];    /* of one change, a line */
	char body_file[HALE_DOOR_TEXT_MAX];   /* of a webhook's whole body */
	char to[HALE_DOOR_TEXT_MAX], from[HALE_DOOR_TEXT_MAX];
	char sendmail[HALE_DOOR_TEXT_MAX];
	char ca_file[HALE_DOOR_TEXT_MAX];
};

struct hale_doors {
	/* [metrics] */
	char listen[HALE_DOOR_TEXT_MAX];   /* a path, or 127.0.0.1:9843 */
	char textfile[HALE_DOOR_TEXT_MAX]; /* NAME.prom */
	uint32_t findings_max;		   /* series of findings at most */
	/* [otlp] */
	char endpoint[HALE_DOOR_TEXT_MAX];
	char headers_file[HALE_DOOR_TEXT_MAX];
	char otlp_ca_file[HALE_DOOR_TEXT_MAX];
	uint32_t interval_s;
	bool no_logs, no_metrics;
	uint32_t n_hooks;
	struct hale_hook hooks[HALE_HOOKS_MAX];
};

void hale_doors_default(struct hale_doors *ret_doors);

/* Is this one of its sections? */
bool hale_doors_owns(const char *section);

/* One line. 0, or -EINVAL with what is wrong in @ret_error, without place. */
int hale_doors_set(struct hale_doors *d, const char *section, const char *key,
		   const char *value, char ret_error[HALE_DOOR_ERROR_MAX]);

/* What only the whole shows: "[notify.ops]: url is missing". 0 or -EINVAL. */
int hale_doors_check(const struct hale_doors *d,
		     char ret_error[HALE_DOOR_ERROR_MAX]);

/* Is there anything to open? */
bool hale_doors_wanted(const struct hale_doors *d);

/* https://…; http:// to this host only, because what is told is nobody
 * else's. @url: whole, without blanks or controls. */
bool hale_url_valid(const char *url);

/* smtps://HOST; smtp:// to this host only. */
bool hale_mail_url_valid(const char *url);

/* "ops@example.org": no blanks, controls, quotes or angles. */
bool hale_address_valid(const char *text, size_t len);

/* "/run/hale/metrics.sock", "127.0.0.1:9843", "[::1]:9843" */
bool hale_listen_valid(const char *text);

/* The names that stand in braces in templates. NULL: @text is well-formed;
 * else what is wrong, for people. */
const char *hale_template_fault(const char *text);
/* Its index in the list of names, or -1. @name: @len bytes. */
int hale_template_name(const char *name, size_t len);

enum hale_template_value {
	HALE_VALUE_HOST = 0,
	HALE_VALUE_CHANGE, /* opened, changed, closed */
	HALE_VALUE_EFFECT,
	HALE_VALUE_CONDITION,
	HALE_VALUE_PART,
	HALE_VALUE_ALIAS,
	HALE_VALUE_COUNT,
	HALE_VALUE_EVIDENCE,
	HALE_VALUE_MEANING,
	HALE_VALUE_ADVICE,
	HALE_VALUE_CLEARS,
	HALE_VALUE_VERDICT,
	HALE_VALUE_TIME, /* of the finding, RFC 3339 */
	HALE_VALUES
};

#endif
