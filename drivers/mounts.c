/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Folds mountinfo by superblock. All memory is taken at once and bounded; what
 * does not fit is counted, so that the driver can say that it sees only a part.
 * Never touches a mounted filesystem: this must work while all of them hang.
 */
#include <errno.h>

#include "mounts.h"
#include "mounts_line.h"

static const char *keep_text(struct mounts *m, const char *text)
{
	size_t size = strlen(text) + 1;
	char *at = m->text + m->text_used;

	if (size > MOUNTS_TEXT_MAX - m->text_used)
		return NULL;
	memcpy(at, text, size);
	m->text_used += size;
	return at;
}

/* The hash's slot that holds this device, or the free one it belongs in. */
static uint32_t slot_of(const struct mounts *m, uint32_t major, uint32_t minor)
{
	const uint32_t mask = HALE_ARRAY_SIZE(m->by_dev) - 1;
	uint32_t at = (major * 2654435761u ^ minor * 40503u) & mask;

	while (m->by_dev[at]) {
		const struct mounts_fs *fs = &m->fs[m->by_dev[at] - 1];

		if (fs->major == major && fs->minor == minor)
			break;
		at = (at + 1) & mask;
	}
	return at;
}

const struct mounts_fs *mounts_by_device(const struct mounts *m, uint32_t major,
					 uint32_t minor)
{
	uint16_t found = m->by_dev[slot_of(m, major, minor)];

	return found ? &m->fs[found - 1] : NULL;
}

const struct mounts_fs *mounts_by_id(const struct mounts *m, uint64_t id)
{
	for (uint32_t i = 0; i < m->n_rows; i++) {
		if (m->rows[i].id == id)
			return &m->fs[m->rows[i].fs];
	}
	return NULL;
}

/* Is @path at or below @mount? Both absolute. */
static bool below(const char *path, const char *mount, size_t len)
{
	if (len == 1) /* "/" */
		return true;
	return strncmp(path, mount, len) == 0 &&
	       (path[len] == '\0' || path[len] == '/');
}

const struct mounts_fs *mounts_by_path(const struct mounts *m, const char *path)
{
	const struct mounts_row *best = NULL;
	size_t best_len = 0;

	for (uint32_t i = 0; i < m->n_rows; i++) {
		const struct mounts_row *row = &m->rows[i];
		size_t len = strlen(row->path);

		/* of two in the same place the later one covers the other */
		if (len >= best_len && below(path, row->path, len)) {
			best = row;
			best_len = len;
		}
	}
	return best ? &m->fs[best->fs] : NULL;
}

bool mounts_forced_ro(const struct mounts_fs *fs)
{
	/* NFS shares one superblock between ro and rw mounts */
	if (hale_fs_image(fs->type) ||
	    (fs->class != HALE_FSTYPE_BLOCK && fs->class != HALE_FSTYPE_POOL))
		return false;
	/* `mount -o remount,ro` sets both flags, an error the superblock's */
	return fs->emergency_ro ||
	       (fs->super_ro && fs->some_rw && !fs->whole_ro);
}

static struct mounts_fs *add_fs(struct mounts *m,
				const struct mounts_line *info)
{
	uint32_t slot = slot_of(m, info->major, info->minor);
	struct mounts_fs *fs;
	bool stacked;

	if (m->by_dev[slot])
		return &m->fs[m->by_dev[slot] - 1];
	if (m->n_fs == MOUNTS_FS_MAX)
		return NULL;
	fs = &m->fs[m->n_fs];
	fs->major = info->major;
	fs->minor = info->minor;
	fs->class = hale_fs_class(info->type, info->major);
	stacked = fs->class == HALE_FSTYPE_OVERLAY ||
		  strcmp(info->type, "xfs") == 0;
	fs->super_ro = info->super_ro;
	fs->emergency_ro =
		mounts_line_has_option(info->options, "emergency_ro");
	fs->shut_down = mounts_line_has_option(info->options, "shutdown");
	fs->cut = info->cut;
	fs->mount = UINT32_MAX;
	HALE_SET(fs->type, info->type);
	fs->source = keep_text(m, info->source);
	fs->options = stacked ? keep_text(m, info->options) : "";
	if (!fs->source || !fs->options)
		return NULL;
	m->by_dev[slot] = (uint16_t)++m->n_fs;
	return fs;
}

static void fold(struct mounts_fs *fs, const struct mounts_line *info,
		 uint32_t row)
{
	bool whole = strcmp(info->root, "/") == 0;

	fs->some_rw |= !info->mount_ro;
	if (fs->mount == UINT32_MAX || (whole && !fs->whole)) {
		fs->mount = row;
		fs->whole = whole;
		fs->whole_ro = info->mount_ro;
	}
	fs->whole_ro |= whole && info->mount_ro;
}

static int add(void *ctx, const struct mounts_line *info)
{
	struct mounts *m = ctx;
	struct mounts_row *row = m->rows + m->n_rows;
	struct mounts_fs *fs;

	if (m->n_rows == MOUNTS_MAX) {
		m->n_lost++;
		return 0;
	}
	/* the path first: a filesystem without a mount must not come to be */
	row->path = keep_text(m, info->mountpoint);
	fs = row->path ? add_fs(m, info) : NULL;
	if (!fs) {
		m->n_lost++;
		return 0;
	}
	row->id = info->id;
	row->fs = (uint32_t)(fs - m->fs);
	fold(fs, info, m->n_rows++);
	return 0;
}

/* Chains the rows of each filesystem, the one that names it first. */
static void chain(struct mounts *m)
{
	for (uint32_t i = m->n_rows; i-- > 0;) {
		struct mounts_row *row = &m->rows[i];
		struct mounts_row *head = &m->rows[m->fs[row->fs].mount];

		if (row == head)
			continue;
		row->next = head->next;
		head->next = i + 1;
	}
}

int mounts_new(int root_fd, struct mounts **ret_mounts)
{
	struct mounts *m = calloc(1, sizeof(*m));
	int r = -ENOMEM;

	if (!m)
		return -ENOMEM;
	m->text = malloc(MOUNTS_TEXT_MAX);
	if (!m->text)
		goto fail;
	r = mounts_line_each(root_fd, "proc/self/mountinfo", add, m);
	if (r < 0)
		goto fail;
	m->n_bad = (uint32_t)r;
	chain(m);
	*ret_mounts = m;
	return 0;
fail:
	mounts_free(m);
	return r;
}

struct mounts *mounts_free(struct mounts *m)
{
	if (m)
		free(m->text);
	free(m);
	return NULL;
}
