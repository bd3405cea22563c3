/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The walk over a message's descriptor: which fields are there, and in what
 * shape each kind of value stands in proto3 JSON. Knows no message by name and
 * must not learn one. What it prints is always one valid JSON value, whatever
 * bytes the strings hold; how strings and numbers are spelt is json_text.c's.
 */
#include "json.h"

#include <errno.h>
#include <inttypes.h>

#include "json_text.h"

struct writer {
	const struct json_sink *out;
	unsigned int flags;
	int indent, nested;
};

static int put_message(struct writer *w, const ProtobufCMessage *m);

static void put(struct writer *w, const char *text)
{
	json_put(w->out, text);
}

static void put_newline(struct writer *w)
{
	if (!(w->flags & JSON_PRETTY))
		return;
	put(w, "\n");
	for (int i = 0; i < w->indent; i++)
		put(w, "  ");
}

static const void *member(const ProtobufCMessage *m,
			  const ProtobufCFieldDescriptor *f)
{
	return (const char *)m + f->offset;
}

static size_t repeats(const ProtobufCMessage *m,
		      const ProtobufCFieldDescriptor *f)
{
	return *(const size_t *)(const void *)((const char *)m +
					       f->quantifier_offset);
}

/* Of one element of a repeated field. */
static size_t type_size(ProtobufCType type)
{
	switch (type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
	case PROTOBUF_C_TYPE_FLOAT:
	case PROTOBUF_C_TYPE_ENUM:
		return 4;
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_DOUBLE:
		return 8;
	case PROTOBUF_C_TYPE_BOOL:
		return sizeof(protobuf_c_boolean);
	case PROTOBUF_C_TYPE_BYTES:
		return sizeof(ProtobufCBinaryData);
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_MESSAGE:
		return sizeof(void *);
	}
	return 0;
}

/* proto3: what a field without presence holds when nobody has set it. */
static bool is_default(const ProtobufCFieldDescriptor *f, const void *v)
{
	static const char zeros[8];

	if (f->type == PROTOBUF_C_TYPE_MESSAGE)
		return !*(const void *const *)v;
	if (f->type == PROTOBUF_C_TYPE_BYTES)
		return ((const ProtobufCBinaryData *)v)->len == 0;
	if (f->type == PROTOBUF_C_TYPE_STRING) {
		const char *text = *(const char *const *)v;

		return !text || text[0] == '\0';
	}
	/* by bits: -0.0 is no default */
	return memcmp(v, zeros, type_size(f->type)) == 0;
}

static bool has_optional(const ProtobufCMessage *m,
			 const ProtobufCFieldDescriptor *f)
{
	if (f->type == PROTOBUF_C_TYPE_STRING ||
	    f->type == PROTOBUF_C_TYPE_MESSAGE) {
		const void *p = *(const void *const *)member(m, f);

		return p && p != f->default_value;
	}
	return *(
		const protobuf_c_boolean *)(const void *)((const char *)m +
							  f->quantifier_offset);
}

static bool in_oneof(const ProtobufCMessage *m,
		     const ProtobufCFieldDescriptor *f)
{
	uint32_t chosen =
		*(const uint32_t *)(const void *)((const char *)m +
						  f->quantifier_offset);

	if (chosen != f->id)
		return false;
	return f->type != PROTOBUF_C_TYPE_MESSAGE ||
	       !is_default(f, member(m, f));
}

