/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes random messages for an independent reader, four lines each: type
 * name, bytes in hex, JSON without and with defaults. The
 * messages are made by walking descriptors, so a new field of a schema is
 * covered without a change here. What the JSON is printed from was packed and
 * unpacked once, as in real use. Usage: random_messages SEED COUNT
 */
#include <stdio.h>

#include "hale/base.h"

#include "alltypes.pb-c.h"
#include "presence.pb-c.h"
#include "proto/arena.h"
#include "proto/json.h"

#include "fleet.pb-c.h"

#define DEPTH_MAX 4

static const ProtobufCMessageDescriptor *const types[] = {
	&hale__v1__request__descriptor,
	&hale__v1__reply__descriptor,
	&hale__v1__memory__descriptor,
	&hale__v1__fact__descriptor,
	&hale__v1__facts__descriptor,
	&hale__v1__probe_report__descriptor,
	&hale__v1__probe_command__descriptor,
	&hale__v1__triage_finding__descriptor,
	&hale__v1__build_triage__descriptor,
	&hale__v1__build_result__descriptor,
	&hale__v1__reclaim_report__descriptor,
	&hale__v1__store_request__descriptor,
	&hale__v1__store_reply__descriptor,
	&hale__v1__history_group__descriptor,
	&hale__fleet__v1__host_state__descriptor,
	&hale__fleet__v1__finding_event__descriptor,
	&hale__fleet__v1__build_outcome__descriptor,
	&hale__fleet__v1__order__descriptor,
	&hale__fleet__v1__signed_order__descriptor,
	&hale__test__all_types__descriptor,
	&hale__test__presence__descriptor,
};

struct maker {
	uint64_t random;
	struct codec_arena arena;
};

static uint64_t draw(struct maker *m, uint64_t below)
{
	/* xorshift64* (Vigna 2016) */
	m->random ^= m->random >> 12;
	m->random ^= m->random << 25;
	m->random ^= m->random >> 27;
	return (m->random * UINT64_C(2685821657736338717) >> 16) % below;
}

static void *take(struct maker *m, size_t size)
{
	void *p = codec_alloc(&m->arena, size);

	if (!p) {
		fputs("random_messages: out of memory\n", stderr);
		exit(1);
	}
	return p;
}

static char *make_string(struct maker *m)
{
	static const char *const pieces[] = {
		"a",
		"Z9",
		" ",
		"\"",
		"\\",
		"/",
		"\b\f\n\r\t",
		"\x01",
		"\x7f",
		"\xc3\xa9",
		"\xe2\x80\xa8",
		"\xe2\x80\xa9",
		"\xf0\x9f\x92\xbe",
		/* not UTF-8: stray, cut off, overlong, surrogate, too far */
		"\x80",
		"\xff",
		"\xc3",
		"\xe2\x82",
		"\xf0\x9f\x92",
		"\xc0\xaf",
		"\xe0\x80\xaf",
		"\xed\xa0\x80",
		"\xf4\x90\x80\x80",
		"</script>",
	};
	char *text = take(m, 64);

	text[0] = '\0';
	for (uint64_t n = draw(m, 6); n > 0; n--)
		strcat(text, pieces[draw(m, HALE_ARRAY_SIZE(pieces))]);
	return text;
}

static uint64_t make_number(struct maker *m)
{
	static const uint64_t edges[] = {
		0,
		1,
		UINT64_MAX,
		INT64_MAX,
		(uint64_t)INT64_MIN,
		INT32_MAX,
		UINT64_C(1) << 53,
		(UINT64_C(1) << 53) + 1,
		UINT32_MAX,
	};

	if (draw(m, 2))
		return edges[draw(m, HALE_ARRAY_SIZE(edges))];
	return draw(m, UINT64_MAX) >> draw(m, 64);
}

static double make_double(struct maker *m)
{
	static const double edges[] = { 0,     -0.0,   0.1,    1e21,
					1e-7,  5e-324, 1.5,    123456789,
					1e300, -2.5,   1.0 / 3 };
	uint64_t bits = draw(m, UINT64_MAX) << 16 ^ draw(m, UINT64_MAX);
	double d;

	switch (draw(m, 4)) {
	case 0:
		return edges[draw(m, HALE_ARRAY_SIZE(edges))];
	case 1:
		return (double[]){ 0.0 / 0.0, 1.0 / 0.0,
				   -1.0 / 0.0 }[draw(m, 3)];
	}
	memcpy(&d, &bits, sizeof(d));
	return d;
}

static float make_float(struct maker *m)
{
	uint32_t bits = (uint32_t)draw(m, UINT32_MAX);
	float f;

	if (draw(m, 2))
		return (float)make_double(m);
	memcpy(&f, &bits, sizeof(f));
	return f;
}

static int make_enum(struct maker *m, const ProtobufCFieldDescriptor *f)
{
	const ProtobufCEnumDescriptor *e = f->descriptor;

	/* proto3 keeps values it does not know; proto2 does not */
	if (draw(m, 8) == 0 && strcmp(e->package_name, "hale.test") != 0)
		return 77;
	return e->values[draw(m, e->n_values)].value;
}

static void make_bytes(struct maker *m, ProtobufCBinaryData *b)
{
	b->len = draw(m, 9);
	b->data = take(m, b->len + 1);
	for (size_t i = 0; i < b->len; i++)
		b->data[i] = (uint8_t)draw(m, 256);
}

static ProtobufCMessage *make_message(struct maker *m, int depth,
				      const ProtobufCMessageDescriptor *type);

