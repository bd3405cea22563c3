/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_ATTRIBUTE_OWN_H
#define HALE_RUN_ATTRIBUTE_OWN_H

/* What the files of the judgement share; for no one else. All pure. */

#include "attribute.h"

/* All that there is to weigh. */
struct weighing {
	const struct run_options *options;
	const struct run_attempt *attempt;
	const struct run_text *text; /* never NULL */
	const struct run_host *host;
};

/* What speaks against the machine, or for a limit. */
struct charge {
	enum hale_build_cause cause; /* UNKNOWN: nothing does */
	enum hale_confidence confidence;
	const struct hale_cause *chain; /* as the agent explains it, or NULL */
	bool struck;			/* a process of this build died of it */
	uint64_t since_ns; /* of a passed build: not before; 0: at any time */
	char fact[HALE_EVIDENCE_MAX]; /* without a chain: what was measured */
};

bool charge_died(const struct run_attempt *a, int signal);
/* Was something of the build killed, as far as can be seen or read? */
bool charge_killed(const struct weighing *w);
/* A limit that was set for this build or a part of it. charge_limit.c */
bool charge_limit(const struct weighing *w, struct charge *ret);
/* A chain that explains this failure. charge_chain.c */
bool charge_chain(const struct weighing *w, struct charge *ret);
/* A chain by which the container engine does not answer. */
bool charge_engine(const struct weighing *w, struct charge *ret);
/* The same for one that passed: what touched it. */
bool charge_touched(const struct weighing *w, struct charge *ret);
/* A process of this build died by SIGBUS, and of itself, as the agent finds. */
bool charge_own(const struct weighing *w, struct charge *ret);
/* The process of this build that died of it, or NULL. */
const struct hale_victim *charge_victim(const struct run_attempt *a,
					const struct hale_cause *c);
/* What was measured here, where no chain explains it. charge_measure.c */
bool charge_measured(const struct weighing *w, struct charge *ret);
/* Stalled on a disk: does that answer nobody? */
bool charge_silent(const struct weighing *w, struct charge *ret);
bool charge_measured_passing(const struct weighing *w, struct charge *ret);

/* Headline and advice. judgement_words.c */
void judgement_say_host(const struct weighing *w, const struct charge *c,
			struct run_judgement *j);
void judgement_say_own(const struct weighing *w, struct run_judgement *j);

#endif
