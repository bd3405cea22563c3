/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Says what the kernel itself keeps about a filesystem's health: made read-only
 * after an error, shut down, errors counted by ext4 in this boot. Read from
 * mountinfo and sysfs, so that no filesystem need answer.
 */
#include <errno.h>
#include <fcntl.h>

#include "space.h"

/* "8:1" to "sda1", by the link that sysfs has for each number. */
static bool block_name(const struct space *sp, const struct mounts_fs *fs,
		       char *name, size_t size)
{
	char path[64], target[HALE_PATH_MAX];
	const char *base;
	ssize_t n;

	snprintf(path, sizeof(path), "sys/dev/block/%u:%u", fs->major,
		 fs->minor);
	n = readlinkat(sp->p->root_fd, path, target, sizeof(target) - 1);
	if (n <= 0)
		return false;
	target[n] = '\0';
	base = strrchr(target, '/');
	return base && hale_copy(name, size, base + 1, strlen(base + 1));
}

static bool ext4_number(const struct space *sp, const char *name,
			const char *attr, uint64_t *ret)
{
	char path[96], text[32], *end;
	uint64_t n;

	snprintf(path, sizeof(path), "sys/fs/ext4/%s/%s", name, attr);
	if (hale_read_at(sp->p->root_fd, path, text, sizeof(text)) <= 0)
		return false;
	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno || *end || text[0] == '-')
		return false;
	*ret = n;
	return true;
}

static void append(char *text, size_t size, const char *word, const char *name)
{
	size_t used = strlen(text);

	hale_copy(text + used, size - used, word, strlen(word));
	used = strlen(text);
	hale_print_text(text + used, size - used, name, strlen(name));
}

/*
 * ext4 keeps its count on disk until fsck resets it; of earlier boots the
 * agent's memory knows, or an operator has cleared it.
 */
static void say_ext4_errors(const struct space *sp, const struct mounts_fs *fs)
{
	struct hale_observation o = { .kind = HALE_OBSERVED_STATE,
				      .condition = HALE_FS_ERROR,
				      .holds = true,
				      .count = 1,
				      .ref = HALE_REF_FS };
	char name[HALE_NAME_MAX], path[96], where[48] = "";
	uint64_t errors, last_s;

	if (!block_name(sp, fs, name, sizeof(name)) ||
	    !ext4_number(sp, name, "errors_count", &errors) || errors == 0 ||
	    !ext4_number(sp, name, "last_error_time", &last_s) ||
	    last_s >= INT64_MAX / HALE_NS_PER_S)
		return;
	/* second against nanosecond: an error of the boot's first second */
	o.time_ns = last_s * HALE_NS_PER_S;
	if ((int64_t)(o.time_ns + HALE_NS_PER_S) < sp->p->boot_to_agent_ns)
		return;
	snprintf(path, sizeof(path), "sys/fs/ext4/%s/last_error_func", name);
	if (hale_read_at(sp->p->root_fd, path, where, sizeof(where)) < 0)
		where[0] = '\0';
	o.value = errors;
	snprintf(o.part, sizeof(o.part), "%u:%u", fs->major, fs->minor);
	snprintf(o.evidence, sizeof(o.evidence),
		 "ext4 on %s counts %llu errors", name,
		 (unsigned long long)errors);
	if (where[0])
		append(o.evidence, sizeof(o.evidence), ", last in ", where);
	hale_emit_observation(sp->p, &o);
}

void space_say_kept(const struct space *sp, const struct mounts_fs *fs)
{
	bool forced = mounts_forced_ro(fs);
	const char *flag = fs->emergency_ro ? "emergency_ro" : "ro";
	char evidence[HALE_EVIDENCE_MAX] = "";

	if (forced)
		snprintf(evidence, sizeof(evidence),
			 "mounted rw, but the superblock of %.150s (%s) is %s",
			 fs->source, fs->type, flag);
	space_state(sp, fs, HALE_FS_READONLY, forced, evidence);
	if (fs->shut_down)
		space_state(sp, fs, HALE_FS_ERROR, true,
			    "the kernel has shut this filesystem down");
	if (strncmp(fs->type, "ext", 3) == 0)
		say_ext4_errors(sp, fs);
}
