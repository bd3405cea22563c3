/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of [metrics], [notify.NAME] and [otlp], as one table. Decides what a
 * value may be and what belongs together. A key that the table does not know is
 * an error: a hook with a typo in it would be an alarm that never rings.
 * Invariant: what passes hale_doors_check() can be opened, but for the world.
 */
#include <errno.h>

#include "hale/base.h"
#include "hale/doors.h"

#include "parse.h"

#define HOOK_SECTION "notify."

struct door_key {
	const char *section; /* "notify.": of any hook */
	const char *key;
	int (*parse)(void *target, const char *value);
	size_t offset; /* into struct hale_doors, or struct hale_hook */
	const char *expects;
};

static int parse_line(void *target, const char *value)
{
	return value[0] && hale_copy(target, HALE_DOOR_TEXT_MAX, value,
				     strlen(value))
		       ? 0
		       : -EINVAL;
}

static int parse_path(void *target, const char *value)
{
	return value[0] == '/' ? parse_line(target, value) : -EINVAL;
}

static int parse_listen(void *target, const char *value)
{
	return hale_listen_valid(value) ? parse_line(target, value) : -EINVAL;
}

static int parse_textfile(void *target, const char *value)
{
	size_t len = strlen(value);

	if (len < 7 || strcmp(value + len - 5, ".prom") != 0)
		return -EINVAL;
	return parse_path(target, value);
}

static int parse_url(void *target, const char *value)
{
	return hale_url_valid(value) ? parse_line(target, value) : -EINVAL;
}

static int parse_door(void *target, const char *value)
{
	return hale_mail_url_valid(value) ? parse_line(target, value)
					  : parse_url(target, value);
}

static int parse_most(void *target, const char *value)
{
	char *end;
	unsigned long n = strtoul(value, &end, 10);

	if (value[0] < '0' || value[0] > '9' || *end != '\0' || n > 500)
		return -EINVAL;
	*(uint32_t *)target = (uint32_t)n;
	return 0;
}

static int parse_interval(void *target, const char *value)
{
	uint64_t ns;

	if (hale_duration_parse(value, &ns) < 0 || ns < HALE_NS_PER_S ||
	    ns > 3600 * HALE_NS_PER_S)
		return -EINVAL;
	*(uint32_t *)target = (uint32_t)(ns / HALE_NS_PER_S);
	return 0;
}

/* Into "no_…". */
static int parse_yes(void *target, const char *value)
{
	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return -EINVAL;
	*(bool *)target = value[0] == 'n';
	return 0;
}

static int parse_kind(void *target, const char *value)
{
	static const char *const names[] = {
		[HALE_HOOK_WEBHOOK] = "webhook",
		[HALE_HOOK_SLACK] = "slack",
		[HALE_HOOK_PAGERDUTY] = "pagerduty",
		[HALE_HOOK_EMAIL] = "email",
	};

	for (size_t i = 1; i < HALE_ARRAY_SIZE(names); i++) {
		if (strcmp(value, names[i]) != 0)
			continue;
		*(enum hale_hook_kind *)target = (enum hale_hook_kind)i;
		return 0;
	}
	return -EINVAL;
}

static int parse_least(void *target, const char *value)
{
	static const char *const names[] = { [HALE_EFFECT_NOTES] = "notes",
					     [HALE_EFFECT_WARNS] = "warns",
					     [HALE_EFFECT_BLOCKS] = "blocks" };

	for (size_t i = 1; i < HALE_ARRAY_SIZE(names); i++) {
		if (strcmp(value, names[i]) != 0)
			continue;
		*(enum hale_effect *)target = (enum hale_effect)i;
		return 0;
	}
	return -EINVAL;
}

/* limit and window_s lie side by side. */
static int parse_rate(void *target, const char *value)
{
	uint32_t *pair = target;
	struct hale_rate rate;

	if (hale_rate_parse(value, &rate) < 0 || rate.limit == 0 ||
	    rate.limit > 10000 || rate.window_ns < HALE_NS_PER_S ||
	    rate.window_ns > 86400 * HALE_NS_PER_S)
		return -EINVAL;
	pair[0] = rate.limit;
	pair[1] = (uint32_t)(rate.window_ns / HALE_NS_PER_S);
	return 0;
}

