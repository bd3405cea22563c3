/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pieces of an OTLP message. Decides how texts are cleaned: a collector
 * refuses a message whole whose strings are no UTF-8. Invariant: what is
 * returned is whole or NULL.
 */
#include "hale/base.h"
#include "hale/text.h"
#include "hale/version.h"

#include "agent/doors/otlp.h"

void *otlp_new(struct codec_arena *a, const ProtobufCMessageDescriptor *type)
{
	return codec_new(a, type);
}

void **otlp_list(struct codec_arena *a, size_t n)
{
	return codec_alloc(a, (n + 1) * sizeof(void *));
}

static char *clean(struct codec_arena *a, const char *text)
{
	size_t len = strlen(text);
	char *copy = codec_alloc(a, len + 1);

	if (copy)
		hale_print_text(copy, len + 1, text, len);
	return copy;
}

static Hale__Otlp__KeyValue *pair(struct codec_arena *a, const char *key)
{
	Hale__Otlp__KeyValue *kv =
		otlp_new(a, &hale__otlp__key_value__descriptor);

	if (!kv)
		return NULL;
	kv->key = codec_borrow(key);
	kv->value = otlp_new(a, &hale__otlp__any_value__descriptor);
	return kv->value ? kv : NULL;
}

Hale__Otlp__KeyValue *otlp_text(struct codec_arena *a, const char *key,
				const char *value)
{
	Hale__Otlp__KeyValue *kv = pair(a, key);
	char *copy = clean(a, value);

	if (!kv || !copy)
		return NULL;
	kv->value->value_case = HALE__OTLP__ANY_VALUE__VALUE_STRING_VALUE;
	kv->value->string_value = copy;
	return kv;
}

Hale__Otlp__KeyValue *otlp_number(struct codec_arena *a, const char *key,
				  uint64_t value)
{
	Hale__Otlp__KeyValue *kv = pair(a, key);

	if (!kv)
		return NULL;
	kv->value->value_case = HALE__OTLP__ANY_VALUE__VALUE_INT_VALUE;
	kv->value->int_value = value > INT64_MAX ? INT64_MAX : (int64_t)value;
	return kv;
}

Hale__Otlp__Resource *otlp_resource(struct codec_arena *a,
				    const struct picture *p)
{
	Hale__Otlp__Resource *r =
		otlp_new(a, &hale__otlp__resource__descriptor);
	void **list = otlp_list(a, 3);

	if (!r || !list)
		return NULL;
	list[0] = otlp_text(a, "service.name", "hale");
	list[1] = otlp_text(a, "service.version", HALE_VERSION);
	list[2] = otlp_text(a, "host.name", p->host ? p->host : "");
	r->attributes = (Hale__Otlp__KeyValue **)list;
	r->n_attributes = 3;
	return a->full ? NULL : r;
}

Hale__Otlp__Scope *otlp_scope(struct codec_arena *a)
{
	Hale__Otlp__Scope *s = otlp_new(a, &hale__otlp__scope__descriptor);

	if (!s)
		return NULL;
	s->name = codec_borrow("hale");
	s->version = codec_borrow(HALE_VERSION);
	return s;
}
