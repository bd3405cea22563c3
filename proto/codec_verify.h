/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_CODEC_VERIFY_H
#define HALE_CODEC_VERIFY_H

/* Active tests and failing sectors as messages; see codec.h and codec_read.h
 * for what builders and readers promise. */

#include "codec_read.h"

#include "hale/verify.h"

/* What a row of a full list takes. */
#define CODEC_SECTORS_ARENA (192 + HALE_RANGES_MAX * 64)
#define CODEC_SECTORS_BYTES (160 + HALE_RANGES_MAX * 32)

Hale__V1__Memory__Sectors *
codec_memory_sectors(struct codec_arena *a,
		     const struct hale_memory_sectors *row);
/* -EBADMSG: more ranges than are kept, or no part. */
int codec_read_memory_sectors(const Hale__V1__Memory__Sectors *m,
			      struct hale_memory_sectors *ret_row);

/* @d: part, numbers and conditions are the caller's to set. */
Hale__V1__VerifyDisk *codec_verify_disk(struct codec_arena *a,
					const struct hale_failing *f);
/* Untrusted as any: -EBADMSG where ranges make no sense. */
int codec_read_verify_disk(const Hale__V1__VerifyDisk *m,
			   struct hale_failing *ret_f);
Hale__V1__Reply *codec_reply_verify(struct codec_arena *a,
				    Hale__V1__VerifyDisk **disks, size_t n,
				    const char *host);

/* @name: "": @path is asked about, else it may be NULL. */
Hale__V1__Request *codec_request_verify(struct codec_arena *a, const char *name,
					const struct hale_scope_path *path);

int codec_read_verification(const Hale__V1__Verification *m,
			    struct hale_verification *ret_v,
			    const char **ret_why);

#endif
