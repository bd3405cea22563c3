/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What messages of the families "thermal" (linux/thermal.h) and "acpi_event"
 * (drivers/acpi/event.c) say. Pure: any bytes may come in. Decides what is well
 * formed, nothing about what it means for the machine.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/thermal.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>

#include "thermal_parts.h"

/* Of the kernel, in no header of its own: drivers/acpi/event.c. */
enum {
	ACPI_GENL_ATTR_EVENT = 1,
	ACPI_GENL_ATTR_MAX = 1,
	ACPI_GENL_CMD_EVENT = 1
};

struct acpi_genl_event {
	char device_class[20];
	char bus_id[15];
	uint32_t type, data;
};

/* drivers/acpi/thermal.c: the zone has passed its critical or hot point.
 * drivers/acpi/processor_driver.c: another limit of performance states. */
#define ACPI_THERMAL_CRITICAL 0xf0
#define ACPI_THERMAL_HOT      0xf1
#define ACPI_PROCESSOR_LIMIT  0x80

/* libnl takes what may not be written for what may. */
static struct nla_policy thermal_policy[THERMAL_GENL_ATTR_MAX + 1] = {
	[THERMAL_GENL_ATTR_TZ_ID] = { .type = NLA_U32 },
	[THERMAL_GENL_ATTR_TZ_TRIP_ID] = { .type = NLA_U32 },
	[THERMAL_GENL_ATTR_CDEV_ID] = { .type = NLA_U32 },
	[THERMAL_GENL_ATTR_CDEV_CUR_STATE] = { .type = NLA_U32 },
};

static struct nla_policy acpi_policy[ACPI_GENL_ATTR_MAX + 1] = {
	[ACPI_GENL_ATTR_EVENT] = { .minlen = sizeof(struct acpi_genl_event) },
};

static int take_trip(struct nlattr *tb[], enum thermal_kind kind,
		     struct thermal_event *e)
{
	if (!tb[THERMAL_GENL_ATTR_TZ_ID] || !tb[THERMAL_GENL_ATTR_TZ_TRIP_ID])
		return -EBADMSG;
	e->kind = kind;
	e->id = nla_get_u32(tb[THERMAL_GENL_ATTR_TZ_ID]);
	e->trip = nla_get_u32(tb[THERMAL_GENL_ATTR_TZ_TRIP_ID]);
	return 0;
}

static int take_cooling(struct nlattr *tb[], struct thermal_event *e)
{
	if (!tb[THERMAL_GENL_ATTR_CDEV_ID] ||
	    !tb[THERMAL_GENL_ATTR_CDEV_CUR_STATE])
		return -EBADMSG;
	e->kind = THERMAL_COOLING;
	e->id = nla_get_u32(tb[THERMAL_GENL_ATTR_CDEV_ID]);
	e->value = nla_get_u32(tb[THERMAL_GENL_ATTR_CDEV_CUR_STATE]);
	return 0;
}

static int parse_thermal(struct nlmsghdr *h, uint8_t cmd,
			 struct thermal_event *e)
{
	struct nlattr *tb[THERMAL_GENL_ATTR_MAX + 1];

	if (genlmsg_parse(h, 0, tb, THERMAL_GENL_ATTR_MAX, thermal_policy) < 0)
		return -EBADMSG;
	switch (cmd) {
	case THERMAL_GENL_EVENT_TZ_TRIP_UP:
		return take_trip(tb, THERMAL_TRIP_UP, e);
	case THERMAL_GENL_EVENT_TZ_TRIP_DOWN:
		return take_trip(tb, THERMAL_TRIP_DOWN, e);
	case THERMAL_GENL_EVENT_CDEV_STATE_UPDATE:
		return take_cooling(tb, e);
	default:
		return 0;
	}
}

static void take_acpi(const struct acpi_genl_event *a, struct thermal_event *e)
{
	bool zone = strncmp(a->device_class, "thermal_zone",
			    sizeof(a->device_class)) == 0;
	bool processor = strncmp(a->device_class, "processor",
				 sizeof(a->device_class)) == 0;

	hale_print_text(e->name, sizeof(e->name), a->bus_id,
			strnlen(a->bus_id, sizeof(a->bus_id)));
	e->value = a->data;
	if (zone &&
	    (a->type == ACPI_THERMAL_CRITICAL || a->type == ACPI_THERMAL_HOT))
		e->kind = THERMAL_ACPI_HOT;
	else if (processor && a->type == ACPI_PROCESSOR_LIMIT)
		e->kind = THERMAL_ACPI_LIMIT;
}

static int parse_acpi(struct nlmsghdr *h, uint8_t cmd, struct thermal_event *e)
{
	struct nlattr *tb[ACPI_GENL_ATTR_MAX + 1];
	struct acpi_genl_event a;

	if (cmd != ACPI_GENL_CMD_EVENT)
		return 0;
	if (genlmsg_parse(h, 0, tb, ACPI_GENL_ATTR_MAX, acpi_policy) < 0 ||
	    !tb[ACPI_GENL_ATTR_EVENT])
		return -EBADMSG;
	memcpy(&a, nla_data(tb[ACPI_GENL_ATTR_EVENT]), sizeof(a));
	take_acpi(&a, e);
	return 0;
}

int thermal_event_parse(struct nlmsghdr *h, const struct thermal_families *f,
			struct thermal_event *ret_event)
{
	struct thermal_event e = { .kind = THERMAL_NOTHING };
	bool thermal = f->thermal && h->nlmsg_type == f->thermal;
	bool acpi = f->acpi && h->nlmsg_type == f->acpi;
	int r = 0;

	if (!genlmsg_valid_hdr(h, 0))
		return -EBADMSG;
	if (thermal)
		r = parse_thermal(h, genlmsg_hdr(h)->cmd, &e);
	else if (acpi)
		r = parse_acpi(h, genlmsg_hdr(h)->cmd, &e);
	if (r == 0)
		*ret_event = e;
	return r;
}
