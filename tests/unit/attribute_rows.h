/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_ATTRIBUTE_ROWS_H
#define TESTS_ATTRIBUTE_ROWS_H

/* What a failed build can look like, and whose fault that is. */

#include "agent/run/judge/attribute.h"

#define BEGAN	(UINT64_C(1700000000) * HALE_NS_PER_S)
#define ENDED	(BEGAN + 60 * HALE_NS_PER_S)
#define BUILD	4711 /* the command's pid */
#define CHILD	4712 /* one of its processes */
#define FOREIGN 99   /* somebody else's */

/* A chain as the agent tells it: a root, perhaps an effect, perhaps a death. */
struct chain {
	enum hale_build_cause build; /* 0: there is none */
	enum hale_confidence confidence;
	enum hale_condition root;
	enum hale_effect effect;
	bool old;		    /* the root happened a day ago */
	bool effects;		    /* and it did something meanwhile */
	uint32_t killed, by_signal; /* a pid that died of it */
};

struct row {
	const char *name;
	/* the end */
	enum run_end end;
	uint32_t status;
	int signal;
	enum run_wait wait;
	uint32_t died, died_by; /* a descendant's death that was seen here */
	uint64_t oom_kills;	/* of its own cgroup */
	uint64_t pids_refused;
	bool limits_known, strict_outputs, no_agent, worse, disk_silent;
	/* what the output says */
	enum hale_build_cause says;
	enum hale_confidence surely;
	/* what was seen of the machine */
	struct chain chain, chain2;
	enum hale_confidence bytes, inodes; /* full */
	bool full_before, own_tmpfs;
	uint64_t fs_errors, write_errors, disk_errors, uncorrected, host_ooms;
	/* the judgement */
	enum hale_build_cause cause;
	enum hale_confidence confidence;
	uint32_t exits;
	bool host, suspect;
};

#define POSSIBLE HALE_CONFIDENCE_POSSIBLE
#define LIKELY	 HALE_CONFIDENCE_LIKELY
#define CERTAIN	 HALE_CONFIDENCE_CERTAIN
#define BLOCKS	 HALE_EFFECT_BLOCKS
#define FAILS	 .end = RUN_EXITED, .status = 2
#define PASSES	 .end = RUN_EXITED, .status = 0
#define SAYS(c)	 .says = HALE_CAUSE_##c, .surely = LIKELY
#define OWN(c)	 .cause = HALE_CAUSE_##c, .confidence = LIKELY, .exits = 2
#define HOST(c, sure)                                                          \
	.cause = HALE_CAUSE_##c, .confidence = (sure), .exits = 75, .host = true

extern const struct row attribute_rows[];
extern const size_t attribute_rows_count;

#endif
