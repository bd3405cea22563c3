/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Disks that the kernel does not show as they are: behind USB bridges, which
 * smartctl tells apart by a long list, and behind RAID controllers, for each of
 * which it has a way of its own. Without smartctl they are not seen, and that
 * is said. A volume is not a disk: what its members say is said of them, by
 * model and serial number.
 */
#include <errno.h>

#include "hale/smartctl.h"

#include "../disk_identity.h"
#include "outside.h"

static const char missing[] = "install smartmontools";

int outside_run(struct smart_visit *v, const char *const args[],
		char **ret_text, int *ret_status)
{
	static const char *const paths[] = { "/usr/sbin/smartctl",
					     "/usr/local/sbin/smartctl",
					     "/usr/bin/smartctl" };
	const char *option = hale_option(v->p, "smartctl");
	const char *argv[OUTSIDE_ARGS_MAX + 2] = { NULL };
	int r = -ENOENT;

	for (size_t i = 0; i < OUTSIDE_ARGS_MAX && args[i]; i++)
		argv[i + 1] = args[i];
	if (option && strcmp(option, "no") == 0)
		return -EACCES;
	if (option && option[0] == '/') {
		argv[0] = option;
		return v->io->smartctl(v->io, argv, ret_text, ret_status);
	}
	for (size_t i = 0; r == -ENOENT && i < HALE_ARRAY_SIZE(paths); i++) {
		argv[0] = paths[i];
		r = v->io->smartctl(v->io, argv, ret_text, ret_status);
	}
	return r;
}

/* Exit status with which it says that the disk sleeps: two bits that no other
 * outcome sets together. */
#define ASLEEP_STATUS 3

/* Keeps what we know better: how the disk is called here. */
static void take(struct smart_visit *v, const struct hale_disk_reading *d)
{
	struct hale_disk_reading own = v->reading;

	v->reading = *d;
	v->reading.ref = own.ref;
	v->reading.time_ns = own.time_ns;
	HALE_SET(v->reading.part, own.part);
}

int outside_read(struct smart_visit *v, const char *device, const char *type,
		 char *ret_error)
{
	const char *args[OUTSIDE_ARGS_MAX + 1] = { "--json=c", "-x" };
	_cleanup_free_ char *text = NULL;
	struct hale_disk_reading d = { 0 };
	size_t n = 2;
	int status = 0, r;

	ret_error[0] = '\0';
	if (!v->wake) {
		args[n++] = "-n";
		args[n++] = "standby,3";
	}
	if (type) {
		args[n++] = "-d";
		args[n++] = type;
	}
	args[n] = device;
	r = outside_run(v, args, &text, &status);
	if (r < 0)
		return r;
	if (!v->wake && status == ASLEEP_STATUS) {
		v->reading.asleep = true;
		return 0;
	}
	r = smartctl_read(text, strlen(text), &d, ret_error);
	if (r == 0)
		take(v, &d);
	return r;
}

void outside_see_error(struct smart_disk *d, int error, const char *where,
		       const char *text)
{
	switch (-error) {
	case ENOENT:
		smart_see(d, HALE_SIGHT_BLIND, missing, "%s", where);
		break;
	case EACCES:
		smart_see(d, HALE_SIGHT_BLIND, "smartctl = yes in [smart]",
			  "%s, and smartctl is not to be run", where);
		break;
	case ENODATA:
		smart_see(d, HALE_SIGHT_BLIND, "",
			  "%s, through which smartctl reads nothing", where);
		break;
	case ETIMEDOUT:
		smart_see(d, HALE_SIGHT_BLIND, "",
			  "%s, and smartctl did not end in time", where);
		break;
	default:
		smart_see(d, HALE_SIGHT_BLIND, "", "%s; smartctl: %s", where,
			  text[0] ? text : "failed");
		break;
	}
}

int smart_usb_ask(struct smart_visit *v)
{
	char device[HALE_NAME_MAX + 8], error[SMARTCTL_ERROR_MAX];
	int r;

	snprintf(device, sizeof(device), "/dev/%s", v->disk->name);
	r = outside_read(v, device, NULL, error);
	if (r == 0)
		v->known = true;
	else
		outside_see_error(v->disk, r, "behind a USB bridge", error);
	/* a bridge that smartctl cannot pass is no fault of the disk's */
	return 0;
}
