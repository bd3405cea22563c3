/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a client says of its build, and what of it others may hear. Decides what
 * is refused and what is set right; never believes who or where it says it is.
 * Must never keep a secret that it can tell: commands, URLs and lines are
 * masked here even if the client has done so. Invariant: what is stored is
 * printable, within its bounds, and of the user who sent it.
 */
#include <errno.h>

#include "hale/base.h"
#include "hale/kernel_log.h"
#include "hale/repo.h"
#include "hale/text.h"

#include "agent/ship/ship.h"
#include "proto/arena.h"

#define ATTEMPTS_MAX 32
#define WORDS_MAX    300
#define PATHS_MAX    200
#define DEPTH_MAX    16
/* A clock that is set while a build runs may leave it a little ahead. */
#define AHEAD_NS (UINT64_C(86400) * HALE_NS_PER_S)

/* --- every text of a message, whatever it is --- */

static char *clean_text(struct codec_arena *a, const char *text)
{
	size_t len = strlen(text);
	char *clean;

	if (hale_text_printable(text, len + 1))
		return codec_borrow(text);
	clean = codec_alloc(a, len + 1);
	if (clean)
		hale_print_text(clean, len + 1, text, len);
	return clean;
}

static bool clean_message(struct codec_arena *a, ProtobufCMessage *m,
			  int depth);

/* @at: a char * or a message's pointer. */
static bool clean_one(struct codec_arena *a, ProtobufCType type, void *at,
		      int depth)
{
	char **text = at;
	ProtobufCMessage **m = at;

	if (type == PROTOBUF_C_TYPE_STRING && *text) {
		*text = clean_text(a, *text);
		return *text != NULL;
	}
	if (type == PROTOBUF_C_TYPE_MESSAGE && *m)
		return clean_message(a, *m, depth + 1);
	return true;
}

static bool clean_field(struct codec_arena *a, ProtobufCMessage *m,
			const ProtobufCFieldDescriptor *f, int depth)
{
	char *at = (char *)m + f->offset;
	size_t n;
	void **list;

	if (f->type != PROTOBUF_C_TYPE_STRING &&
	    f->type != PROTOBUF_C_TYPE_MESSAGE)
		return true;
	if (f->label != PROTOBUF_C_LABEL_REPEATED)
		return clean_one(a, f->type, at, depth);
	memcpy(&n, (char *)m + f->quantifier_offset, sizeof(n));
	memcpy(&list, at, sizeof(list));
	for (size_t i = 0; i < n; i++) {
		if (!clean_one(a, f->type, &list[i], depth))
			return false;
	}
	return true;
}

static bool clean_message(struct codec_arena *a, ProtobufCMessage *m, int depth)
{
	const ProtobufCMessageDescriptor *d = m->descriptor;

	if (depth > DEPTH_MAX)
		return false;
	for (unsigned int i = 0; i < d->n_fields; i++) {
		if (!clean_field(a, m, &d->fields[i], depth))
			return false;
	}
	return true;
}

/* --- secrets --- */

static bool mask(struct codec_arena *a, struct hale_redact *r, char **text)
{
	/* a mask may be longer than what it hides, at most by so much */
	size_t size = strlen(*text) * 3 + 4;
	char *safe = codec_alloc(a, size);

	if (!safe)
		return false;
	hale_redact(r, *text, safe, size);
	*text = safe;
	return true;
}

static bool mask_words(struct codec_arena *a, char **words, size_t n)
{
	struct hale_redact r = { .next = false };

	for (size_t i = 0; i < n; i++) {
		if (!mask(a, &r, &words[i]))
			return false;
	}
	return true;
}

static bool mask_attempt(struct codec_arena *a, Hale__V1__Attempt *m)
{
	if (!mask_words(a, m->command, m->n_command) ||
	    !mask(a, NULL, &m->headline) || !mask(a, NULL, &m->waits))
		return false;
	if (m->retest && (!mask(a, NULL, &m->retest->command) ||
			  !mask(a, NULL, &m->retest->note)))
		return false;
	for (size_t i = 0; m->text && i < m->text->n_evidence; i++) {
		if (!mask(a, NULL, &m->text->evidence[i]->text))
			return false;
	}
	return true;
}