static void make_value(struct maker *m, const ProtobufCFieldDescriptor *f,
		       void *at, int depth)
{
	switch (f->type) {
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		*(uint32_t *)at = (uint32_t)make_number(m);
		break;
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		*(uint64_t *)at = make_number(m);
		break;
	case PROTOBUF_C_TYPE_FLOAT:
		*(float *)at = make_float(m);
		break;
	case PROTOBUF_C_TYPE_DOUBLE:
		*(double *)at = make_double(m);
		break;
	case PROTOBUF_C_TYPE_BOOL:
		*(protobuf_c_boolean *)at = (protobuf_c_boolean)draw(m, 2);
		break;
	case PROTOBUF_C_TYPE_ENUM:
		*(int *)at = make_enum(m, f);
		break;
	case PROTOBUF_C_TYPE_STRING:
		*(char **)at = make_string(m);
		break;
	case PROTOBUF_C_TYPE_BYTES:
		make_bytes(m, at);
		break;
	case PROTOBUF_C_TYPE_MESSAGE:
		*(ProtobufCMessage **)at =
			make_message(m, depth + 1, f->descriptor);
		break;
	}
}

static void make_list(struct maker *m, const ProtobufCFieldDescriptor *f,
		      ProtobufCMessage *msg, int depth)
{
	/* 16 is as large as an element gets */
	size_t n = draw(m, 4);
	size_t size = f->type == PROTOBUF_C_TYPE_BYTES ? 16 : 8;
	uint8_t *list = take(m, n * size + 1);

	switch (f->type) {
	case PROTOBUF_C_TYPE_FLOAT:
	case PROTOBUF_C_TYPE_ENUM:
	case PROTOBUF_C_TYPE_BOOL:
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_FIXED32:
	case PROTOBUF_C_TYPE_SFIXED32:
		size = 4;
		break;
	default:
		break;
	}
	for (size_t i = 0; i < n; i++)
		make_value(m, f, list + i * size, depth);
	*(size_t *)(void *)((char *)msg + f->quantifier_offset) = n;
	*(void **)(void *)((char *)msg + f->offset) = list;
}

static void make_field(struct maker *m, const ProtobufCFieldDescriptor *f,
		       ProtobufCMessage *msg, int depth)
{
	void *at = (char *)msg + f->offset;
	void *quantifier = (char *)msg + f->quantifier_offset;

	if (f->type == PROTOBUF_C_TYPE_MESSAGE && depth >= DEPTH_MAX)
		return;
	if (f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) {
		if (draw(m, 3) || *(uint32_t *)quantifier)
			return;
		*(uint32_t *)quantifier = f->id;
	} else if (f->label == PROTOBUF_C_LABEL_REPEATED) {
		make_list(m, f, msg, depth);
		return;
	} else if (f->label != PROTOBUF_C_LABEL_REQUIRED && draw(m, 2)) {
		return;
	}
	make_value(m, f, at, depth);
	if (f->label == PROTOBUF_C_LABEL_OPTIONAL &&
	    f->type != PROTOBUF_C_TYPE_STRING &&
	    f->type != PROTOBUF_C_TYPE_MESSAGE)
		*(protobuf_c_boolean *)quantifier = 1;
}

/* Of a map: protobufjs cannot read one without a value. */
static void make_entry(struct maker *m, int depth, ProtobufCMessage *msg)
{
	for (unsigned int i = 0; i < 2; i++) {
		const ProtobufCFieldDescriptor *f = &msg->descriptor->fields[i];

		make_value(m, f, (char *)msg + f->offset, depth);
	}
}

static ProtobufCMessage *make_message(struct maker *m, int depth,
				      const ProtobufCMessageDescriptor *type)
{
	ProtobufCMessage *msg = take(m, type->sizeof_message);
	unsigned int first = (unsigned int)draw(m, type->n_fields + 1);

	size_t name_len = strlen(type->short_name);

	protobuf_c_message_init(type, msg);
	if (name_len > 5 &&
	    strcmp(type->short_name + name_len - 5, "Entry") == 0) {
		make_entry(m, depth, msg);
		return msg;
	}
	/* from a random one on, so that every arm of a oneof has its turn */
	for (unsigned int i = 0; i < type->n_fields; i++)
		make_field(m, &type->fields[(first + i) % type->n_fields], msg,
			   depth);
	return msg;
}

static int write_one(struct maker *m, const ProtobufCMessageDescriptor *type)
{
	ProtobufCMessage *msg = make_message(m, 0, type);
	size_t len = protobuf_c_message_get_packed_size(msg);
	uint8_t *bytes = take(m, len + 1);
	ProtobufCMessage *copy;
	int r;

	protobuf_c_message_pack(msg, bytes);
	copy = protobuf_c_message_unpack(type, NULL, len, bytes);
	if (!copy)
		return 1;
	printf("%s\n", type->name);
	for (size_t i = 0; i < len; i++)
		printf("%02x", bytes[i]);
	putchar('\n');
	r = json_print_file(copy, 0, stdout);
	if (r == 0)
		r = json_print_file(copy, JSON_DEFAULTS, stdout);
	protobuf_c_message_free_unpacked(copy, NULL);
	return r < 0;
}

int main(int argc, char **argv)
{
	static uint8_t mem[4 << 20];
	struct maker m = { .arena = { .mem = mem, .size = sizeof(mem) } };
	int r = 0;

	if (argc != 3)
		return 64;
	m.random = strtoull(argv[1], NULL, 10) * 2 + 1;
	for (long n = strtol(argv[2], NULL, 10); n > 0 && r == 0; n--) {
		m.arena.used = 0;
		r = write_one(&m, types[(size_t)n % HALE_ARRAY_SIZE(types)]);
	}
	return r;
}
