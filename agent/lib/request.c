/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a check is about: the paths that were named, or where a build most
 * likely works, and always the filesystems that the tools live on.
 */
#include <errno.h>

#include "hale/base.h"

#include "resolve.h"

#define IMPLIED 2 /* "/" and "/usr" */

static const char *name_of_cwd(char *buf, size_t size)
{
	return getcwd(buf, size) ? buf : ".";
}

static void add_path(struct hale_scope_path *p, const char *name, bool implied)
{
	memset(p, 0, sizeof(*p));
	p->implied = implied;
	HALE_SET(p->path, name);
}

/* "." is looked up as it is: it works where its name no longer does. */
static size_t default_names(const char **names, struct hale_scope_request *req)
{
	const char *tmp = secure_getenv("TMPDIR");
	char buf[HALE_PATH_MAX];

	names[0] = ".";
	add_path(&req->paths[0], name_of_cwd(buf, sizeof(buf)), false);
	names[1] = tmp && tmp[0] ? tmp : "/tmp";
	add_path(&req->paths[1], names[1], false);
	return 2;
}

static int given_names(const char **names, const char *const *given, size_t n,
		       struct hale_scope_request *req)
{
	if (n > HALE_SCOPE_PATHS_MAX - IMPLIED)
		return -E2BIG;
	for (size_t i = 0; i < n; i++) {
		if (!given[i] || !given[i][0])
			return -EINVAL;
		names[i] = given[i];
		add_path(&req->paths[i], given[i], false);
	}
	return (int)n;
}

static bool same_mount(const struct hale_scope_path *a,
		       const struct hale_scope_path *b)
{
	return !a->unresolved && !b->unresolved && a->major == b->major &&
	       a->minor == b->minor &&
	       strcmp(a->mountpoint, b->mountpoint) == 0;
}

/* An implied path says nothing new on a mount that another path has. */
static void drop_doubles(struct hale_scope_request *req)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < req->n_paths; i++) {
		bool drop = false;

		for (uint32_t k = 0; req->paths[i].implied && k < kept; k++)
			drop |= same_mount(&req->paths[i], &req->paths[k]);
		if (drop)
			continue;
		if (kept != i)
			req->paths[kept] = req->paths[i];
		kept++;
	}
	req->n_paths = kept;
}

int resolve_request(const struct resolve_how *how, const char *const *given,
		    size_t n, struct hale_scope_request *req)
{
	static const char *const implied[IMPLIED] = { "/", "/usr" };
	const char *names[HALE_SCOPE_PATHS_MAX];
	int r;

	r = n > 0 ? given_names(names, given, n, req)
		  : (int)default_names(names, req);
	if (r < 0)
		return r;
	n = (size_t)r;
	for (size_t i = 0; i < IMPLIED; i++, n++) {
		names[n] = implied[i];
		add_path(&req->paths[n], implied[i], true);
	}
	r = resolve_paths(how, names, req->paths, n);
	if (r < 0)
		return r;
	req->n_paths = (uint32_t)n;
	drop_doubles(req);
	return 0;
}
