/* SPDX-License-Identifier: Apache-2.0 */
/* Facts of the driver virt: what is measured is the store, what it is about is
 * the disk that stands on it. How little is too little is not said here. */
#include "virt.h"

void virt_measure(struct hale_probe *p, const char *disk,
		  const struct virt_room *room, const char *evidence)
{
	struct hale_observation o = { .kind = HALE_OBSERVED_MEASURE,
				      .metric = HALE_METRIC_BACKING_BYTES,
				      .ref = HALE_REF_DISK,
				      .time_ns = p->now_ns,
				      .value = room->avail_bytes,
				      .total = room->total_bytes };

	HALE_SET(o.part, disk);
	hale_print_text(o.evidence, sizeof(o.evidence), evidence,
			strlen(evidence));
	hale_emit_observation(p, &o);
}

static void state(struct hale_probe *p, enum hale_condition condition,
		  enum hale_ref ref, const char *part)
{
	struct hale_observation o = { .kind = HALE_OBSERVED_STATE,
				      .condition = condition,
				      .ref = ref,
				      .time_ns = p->now_ns };

	HALE_SET(o.part, part);
	hale_emit_observation(p, &o);
}

void virt_no_want(struct hale_probe *p, const char *disk)
{
	state(p, HALE_VIRT_BACKING_FULL, HALE_REF_DISK, disk);
}

bool virt_turn_to(struct hale_probe *p, uint32_t major, uint32_t minor)
{
	char name[HALE_NAME_MAX];

	snprintf(name, sizeof(name), "%u:%u", major, minor);
	if (hale_skips(p, name))
		return false;
	state(p, HALE_FS_HUNG, HALE_REF_FS, name);
	return true;
}

void virt_size(char *ret_text, size_t size, uint64_t bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	uint64_t n = bytes, tenth = 0;
	size_t unit = 0;

	for (; n >= 1024 && unit + 1 < HALE_ARRAY_SIZE(units); unit++) {
		tenth = n % 1024 * 10 / 1024;
		n /= 1024;
	}
	if (unit == 0 || n >= 20 || tenth == 0)
		snprintf(ret_text, size, "%llu %s", (unsigned long long)n,
			 units[unit]);
	else
		snprintf(ret_text, size, "%llu.%llu %s", (unsigned long long)n,
			 (unsigned long long)tenth, units[unit]);
}
