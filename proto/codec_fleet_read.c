/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What came in: the one place where bytes of another host, or of a server, are
 * looked at. Must never grow with what is sent: all of it goes into the
 * caller's arena, and what does not fit is refused. Invariant: a message that
 * is given was held to every bound, and is of the host that its subject names.
 */
#include "codec_fleet.h"

#include <errno.h>

#include "hale/base.h"
#include "hale/condition.h"

#include "codec_fleet_vet.h"
#include "codec_read.h"

static int refuse(char *ret_why, int error, const char *what)
{
	snprintf(ret_why, FLEET_WHY_MAX, "%s", what);
	return error;
}

static uint32_t version_of(const ProtobufCMessage *m)
{
	const ProtobufCFieldDescriptor *f =
		protobuf_c_message_descriptor_get_field_by_name(m->descriptor,
								"version");

	return f ? *(const uint32_t *)((const uint8_t *)m + f->offset)
		 : FLEET_VERSION;
}

static int check_version(const ProtobufCMessage *m, char *ret_why)
{
	uint32_t version = version_of(m);

	if (version == 0)
		return refuse(ret_why, -EBADMSG, "version: missing");
	if (version <= FLEET_VERSION)
		return 0;
	snprintf(ret_why, FLEET_WHY_MAX,
		 "version: %u, of a newer hale; this one reads %u", version,
		 (uint32_t)FLEET_VERSION);
	return -EPROTONOSUPPORT;
}

struct kind {
	const ProtobufCMessageDescriptor *type;
	size_t max;
};

static int unpack(struct codec_arena *a, const struct kind *k,
		  const struct fleet_bytes *b, ProtobufCMessage **ret_m,
		  char *ret_why)
{
	int r;

	a->used = 0;
	if (b->len > k->max) {
		snprintf(ret_why, FLEET_WHY_MAX, "%s: %zu bytes, at most %zu",
			 k->type->short_name, b->len, k->max);
		return -EBADMSG;
	}
	r = codec_unpack(k->type, a, b->at, b->len, ret_m);
	if (r == -ENOMEM)
		return refuse(ret_why, -EBADMSG, "too many parts");
	return r < 0 ? refuse(ret_why, -EBADMSG, "not such a message") : 0;
}

static int read_any(struct codec_arena *a, const struct kind *k,
		    const struct fleet_bytes *b, ProtobufCMessage **ret_m,
		    char *ret_why)
{
	ProtobufCMessage *m;
	const char *id;
	int r = unpack(a, k, b, &m, ret_why);

	if (r == 0)
		r = check_version(m, ret_why);
	if (r == 0)
		r = fleet_vet(a, m, ret_why);
	if (r == -ENOMEM)
		r = refuse(ret_why, -EBADMSG, "too many parts");
	if (r == 0 && fleet_lacks(m, ret_why))
		r = -EBADMSG;
	if (r < 0)
		return r;
	id = fleet_id_of(m);
	if (id && b->id && strcmp(id, b->id) != 0)
		return refuse(ret_why, -EPERM, "id: of another host");
	*ret_m = m;
	return 0;
}

/* The catalogue's words, which are not sent. */
static void explain(Hale__V1__Finding *f)
{
	enum hale_condition c =
		hale_condition_from_name(f->condition, strlen(f->condition));
	const struct hale_condition_info *info;

	if (c == HALE_CONDITION_NONE)
		return;
	info = hale_condition_info(c);
	f->meaning = codec_borrow(info->meaning);
	f->advice = codec_borrow(info->advice);
	f->clears = codec_borrow(info->clears);
}

int fleet_read_state(struct codec_arena *a, const struct fleet_bytes *b,
		     Hale__Fleet__V1__HostState **ret_m,
		     char ret_why[FLEET_WHY_MAX])
{
	static const struct kind k = { &hale__fleet__v1__host_state__descriptor,
				       FLEET_STATE_MAX };
	Hale__Fleet__V1__HostState *m;
	ProtobufCMessage *any;
	int r = read_any(a, &k, b, &any, ret_why);

	if (r < 0)
		return r;
	m = (void *)any;
	if (!m->report->verdict)
		m->report->verdict =
			codec_new(a, &hale__v1__verdict__descriptor);
	if (!m->report->verdict)
		return refuse(ret_why, -EBADMSG, "too many parts");
	for (size_t i = 0; i < m->report->n_findings; i++)
		explain(m->report->findings[i]);
	*ret_m = m;
	return 0;
}

int fleet_read_finding(struct codec_arena *a, const struct fleet_bytes *b,
		       Hale__Fleet__V1__FindingEvent **ret_m,
		       char ret_why[FLEET_WHY_MAX])
{
	static const struct kind k = {
		&hale__fleet__v1__finding_event__descriptor, FLEET_EVENT_MAX
	};
	ProtobufCMessage *any;
	int r = read_any(a, &k, b, &any, ret_why);

	if (r < 0)
		return r;
	*ret_m = (void *)any;
	explain((*ret_m)->finding);
	return 0;
}

int fleet_read_build(struct codec_arena *a, const struct fleet_bytes *b,
		     Hale__Fleet__V1__BuildOutcome **ret_m,
		     char ret_why[FLEET_WHY_MAX])
{
	static const struct kind k = {
		&hale__fleet__v1__build_outcome__descriptor, FLEET_EVENT_MAX
	};
	ProtobufCMessage *any;
	int r = read_any(a, &k, b, &any, ret_why);

	if (r == 0)
		*ret_m = (void *)any;
	return r;
}

int fleet_read_order(struct codec_arena *a, const struct fleet_bytes *b,
		     Hale__Fleet__V1__Order **ret_m,
		     char ret_why[FLEET_WHY_MAX])
{
	static const struct kind k = { &hale__fleet__v1__order__descriptor,
				       FLEET_EVENT_MAX };
	ProtobufCMessage *any;
	int r = read_any(a, &k, b, &any, ret_why);

	if (r == 0)
		*ret_m = (void *)any;
	return r;
}

int fleet_read_signed(struct codec_arena *a, const struct fleet_bytes *b,
		      Hale__Fleet__V1__SignedOrder **ret_m,
		      char ret_why[FLEET_WHY_MAX])
{
	static const struct kind k = {
		&hale__fleet__v1__signed_order__descriptor, FLEET_EVENT_MAX
	};
	ProtobufCMessage *any;
	int r = read_any(a, &k, b, &any, ret_why);

	if (r == 0)
		*ret_m = (void *)any;
	return r;
}

const Hale__V1__Finding *
fleet_reason_finding(const Hale__Fleet__V1__HostState *m,
		     const Hale__V1__Reason *reason)
{
	const Hale__V1__Finding *wanted = reason->finding;

	for (size_t i = 0; wanted && i < m->report->n_findings; i++) {
		const Hale__V1__Finding *f = m->report->findings[i];

		if (strcmp(f->condition, wanted->condition) == 0 &&
		    strcmp(f->part->id, wanted->part->id) == 0)
			return f;
	}
	return wanted;
}