static int parse_template(void *target, const char *value)
{
	return hale_template_fault(value) ? -EINVAL : parse_line(target, value);
}

static int parse_to(void *target, const char *value)
{
	const char *at = value;
	size_t n = 0;

	while (*at != '\0') {
		size_t len = strcspn(at, " ,");

		if (!hale_address_valid(at, len) || ++n > HALE_RECIPIENTS_MAX)
			return -EINVAL;
		at += len;
		at += strspn(at, " ,");
	}
	return parse_line(target, value);
}

static int parse_from(void *target, const char *value)
{
	return hale_address_valid(value, strlen(value))
		       ? parse_line(target, value)
		       : -EINVAL;
}

#define DOOR(m)	 offsetof(struct hale_doors, m)
#define HOOK(m)	 offsetof(struct hale_hook, m)
#define ABSOLUTE "an absolute path"
#define A_URL	 "https://…, or http:// to this host"
#define A_DOOR	 A_URL "; of mail smtps://, or smtp:// to this host"

static const struct door_key keys[] = {
	{ "metrics", "listen", parse_listen, DOOR(listen),
	  "an absolute path, 127.0.0.1:PORT or [::1]:PORT" },
	{ "metrics", "textfile", parse_textfile, DOOR(textfile),
	  "an absolute path that ends in .prom" },
	{ "metrics", "findings", parse_most, DOOR(findings_max), "0 to 500" },
	{ "otlp", "endpoint", parse_url, DOOR(endpoint), A_URL },
	{ "otlp", "headers_file", parse_path, DOOR(headers_file), ABSOLUTE },
	{ "otlp", "ca_file", parse_path, DOOR(otlp_ca_file), ABSOLUTE },
	{ "otlp", "interval", parse_interval, DOOR(interval_s),
	  "a time, 1s to 1h" },
	{ "otlp", "logs", parse_yes, DOOR(no_logs), "yes or no" },
	{ "otlp", "metrics", parse_yes, DOOR(no_metrics), "yes or no" },
	{ HOOK_SECTION, "type", parse_kind, HOOK(kind),
	  "webhook, slack, pagerduty or email" },
	{ HOOK_SECTION, "url", parse_door, HOOK(url), A_DOOR },
	{ HOOK_SECTION, "url_file", parse_path, HOOK(url_file), ABSOLUTE },
	{ HOOK_SECTION, "secret_file", parse_path, HOOK(secret_file),
	  ABSOLUTE },
	{ HOOK_SECTION, "template", parse_template, HOOK(template),
	  "text with known {names}: hale.conf(5)" },
	{ HOOK_SECTION, "body_file", parse_path, HOOK(body_file), ABSOLUTE },
	{ HOOK_SECTION, "to", parse_to, HOOK(to), "up to 8 addresses" },
	{ HOOK_SECTION, "from", parse_from, HOOK(from), "an address" },
	{ HOOK_SECTION, "sendmail", parse_path, HOOK(sendmail), ABSOLUTE },
	{ HOOK_SECTION, "ca_file", parse_path, HOOK(ca_file), ABSOLUTE },
	{ HOOK_SECTION, "effect", parse_least, HOOK(least),
	  "blocks, warns or notes" },
	{ HOOK_SECTION, "rate", parse_rate, HOOK(limit),
	  "\"20 / 1h\": so many messages in a time up to 1d" },
};

static bool is_hook(const char *section)
{
	return strncmp(section, HOOK_SECTION, strlen(HOOK_SECTION)) == 0;
}

bool hale_doors_owns(const char *section)
{
	return strcmp(section, "metrics") == 0 ||
	       strcmp(section, "otlp") == 0 || is_hook(section);
}

void hale_doors_default(struct hale_doors *ret_doors)
{
	memset(ret_doors, 0, sizeof(*ret_doors));
	ret_doors->findings_max = 100;
	ret_doors->interval_s = 60;
}

/* Letters, digits, - and _: it stands in labels and names of files. */
static bool name_valid(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len < 24 &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz"
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == len;
}