/* Is the field printed? */
static bool present(const struct writer *w, const ProtobufCMessage *m,
		    const ProtobufCFieldDescriptor *f)
{
	bool defaults = w->flags & JSON_DEFAULTS;

	if (f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
		return in_oneof(m, f);
	if (f->label == PROTOBUF_C_LABEL_REPEATED)
		return defaults || repeats(m, f) > 0;
	if (f->label == PROTOBUF_C_LABEL_OPTIONAL)
		return has_optional(m, f);
	if (f->type == PROTOBUF_C_TYPE_MESSAGE)
		return !is_default(f, member(m, f));
	return defaults || f->label == PROTOBUF_C_LABEL_REQUIRED ||
	       !is_default(f, member(m, f));
}

static void put_enum(struct writer *w, const ProtobufCEnumDescriptor *type,
		     int value)
{
	const ProtobufCEnumValue *v =
		protobuf_c_enum_descriptor_get_value(type, value);

	if (v)
		json_put_string(w->out, v->name, strlen(v->name));
	else
		json_put_signed(w->out, value);
}

static void put_wide(struct writer *w, const char *sign, uint64_t value)
{
	char digits[32];

	snprintf(digits, sizeof(digits), "\"%s%" PRIu64 "\"", sign, value);
	put(w, digits);
}

static void put_text(struct writer *w, const char *text)
{
	json_put_string(w->out, text ? text : "", text ? strlen(text) : 0);
}

static int put_value(struct writer *w, const ProtobufCFieldDescriptor *f,
		     const void *v)
{
	const ProtobufCBinaryData *bytes = v;
	int64_t wide;

	switch (f->type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
		json_put_signed(w->out, *(const int32_t *)v);
		break;
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		json_put_signed(w->out, *(const uint32_t *)v);
		break;
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
		wide = *(const int64_t *)v;
		put_wide(w, wide < 0 ? "-" : "",
			 wide < 0 ? 0 - (uint64_t)wide : (uint64_t)wide);
		break;
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		put_wide(w, "", *(const uint64_t *)v);
		break;
	case PROTOBUF_C_TYPE_FLOAT:
		json_put_float(w->out, *(const float *)v);
		break;
	case PROTOBUF_C_TYPE_DOUBLE:
		json_put_double(w->out, *(const double *)v);
		break;
	case PROTOBUF_C_TYPE_BOOL:
		put(w, *(const protobuf_c_boolean *)v ? "true" : "false");
		break;
	case PROTOBUF_C_TYPE_ENUM:
		put_enum(w, f->descriptor, *(const int *)v);
		break;
	case PROTOBUF_C_TYPE_STRING:
		put_text(w, *(const char *const *)v);
		break;
	case PROTOBUF_C_TYPE_BYTES:
		json_put_base64(w->out, bytes->data, bytes->len);
		break;
	case PROTOBUF_C_TYPE_MESSAGE:
		return put_message(w, *(const ProtobufCMessage *const *)v);
	}
	return 0;
}

/*
 * protobuf-c keeps a map as a list of entries and forgets that it is one. Its
 * compiler names the entries' type after the field ("by_name" is a list of
 * ByNameEntry), and protoc refuses such a name for anything else.
 */
static bool is_map(const ProtobufCFieldDescriptor *f)
{
	const ProtobufCMessageDescriptor *entry = f->descriptor;
	const char *name = f->name, *camel;
	bool upper = true;

	if (f->type != PROTOBUF_C_TYPE_MESSAGE || entry->n_fields != 2 ||
	    f->label != PROTOBUF_C_LABEL_REPEATED ||
	    strcmp(entry->fields[0].name, "key") != 0 ||
	    strcmp(entry->fields[1].name, "value") != 0)
		return false;
	for (camel = entry->short_name; *name; name++) {
		if (*name == '_') {
			upper = true;
			continue;
		}
		if (*camel++ != (upper ? json_upper(*name) : *name))
			return false;
		upper = false;
	}
	return strcmp(camel, "Entry") == 0;
}

static int put_entry(struct writer *w, const ProtobufCMessage *entry)
{
	const ProtobufCFieldDescriptor *key = &entry->descriptor->fields[0];
	const ProtobufCFieldDescriptor *value = &entry->descriptor->fields[1];
	/* strings and 64-bit integers come with their quotes */
	bool bare = type_size(key->type) == 4;

	put(w, bare ? "\"" : "");
	put_value(w, key, member(entry, key));
	put(w, bare ? "\"" : "");
	put(w, w->flags & JSON_PRETTY ? ": " : ":");
	return put_value(w, value, member(entry, value));
}

static int put_repeated(struct writer *w, const ProtobufCMessage *m,
			const ProtobufCFieldDescriptor *f)
{
	const char *at = *(const char *const *)member(m, f);
	size_t n = repeats(m, f), size = type_size(f->type);
	bool map = is_map(f);
	int r = 0;

	put(w, map ? "{" : "[");
	w->indent++;
	for (size_t i = 0; i < n && r == 0; i++) {
		const void *v = at + i * size;

		put(w, i ? "," : "");
		put_newline(w);
		r = map ? put_entry(w, *(const ProtobufCMessage *const *)v)
			: put_value(w, f, v);
	}
	w->indent--;
	if (n > 0)
		put_newline(w);
	put(w, map ? "}" : "]");
	return r;
}

static int put_field(struct writer *w, const ProtobufCMessage *m,
		     const ProtobufCFieldDescriptor *f)
{
	put_newline(w);
	json_put_name(w->out, f->name);
	put(w, w->flags & JSON_PRETTY ? ": " : ":");
	if (f->label == PROTOBUF_C_LABEL_REPEATED)
		return put_repeated(w, m, f);
	return put_value(w, f, member(m, f));
}

static int put_message(struct writer *w, const ProtobufCMessage *m)
{
	const ProtobufCMessageDescriptor *type = m ? m->descriptor : NULL;
	bool any = false;
	int r = 0;

	if (w->nested == JSON_DEPTH_MAX)
		return -ELOOP;
	w->nested++;
	put(w, "{");
	w->indent++;
	for (unsigned int i = 0; type && i < type->n_fields && r == 0; i++) {
		if (!present(w, m, &type->fields[i]))
			continue;
		put(w, any ? "," : "");
		any = true;
		r = put_field(w, m, &type->fields[i]);
	}
	w->nested--;
	w->indent--;
	if (any)
		put_newline(w);
	put(w, "}");
	return r;
}

int json_print(const void *m, unsigned int flags, const struct json_sink *out)
{
	struct writer w = { .out = out, .flags = flags };

	return put_message(&w, m);
}

static void write_file(void *f, const char *text, size_t len)
{
	fwrite(text, 1, len, f);
}

int json_print_file(const void *m, unsigned int flags, FILE *f)
{
	struct json_sink out = { write_file, f };
	int r = json_print(m, flags, &out);

	putc('\n', f);
	return r == 0 && ferror(f) ? -EIO : r;
}

void json_print_string(const char *text, size_t len,
		       const struct json_sink *out)
{
	json_put_string(out, text, len);
}
