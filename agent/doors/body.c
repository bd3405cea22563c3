/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes as JSON. Decides what each kind of receiver is told; the words of a
 * line are the template's. Must never tell more than the gate tells anybody.
 * Slack: api.slack.com, "Formatting text" (&, < and > are escaped). PagerDuty:
 * Events API v2, one event a message, dedup_key up to 255 characters.
 */
#include <errno.h>

#include "hale/base.h"
#include "hale/text.h"

#include "agent/doors/body.h"
#include "agent/doors/mail.h"

#define TEXT_LINE   1024
#define LINES_MAX   10	 /* of a message for people; then "and 22 more" */
#define SUMMARY_MAX 1000 /* PagerDuty takes 1024 characters */

static const char line_open[] =
	"{host}: {condition} {effect} on {alias}: {meaning}. {evidence}";
static const char line_closed[] = "{host}: {condition} on {alias} is over";

const char *change_name(enum change_kind kind)
{
	static const char *const names[] = { "opened", "changed", "closed" };

	return names[kind];
}

static uint64_t add_text(uint64_t hash, const char *text)
{
	do {
		hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	} while (*text++ != '\0');
	return hash;
}

void change_key(const struct change *c, const char *host,
		char ret_key[CHANGE_KEY_MAX])
{
	char number[48];
	uint64_t hash = add_text(UINT64_C(0xcbf29ce484222325), host);

	snprintf(number, sizeof(number), "%d %d %llu", (int)c->kind,
		 (int)c->what.effect, (unsigned long long)c->what.first_ns);
	hash = add_text(hash, number);
	hash = add_text(hash, c->what.condition);
	hash = add_text(hash, c->what.part);
	snprintf(ret_key, CHANGE_KEY_MAX, "%016llx", (unsigned long long)hash);
}

void body_line(const struct body_setup *s, const struct change *c,
	       const struct picture *p, struct text *t)
{
	const char *template = s->hook->template;

	if (!template[0])
		template = c->kind == CHANGE_CLOSED ? line_closed : line_open;
	template_print(template, TEMPLATE_TEXT, c, p, t);
}

/* --- webhook --- */

static void field(struct text *t, const char *name, const char *value)
{
	char clean[512];

	hale_print_text(clean, sizeof(clean), value, strlen(value));
	text_putf(t, ",\"%s\":", name);
	text_json(t, clean);
}

static void print_finding(struct text *t, const Hale__V1__Finding *f)
{
	field(t, "model", f->part->model);
	field(t, "where", f->part->where);
	field(t, "evidence", f->evidence);
	field(t, "meaning", f->meaning);
	field(t, "advice", f->advice);
	field(t, "clears", f->clears);
	text_putf(t, ",\"count\":%llu,\"first\":\"",
		  (unsigned long long)f->count);
	text_time(t, f->first_ns);
	text_put(t, "\",\"last\":\"");
	text_time(t, f->last_ns);
	text_put(t, "\"");
}

static void print_change(const struct body_setup *s, const struct change *c,
			 const struct picture *p, struct text *t)
{
	char key[CHANGE_KEY_MAX], line[TEXT_LINE] = "";
	struct text words = { .at = line, .size = sizeof(line) };

	change_key(c, p->host, key);
	body_line(s, c, p, &words);
	text_putf(t, "{\"key\":\"%s\"", key);
	field(t, "change", change_name(c->kind));
	field(t, "condition", c->what.condition);
	field(t, "part", c->what.part);
	field(t, "alias", c->what.alias);
	field(t, "effect", effect_name((Hale__V1__Effect)c->what.effect));
	if (c->finding)
		print_finding(t, c->finding);
	field(t, "text", line);
	text_put(t, "}");
}

static void print_webhook(const struct body_setup *s, const struct notify *n,
			  const struct picture *p, struct text *t)
{
	text_put(t, "{\"version\":1");
	field(t, "host", p->host);
	field(t, "boot_id", p->boot_id);
	field(t, "verdict", fitness_name(picture_fitness(p)));
	text_put(t, ",\"sent\":\"");
	text_time(t, s->now_ns);
	text_putf(t, "\",\"more\":%zu,\"changes\":[",
		  (size_t)n->counts.waiting - n->n_changes);
	for (size_t i = 0; i < n->n_changes; i++) {
		text_put(t, i > 0 ? "," : "");
		print_change(s, &n->changes[i], p, t);
	}
	text_put(t, "]}");
}

/* --- for people --- */

