/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The libudev of fake_udev.h. Objects are counted, so that a test can see that
 * none is left; what the driver passes is checked where it is passed.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "hale/base.h"

#include "fake_udev.h"

struct udev_monitor {
	bool kernel;
	size_t next;
	int fds[2]; /* a pipe: something that can be watched */
};

struct fake_udev fake;
static int object;

struct udev *udev_new(void)
{
	fake.refs++;
	return (struct udev *)&object;
}

struct udev *udev_unref(struct udev *udev)
{
	assert_non_null(udev);
	fake.refs--;
	return NULL;
}

struct udev_monitor *udev_monitor_new_from_netlink(struct udev *udev,
						   const char *name)
{
	struct udev_monitor *m = calloc(1, sizeof(*m));

	assert_non_null(udev);
	fake.refs++;
	strncat(fake.groups, name, 10);
	strncat(fake.groups, " ", 2);
	m->kernel = strcmp(name, "kernel") == 0;
	assert_int_equal(pipe(m->fds), 0);
	return m;
}

struct udev_monitor *udev_monitor_unref(struct udev_monitor *monitor)
{
	assert_non_null(monitor);
	fake.refs--;
	close(monitor->fds[0]);
	close(monitor->fds[1]);
	free(monitor);
	return NULL;
}

int udev_monitor_filter_add_match_subsystem_devtype(
	struct udev_monitor *monitor, const char *subsystem, const char *type)
{
	assert_non_null(monitor);
	assert_string_equal(subsystem, "block");
	assert_null(type);
	return 0;
}

int udev_monitor_set_receive_buffer_size(struct udev_monitor *monitor, int size)
{
	assert_non_null(monitor);
	assert_true(size > 0);
	return -EPERM; /* as for whoever lacks the capability */
}

int udev_monitor_enable_receiving(struct udev_monitor *monitor)
{
	assert_non_null(monitor);
	return fake.enable_error;
}

int udev_monitor_get_fd(struct udev_monitor *monitor)
{
	return monitor->fds[0];
}

unsigned long long udev_device_get_seqnum(struct udev_device *device)
{
	return device->seqnum;
}

/* Where only the kernel is listened to, it tells all there is. */
struct udev_device *udev_monitor_receive_device(struct udev_monitor *monitor)
{
	bool alone = strcmp(fake.groups, "kernel ") == 0;

	for (; monitor->next < fake.n; monitor->next++) {
		const struct udev_device *e = &fake.events[monitor->next];

		if (!alone && e->kernel != monitor->kernel)
			continue;
		monitor->next++;
		if (e->error) {
			errno = e->error;
			return NULL;
		}
		fake.refs++;
		return (struct udev_device *)(uintptr_t)e;
	}
	errno = EAGAIN;
	return NULL;
}

struct udev_device *udev_device_unref(struct udev_device *device)
{
	assert_non_null(device);
	fake.refs--;
	return NULL;
}

const char *udev_device_get_action(struct udev_device *device)
{
	return device->action;
}

const char *udev_device_get_property_value(struct udev_device *device,
					   const char *key)
{
	for (size_t i = 0; device->properties[i]; i += 2) {
		if (strcmp(device->properties[i], key) == 0)
			return device->properties[i + 1];
	}
	return NULL;
}
