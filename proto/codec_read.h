/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CODEC_READ_H
#define HALE_CODEC_READ_H

/*
 * Bytes to messages and messages to hale's structs. Whoever sent them is not
 * trusted: texts come out printable and cut to their field, numbers and lists
 * within their bounds, or the message is refused and the field named.
 */

#include "codec.h"

/**
 * codec_unpack() - bytes to a message
 * @type: its descriptor: &hale__v1__request__descriptor.
 * @a: where it is put; nothing else is allocated and nothing need be freed.
 * @ret_m: the message, a pointer to the generated struct.
 *
 * Return: 0; -EBADMSG: not such a message; -EMSGSIZE: longer than
 * CODEC_MESSAGE_MAX (only codec_unpack_memory() takes more); -ENOMEM: it does
 * not fit into @a.
 */
int codec_unpack(const ProtobufCMessageDescriptor *type, struct codec_arena *a,
		 const void *buf, size_t len, void *ret_m);

static inline int codec_unpack_request(struct codec_arena *a, const void *buf,
				       size_t len, Hale__V1__Request **ret_m)
{
	return codec_unpack(&hale__v1__request__descriptor, a, buf, len, ret_m);
}

static inline int codec_unpack_reply(struct codec_arena *a, const void *buf,
				     size_t len, Hale__V1__Reply **ret_m)
{
	return codec_unpack(&hale__v1__reply__descriptor, a, buf, len, ret_m);
}

/* A state file: any length, the arena sets the bound. */
int codec_unpack_memory(struct codec_arena *a, const void *buf, size_t len,
			Hale__V1__Memory **ret_m);

/*
 * Messages to structs. 0, or -EBADMSG with *ret_why set to what is wrong, in
 * static storage: "paths: more than 16". Outputs are untouched on failure.
 * A NULL message is refused.
 */
int codec_read_check(const Hale__V1__CheckRequest *m,
		     struct hale_scope_request *ret_req, const char **ret_why);
int codec_read_scope_path(const Hale__V1__ScopePath *m,
			  struct hale_scope_path *ret_path,
			  const char **ret_why);
int codec_read_finding(const Hale__V1__Finding *m, struct hale_finding *ret_f,
		       const char **ret_why);
int codec_read_verdict(const Hale__V1__Verdict *m, struct hale_verdict *ret_v,
		       const char **ret_why);
int codec_read_coverage(const Hale__V1__Coverage *m,
			struct hale_coverage *ret_c, const char **ret_why);
int codec_read_victim(const Hale__V1__Victim *m, struct hale_victim *ret_v,
		      const char **ret_why);
int codec_read_hop(const Hale__V1__Hop *m, struct hale_hop *ret_hop,
		   const char **ret_why);
void codec_read_memory_counter(const Hale__V1__Memory__Counter *m,
			       struct hale_memory_counter *ret_row);
void codec_read_memory_disk(const Hale__V1__Memory__Disk *m,
			    struct hale_memory_disk *ret_row);
int codec_read_memory_row(const Hale__V1__Memory__Row *m,
			  struct hale_memory_row *ret_row,
			  const char **ret_why);

#endif
