/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The helper of test_helper: proves that a job reaches a helper and its facts
 * the agent. A fan "test.fan" stands still where the option fan is "stopped";
 * what it was told besides is in the evidence. "broken" fails, "slow" takes for
 * ever.
 */
#include <errno.h>

#include "hale/base.h"
#include "hale/helper.h"

static int sample(struct hale_probe *p)
{
	const char *fan = hale_option(p, "fan");
	struct hale_observation o = { .kind = HALE_OBSERVED_STATE,
				      .condition = HALE_SENSOR_FAN,
				      .time_ns = p->now_ns };

	if (fan && strcmp(fan, "broken") == 0)
		return -EIO;
	while (fan && strcmp(fan, "slow") == 0)
		pause();
	o.holds = fan && strcmp(fan, "stopped") == 0;
	o.count = o.holds;
	HALE_SET(o.part, "sensor/test.fan");
	snprintf(o.evidence, sizeof(o.evidence), "asked=%d once=%d skip=%s",
		 p->asked, p->once, p->n_skip > 0 ? p->skip[0] : "");
	hale_emit_coverage(p, HALE_SENSE_SENSORS, HALE_SIGHT_LIVE, "", "");
	hale_emit_coverage(p, HALE_SENSE_DISK_HEALTH, HALE_SIGHT_LIVE, "", "");
	if (!hale_skips(p, o.part))
		hale_emit_observation(p, &o);
	return 0;
}

const struct hale_helper hale_helper = { .name = "test_helper",
					 .sample = sample };
