/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the disks that are meant: a node of /dev, a name, an identity, or the
 * disks beneath a path. The agent knows which of them failed where; without
 * one a node of /dev is all that can be told. Must never test another disk
 * than the one that was named.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "hale/text.h"

#include "target.h"

#include "agent/lib/resolve.h"
#include "proto/codec_verify.h"

#define TEXT(array, src)                                                       \
	hale_print_text((array), sizeof(array), (src), strlen(src))

/* Looked up in a child: a path may lie on a mount that never answers. */
#define LOOK_MS 3000

struct looked {
	int error; /* errno of stat(2); 0: it is there */
	bool block;
	uint32_t major, minor;
};

static _Noreturn void look_child(const char *path, int out)
{
	struct looked l = { 0 };
	struct stat st;

	if (stat(path, &st) < 0)
		l.error = errno;
	else
		l = (struct looked){ 0, S_ISBLK(st.st_mode), major(st.st_rdev),
				     minor(st.st_rdev) };
	_exit(write(out, &l, sizeof(l)) == (ssize_t)sizeof(l) ? 0 : 1);
}

static struct looked look(struct verify *v, const char *path)
{
	struct looked l = { .error = ETIMEDOUT };
	pid_t pid, self = getpid();
	int fds[2], n;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return (struct looked){ .error = errno };
	pid = fork();
	if (pid == 0) {
		verify_child(self, false);
		look_child(path, fds[1]);
	}
	close(fds[1]);
	n = pid < 0 ? -1 : verify_wait(v, fds[0], LOOK_MS);
	if (n == 1 && read(fds[0], &l, sizeof(l)) != (ssize_t)sizeof(l))
		l = (struct looked){ .error = EIO };
	close(fds[0]);
	verify_end_child(pid);
	return l;
}

/* "sde", "/dev/sde", "/dev/disk/by-id/…": also without an agent. */
static struct looked look_at_operand(struct verify *v, const char *operand)
{
	struct looked file = look(v, operand), node;
	char path[HALE_PATH_MAX];

	if (strchr(operand, '/') || file.error != ENOENT)
		return file;
	snprintf(path, sizeof(path), "/dev/%s", operand);
	node = look(v, path);
	return node.error == 0 && node.block ? node : file;
}

/* The last name of where /sys/dev/block's link goes, or the one before. */
static bool kernel_name(const struct reader_device *d, bool of_parent,
			char *ret)
{
	char path[64], link[HALE_PATH_MAX], *slash = link;
	ssize_t n;

	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u", d->major,
		 d->minor);
	n = readlink(path, link, sizeof(link) - 1);
	if (n <= 0)
		return false;
	link[n] = '\0';
	for (int i = of_parent ? 0 : 1; i < 2 && slash; i++) {
		slash = strrchr(link, '/');
		if (slash && i == 0 && of_parent)
			*slash = '\0';
	}
	return slash &&
	       hale_copy(ret, HALE_NAME_MAX, slash + 1, strlen(slash + 1));
}

/* A partition's number becomes that of its disk: it is disks that are tested,
 * and asked whether they sleep. */
static void to_whole_disk(struct reader_device *d)
{
	char path[80];
	char text[32] = "", *colon = NULL;
	unsigned long major = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/partition", d->major,
		 d->minor);
	if (access(path, F_OK) != 0)
		return;
	snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/../dev", d->major,
		 d->minor);
	f = fopen(path, "re");
	if (f && fgets(text, sizeof(text), f))
		major = strtoul(text, &colon, 10);
	if (f)
		fclose(f);
	if (!colon || *colon != ':' || !kernel_name(d, true, d->name))
		return;
	d->major = (uint32_t)major;
	d->minor = (uint32_t)strtoul(colon + 1, NULL, 10);
}

