/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_ANSWER_H
#define HALE_ANSWER_H

/*
 * Requests to replies: bytes in, bytes out, from what the middle knows. The
 * reply to a check is computed when something changes and kept; to ask for it
 * again is a comparison. Knows no socket: gate.h carries the bytes.
 */

#include "agent/core/explain.h"
#include "agent/daemon/clock.h"
#include "proto/codec_explain.h"

#define ANSWER_KEPT	   8	/* different questions asked of one host */
#define ANSWER_REQUEST_MAX 4096 /* kept; a usual one is 500 bytes */
#define ANSWER_REPLY_MAX   (16 * 1024)

struct answer_kept {
	uint8_t *bytes; /* the request, then the reply */
	size_t request_len, reply_len;
	bool withheld;	     /* without the kernel's own words */
	uint64_t generation; /* of the middle, when it was computed */
	uint64_t used_ns;    /* agent time */
};

/* Control requests of who may not. */
struct answer_refused {
	uint64_t count, last_ns; /* agent time */
	uint32_t uid;		 /* of the last one */
};

struct answer {
	struct middle *middle;
	const struct hale_clock *clock;
	const char *note; /* said with every check; NULL: nothing */
	int log_fd;	  /* kernel.dmesg_restrict: hale/kernel_log.h */
	bool withhold;	  /* the kernel's own words: from who is asking now */
	/* Who cleared a part, and why; "": not known. May be NULL. */
	const char *(*cleared_by)(void *data, const char *part);
	void *cleared_data;
	struct answer_refused refused;
	uint64_t started_ns, refreshed_ns;
	char host[65]; /* HOST_NAME_MAX and NUL */
	struct answer_kept kept[ANSWER_KEPT];
	/* Scratch: too big for the stack, and no request needs two. */
	struct hale_scope_request request;
	struct hale_verdict verdict;
	uint8_t arena[CODEC_ARENA_CHECK];
	uint8_t out[ANSWER_REPLY_MAX];
};

/* May who is answered from now on read the kernel's own words? At first not. */
void answer_to(struct answer *a, bool may_read_log);
/* Says of a finding that an operator ended who did, and why. */
void answer_tell_clear(const struct answer *a, Hale__V1__Finding *m);
void answer_screen(const struct answer *a, struct hale_finding *f);
void answer_screen_verdict(const struct answer *a, struct hale_verdict *v);

/* Where a long answer goes, message by message; false ends it. */
typedef bool (*answer_out_fn)(void *data, const void *bytes, size_t len);

void answer_init(struct answer *a, struct middle *middle,
		 const struct hale_clock *clock);
void answer_done(struct answer *a);

/**
 * answer_kept() - the reply to a check, where it is known already
 * @ret_len: its length.
 *
 * Return: the bytes, to be sent before the next call; NULL: not kept.
 */
const uint8_t *answer_kept(struct answer *a, const void *request, size_t len,
			   size_t *ret_len);

/**
 * answer_check() - compute the reply to a check, and keep it
 * @req: what @request (@len bytes) asks. One with @map_late or @fresh is not
 * kept.
 *
 * Return: as answer_kept(); NULL where it does not fit into memory.
 */
const uint8_t *answer_check(struct answer *a, const void *request, size_t len,
			    const struct hale_scope_request *req,
			    size_t *ret_len);

/* Something changed: computes anew what was asked for lately. */
void answer_refresh(struct answer *a);

/* Exit code of a check on the host's own scope: fit.h. */
uint32_t answer_host(struct answer *a);

/* 0, -ENOMEM, or -EPIPE where @out ended it. */
int answer_report(struct answer *a, const Hale__V1__StatusRequest *status,
		  answer_out_fn out, void *data);
int answer_scope(struct answer *a, const struct hale_scope_path *path,
		 answer_out_fn out, void *data);
/* @asker: whose processes may be told in full; see answer_explain.c. */
struct answer_asker {
	bool all; /* may control the agent: sees what root would */
	uint32_t uid;
};

int answer_explain(struct answer *a, const Hale__V1__ExplainRequest *m,
		   const struct answer_asker *asker, answer_out_fn out,
		   void *data);
/* One short reply: @error is an errno, 0 for done. */
void answer_error(struct answer *a, int error, const char *text,
		  answer_out_fn out, void *data);

struct answer_outcome {
	int error;	   /* errno, 0 for done */
	uint32_t affected; /* findings cleared */
	const char *text;
};

void answer_control(struct answer *a, struct answer_outcome outcome,
		    answer_out_fn out, void *data);

#endif
