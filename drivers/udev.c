/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver udev: block devices that come, go or change, as udevd tells it
 * once its rules have run, with identity; without udevd, as the kernel tells
 * it. That a device is gone is taken from the kernel in any case: udevd may sit
 * in its rules for the very disk that dies. Everything comes from the message
 * itself: this runs in the loop, where sysfs may not be read and no device
 * opened. What a message lacks the driver storage fills in, which runs after
 * each fact from here.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "hale/base.h"
#include "hale/driver.h"

#include "disk_identity.h"
#include "udev.h"

/* Events taken in one turn of the loop; the rest keep the socket readable. */
#define BATCH 64
/*
 * The kernel announces a disk only after it has looked for partitions, and on
 * a failing disk that takes its time: errors from just before are this disk's.
 */
#define SINCE_GRACE_NS (60 * HALE_NS_PER_S)
/* include/linux/proc_ns.h: PROC_USER_INIT_INO */
#define USER_INIT_INO 0xEFFFFFFDu

static const char *property(void *ctx, const char *key)
{
	return udev_device_get_property_value(ctx, key);
}

static uint32_t number(struct udev_device *dev, const char *key, bool *ok)
{
	const char *text = property(dev, key);
	unsigned long n;
	char *end;

	if (!text || *text < '0' || *text > '9') {
		*ok = false;
		return 0;
	}
	errno = 0;
	n = strtoul(text, &end, 10);
	if (errno || *end || n > UINT32_MAX)
		*ok = false;
	return (uint32_t)n;
}

static void print(char *dst, size_t size, const char *text)
{
	if (text)
		hale_print_text(dst, size, text, strlen(text));
}

/* ".../block/sda/sda1": the directory that holds the partition's. */
static void set_disk(struct hale_device *d)
{
	const char *end = strrchr(d->devpath, '/'), *begin = end;

	while (end && begin > d->devpath && begin[-1] != '/')
		begin--;
	if (end)
		hale_print_text(d->disk, sizeof(d->disk), begin,
				(size_t)(end - begin));
}

static void identify(struct udev_device *dev, struct hale_device *d)
{
	const char *uuid = property(dev, "MD_UUID");
	struct disk_names names = { 0 };

	switch (d->kind) {
	case HALE_BLOCK_DISK:
	case HALE_BLOCK_NETWORK:
	case HALE_BLOCK_OPTICAL:
		disk_names_from_udev(property, dev, &names);
		disk_describe(&names, d);
		break;
	case HALE_BLOCK_MD:
		if (uuid)
			disk_array_identity(uuid, d->identity);
		break;
	case HALE_BLOCK_PARTITION:
	case HALE_BLOCK_LOOP:
	case HALE_BLOCK_DM: /* whether it is an array its table says */
	case HALE_BLOCK_MEMORY:
	case HALE_BLOCK_COUNT:
		break;
	}
	print(d->fs_uuid, sizeof(d->fs_uuid), property(dev, "ID_FS_UUID"));
}

/* False where the message is no block device's. */
static bool describe(struct udev_device *dev, struct hale_device *d)
{
	const char *type = property(dev, "DEVTYPE");
	const char *path = property(dev, "DEVPATH");
	const char *name = path ? strrchr(path, '/') : NULL;
	bool ok = true;

	d->major = number(dev, "MAJOR", &ok);
	d->minor = number(dev, "MINOR", &ok);
	if (!ok || !name || strlen(name + 1) >= sizeof(d->name))
		return false;
	print(d->name, sizeof(d->name), name + 1);
	print(d->devpath, sizeof(d->devpath), path);
	if (type && strcmp(type, "partition") == 0) {
		d->kind = HALE_BLOCK_PARTITION;
		set_disk(d);
	} else {
		d->kind = disk_kind(d->name);
	}
	return d->name[0] != '\0';
}

/* An event that someone asked for by writing to uevent: nothing happened. */
static bool synthetic(struct udev_device *dev)
{
	return property(dev, "SYNTH_UUID") != NULL;
}

/* Has the kernel told of a later removal? Then udevd's word is old. */
static bool overtaken(const struct udev_state *s, const struct hale_device *d,
		      uint64_t seqnum)
{
	for (unsigned int i = 0; i < GONE_MAX; i++) {
		const struct gone *g = &s->gone[i];

		if (g->major == d->major && g->minor == d->minor && seqnum &&
		    g->seqnum >= seqnum)
			return true;
	}
	return false;
}

static void remember_gone(struct udev_state *s, const struct hale_device *d,
			  uint64_t seqnum)
{
	s->gone[s->next_gone++ % GONE_MAX] =
		(struct gone){ d->major, d->minor, seqnum };
}

static void emit_event(struct hale_probe *p, struct udev_device *dev)
{
	struct hale_fact f = { .kind = HALE_FACT_DEVICE };
	struct hale_device *d = &f.u.device;
	const char *action = udev_device_get_action(dev);

	if (!action || !describe(dev, d) ||
	    overtaken(p->state, d, udev_device_get_seqnum(dev)))
		return;
	d->present =
		strcmp(action, "remove") != 0 && strcmp(action, "offline") != 0;
	if (strcmp(action, "add") == 0 && !synthetic(dev) &&
	    p->now_ns > SINCE_GRACE_NS)
		d->since_ns = p->now_ns - SINCE_GRACE_NS;
	identify(dev, d);
	p->emit(p->sink, &f);
}

