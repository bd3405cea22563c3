/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way from a path down to the metal. A way that does not branch is one
 * line, as people draw it; one that does, or is too long for the terminal, is
 * a tree with a line a hop. Findings stand under the hop that they are about.
 */
#include <string.h>

#include "hale/base.h"

#include "render.h"

#define INDENT_MAX 32 /* deeper stacks are drawn no further to the right */

static void words(struct out *o, const struct hale_hop_entry *h)
{
	if (h->via[0]) {
		out_text(o, h->via);
		out_raw(o, " ");
	}
	out_color(o, OUT_BOLD, h->name);
	if (h->detail[0]) {
		out_raw(o, " ");
		out_text(o, h->detail);
	}
	if (h->redundant)
		out_raw(o, " (one of several)");
}

static void finding(struct out *o, const struct hale_entry *e, size_t indent,
		    uint64_t now_ns)
{
	for (size_t i = 0; i < indent; i++)
		out_raw(o, " ");
	render_brief(o, e, now_ns);
}

static void findings_of(struct out *o, const struct hale_reply *r, size_t hop,
			size_t indent, uint64_t now_ns)
{
	struct hale_entry e;

	for (size_t i = 0; hale_reply_hop_finding(r, hop, i, &e); i++)
		finding(o, &e, indent, now_ns);
}

static bool branches(const struct hale_reply *r)
{
	struct hale_hop_entry h;

	for (size_t i = 0; hale_reply_hop(r, i, &h); i++) {
		if (h.depth != i)
			return true;
	}
	return false;
}

static void one_line(struct out *o, const struct hale_reply *r,
		     const char *path)
{
	struct hale_hop_entry h;

	out_text(o, path);
	for (size_t i = 0; hale_reply_hop(r, i, &h); i++) {
		out_raw(o, "  ");
		words(o, &h);
	}
	out_raw(o, "\n");
}

static void tree(struct out *o, const struct hale_reply *r, const char *path,
		 uint64_t now_ns)
{
	struct hale_hop_entry h;

	out_text(o, path);
	out_raw(o, "\n");
	for (size_t i = 0; hale_reply_hop(r, i, &h); i++) {
		size_t indent = 2 * ((size_t)h.depth + 1);

		indent = indent > INDENT_MAX ? INDENT_MAX : indent;
		for (size_t k = 0; k < indent; k++)
			out_raw(o, " ");
		words(o, &h);
		out_raw(o, "\n");
		findings_of(o, r, i, indent + 2, now_ns);
	}
}

void render_scope(struct out *o, const struct hale_reply *r, size_t width,
		  uint64_t now_ns)
{
	struct out line = { 0 };
	struct hale_summary s;
	bool fits;

	hale_reply_summary(r, &s);
	one_line(&line, r, s.path);
	fits = line.len <= width + 1; /* and the newline */
	out_done(&line);
	if (!fits || branches(r)) {
		tree(o, r, s.path, now_ns);
		return;
	}
	one_line(o, r, s.path);
	for (size_t i = 0; i < s.n_hops; i++)
		findings_of(o, r, i, 2, now_ns);
}
