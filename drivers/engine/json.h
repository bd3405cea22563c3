/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DRIVERS_ENGINE_JSON_H
#define DRIVERS_ENGINE_JSON_H

/* What an engine's answers and its configuration say. Pure, over bytes that
 * anybody may have sent. */

#include "hale/observation.h"

struct engine_info {
	char root[HALE_PATH_MAX];	 /* DockerRootDir; "" not said */
	char driver[HALE_NAME_MAX];	 /* "overlay2" */
	char version[HALE_NAME_MAX];	 /* "20.10.24" */
	char trouble[HALE_EVIDENCE_MAX]; /* its storage's, as it says; or "" */
	char kernel[HALE_PATH_MAX];	 /* "6.1.0-13-amd64" */
	bool elsewhere;	 /* the engine runs in another machine */
	bool containerd; /* images are kept by the host's containerd */
};

struct engine_usage {
	uint64_t cache_bytes, cache_reclaimable;
	uint64_t image_bytes, image_reclaimable;
};

/* 0 or -EBADMSG. */
int engine_read_info(const char *body, size_t len,
		     struct engine_info *ret_info);
int engine_read_usage(const char *body, size_t len,
		      struct engine_usage *ret_usage);
/* The message of an error's body, or the body as it is; printable. */
void engine_read_error(const char *body, size_t len, char *ret_text,
		       size_t size);
/* Is this about storage that is full or fails? */
bool engine_tells_storage(const char *text);
/* "graphroot" of a storage.conf; false where it is not set there. */
bool engine_read_graphroot(const char *text, char *ret_path, size_t size);

#endif
