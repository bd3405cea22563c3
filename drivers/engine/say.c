/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts of the driver engine: how what was found is put. Where an engine's
 * folder is, is looked up in the mounts without waiting for any filesystem. An
 * engine that keeps much that nothing uses is told with the number; whether
 * that matters is the reader's to decide.
 *
 * Observations of this driver: value is the bytes that could be freed, for
 * engine.reclaimable, total all that the engine keeps.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>

#include "../cached.h"
#include "../mounts.h"
#include "engine.h"

/* Less than that is a cache at work. */
#define RECLAIMABLE_MIN (10 * HALE_GIB)

void engine_state(struct hale_probe *p, const char *part,
		  enum hale_condition condition, bool holds,
		  const char *evidence)
{
	struct hale_observation o = { .kind = HALE_OBSERVED_STATE,
				      .condition = condition,
				      .ref = HALE_REF_PART,
				      .holds = holds,
				      .count = holds,
				      .time_ns = p->now_ns };

	HALE_SET(o.part, part);
	hale_print_text(o.evidence, sizeof(o.evidence), evidence,
			strlen(evidence));
	hale_emit_observation(p, &o);
}

static const struct mounts_fs *fs_of(const struct hale_probe *p,
				     const struct mounts *m, const char *path,
				     bool *ret_missing)
{
	_cleanup_fd_ int fd =
		cached_open(p->root_fd, path, O_PATH, RESOLVE_IN_ROOT);
	const struct mounts_fs *fs = NULL;
	struct statx st;

	*ret_missing = fd == -ENOENT || fd == -ENOTDIR;
	if (fd >= 0 &&
	    statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID,
		  &st) == 0 &&
	    st.stx_mask & STATX_MNT_ID)
		fs = mounts_by_id(m, st.stx_mnt_id);
	return fs ? fs : mounts_by_path(m, path);
}

void engine_rests(struct hale_probe *p, const char *part, const char *path,
		  bool elsewhere)
{
	struct hale_fact f = { .kind = HALE_FACT_RESTS };
	struct hale_rests *r = &f.u.rests;
	const struct mounts_fs *fs;
	struct mounts *m;
	bool missing;

	r->holds = true;
	HALE_SET(r->part, part);
	HALE_SET(r->path, path);
	if (!elsewhere && mounts_new(p->root_fd, &m) == 0) {
		fs = fs_of(p, m, path, &missing);
		if (fs && !missing) {
			r->major = fs->major;
			r->minor = fs->minor;
		}
		mounts_free(m);
	}
	p->emit(p->sink, &f);
}

void engine_rests_unmounted(struct hale_probe *p, const char *part, bool holds)
{
	struct hale_fact f = { .kind = HALE_FACT_RESTS };

	f.u.rests.holds = holds;
	HALE_SET(f.u.rests.part, part);
	HALE_SET(f.u.rests.on, HALE_RESTS_UNMOUNTED);
	p->emit(p->sink, &f);
}

void engine_say_usage(struct hale_probe *p, const char *part,
		      const struct engine_usage *u)
{
	struct hale_observation o = { .kind = HALE_OBSERVED_STATE,
				      .condition = HALE_ENGINE_RECLAIMABLE,
				      .ref = HALE_REF_PART,
				      .time_ns = p->now_ns };
	bool podman = strcmp(part, "engine/podman") == 0;

	HALE_SET(o.part, part);
	o.value = u->cache_reclaimable + u->image_reclaimable;
	o.total = u->cache_bytes + u->image_bytes;
	o.holds = o.value >= RECLAIMABLE_MIN;
	o.count = o.holds;
	if (o.holds)
		snprintf(o.evidence, sizeof(o.evidence),
			 "`%s` would free %.1f GB of build cache, `%s image "
			 "prune -a` %.1f GB of images that no container uses",
			 podman ? "podman system prune"
				: "docker builder prune",
			 (double)u->cache_reclaimable / 1e9,
			 podman ? "podman" : "docker",
			 (double)u->image_reclaimable / 1e9);
	hale_emit_observation(p, &o);
}
