/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_AGENT_ASKED_H
#define HALE_AGENT_ASKED_H

/* What clients ask of the agent: one function a request. Part of agent.h. */

#include "agent/daemon/answer.h"
#include "agent/daemon/gate.h"
#include "proto/codec_read.h"

struct agent;

/* agent_check.c: @m is what the @bytes say */
void agent_check(struct agent *a, struct gate_client *c,
		 const Hale__V1__CheckRequest *m, const uint8_t *bytes,
		 size_t len);
/* A look at the room of filesystems, for its timer. */
void agent_room_due(void *agent);
/* As probe_seen_until(), of the map. */
uint64_t agent_map_until(struct agent *a);
/* Answers those deferred whose time has come. */
void agent_serve_deferred(struct agent *a);

/* agent_request.c */
void agent_request(void *data, struct gate_client *c, const uint8_t *bytes,
		   size_t len);
void agent_refuse(struct agent *a, struct gate_client *c, int error,
		  const char *text);
void agent_report_to(struct agent *a, struct gate_client *c);
/* A control was done; @kept: what keep_save() said of it. Only what outlives
 * this process is acknowledged as done. */
void agent_acknowledge(struct agent *a, struct gate_client *c, int kept,
		       struct answer_outcome outcome);
/* Who cleared it, and why; "": nobody. For struct answer. */
const char *agent_cleared_by(void *agent, const char *part);
/* Such a question, when it is its turn. */
void agent_answer(struct agent *a, struct gate_client *c,
		  const Hale__V1__Request *m);
/* gate_send() as an answer_out_fn. */
bool agent_out(void *client, const void *bytes, size_t len);

/* agent_explain.c: what takes long is answered when its turn comes. */
void agent_later(struct agent *a, struct gate_client *c, const uint8_t *bytes,
		 size_t len);
void agent_explain_due(void *data);

/* agent_verify.c: what has failed of a disk; and a test was made */
void agent_failing(struct agent *a, struct gate_client *c,
		   const Hale__V1__VerifyRequest *m);
void agent_verified(struct agent *a, struct gate_client *c,
		    const Hale__V1__ControlRequest *m);

/* agent_refused.c: the log hears of a control request that was */
void agent_note_refused(struct agent *a, const struct gate_client *c);

#endif
