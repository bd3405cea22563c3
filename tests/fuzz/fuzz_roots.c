/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole drivers over a "/" of any files: sysfs, procfs and configuration as a
 * hostile guest's host, a broken firmware or a container's engine may show
 * them. Each fact that a driver states must be a valid one, and its memory is
 * given back. The input: one byte for the driver, one for how it is called,
 * then records PATH 0xfe TEXT 0xff (a file) or PATH 0xfd TARGET 0xff (a link);
 * seeds_roots.py makes them of tests/fixtures. Links lead up only at their
 * beginning and never past the root, so nothing outside of it is read.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/openat2.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "hale/base.h"
#include "hale/driver.h"

#include "drivers/smart/smart.h"
#include "drivers/thermal_parts.h"

enum {
	PATH_BYTES = 256,
	RECORDS = 128
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern const struct hale_driver storage_driver, array_driver, edac_driver,
	limits_driver, virt_driver, space_driver, sensors_driver, engine_driver,
	smart_driver;

static const struct hale_driver *const drivers[] = {
	&storage_driver, &array_driver,	 &edac_driver,
	&limits_driver,	 &virt_driver,	 &space_driver,
	&sensors_driver, &engine_driver, &smart_driver,
};

static char root[] = "/dev/shm/fuzz-roots-XXXXXX";

static void check(bool holds)
{
	if (!holds)
		abort();
}

/* --- the tree --- */

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *at)
{
	(void)st;
	(void)type;
	if (at->level > 0)
		remove(path);
	return 0;
}

/* The folder in which @path lies, made where it is not there; no link on the
 * way. Negative errno. */
static int folder_of(int root_fd, char *path, unsigned int *ret_depth)
{
	struct open_how how = { .flags = O_DIRECTORY | O_CLOEXEC | O_PATH,
				.resolve =
					RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };
	int fd = fcntl(root_fd, F_DUPFD_CLOEXEC, 0);

	*ret_depth = 0;
	for (char *name = path, *end; fd >= 0 && (end = strchr(name, '/'));
	     name = end + 1) {
		int next;

		*end = '\0';
		mkdirat(fd, name, 0755);
		next = (int)syscall(SYS_openat2, fd, name, &how, sizeof(how));
		*end = '/';
		close(fd);
		fd = next;
		++*ret_depth;
	}
	return fd;
}

static bool is_inside(const char *target, unsigned int depth)
{
	for (; strncmp(target, "../", 3) == 0; target += 3) {
		if (depth-- == 0)
			return false;
	}
	return target[0] != '/' && !strstr(target, "..");
}

struct record {
	char path[PATH_BYTES], sort;
	const uint8_t *text;
	size_t len;
};

static void put_in(int dir, const char *name, const struct record *r,
		   unsigned int depth)
{
	char target[PATH_BYTES];
	int fd;

	hale_copy(target, sizeof(target), (const char *)r->text, r->len);
	if (r->sort == '\xfd') {
		if (is_inside(target, depth) &&
		    symlinkat(target, dir, name) < 0)
			check(errno == EEXIST || errno == ENOENT ||
			      errno == ENAMETOOLONG);
		return;
	}
	fd = openat(dir, name,
		    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
		    0644);
	if (fd < 0)
		return;
	check(write(fd, r->text, r->len) == (ssize_t)r->len);
	close(fd);
}

/* "a/b/" is a folder, and its record may end with that. */
static void put(int root_fd, struct record *r)
{
	const char *slash = strrchr(r->path, '/');
	const char *name = slash ? slash + 1 : r->path;
	unsigned int depth;
	int dir;

	if (r->path[0] == '/' || strstr(r->path, ".."))
		return;
	dir = folder_of(root_fd, r->path, &depth);
	if (dir < 0)
		return;
	if (name[0])
		put_in(dir, name, r, depth);
	close(dir);
}

static void plant(int root_fd, const uint8_t *data, size_t size)
{
	for (int n = 0; size > 0 && n < RECORDS; n++) {
		const uint8_t *end = memchr(data, 0xff, size);
		size_t len = end ? (size_t)(end - data) : size, at = 0;
		struct record r;

		while (at < len && data[at] < 0xfd)
			at++;
		hale_copy(r.path, sizeof(r.path), (const char *)data, at);
		if (at < len) {
			r.sort = (char)data[at];
			r.text = data + at + 1;
			r.len = len - at - 1;
			put(root_fd, &r);
		}
		data += len + (end ? 1 : 0);
		size -= len + (end ? 1 : 0);
	}
}

/* --- the driver --- */

static void take(void *sink, const struct hale_fact *f)
{
	uint32_t *n = sink;

	check(hale_fact_valid(f));
	check(++*n < 100000);
}

static void run(const struct hale_driver *d, struct hale_probe *p)
{
	int r = d->probe ? d->probe(p) : 0;

	for (int i = 0; r == 0 && d->sample && i < 2; i++) {
		p->now_ns += 20 * HALE_NS_PER_S;
		r = d->sample(p);
	}
	if (d->remove)
		d->remove(p);
}

static void parts_of(int root_fd)
{
	static struct smart_disk disks[16];
	struct thermal_map map;

	check(smart_disks_read(root_fd, disks, HALE_ARRAY_SIZE(disks)) <=
	      (int)HALE_ARRAY_SIZE(disks));
	thermal_map_read(root_fd, &map);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int root_fd = -1;
	uint32_t n_facts = 0;
	struct hale_probe p = { .event_fd = -1,
				.event_mask = POLLIN,
				.now_ns = UINT64_C(1700000000) * HALE_NS_PER_S,
				.emit = take,
				.sink = &n_facts };
	const struct hale_driver *d;

	if (size < 2)
		return 0;
	if (root_fd < 0) {
		check(mkdtemp(root) != NULL);
		root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	}
	d = drivers[data[0] % HALE_ARRAY_SIZE(drivers)];
	p.root_fd = root_fd;
	p.asked = data[1] & 1;
	p.once = data[1] & 2;
	p.state = calloc(1, d->state_size + 1);
	plant(root_fd, data + 2, size - 2);
	run(d, &p);
	parts_of(root_fd);
	free(p.state);
	nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return 0;
}
