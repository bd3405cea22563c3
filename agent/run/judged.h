/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_JUDGED_H
#define HALE_RUN_JUDGED_H

/* What was made of an attempt. Part of run.h. */

#include "hale/cause.h"

/* What the output says: text/classify.h. */
#define RUN_EVIDENCE_MAX 5

struct run_text_line {
	uint32_t line; /* from 1, in what was read */
	char text[HALE_EVIDENCE_MAX];
};

struct run_text {
	enum hale_build_cause cause;
	enum hale_confidence confidence; /* of a host's fault: LIKELY at most */
	enum hale_retry retry;
	uint32_t n_evidence;
	struct run_text_line evidence[RUN_EVIDENCE_MAX];
	char tool[HALE_NAME_MAX];    /* "docker-buildx"; "": not known */
	char crashed[HALE_NAME_MAX]; /* the compiler that did: "cc1plus" */
};

/* Whose fault it was: judge/attribute.h. */
struct run_judgement {
	enum hale_build_cause cause;
	enum hale_confidence confidence;
	enum hale_retry retry;
	bool host_fault;   /* 75 */
	bool suspect;	   /* passed while the host was at fault */
	uint64_t fault_ns; /* suspect: since when, agent time; 0: all along */
	uint32_t status;   /* what `hale run` exits with */
	char headline[HALE_EVIDENCE_MAX]; /* one line for people */
	char advice[HALE_EVIDENCE_MAX];	  /* the next step; "" */
};

#endif
