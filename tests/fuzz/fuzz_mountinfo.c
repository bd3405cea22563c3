/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mountinfo from whoever may mount: any bytes, as a file, through the reader
 * and into the folded table. What comes out must be consistent in itself, and
 * lookups in it must hold, whatever the names are.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "drivers/mounts.h"
#include "drivers/mounts_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_fs(const struct mounts *m, const struct mounts_fs *fs)
{
	char value[256];

	check(fs->mount < m->n_rows);
	check(mounts_by_device(m, fs->major, fs->minor) == fs);
	check(m->rows[fs->mount].path[0] == '/');
	check(strlen(fs->type) < sizeof(fs->type));
	mounts_forced_ro(fs);
	mounts_line_option(fs->options, "lowerdir", 0, value, sizeof(value));
	mounts_line_option(fs->options, "upperdir", 3, value, sizeof(value));
}

/* Each filesystem's chain of mounts ends, and holds only its own. */
static void check_chain(const struct mounts *m, const struct mounts_fs *fs)
{
	uint32_t n = 0;

	for (uint32_t at = fs->mount + 1; at; at = m->rows[at - 1].next) {
		check(at <= m->n_rows);
		check(&m->fs[m->rows[at - 1].fs] == fs);
		check(++n <= m->n_rows);
	}
}

static int root_of(const uint8_t *data, size_t size)
{
	static char folder[] = "/tmp/fuzz-mountinfo-XXXXXX";
	static int root_fd = -1;
	int fd;

	if (root_fd < 0) {
		check(mkdtemp(folder) != NULL);
		root_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		check(mkdirat(root_fd, "proc", 0700) == 0);
		check(mkdirat(root_fd, "proc/self", 0700) == 0);
	}
	fd = openat(root_fd, "proc/self/mountinfo",
		    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	check(write(fd, data, size) == (ssize_t)size);
	close(fd);
	return root_fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mounts *m;

	if (mounts_new(root_of(data, size), &m) < 0)
		return 0;
	for (uint32_t i = 0; i < m->n_fs; i++) {
		check_fs(m, &m->fs[i]);
		check_chain(m, &m->fs[i]);
	}
	for (uint32_t i = 0; i < m->n_rows; i++)
		check(mounts_by_path(m, m->rows[i].path) != NULL);
	mounts_free(m);
	return 0;
}
