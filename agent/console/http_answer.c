/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an answer looks like. Decides the headers that every one of them has.
 * Must never send what a host said as anything but JSON, nor let a page of ours
 * run what is not ours. Invariant: no answer leaves without the policy below.
 */
#include "hale/base.h"

#include "agent/console/http_room.h"
#include "agent/console/page.h"

/*
 * The page may load its own files and ask its own server, and nothing else; no
 * script or style within the page, no eval, no frame around it. Trusted Types
 * turn every way from text to markup into an error, so that a disk that calls
 * itself <script> is shown by that name.
 */
static const char *const common[][2] = {
	{ "Content-Security-Policy",
	  "default-src 'none'; script-src 'self'; style-src 'self'; "
	  "img-src 'self'; connect-src 'self'; base-uri 'none'; "
	  "form-action 'none'; frame-ancestors 'none'; "
	  "require-trusted-types-for 'script'; trusted-types 'none'" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "Referrer-Policy", "no-referrer" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
	{ "X-Frame-Options", "DENY" },
	{ "Permissions-Policy",
	  "camera=(), geolocation=(), microphone=(), usb=()" },
};

static const char json_type[] = "application/json; charset=utf-8";
static const char text_type[] = "text/plain; charset=utf-8";

static enum MHD_Result send_it(struct MHD_Connection *c, unsigned int status,
			       struct MHD_Response *r, const char *type)
{
	enum MHD_Result done;

	if (!r)
		return MHD_NO;
	MHD_add_response_header(r, "Content-Type", type);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(common); i++)
		MHD_add_response_header(r, common[i][0], common[i][1]);
	if (!MHD_get_response_header(r, "Cache-Control"))
		MHD_add_response_header(r, "Cache-Control", "no-store");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(r, "Allow", "GET, HEAD");
	done = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return done;
}

enum MHD_Result answer_words(struct MHD_Connection *c, unsigned int status,
			     const char *words)
{
	return send_it(c, status,
		       MHD_create_response_from_buffer(strlen(words),
						       strdup(words),
						       MHD_RESPMEM_MUST_FREE),
		       text_type);
}

enum MHD_Result answer_json(struct MHD_Connection *c, struct jot *json)
{
	if (json->lost) {
		jot_done(json);
		return answer_words(c, MHD_HTTP_INTERNAL_SERVER_ERROR,
				    "more than fits into an answer\n");
	}
	return send_it(c, MHD_HTTP_OK,
		       MHD_create_response_from_buffer(json->len, json->bytes,
						       MHD_RESPMEM_MUST_FREE),
		       json_type);
}

/* MHD wants a pointer it may write to, and does not write to a persistent one.
 */
static struct MHD_Response *file_response(const struct page_file *f, bool fresh)
{
	union {
		const void *ours;
		void *theirs;
	} bytes = { .ours = f->bytes };
	struct MHD_Response *r = MHD_create_response_from_buffer(
		fresh ? 0 : f->len, bytes.theirs, MHD_RESPMEM_PERSISTENT);

	if (r) {
		MHD_add_response_header(r, "ETag", f->etag);
		MHD_add_response_header(r, "Cache-Control", "no-cache");
	}
	return r;
}

enum MHD_Result answer_file(struct MHD_Connection *c, const char *path)
{
	const char *known = MHD_lookup_connection_value(c, MHD_HEADER_KIND,
							"If-None-Match");

	for (size_t i = 0; i < page_files_n; i++) {
		const struct page_file *f = &page_files[i];
		bool fresh = known && strcmp(known, f->etag) == 0;

		if (strcmp(f->path, path) != 0)
			continue;
		return send_it(c, fresh ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK,
			       file_response(f, fresh), f->type);
	}
	return answer_words(c, MHD_HTTP_NOT_FOUND, "no such page\n");
}

enum MHD_Result answer_stream(struct ask *a, MHD_ContentReaderCallback reader)
{
	return send_it(a->connection, MHD_HTTP_OK,
		       MHD_create_response_from_callback(MHD_SIZE_UNKNOWN,
							 (size_t)16 * 1024,
							 reader, a, NULL),
		       "text/event-stream");
}