void body_lines(const struct body_setup *s, const struct notify *n,
		const struct picture *p, struct text *t)
{
	size_t shown = n->n_changes < LINES_MAX ? n->n_changes : LINES_MAX;

	for (size_t i = 0; i < shown; i++) {
		char line[TEXT_LINE] = "";
		struct text words = { .at = line, .size = sizeof(line) };

		body_line(s, &n->changes[i], p, &words);
		text_put(t, line);
		text_put(t, "\n");
	}
	if (n->counts.waiting > shown)
		text_putf(t, "and %zu more: hale status\n",
			  (size_t)n->counts.waiting - shown);
	text_putf(t, "Verdict now: %s\n", fitness_name(picture_fitness(p)));
}

/* "<!channel>" in a disk's name is not to wake everybody. */
static void escape_slack(const char *from, struct text *t)
{
	for (const char *c = from; *c != '\0'; c++) {
		if (*c == '&')
			text_put(t, "&amp;");
		else if (*c == '<')
			text_put(t, "&lt;");
		else if (*c == '>')
			text_put(t, "&gt;");
		else
			text_add(t, c, 1);
	}
}

#define SLACK_LINES (TEXT_LINE * (LINES_MAX + 1))

static void print_slack(const struct body_setup *s, const struct notify *n,
			const struct picture *p, struct text *t)
{
	_cleanup_free_ char *lines = calloc(1, SLACK_LINES);
	_cleanup_free_ char *safe = calloc(2, SLACK_LINES);
	struct text in = { .at = lines, .size = SLACK_LINES };
	struct text out = { .at = safe, .size = SLACK_LINES * 2 };

	if (!lines || !safe)
		return;
	body_lines(s, n, p, &in);
	escape_slack(lines, &out);
	text_put(t, "{\"text\":");
	text_json(t, safe);
	text_put(t, "}");
}

/* --- PagerDuty --- */

static void print_payload(const struct body_setup *s, const struct change *c,
			  const struct picture *p, struct text *t)
{
	char line[TEXT_LINE] = "", summary[SUMMARY_MAX + 8] = "";
	struct text words = { .at = line, .size = sizeof(line) };
	struct text cut = { .at = summary, .size = sizeof(summary) };

	body_line(s, c, p, &words);
	text_short(&cut, line, SUMMARY_MAX);
	text_put(t, ",\"payload\":{\"summary\":");
	text_json(t, summary);
	field(t, "source", p->host);
	field(t, "severity",
	      c->what.effect == HALE_EFFECT_BLOCKS  ? "critical"
	      : c->what.effect == HALE_EFFECT_WARNS ? "warning"
						    : "info");
	field(t, "component", c->what.part);
	field(t, "class", c->what.condition);
	text_put(t, ",\"timestamp\":\"");
	text_time(t, s->now_ns);
	text_put(t, "\",\"custom_details\":");
	print_change(s, c, p, t);
	text_put(t, "}");
}

static void print_pagerduty(const struct body_setup *s, const struct notify *n,
			    const struct picture *p, struct text *t)
{
	const struct change *c = &n->changes[0];
	char key[256];

	snprintf(key, sizeof(key), "hale/%.64s/%.39s/%.95s", p->host,
		 c->what.condition, c->what.part);
	text_put(t, "{\"routing_key\":");
	text_json(t, s->routing_key ? s->routing_key : "");
	field(t, "event_action",
	      c->kind == CHANGE_CLOSED ? "resolve" : "trigger");
	field(t, "dedup_key", key);
	field(t, "client", "hale");
	if (c->kind != CHANGE_CLOSED)
		print_payload(s, c, p, t);
	text_put(t, "}");
}

/* A body of one's own is of the first change; the others follow one by one. */
static void print_own(const struct body_setup *s, struct text *t,
		      const struct notify *n, const struct picture *p)
{
	template_print(s->body, TEMPLATE_JSON, &n->changes[0], p, t);
}

static void print_all(const struct body_setup *s, const struct notify *n,
		      const struct picture *p, struct text *t)
{
	switch (s->hook->kind) {
	case HALE_HOOK_WEBHOOK:
		if (s->body)
			print_own(s, t, n, p);
		else
			print_webhook(s, n, p, t);
		break;
	case HALE_HOOK_SLACK:
		print_slack(s, n, p, t);
		break;
	case HALE_HOOK_PAGERDUTY:
		print_pagerduty(s, n, p, t);
		break;
	case HALE_HOOK_EMAIL:
		mail_print(s, n, p, t);
		break;
	case HALE_HOOK_NONE:
		break;
	}
}

int body_print(const struct body_setup *s, struct notify *n,
	       const struct picture *p, struct text *t)
{
	print_all(s, n, p, t);
	while (t->cut && n->n_changes > 1) {
		n->n_changes /= 2;
		t->len = 0;
		t->cut = false;
		print_all(s, n, p, t);
	}
	return t->cut || t->len == 0 ? -EMSGSIZE : 0;
}