static int add(struct targets *t, const Hale__V1__VerifyDisk *d)
{
	struct target *to = &t->list[t->n];

	if (!d->part || codec_read_verify_disk(d, &to->failing) < 0)
		return -EBADMSG;
	to->device.major = d->major;
	to->device.minor = d->minor;
	TEXT(to->device.name, d->part->alias);
	TEXT(to->part, d->part->id);
	TEXT(to->model, d->part->model);
	TEXT(to->serial, d->part->serial);
	to->n_conditions = (uint32_t)d->n_conditions;
	t->n++;
	return 0;
}

static int take_reply(struct targets *t, const Hale__V1__VerifyReply *m)
{
	t->agent = true;
	for (size_t i = 0; i < m->n_disks && t->n < TARGETS_MAX; i++) {
		if (add(t, m->disks[i]) < 0)
			return -EBADMSG;
	}
	return t->n > 0 ? 0 : -ENODEV;
}

static int unknown_disk(const struct verify *v, int error)
{
	const char *name = v->o->operand;

	if (error == -ENODEV)
		return verify_fail(VERIFY_UNKNOWN,
				   "%s: no disk that is here goes by that",
				   name);
	if (error == -ENOENT)
		return verify_fail(VERIFY_UNKNOWN,
				   "%s: which disk that is only an agent "
				   "knows, and none runs; name /dev/...",
				   name);
	return verify_fail(VERIFY_UNKNOWN, "%s: the agent does not answer: %s",
			   name, strerrordesc_np(-error));
}

static int ask_about(const struct verify *v, const char *name,
		     const struct hale_scope_path *path, struct targets *t)
{
	Hale__V1__Reply *reply = NULL;
	int r = ask_failing(v, name, path, &reply);

	if (r < 0)
		return r;
	r = take_reply(t, reply->verify);
	hale__v1__reply__free_unpacked(reply, NULL);
	return r;
}

/* No agent, or one that does not know the device: the node itself. */
static int node_alone(struct targets *t, uint32_t major, uint32_t minor)
{
	struct target *to = &t->list[0];

	memset(to, 0, sizeof(*to));
	to->device.major = major;
	to->device.minor = minor;
	if (!kernel_name(&to->device, false, to->device.name))
		HALE_SET(to->device.name, "?");
	to_whole_disk(&to->device);
	to->failing.gaps = HALE_GAP_LOST;
	t->n = 1;
	return 0;
}

static int find_node(const struct verify *v, struct targets *t, uint32_t major,
		     uint32_t minor)
{
	char number[32];
	int r;

	snprintf(number, sizeof(number), "%u:%u", major, minor);
	r = ask_about(v, number, NULL, t);
	return r < 0 ? node_alone(t, major, minor) : 0;
}

static int find_path(const struct verify *v, struct targets *t)
{
	const char *name = v->o->operand;
	struct hale_scope_path path = { 0 };
	int r;

	HALE_SET(path.path, name);
	r = resolve_paths(NULL, &name, &path, 1);
	if (r == 0 && path.unresolved)
		r = path.error ? -(int)path.error : -ETIMEDOUT;
	if (r < 0)
		return verify_fail(VERIFY_UNKNOWN, "%s: %s", name,
				   strerrordesc_np(-r));
	r = ask_about(v, "", &path, t);
	return r < 0 ? unknown_disk(v, r) : 0;
}

int targets_find(struct verify *v, struct targets *ret)
{
	const char *name = v->o->operand;
	struct looked l;
	int r;

	memset(ret, 0, sizeof(*ret));
	l = look_at_operand(v, name);
	if (v->interrupted)
		return VERIFY_INTERRUPTED;
	if (l.error == 0 && l.block)
		return find_node(v, ret, l.major, l.minor);
	if (l.error == ETIMEDOUT)
		return verify_fail(VERIFY_UNKNOWN,
				   "%s: the filesystem that it is on does not "
				   "answer",
				   name);
	if (l.error == 0 || name[0] == '/' || name[0] == '.')
		return find_path(v, ret);
	r = ask_about(v, name, NULL, ret);
	return r < 0 ? unknown_disk(v, r) : 0;
}
