/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A log record for each change of a finding. Decides its severity: what blocks
 * builds is an error, what warns a warning, what ended or is noted an
 * information. Attributes carry what a query goes by; the body is the line that
 * people read.
 */
#include <errno.h>

#include "hale/base.h"

#include "agent/doors/otlp.h"

#define TEXT_LINE 1024

static const char line_open[] = "{condition} {effect} on {alias}: {meaning}. "
				"{evidence}";
static const char line_closed[] = "{condition} on {alias} is over";

static Hale__Otlp__Severity severity(const struct change *c)
{
	if (c->kind == CHANGE_CLOSED)
		return HALE__OTLP__SEVERITY__INFO;
	if (c->what.effect == HALE_EFFECT_BLOCKS)
		return HALE__OTLP__SEVERITY__ERROR;
	return c->what.effect == HALE_EFFECT_WARNS ? HALE__OTLP__SEVERITY__WARN
						   : HALE__OTLP__SEVERITY__INFO;
}

static const char *severity_name(Hale__Otlp__Severity s)
{
	if (s == HALE__OTLP__SEVERITY__ERROR)
		return "ERROR";
	return s == HALE__OTLP__SEVERITY__WARN ? "WARN" : "INFO";
}

static Hale__Otlp__AnyValue *body(struct codec_arena *a, const struct change *c,
				  const struct picture *p)
{
	Hale__Otlp__AnyValue *v =
		otlp_new(a, &hale__otlp__any_value__descriptor);
	char *line = codec_alloc(a, TEXT_LINE);
	struct text t = { .at = line, .size = TEXT_LINE };

	if (!v || !line)
		return NULL;
	template_print(c->kind == CHANGE_CLOSED ? line_closed : line_open,
		       TEMPLATE_TEXT, c, p, &t);
	v->value_case = HALE__OTLP__ANY_VALUE__VALUE_STRING_VALUE;
	v->string_value = line;
	return v;
}

static void attributes(struct codec_arena *a, Hale__Otlp__LogRecord *r,
		       const struct change *c)
{
	void **list = otlp_list(a, 8);
	size_t n = 0;

	if (!list)
		return;
	list[n++] = otlp_text(a, "event.name", "hale.finding");
	list[n++] = otlp_text(a, "hale.change", change_name(c->kind));
	list[n++] = otlp_text(a, "hale.condition", c->what.condition);
	list[n++] = otlp_text(a, "hale.part", c->what.part);
	list[n++] = otlp_text(a, "hale.alias", c->what.alias);
	list[n++] = otlp_text(a, "hale.effect",
			      effect_name((Hale__V1__Effect)c->what.effect));
	if (c->finding) {
		list[n++] = otlp_number(a, "hale.count", c->finding->count);
		list[n++] = otlp_text(a, "hale.evidence", c->finding->evidence);
	}
	r->attributes = (Hale__Otlp__KeyValue **)list;
	r->n_attributes = n;
}

static Hale__Otlp__LogRecord *record(struct codec_arena *a,
				     const struct change *c,
				     const struct picture *p, uint64_t now_ns)
{
	Hale__Otlp__LogRecord *r =
		otlp_new(a, &hale__otlp__log_record__descriptor);

	if (!r)
		return NULL;
	r->time_unix_nano = c->finding && c->finding->last_ns
				    ? c->finding->last_ns
				    : now_ns;
	r->observed_time_unix_nano = now_ns;
	r->severity_number = severity(c);
	r->severity_text = codec_borrow(severity_name(r->severity_number));
	r->body = body(a, c, p);
	attributes(a, r, c);
	return r;
}

static Hale__Otlp__ScopeLogs *scope_logs(struct codec_arena *a,
					 const struct picture *p,
					 const struct notify *n,
					 uint64_t now_ns)
{
	Hale__Otlp__ScopeLogs *s =
		otlp_new(a, &hale__otlp__scope_logs__descriptor);
	void **list = otlp_list(a, n->n_changes);

	if (!s || !list)
		return NULL;
	for (size_t i = 0; i < n->n_changes; i++)
		list[i] = record(a, &n->changes[i], p, now_ns);
	s->scope = otlp_scope(a);
	s->log_records = (Hale__Otlp__LogRecord **)list;
	s->n_log_records = n->n_changes;
	return s;
}

ssize_t otlp_logs(const struct picture *p, const struct notify *n,
		  uint64_t now_ns, struct codec_arena *a, uint8_t buf[OTLP_MAX])
{
	Hale__Otlp__LogsRequest *m =
		otlp_new(a, &hale__otlp__logs_request__descriptor);
	Hale__Otlp__ResourceLogs *r =
		otlp_new(a, &hale__otlp__resource_logs__descriptor);
	void **resources = otlp_list(a, 1), **scopes = otlp_list(a, 1);

	if (!m || !r || !resources || !scopes)
		return -ENOMEM;
	scopes[0] = scope_logs(a, p, n, now_ns);
	r->resource = otlp_resource(a, p);
	r->scope_logs = (Hale__Otlp__ScopeLogs **)scopes;
	r->n_scope_logs = 1;
	resources[0] = r;
	m->resource_logs = (Hale__Otlp__ResourceLogs **)resources;
	m->n_resource_logs = 1;
	return a->full ? -ENOMEM : codec_pack(m, buf, OTLP_MAX);
}