static void emit_removal(struct hale_probe *p, struct udev_device *dev)
{
	const char *action = udev_device_get_action(dev);
	struct hale_fact f = { .kind = HALE_FACT_DEVICE };

	if (!action || strcmp(action, "remove") != 0 ||
	    !describe(dev, &f.u.device))
		return;
	remember_gone(p->state, &f.u.device, udev_device_get_seqnum(dev));
	p->emit(p->sink, &f);
}

static void emit_lost(struct hale_probe *p)
{
	struct hale_observation o = {
		.kind = HALE_OBSERVED_EVENT,
		.condition = HALE_AGENT_BLIND,
		.ref = HALE_REF_PART,
		.at_least = true,
		.count = 1,
		.time_ns = p->now_ns,
		.value = ENOBUFS,
		.part = "host",
		.evidence = "device events came faster than they were read",
	};

	hale_emit_observation(p, &o);
}

/* Received with no message to it: nothing left, or events were dropped. */
static int no_device(struct hale_probe *p)
{
	int error = errno;

	if (error == ENOBUFS) {
		emit_lost(p);
		return 0;
	}
	return error == EAGAIN || error == EINTR || error == 0 ? 0 : -error;
}

static int receive(struct hale_probe *p, struct udev_monitor *monitor,
		   void (*take)(struct hale_probe *p, struct udev_device *dev))
{
	for (int i = 0; i < BATCH; i++) {
		struct udev_device *dev;

		errno = 0;
		dev = udev_monitor_receive_device(monitor);
		if (!dev)
			return no_device(p);
		take(p, dev);
		udev_device_unref(dev);
	}
	return 0;
}

static int udev_sample(struct hale_probe *p)
{
	const struct udev_state *s = p->state;
	int r = 0;

	if (s->removals)
		r = receive(p, s->removals, emit_removal);
	return r < 0 ? r : receive(p, s->monitor, emit_event);
}

/* udevd passes its events on within its own network namespace only. */
static bool hears_udevd(const struct hale_probe *p)
{
	struct stat ours, init;

	if (faccessat(p->root_fd, "run/udev/control", F_OK, 0) < 0)
		return false;
	if (fstatat(p->root_fd, "proc/self/ns/net", &ours, 0) < 0 ||
	    fstatat(p->root_fd, "proc/1/ns/net", &init, 0) < 0)
		return true; /* may not look: the control socket decides */
	return ours.st_ino == init.st_ino && ours.st_dev == init.st_dev;
}

/* The kernel sends to network namespaces of the initial user namespace only
 * (lib/kobject_uevent.c). */
static bool hears_kernel(const struct hale_probe *p)
{
	struct stat st;

	return fstatat(p->root_fd, "proc/self/ns/user", &st, 0) < 0 ||
	       st.st_ino == USER_INIT_INO;
}

static void tell_coverage(struct hale_probe *p, bool udevd)
{
	if (udevd)
		hale_emit_coverage(p, HALE_SENSE_IDENTITY, HALE_SIGHT_LIVE, "",
				   "");
	else if (hears_kernel(p))
		hale_emit_coverage(
			p, HALE_SENSE_IDENTITY, HALE_SIGHT_PARTIAL,
			"no udevd: events come without serial numbers", "");
	else
		hale_emit_coverage(p, HALE_SENSE_IDENTITY, HALE_SIGHT_BLIND,
				   "no device events reach this user namespace",
				   "run haled on the host, not in a container");
}

static void udev_remove(struct hale_probe *p)
{
	udev_deafen(p->state);
	p->event_fd = -1; /* was a monitor's, or ours */
}

/* A container's system call filter, say: it will not change while we live. */
static bool is_refused(int error)
{
	return error == -EPERM || error == -EACCES || error == -EAFNOSUPPORT;
}

static int udev_probe(struct hale_probe *p)
{
	bool udevd = hears_udevd(p);
	int r;

	if (p->once)
		return -ENODEV; /* nothing to wait for */
	r = udev_listen(p->state, udevd);
	if (r < 0) {
		udev_remove(p);
		if (!is_refused(r))
			return r;
		hale_emit_coverage(p, HALE_SENSE_IDENTITY, HALE_SIGHT_BLIND,
				   "device events (netlink) are not permitted",
				   "run haled on the host, not in a container");
		return -ENODEV;
	}
	p->event_fd = r;
	tell_coverage(p, udevd);
	return 0;
}

HALE_DRIVER(udev) = {
	.name = "udev",
	.about = "block devices that come, go or change",
	.state_size = sizeof(struct udev_state),
	.senses = 1 << HALE_SENSE_IDENTITY,
	.probe = udev_probe,
	.sample = udev_sample,
	.remove = udev_remove,
};
