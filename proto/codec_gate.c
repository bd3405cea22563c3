/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The envelopes of the gate's socket: every Request and Reply is built here,
 * by the command and by the agent alike, so that both mean the same by it.
 * Like codec.c it borrows all texts and takes all memory from an arena.
 */
#include "codec.h"

static Hale__V1__ScopePath *scope_path(struct codec_arena *a,
				       const struct hale_scope_path *p)
{
	Hale__V1__ScopePath *m =
		codec_new(a, &hale__v1__scope_path__descriptor);

	if (!m)
		return NULL;
	m->path = codec_borrow(p->path);
	m->implied = p->implied;
	m->unresolved = p->unresolved;
	m->error = p->error;
	m->major = p->major;
	m->minor = p->minor;
	m->type = codec_borrow(p->type);
	m->source = codec_borrow(p->source);
	m->mountpoint = codec_borrow(p->mountpoint);
	m->measured = p->measured;
	m->read_only = p->read_only;
	m->avail_bytes = p->avail_bytes;
	m->total_bytes = p->total_bytes;
	m->avail_inodes = p->avail_inodes;
	m->total_inodes = p->total_inodes;
	return m;
}

static bool check_paths(struct codec_arena *a,
			const struct hale_scope_request *req,
			Hale__V1__CheckRequest *m)
{
	m->paths = codec_alloc(a, (req->n_paths + 1) * sizeof(*m->paths));
	if (!m->paths)
		return false;
	for (; m->n_paths < req->n_paths; m->n_paths++) {
		Hale__V1__ScopePath *p = scope_path(a, &req->paths[m->n_paths]);

		if (!p)
			return false;
		m->paths[m->n_paths] = p;
	}
	return true;
}

Hale__V1__Request *codec_request_check(struct codec_arena *a,
				       const struct hale_scope_request *req)
{
	Hale__V1__Request *m = codec_new(a, &hale__v1__request__descriptor);
	Hale__V1__CheckRequest *c =
		codec_new(a, &hale__v1__check_request__descriptor);

	if (!m || !c || !check_paths(a, req, c))
		return NULL;
	c->host = req->host;
	c->strict = req->strict;
	c->container = req->container;
	c->fresh = req->fresh;
	c->need_bytes = req->need_bytes;
	c->need_inodes = req->need_inodes;
	c->need_memory_bytes = req->need_memory_bytes;
	c->mem_available_bytes = req->mem_available_bytes;
	m->body_case = HALE__V1__REQUEST__BODY_CHECK;
	m->check = c;
	return m;
}

Hale__V1__Request *codec_request_status(struct codec_arena *a, bool findings,
					bool coverage)
{
	Hale__V1__Request *m = codec_new(a, &hale__v1__request__descriptor);
	Hale__V1__StatusRequest *s =
		codec_new(a, &hale__v1__status_request__descriptor);

	if (!m || !s)
		return NULL;
	s->findings = findings;
	s->coverage = coverage;
	m->body_case = HALE__V1__REQUEST__BODY_STATUS;
	m->status = s;
	return m;
}

Hale__V1__Request *codec_request_watch(struct codec_arena *a)
{
	Hale__V1__Request *m = codec_new(a, &hale__v1__request__descriptor);
	Hale__V1__WatchRequest *w =
		codec_new(a, &hale__v1__watch_request__descriptor);

	if (!m || !w)
		return NULL;
	m->body_case = HALE__V1__REQUEST__BODY_WATCH;
	m->watch = w;
	return m;
}

Hale__V1__Request *codec_request_scope(struct codec_arena *a,
				       const struct hale_scope_path *path)
{
	Hale__V1__Request *m = codec_new(a, &hale__v1__request__descriptor);
	Hale__V1__ScopeRequest *s =
		codec_new(a, &hale__v1__scope_request__descriptor);

	if (!m || !s)
		return NULL;
	s->path = scope_path(a, path);
	if (!s->path)
		return NULL;
	m->body_case = HALE__V1__REQUEST__BODY_SCOPE;
	m->scope = s;
	return m;
}

Hale__V1__Request *codec_request_control(struct codec_arena *a,
					 Hale__V1__ControlRequest *c)
{
	Hale__V1__Request *m = codec_new(a, &hale__v1__request__descriptor);

	if (!m || !c)
		return NULL;
	m->body_case = HALE__V1__REQUEST__BODY_CONTROL;
	m->control = c;
	return m;
}

Hale__V1__Reply *codec_reply_check(struct codec_arena *a,
				   const struct hale_verdict *v,
				   const char *host, uint32_t exit_code)
{
	Hale__V1__Reply *m = codec_new(a, &hale__v1__reply__descriptor);
	Hale__V1__CheckReply *c =
		codec_new(a, &hale__v1__check_reply__descriptor);

	if (!m || !c)
		return NULL;
	c->verdict = codec_verdict(a, v);
	if (!c->verdict)
		return NULL;
	c->host = codec_borrow(host);
	c->exit_code = exit_code;
	m->body_case = HALE__V1__REPLY__BODY_CHECK;
	m->check = c;
	m->last = true;
	return m;
}

Hale__V1__Reply *codec_reply_report(struct codec_arena *a,
				    const struct codec_report *report,
				    bool last)
{
	Hale__V1__Reply *m = codec_new(a, &hale__v1__reply__descriptor);

	if (!m)
		return NULL;
	m->body_case = HALE__V1__REPLY__BODY_REPORT;
	m->report = codec_report(a, report);
	m->last = last;
	return m->report ? m : NULL;
}

Hale__V1__Reply *codec_reply_scope(struct codec_arena *a, const char *path,
				   Hale__V1__Hop **hops, size_t n, bool last)
{
	Hale__V1__Reply *m = codec_new(a, &hale__v1__reply__descriptor);
	Hale__V1__ScopeReply *s =
		codec_new(a, &hale__v1__scope_reply__descriptor);

	if (!m || !s)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		if (!hops[i])
			return NULL;
	}
	s->path = codec_borrow(path);
	s->hops = hops;
	s->n_hops = n;
	m->body_case = HALE__V1__REPLY__BODY_SCOPE;
	m->scope = s;
	m->last = last;
	return m;
}

Hale__V1__Reply *codec_reply_control(struct codec_arena *a, int error,
				     uint32_t affected, const char *text)
{
	Hale__V1__Reply *m = codec_new(a, &hale__v1__reply__descriptor);
	Hale__V1__ControlReply *c =
		codec_new(a, &hale__v1__control_reply__descriptor);

	if (!m || !c)
		return NULL;
	c->error = error;
	c->affected = affected;
	c->text = codec_borrow(text);
	m->body_case = HALE__V1__REPLY__BODY_CONTROL;
	m->control = c;
	m->last = true;
	return m;
}

Hale__V1__Reply *codec_reply_error(struct codec_arena *a, int error,
				   const char *text)
{
	Hale__V1__Reply *m = codec_new(a, &hale__v1__reply__descriptor);
	Hale__V1__ErrorReply *e =
		codec_new(a, &hale__v1__error_reply__descriptor);

	if (!m || !e)
		return NULL;
	e->code = (uint32_t)error;
	e->text = codec_borrow(text);
	m->body_case = HALE__V1__REPLY__BODY_ERROR;
	m->error = e;
	m->last = true;
	return m;
}
