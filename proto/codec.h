/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CODEC_H
#define HALE_CODEC_H

/*
 * hale's structs and the messages of hale.proto, both ways. Building takes
 * memory from an arena that the caller owns and points into the structs that
 * are given: both must outlive the message. A builder whose arena is full
 * returns NULL, and NULL may be handed on to any other builder and to
 * codec_pack(), which then says -ENOMEM: one check, at the end.
 *
 *	uint8_t mem[CODEC_ARENA_CHECK], out[CODEC_MESSAGE_MAX];
 *	struct codec_arena a = { .mem = mem, .size = sizeof(mem) };
 *	n = codec_pack(codec_request_check(&a, &req), out, sizeof(out));
 */

#include "hale/fact.h"
#include "hale/memory.h"
#include "hale/verdict.h"
#include "hale/verify.h"

#include "arena.h"
#include "hale.pb-c.h"

/* One message on the gate's socket: the kernel passes it whole or not at all.
 */
#define CODEC_MESSAGE_MAX (64 * 1024)
/* Longest finding: 750 bytes of fields and 450 of the catalogue's lines. */
#define CODEC_FINDINGS_MAX 48
/* Enough to build a check's request or reply, or to unpack either. */
#define CODEC_ARENA_CHECK (16 * 1024)
/* Enough to build any message of this header with CODEC_FINDINGS_MAX. */
#define CODEC_ARENA_BUILD (32 * 1024)
/* Enough to unpack any well-formed message of CODEC_MESSAGE_MAX bytes. */
#define CODEC_ARENA_UNPACK (256 * 1024)

/* What a HostReport says; one of several messages where @last is not set. */
struct codec_report {
	const char *host, *boot_id, *version; /* of hale */
	uint64_t as_of_ns, started_ns, generation;
	const struct hale_verdict *verdict;  /* NULL: not in this message */
	const struct hale_finding *findings; /* CODEC_FINDINGS_MAX at most */
	size_t n_findings;
	const struct hale_finding *closed; /* likewise */
	size_t n_closed;
	const struct hale_coverage *coverage;
	size_t n_coverage;
};

/* What the agent remembers; rows are built one by one into an array. */
struct codec_memory {
	const char *boot_id;
	uint64_t position, saved_ns;
	int64_t boot_to_agent_ns;
	const struct hale_memory_row *rows;
	size_t n_rows;
	const struct hale_memory_counter *counters;
	size_t n_counters;
	const struct hale_memory_disk *disks;
	size_t n_disks;
	const struct hale_memory_sectors *sectors;
	size_t n_sectors;
	const struct hale_memory_crash *crashes;
	size_t n_crashes;
};

/* Structs to messages. Meaning, advice and clears come from the catalogue. */
Hale__V1__Finding *codec_finding(struct codec_arena *a,
				 const struct hale_finding *f);
Hale__V1__Verdict *codec_verdict(struct codec_arena *a,
				 const struct hale_verdict *v);
Hale__V1__Coverage *codec_coverage(struct codec_arena *a,
				   const struct hale_coverage *c);
Hale__V1__Victim *codec_victim(struct codec_arena *a,
			       const struct hale_victim *v);
/* @findings: those of the hop's part, @n of them. */
Hale__V1__Hop *codec_hop(struct codec_arena *a, const struct hale_hop *hop,
			 const struct hale_finding *findings, size_t n);
Hale__V1__HostReport *codec_report(struct codec_arena *a,
				   const struct codec_report *report);
/* Needs about 400 bytes of arena and 900 of output a row. */
Hale__V1__Memory *codec_memory(struct codec_arena *a,
			       const struct codec_memory *memory);

/* Whole requests and replies; codec_pack() takes them as they are. */
Hale__V1__Request *codec_request_check(struct codec_arena *a,
				       const struct hale_scope_request *req);
Hale__V1__Request *codec_request_status(struct codec_arena *a, bool findings,
					bool coverage);
Hale__V1__Request *codec_request_watch(struct codec_arena *a);
Hale__V1__Request *codec_request_scope(struct codec_arena *a,
				       const struct hale_scope_path *path);
/* @c: filled by the caller, hale__v1__control_request__init() first. */
Hale__V1__Request *codec_request_control(struct codec_arena *a,
					 Hale__V1__ControlRequest *c);
/* The reply's note and scanned are the caller's to set in ->check. */
Hale__V1__Reply *codec_reply_check(struct codec_arena *a,
				   const struct hale_verdict *v,
				   const char *host, uint32_t exit_code);
Hale__V1__Reply *codec_reply_report(struct codec_arena *a,
				    const struct codec_report *report,
				    bool last);
/* @hops: @n of them, as codec_hop() built them. */
Hale__V1__Reply *codec_reply_scope(struct codec_arena *a, const char *path,
				   Hale__V1__Hop **hops, size_t n, bool last);
/* @error: errno, 0 for done. @text: one line for people. */
Hale__V1__Reply *codec_reply_control(struct codec_arena *a, int error,
				     uint32_t affected, const char *text);
Hale__V1__Reply *codec_reply_error(struct codec_arena *a, int error,
				   const char *text);

/**
 * codec_pack() - a message to bytes
 * @m: &message->base, a pointer to any generated message, or NULL.
 *
 * Return: length, -ENOMEM where @m is NULL, -EMSGSIZE where @size is too small.
 */
ssize_t codec_pack(const void *m, void *buf, size_t size);

#endif
