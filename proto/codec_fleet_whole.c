/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What makes a message of the fleet one that can be used: whose it is, that it
 * says something, that its labels can be searched. Each message by itself;
 * what a field may hold is codec_fleet_vet.c's.
 */
#include "codec_fleet_vet.h"

#include <errno.h>

#include "hale/base.h"

bool fleet_key_valid(const char *key)
{
	static const char may[] = "abcdefghijklmnopqrstuvwxyz0123456789_-.";
	size_t len = strspn(key, may);

	return len > 0 && len <= FLEET_KEY_MAX && key[len] == '\0' &&
	       key[0] >= 'a' && key[0] <= 'z';
}

static const char *state_lacks(const Hale__Fleet__V1__HostState *m)
{
	for (size_t i = 0; i < m->n_labels; i++) {
		if (!fleet_key_valid(m->labels[i]->key))
			return "Label.key: not of a-z, 0-9, _, - and .";
		if (i > 0 &&
		    strcmp(m->labels[i - 1]->key, m->labels[i]->key) >= 0)
			return "HostState.labels: not by key, or one twice";
	}
	return NULL;
}

static const char *event_lacks(const Hale__Fleet__V1__FindingEvent *m)
{
	return m->what == HALE__FLEET__V1__FINDING_EVENT__WHAT__NOTHING
		       ? "FindingEvent.what: missing"
		       : NULL;
}

static const char *order_lacks(const Hale__Fleet__V1__Order *m)
{
	return m->action == HALE__FLEET__V1__ORDER__ACTION__NONE
		       ? "Order.action: missing"
		       : NULL;
}

const char *fleet_id_of(const ProtobufCMessage *m)
{
	const ProtobufCFieldDescriptor *f =
		protobuf_c_message_descriptor_get_field_by_name(m->descriptor,
								"id");

	return f ? *(char *const *)((const uint8_t *)m + f->offset) : NULL;
}

bool fleet_lacks(const ProtobufCMessage *m, char ret_why[FLEET_WHY_MAX])
{
	const ProtobufCMessageDescriptor *type = m->descriptor;
	const char *id = fleet_id_of(m), *why = NULL;

	if (type == &hale__fleet__v1__host_state__descriptor)
		why = state_lacks((const void *)m);
	else if (type == &hale__fleet__v1__finding_event__descriptor)
		why = event_lacks((const void *)m);
	else if (type == &hale__fleet__v1__order__descriptor)
		why = order_lacks((const void *)m);
	if (id && !fleet_id_valid(id))
		why = "id: not the public NKey of a host";
	if (why)
		snprintf(ret_why, FLEET_WHY_MAX, "%s", why);
	return why != NULL;
}
