/* SPDX-License-Identifier: Apache-2.0 */
/* Disks behind USB bridges and RAID controllers: how smartctl is asked for
 * them, and what is said where it does not help. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "smart_run.h"

static const char usb_json[] =
	"{\"smartctl\":{\"version\":[7,3],\"exit_status\":0},"
	"\"device\":{\"name\":\"/dev/sdc\",\"type\":\"sat\","
	"\"protocol\":\"ATA\"},\"model_name\":\"BEHIND\","
	"\"serial_number\":\"B1\",\"smart_status\":{\"passed\":true},"
	"\"temperature\":{\"current\":44}}";
static const char empty_json[] =
	"{\"smartctl\":{\"version\":[7,3],\"exit_status\":0},"
	"\"device\":{\"name\":\"/dev/sdc\",\"type\":\"scsi\","
	"\"protocol\":\"SCSI\"},\"scsi_model_name\":\"BEHIND\","
	"\"serial_number\":\"B1\",\"power_on_time\":{\"hours\":7},"
	"\"temperature\":{\"current\":31}}";
static const char raid_scan[] =
	"{\"devices\":["
	"{\"name\":\"/dev/sdd\",\"type\":\"scsi\"},"
	"{\"name\":\"/dev/bus/1\",\"type\":\"megaraid,7\"},"
	"{\"name\":\"/dev/bus/2\",\"type\":\"megaraid,8\"},"
	"{\"name\":\"/dev/bus/2\",\"type\":\"--evil\"},"
	"{\"name\":\"/dev/bus/2\",\"type\":\"sat+megaraid,9\"}]}";

static void test_smartctl(void **state)
{
	struct run_outcome o = { .fake = { .has_smartctl = true,
					   .scan = raid_scan,
					   .json = usb_json } };

	(void)state;
	run_over(&o, "smart/kinds", run_healthy);
	run_says(&o, "disk sdc BEHIND 0=1");
	run_says(&o,
		 "disk disk/BEHIND_B1 BEHIND 0=1"); /* a member of the RAID */
	run_says_not(&o, " of sdc");
	run_says_not(&o, " of sdd");
	run_says_not(&o, " of sde"); /* one controller is asked once */
	run_sent(&o,
		 "smartctl --json=c -x -n standby,3 /dev/sdc\n"
		 "smartctl --json=c --scan\n"
		 "smartctl --json=c -x -n standby,3 -d megaraid,8 /dev/bus/2\n"
		 "smartctl --json=c -x -n standby,3 -d sat+megaraid,9 "
		 "/dev/bus/2\nnvme0n1 open");
	run_forget(&o);
}

/* Members that tell their temperature only are not seen. */
static void test_nothing_of_health(void **state)
{
	struct run_outcome o = { .fake = { .has_smartctl = true,
					   .scan = raid_scan,
					   .json = empty_json } };

	(void)state;
	run_over(&o, "smart/kinds", run_healthy);
	run_says(&o, "of sdc blind why=\"behind a USB bridge, through which "
		     "smartctl reads nothing\"");
	run_says(&o, "of sdd blind why=\"behind a RAID controller "
		     "(megaraid_sas), through which smartctl reads nothing\"");
	run_says_not(&o, "disk disk/");
	run_forget(&o);
}

struct smartctl_case {
	const char *name, *json, *option;
	int status;
	const char *says;
};

static const struct smartctl_case smartctls[] = {
	{ "asleep", "{}", NULL, 3, "of sdc partial why=\"it sleeps" },
	{ "garbage", "sorry", NULL, 0,
	  "of sdc blind why=\"behind a USB "
	  "bridge; smartctl: " },
	{ "hangs", NULL, NULL, 0,
	  "of sdc blind why=\"behind a USB bridge, and "
	  "smartctl did not end in time\"" },
	{ "unwanted", usb_json, "no", 0,
	  "of sdc blind why=\"behind a USB bridge, and smartctl is not to be "
	  "run\" remedy=\"smartctl = yes in [smart]\"" },
	{ "elsewhere", usb_json, "/nowhere", 0,
	  "of sdc blind why=\"behind a "
	  "USB bridge\"" },
};

static void test_smartctl_trouble(void **state)
{
	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(smartctls); i++) {
		const struct smartctl_case *c = &smartctls[i];
		struct run_outcome o = {
			.fake = { .has_smartctl = true,
				  .json = c->json,
				  .smartctl_status = c->status },
			.options = { { "smartctl", c->option } },
			.n_options = c->option ? 1 : 0,
		};

		print_message("%s\n", c->name);
		run_over(&o, "smart/kinds", run_healthy);
		run_says(&o, c->says);
		run_forget(&o);
	}
}

int main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(test_smartctl),
		cmocka_unit_test(test_nothing_of_health),
		cmocka_unit_test(test_smartctl_trouble),
	};

	return cmocka_run_group_tests(all, NULL, NULL);
}
