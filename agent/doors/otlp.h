/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_DOORS_OTLP_H
#define HALE_DOORS_OTLP_H

/*
 * The picture as OTLP metrics, and changes as OTLP log records: protobuf for
 * POST /v1/metrics and /v1/logs. Pure; memory comes from the arena.
 */

#include "agent/doors/body.h"
#include "proto/codec.h"

#define OTLP_ARENA (1024 * 1024)
#define OTLP_MAX   (512 * 1024)

/* Bytes of @buf, or negative errno: -ENOMEM, -EMSGSIZE. @findings_max: as in
 * metrics_print(). */
ssize_t otlp_metrics(const struct picture *p, uint32_t findings_max,
		     uint64_t now_ns, struct codec_arena *a,
		     uint8_t buf[OTLP_MAX]);
/* A record for each of @n's changes. */
ssize_t otlp_logs(const struct picture *p, const struct notify *n,
		  uint64_t now_ns, struct codec_arena *a,
		  uint8_t buf[OTLP_MAX]);

/* otlp_value.c: the pieces. A builder that gets no memory returns NULL, and
 * the arena is full: one check, at the end. */
#include "otlp.pb-c.h"

void *otlp_new(struct codec_arena *a, const ProtobufCMessageDescriptor *type);
void **otlp_list(struct codec_arena *a, size_t n);
Hale__Otlp__KeyValue *otlp_text(struct codec_arena *a, const char *key,
				const char *value);
Hale__Otlp__KeyValue *otlp_number(struct codec_arena *a, const char *key,
				  uint64_t value);
Hale__Otlp__Resource *otlp_resource(struct codec_arena *a,
				    const struct picture *p);
Hale__Otlp__Scope *otlp_scope(struct codec_arena *a);

#endif
