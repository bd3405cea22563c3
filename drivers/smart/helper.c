/* SPDX-License-Identifier: Apache-2.0 */
/* What libexec/hale-probe-smart runs: the driver over real devices. */
#include "hale/helper.h"

#include "smart.h"

static int smart_sample(struct hale_probe *p)
{
	return smart_run(p, &smart_real_io);
}

const struct hale_helper hale_helper = {
	.name = "smart",
	.sample = smart_sample,
};
