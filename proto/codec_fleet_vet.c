/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What any message of the fleet is held to, by walking its descriptor: a field
 * that is added to the schema is bounded from that moment on, a text by
 * TEXT_MAX and a list by nothing at all in it, until it has a row here. Must
 * never trust a length, nor write through a text, which may be a constant.
 * Invariant: what passes is the same for whoever packed it and whoever reads
 * it. The messages reachable from those of fleet.proto do not contain
 * themselves, so the walk ends.
 */
#include "codec_fleet_vet.h"

#include <errno.h>

#include "hale/base.h"
#include "hale/text.h"

#define TEXT_MAX  64
#define BYTES_MAX (UINT64_C(1) << 53)

#define FLEET(type) (&hale__fleet__v1__##type##__descriptor)
#define HALE(type)  (&hale__v1__##type##__descriptor)

/* @max: of a text its bytes, of a list its rows; of bytes exactly so many, or
 * 0: any number of them. */
static const struct bound {
	const ProtobufCMessageDescriptor *type;
	const char *field;
	uint32_t max;
	bool must; /* not empty, not unset */
} bounds[] = {
	{ FLEET(host_state), "id", FLEET_ID_SIZE - 1, true },
	{ FLEET(host_state), "report", 0, true },
	{ FLEET(host_state), "labels", FLEET_LABELS_MAX, false },
	{ FLEET(host_state), "models", FLEET_MODELS_MAX, false },
	{ FLEET(capacity), "rooms", FLEET_ROOMS_MAX, false },
	{ FLEET(room), "where", 255, false },
	{ FLEET(label), "key", FLEET_KEY_MAX, true },
	{ FLEET(label), "value", FLEET_LABEL_MAX, false },
	{ FLEET(model), "part", 95, true },
	{ FLEET(spool), "trouble", FLEET_REASON_MAX, false },
	{ FLEET(quarantine), "reason", FLEET_REASON_MAX, false },
	{ FLEET(quarantine), "order", FLEET_MESSAGE_ID, false },
	{ FLEET(finding_event), "message_id", FLEET_MESSAGE_ID, true },
	{ FLEET(finding_event), "id", FLEET_ID_SIZE - 1, true },
	{ FLEET(finding_event), "host", FLEET_HOST_MAX, false },
	{ FLEET(finding_event), "finding", 0, true },
	{ FLEET(build_outcome), "message_id", FLEET_MESSAGE_ID, true },
	{ FLEET(build_outcome), "id", FLEET_ID_SIZE - 1, true },
	{ FLEET(build_outcome), "host", FLEET_HOST_MAX, false },
	{ FLEET(build_outcome), "repo", FLEET_REPO_ID, true },
	{ FLEET(order), "message_id", FLEET_MESSAGE_ID, true },
	{ FLEET(order), "id", FLEET_ID_SIZE - 1, true },
	{ FLEET(order), "who", TEXT_MAX, true },
	{ FLEET(order), "reason", FLEET_REASON_MAX, false },
	{ FLEET(signed_order), "order", 0, true },
	{ FLEET(signed_order), "signer", FLEET_ID_SIZE - 1, true },
	{ FLEET(signed_order), "signature", 64, true },
	{ HALE(host_report), "host", FLEET_HOST_MAX, false },
	{ HALE(host_report), "findings", FLEET_FINDINGS_MAX, false },
	{ HALE(host_report), "coverage", FLEET_SENSES_MAX, false },
	{ HALE(verdict), "reasons", 8, false },
	{ HALE(reason), "path", 255, false },
	{ HALE(reason), "via", 255, false },
	{ HALE(reason), "text", 239, false },
	{ HALE(finding), "condition", TEXT_MAX, true },
	{ HALE(finding), "part", 0, true },
	{ HALE(finding), "evidence", 239, false },
	{ HALE(finding), "meaning", 0, false },
	{ HALE(finding), "advice", 0, false },
	{ HALE(finding), "clears", 0, false },
	{ HALE(finding), "closed_by", FLEET_REASON_MAX, false },
	{ HALE(part), "id", 95, true },
	{ HALE(part), "where", 255, false },
	{ HALE(coverage), "why", FLEET_REASON_MAX, false },
	{ HALE(coverage), "remedy", 0, false },
	{ HALE(coverage), "part", 95, false },
};

static const struct bound *bound_of(const ProtobufCMessageDescriptor *type,
				    const ProtobufCFieldDescriptor *f)
{
	static const struct bound text = { .max = TEXT_MAX };
	static const struct bound nothing = { .max = 0 };

	for (size_t i = 0; i < HALE_ARRAY_SIZE(bounds); i++) {
		if (bounds[i].type == type &&
		    strcmp(bounds[i].field, f->name) == 0)
			return &bounds[i];
	}
	return f->type == PROTOBUF_C_TYPE_STRING &&
			       f->label != PROTOBUF_C_LABEL_REPEATED
		       ? &text
		       : &nothing;
}

/* One field of one message, where its value lies. */
struct place {
	const ProtobufCMessageDescriptor *type;
	const ProtobufCFieldDescriptor *field;
	const struct bound *bound;
	void *at;
	size_t *n; /* of a list */
};

static struct place place_of(ProtobufCMessage *m, unsigned int i)
{
	const ProtobufCFieldDescriptor *f = &m->descriptor->fields[i];

	return (struct place){
		.type = m->descriptor,
		.field = f,
		.bound = bound_of(m->descriptor, f),
		.at = (uint8_t *)m + f->offset,
		.n = f->label == PROTOBUF_C_LABEL_REPEATED
			     ? (void *)((uint8_t *)m + f->quantifier_offset)
			     : NULL,
	};
}

