/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Joins the messages of one long answer. It works on descriptors, so a list
 * that is added to hale.proto is joined without a change here. Scalars of the
 * first message win; only lists grow. Nothing is copied: elements move.
 */
#include <errno.h>

#include "hale/base.h"

#include "exchange.h"

/* The generated structs are laid out as their descriptors say. */
static void *member(ProtobufCMessage *m, unsigned int offset)
{
	return (uint8_t *)m + offset;
}

static int join_list(const ProtobufCFieldDescriptor *f, ProtobufCMessage *all,
		     ProtobufCMessage *next)
{
	size_t *n = member(all, f->quantifier_offset);
	size_t *more = member(next, f->quantifier_offset);
	void ***list = member(all, f->offset);
	void ***tail = member(next, f->offset);
	void **grown;

	if (*more == 0)
		return 0;
	grown = realloc(*list, (*n + *more) * sizeof(**list));
	if (!grown)
		return -ENOMEM;
	memcpy(grown + *n, *tail, *more * sizeof(**list));
	*list = grown;
	*n += *more;
	*more = 0;
	free(*tail);
	*tail = NULL;
	return 0;
}

/* Lists of numbers would have elements of another size; there are none. */
static bool is_list(const ProtobufCFieldDescriptor *f)
{
	return f->label == PROTOBUF_C_LABEL_REPEATED &&
	       (f->type == PROTOBUF_C_TYPE_MESSAGE ||
		f->type == PROTOBUF_C_TYPE_STRING);
}

static int join_messages(ProtobufCMessage *all, ProtobufCMessage *next)
{
	const ProtobufCMessageDescriptor *d = all->descriptor;

	for (unsigned int i = 0; i < d->n_fields; i++) {
		int r = is_list(&d->fields[i])
				? join_list(&d->fields[i], all, next)
				: 0;

		if (r < 0)
			return r;
	}
	return 0;
}

int exchange_join(Hale__V1__Reply *all, Hale__V1__Reply *next)
{
	if (all->body_case != next->body_case)
		return -EBADMSG;
	switch (all->body_case) {
	case HALE__V1__REPLY__BODY_REPORT:
		return join_messages(&all->report->base, &next->report->base);
	case HALE__V1__REPLY__BODY_SCOPE:
		return join_messages(&all->scope->base, &next->scope->base);
	case HALE__V1__REPLY__BODY_EXPLAIN:
		return join_messages(&all->explain->base, &next->explain->base);
	case HALE__V1__REPLY__BODY_CHECK:
	case HALE__V1__REPLY__BODY_CONTROL:
	case HALE__V1__REPLY__BODY_VERIFY:
	case HALE__V1__REPLY__BODY_ERROR:
		return 0;
	case HALE__V1__REPLY__BODY__NOT_SET:
	case _HALE__V1__REPLY__BODY__CASE_IS_INT_SIZE:
		break;
	}
	return -EBADMSG;
}
