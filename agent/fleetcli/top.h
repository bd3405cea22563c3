/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEETCLI_TOP_H
#define HALE_FLEETCLI_TOP_H

/* What fails most in a fleet, as text or JSON. Pure. */

#include "counts.h"
#include "look.h"

struct top {
	struct counts standing; /* conditions, on how many hosts now */
	struct counts opened;	/* conditions, since; of how many hosts below */
	struct counts pairs;	/* condition and host */
	struct counts hit;	/* conditions, hosts that had them */
	struct counts builders; /* hosts; bad: builds that failed */
	struct counts repos;
	struct counts causes; /* of builds that failed */
	uint64_t builds, passed;
	uint64_t now_ns, since_ns;
	size_t limit; /* lines of each list */
};

void top_add_finding(struct top *t, const Hale__Fleet__V1__FindingEvent *m);
void top_add_build(struct top *t, const Hale__Fleet__V1__BuildOutcome *m);
/* Conditions that stand now. */
void top_add_picture(struct top *t, const struct picture *p);
void top_done(struct top *t);

void top_text(struct out *o, struct top *t, const struct look *l);
void top_json(struct out *o, struct top *t, const struct look *l);

#endif
