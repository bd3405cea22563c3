/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEET_TOLD_READ_H
#define HALE_FLEET_TOLD_READ_H

/*
 * Messages of fleet.proto, as codec_fleet.h gave them, as the picture and the
 * judge are told them. Pure. Texts of the result are the message's: it lives
 * as long as they are needed. The id is the message's own: the reader has
 * compared it with the subject (fleet_bytes.id).
 */

#include "fleet.pb-c.h"

#include "agent/fleet/told.h"

/* What a state's rows are written to. */
struct told_rows {
	struct told_label labels[TOLD_LABELS_MAX];
	struct told_disk disks[TOLD_DISKS_MAX];
	struct told_open open[TOLD_OPEN_MAX];
	char why[TOLD_WHY_MAX];
};

/* @rows lives as long as @ret. */
void told_read_state(const Hale__Fleet__V1__HostState *m,
		     struct told_rows *rows, struct told_state *ret);
void told_read_finding(const Hale__Fleet__V1__FindingEvent *m,
		       struct told_finding *ret);
/* False: it tells nothing about the host: it did not run to an end there. */
bool told_read_build(const Hale__Fleet__V1__BuildOutcome *m,
		     struct told_build *ret);
/* @automatic: its signer is the one of the judgments, not an operator. */
void told_read_order(const Hale__Fleet__V1__Order *m, bool automatic,
		     struct told_order *ret);

#endif