static bool mask_build(struct codec_arena *a, Hale__V1__BuildResult *m)
{
	for (size_t i = 0; i < m->n_attempts; i++) {
		if (!mask_attempt(a, m->attempts[i]))
			return false;
	}
	return mask_words(a, m->command, m->n_command) &&
	       mask(a, NULL, &m->headline) && mask(a, NULL, &m->note);
}

/* --- bounds --- */

static const char *wrong(const Hale__V1__BuildResult *m, uint64_t now_ns)
{
	size_t id = strlen(m->id);

	if (id < 8 || id > 64 || strspn(m->id, "0123456789abcdef") != id)
		return "id: not 8 to 64 hex digits";
	if (m->outcome < HALE__V1__BUILD_RESULT__OUTCOME__PASSED ||
	    m->outcome > HALE__V1__BUILD_RESULT__OUTCOME__SUSPECT)
		return "outcome: out of range";
	if (m->started_ns == 0 || m->ended_ns < m->started_ns ||
	    m->ended_ns > now_ns + AHEAD_NS)
		return "started_ns, ended_ns: no time that a build can have";
	if (m->n_attempts > ATTEMPTS_MAX)
		return "attempts: more than 32";
	if (m->n_command > WORDS_MAX)
		return "command: more than 300 words";
	if (m->suspects && m->suspects->n_paths > PATHS_MAX)
		return "suspects: more than 200 paths";
	return NULL;
}

const char *told_clean(struct codec_arena *a, Hale__V1__BuildResult *m,
		       const char *host, uid_t uid, uint64_t now_ns)
{
	const char *why = wrong(m, now_ns);
	char *repo;

	if (why)
		return why;
	repo = codec_alloc(a, HALE_REPO_MAX);
	if (!repo)
		return "too long";
	if (m->repo[0])
		hale_repo_name(m->repo, repo);
	m->repo = repo;
	m->uid = uid;
	m->host = codec_borrow(host);
	if (!clean_message(a, &m->base, 0) || !mask_build(a, m))
		return "too long";
	return NULL;
}

/* --- others --- */

static char none[] = "";

static void hide_attempt(Hale__V1__Attempt *m)
{
	m->n_command = 0;
	m->headline = m->waits = none;
	m->n_deaths = m->n_chain = 0;
	if (m->retest)
		m->retest->command = m->retest->note = none;
	if (m->text)
		m->text->n_evidence = 0;
}

void told_to_others(Hale__V1__BuildResult *m)
{
	m->n_command = 0;
	m->directory = m->headline = m->note = none;
	if (m->suspects) {
		m->suspects->n_paths = 0;
		m->suspects->why = none;
	}
	for (size_t i = 0; i < m->n_attempts; i++)
		hide_attempt(m->attempts[i]);
}

void told_finding_without_log(Hale__V1__Finding *m)
{
	if (!m->evidence[0] || !hale_is_kernel_text(m->driver))
		return;
	m->evidence = none;
	m->withheld = true;
}

static void verdict_without_log(const Hale__V1__Verdict *v)
{
	for (size_t i = 0; v && i < v->n_reasons; i++) {
		if (v->reasons[i]->finding)
			told_finding_without_log(v->reasons[i]->finding);
	}
}

static void cause_without_log(const Hale__V1__Cause *c)
{
	for (size_t i = 0; i < c->n_steps; i++) {
		if (c->steps[i]->finding)
			told_finding_without_log(c->steps[i]->finding);
	}
}

void told_without_log(Hale__V1__BuildResult *m)
{
	verdict_without_log(m->before);
	verdict_without_log(m->after);
	for (size_t i = 0; i < m->n_attempts; i++) {
		const Hale__V1__Attempt *a = m->attempts[i];

		for (size_t k = 0; k < a->n_chain; k++)
			cause_without_log(a->chain[k]);
	}
}