static int refuse(const struct place *p, char *ret_why, const char *what)
{
	snprintf(ret_why, FLEET_WHY_MAX, "%s.%s: %s", p->type->short_name,
		 p->field->name, what);
	return -EBADMSG;
}

static int vet_text(struct codec_arena *a, const struct place *p, char *ret_why)
{
	char **text = p->at;
	size_t len = strlen(*text);
	char *copy;

	if (len > p->bound->max || !hale_text_printable(*text, len + 1)) {
		if (len > p->bound->max)
			len = p->bound->max;
		copy = codec_alloc(a, len + 1);
		if (!copy)
			return -ENOMEM;
		hale_print_text(copy, len + 1, *text, strlen(*text));
		*text = copy;
	}
	return p->bound->must && !**text ? refuse(p, ret_why, "missing") : 0;
}

static int vet_bytes(const struct place *p, char *ret_why)
{
	const ProtobufCBinaryData *b = p->at;

	if (p->bound->must && b->len == 0)
		return refuse(p, ret_why, "missing");
	return b->len == 0 || p->bound->max == 0 || p->bound->max == b->len
		       ? 0
		       : refuse(p, ret_why, "not of its length");
}

static void vet_number(const struct place *p)
{
	static const char bytes[] = "_bytes";
	size_t len = strlen(p->field->name);
	uint64_t most = INT64_MAX, *at = p->at;

	if (len >= sizeof(bytes) &&
	    strcmp(p->field->name + len + 1 - sizeof(bytes), bytes) == 0)
		most = BYTES_MAX;
	if (*at > most)
		*at = most;
}

static int vet_enum(const struct place *p, char *ret_why)
{
	const ProtobufCEnumDescriptor *type = p->field->descriptor;

	return protobuf_c_enum_descriptor_get_value(type, *(const int *)p->at)
		       ? 0
		       : refuse(p, ret_why, "not known");
}

/* NOLINTNEXTLINE(misc-no-recursion): messages that do not hold themselves */
static int vet_messages(struct codec_arena *a, const struct place *p,
			char *ret_why)
{
	ProtobufCMessage **all = p->n ? *(ProtobufCMessage ***)p->at : p->at;
	size_t n = p->n ? *p->n : *all != NULL;
	int r = 0;

	if (p->bound->must && n == 0)
		return refuse(p, ret_why, "missing");
	for (size_t i = 0; i < n && r == 0; i++)
		r = fleet_vet(a, all[i], ret_why);
	return r;
}

static int vet_list(struct codec_arena *a, const struct place *p, char *ret_why)
{
	char what[48];

	if (*p->n > p->bound->max) {
		snprintf(what, sizeof(what), "%zu rows, at most %u", *p->n,
			 p->bound->max);
		return refuse(p, ret_why, what);
	}
	return p->field->type == PROTOBUF_C_TYPE_MESSAGE
		       ? vet_messages(a, p, ret_why)
		       : 0;
}

static int vet_field(struct codec_arena *a, const struct place *p,
		     char *ret_why)
{
	if (p->n)
		return vet_list(a, p, ret_why);
	if (p->field->type == PROTOBUF_C_TYPE_MESSAGE)
		return vet_messages(a, p, ret_why);
	if (p->field->type == PROTOBUF_C_TYPE_STRING)
		return vet_text(a, p, ret_why);
	if (p->field->type == PROTOBUF_C_TYPE_BYTES)
		return vet_bytes(p, ret_why);
	if (p->field->type == PROTOBUF_C_TYPE_ENUM)
		return vet_enum(p, ret_why);
	if (p->field->type == PROTOBUF_C_TYPE_UINT64)
		vet_number(p);
	return 0;
}

int fleet_vet(struct codec_arena *a, ProtobufCMessage *m,
	      char ret_why[FLEET_WHY_MAX])
{
	int r = 0;

	for (unsigned int i = 0; i < m->descriptor->n_fields && r == 0; i++) {
		struct place p = place_of(m, i);

		r = vet_field(a, &p, ret_why);
	}
	return r;
}

/* NOLINTNEXTLINE(misc-no-recursion): as above */
static bool copy_messages(struct codec_arena *a, const struct place *p)
{
	ProtobufCMessage **all = p->at, **from;
	size_t n = p->n ? *p->n : *all != NULL;

	if (p->n) {
		n = n < p->bound->max ? n : p->bound->max;
		from = *(ProtobufCMessage ***)p->at;
		all = codec_alloc(a, (n + 1) * sizeof(*all));
		if (!all)
			return false;
		for (size_t i = 0; i < n; i++)
			all[i] = from[i];
		*(ProtobufCMessage ***)p->at = all;
		*p->n = n;
	}
	for (size_t i = 0; i < n; i++) {
		all[i] = fleet_copy(a, all[i]);
		if (!all[i])
			return false;
	}
	return true;
}

void *fleet_copy(struct codec_arena *a, const ProtobufCMessage *m)
{
	ProtobufCMessage *copy = codec_alloc(a, m->descriptor->sizeof_message);

	if (!copy)
		return NULL;
	memcpy(copy, m, m->descriptor->sizeof_message);
	/* what a newer hale said besides is not ours to pass on */
	copy->n_unknown_fields = 0;
	copy->unknown_fields = NULL;
	for (unsigned int i = 0; i < m->descriptor->n_fields; i++) {
		struct place p = place_of(copy, i);

		if (p.field->type == PROTOBUF_C_TYPE_MESSAGE &&
		    !copy_messages(a, &p))
			return NULL;
	}
	return copy;
}