static struct hale_hook *hook_of(struct hale_doors *d, const char *name,
				 char error[HALE_DOOR_ERROR_MAX])
{
	struct hale_hook *h;

	for (uint32_t i = 0; i < d->n_hooks; i++) {
		if (strcmp(d->hooks[i].name, name) == 0)
			return &d->hooks[i];
	}
	if (!name_valid(name) || d->n_hooks == HALE_HOOKS_MAX) {
		snprintf(error, HALE_DOOR_ERROR_MAX, "%s",
			 name_valid(name)
				 ? "more than 8 sections [notify.NAME]"
				 : "[notify.NAME]: up to 23 letters, digits, "
				   "- and _");
		return NULL;
	}
	h = &d->hooks[d->n_hooks++];
	HALE_SET(h->name, name);
	h->least = HALE_EFFECT_WARNS;
	h->limit = 20;
	h->window_s = 3600;
	return h;
}

static const struct door_key *find_key(const char *section, const char *key)
{
	for (size_t i = 0; i < HALE_ARRAY_SIZE(keys); i++) {
		if (strcmp(keys[i].section, section) == 0 &&
		    strcmp(keys[i].key, key) == 0)
			return &keys[i];
	}
	return NULL;
}

int hale_doors_set(struct hale_doors *d, const char *section, const char *key,
		   const char *value, char ret_error[HALE_DOOR_ERROR_MAX])
{
	const struct door_key *row =
		find_key(is_hook(section) ? HOOK_SECTION : section, key);
	char *base = (char *)d;

	if (!row) {
		snprintf(ret_error, HALE_DOOR_ERROR_MAX,
			 "unknown key \"%.48s\" in [%.48s]", key, section);
		return -EINVAL;
	}
	if (is_hook(section))
		base = (char *)hook_of(d, section + strlen(HOOK_SECTION),
				       ret_error);
	if (!base)
		return -EINVAL;
	if (row->parse(base + row->offset, value) == 0)
		return 0;
	snprintf(ret_error, HALE_DOOR_ERROR_MAX, "%.32s = %.64s: expected %s",
		 key, value, row->expects);
	return -EINVAL;
}

/* --- what belongs together --- */

static const char *hook_fault(const struct hale_hook *h)
{
	bool url = h->url[0] || h->url_file[0];
	bool is_mail = strncmp(h->url, "smtp", 4) == 0;

	if (h->kind == HALE_HOOK_NONE)
		return "type is missing";
	if (h->url[0] && h->url_file[0])
		return "url and url_file: one of them";
	if (h->kind == HALE_HOOK_EMAIL && (!h->to[0] || !h->from[0]))
		return "to and from are needed";
	if (h->url[0] && is_mail != (h->kind == HALE_HOOK_EMAIL))
		return is_mail ? "smtp is for type = email"
			       : "an email goes by smtp:// or by sendmail";
	if (h->kind == HALE_HOOK_EMAIL && url && h->sendmail[0])
		return "url and sendmail: one of them";
	if (h->kind == HALE_HOOK_PAGERDUTY && !h->secret_file[0])
		return "secret_file, which holds the routing key, is missing";
	if (!url &&
	    (h->kind == HALE_HOOK_WEBHOOK || h->kind == HALE_HOOK_SLACK))
		return "url or url_file is missing";
	if (h->body_file[0] && h->kind != HALE_HOOK_WEBHOOK)
		return "body_file is for type = webhook";
	return NULL;
}

int hale_doors_check(const struct hale_doors *d,
		     char ret_error[HALE_DOOR_ERROR_MAX])
{
	for (uint32_t i = 0; i < d->n_hooks; i++) {
		const char *fault = hook_fault(&d->hooks[i]);

		if (!fault)
			continue;
		snprintf(ret_error, HALE_DOOR_ERROR_MAX, "[notify.%s]: %s",
			 d->hooks[i].name, fault);
		return -EINVAL;
	}
	if (!d->endpoint[0] && (d->headers_file[0] || d->otlp_ca_file[0])) {
		snprintf(ret_error, HALE_DOOR_ERROR_MAX,
			 "[otlp]: endpoint is missing");
		return -EINVAL;
	}
	return 0;
}

bool hale_doors_wanted(const struct hale_doors *d)
{
	return d->listen[0] || d->textfile[0] || d->endpoint[0] ||
	       d->n_hooks > 0;
}
