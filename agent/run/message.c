/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A story to one message. Decides what of a build may be told on: its command
 * and its lines of output without secrets, and so much of them as a message
 * holds. Must never change what happened for the sake of room: what is left out
 * is detail of earlier attempts first, then of the last one. Invariant: the
 * same story gives the same message, so that --result and the store agree.
 */
#include <errno.h>
#include <sys/random.h>

#include "hale/base.h"
#include "hale/repo.h"
#include "hale/version.h"

#include "agent/run/message.h"
#include "agent/run/result.h"
#include "proto/codec.h"

#define WORDS_MAX     256 /* of a command; what follows is "…" */
#define WORD_TEXT_MAX 1024
#define LISTED_MAX    200 /* paths of suspects */

void result_make_id(char ret_id[33])
{
	uint8_t bytes[16] = { 0 };

	if (getrandom(bytes, sizeof(bytes), GRND_NONBLOCK) < 0)
		memset(bytes, 0, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(ret_id + 2 * i, 3, "%02x", bytes[i]);
}

char *message_text(struct codec_arena *a, const char *text)
{
	size_t len = strlen(text);
	char *copy = codec_alloc(a, len + 1);

	return copy ? memcpy(copy, text, len + 1) : NULL;
}

char *message_safe_text(struct codec_arena *a, const char *text)
{
	char safe[WORD_TEXT_MAX];

	hale_redact(NULL, text, safe, sizeof(safe));
	return message_text(a, safe);
}

char **message_words(struct codec_arena *a, char *const *words, size_t *ret_n)
{
	struct hale_redact state = { .next = false };
	char text[WORD_TEXT_MAX], **list;
	size_t n = 0;

	while (words && words[n] && n < WORDS_MAX)
		n++;
	list = codec_alloc(a, (n + 2) * sizeof(*list));
	if (!list)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		hale_redact(&state, words[i], text, sizeof(text));
		list[i] = message_text(a, text);
		if (!list[i])
			return NULL;
	}
	if (words && words[n])
		list[n++] = codec_borrow("...");
	*ret_n = n;
	return list;
}

/* --- what is filled in from the host --- */

static uint64_t mix(uint64_t h, const char *text)
{
	for (; *text; text++)
		h = (h ^ (uint8_t)*text) * UINT64_C(0x100000001b3);
	return h;
}

/* Where nobody has made one: no two builds share boot, pid and start. */
static void derive_id(const Hale__V1__BuildResult *m, char ret_id[33])
{
	char text[96];
	uint64_t a, b;

	snprintf(text, sizeof(text), "%.36s %d %llu", m->boot_id, (int)getpid(),
		 (unsigned long long)m->started_ns);
	a = mix(UINT64_C(0xcbf29ce484222325), text);
	b = mix(a, m->host);
	snprintf(ret_id, 33, "%016llx%016llx", (unsigned long long)a,
		 (unsigned long long)b);
}

static void read_boot_id(char ret_id[40])
{
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	ret_id[0] = '\0';
	if (!f)
		return;
	if (fgets(ret_id, 40, f))
		ret_id[strcspn(ret_id, "\n")] = '\0';
	fclose(f);
}

static void name_repo(const struct run_options *o, char ret[HALE_REPO_MAX])
{
	ret[0] = '\0';
	if (!o->repo)
		hale_repo_find(".", ret);
	else if (o->repo[0])
		hale_repo_name(o->repo, ret);
}

static bool fill_place(struct codec_arena *a, const struct run_story *s,
		       Hale__V1__BuildResult *m)
{
	char host[65] = "", boot[40], dir[HALE_PATH_MAX], repo[HALE_REPO_MAX];
	char id[33];

	gethostname(host, sizeof(host) - 1);
	read_boot_id(boot);
	name_repo(s->options, repo);
	if (!getcwd(dir, sizeof(dir)))
		dir[0] = '\0'; /* gone, or too long for a field */
	m->host = message_text(a, host);
	m->boot_id = message_text(a, boot);
	m->repo = message_text(a, repo);
	m->directory = message_text(a, dir);
	if (!m->host || !m->boot_id)
		return false;
	derive_id(m, id);
	m->id = message_text(a, s->id[0] ? s->id : id);
	m->version = codec_borrow(HALE_VERSION);
	m->uid = (uint32_t)getuid();
	return m->id && m->repo && m->directory;
}

/* --- what happened --- */

static Hale__V1__BuildResult__Outcome outcome_of(const struct run_story *s)
{
	const struct run_attempt *last =
		s->n > 0 ? &s->records[s->n - 1].attempt : NULL;

	if (!last)
		return HALE__V1__BUILD_RESULT__OUTCOME__REFUSED;
	if (last->end != RUN_EXITED || last->status != 0)
		return HALE__V1__BUILD_RESULT__OUTCOME__FAILED;
	return s->judgement.suspect ? HALE__V1__BUILD_RESULT__OUTCOME__SUSPECT
				    : HALE__V1__BUILD_RESULT__OUTCOME__PASSED;
}

static bool fill_judgement(struct codec_arena *a, const struct run_story *s,
			   Hale__V1__BuildResult *m)
{
	const struct run_judgement *j = &s->judgement;
	bool passed;

	m->outcome = outcome_of(s);
	passed = m->outcome == HALE__V1__BUILD_RESULT__OUTCOME__PASSED;
	m->started_ns = s->started_ns;
	m->ended_ns = s->ended_ns;
	m->started = s->started;
	m->status = j->status;
	m->host_fault = j->host_fault;
	if (!passed) {
		m->cause = codec_borrow(hale_build_cause_name(j->cause));
		m->confidence =
			codec_borrow(hale_confidence_name(j->confidence));
		m->retry = codec_borrow(hale_retry_name(j->retry));
	}
	m->headline = message_safe_text(a, j->headline);
	return m->headline != NULL;
}

static bool fill_attempts(struct codec_arena *a, const struct run_story *s,
			  Hale__V1__BuildResult *m)
{
	const struct run_attempt *last;

	m->attempts = codec_alloc(a, (s->n + 1) * sizeof(*m->attempts));
	if (!m->attempts)
		return false;
	for (; m->n_attempts < s->n; m->n_attempts++) {
		Hale__V1__Attempt *one =
			message_attempt(a, &s->records[m->n_attempts],
					m->n_attempts + 1 == s->n);

		if (!one)
			return false;
		m->attempts[m->n_attempts] = one;
	}
	if (s->n == 0)
		return true;
	last = &s->records[s->n - 1].attempt;
	m->strategy = codec_borrow(last->strategy ? last->strategy : "");
	m->cache_hits = last->cached;
	m->steps = last->steps;
	return true;
}

static bool fill_suspects(struct codec_arena *a, const struct suspects *s,
			  Hale__V1__BuildResult *m)
{
	Hale__V1__Suspects *to;
	size_t n = s->n_paths < LISTED_MAX ? s->n_paths : LISTED_MAX;

	if (s->files == 0 && s->why[0] == '\0')
		return true;
	to = codec_new(a, &hale__v1__suspects__descriptor);
	if (!to)
		return false;
	to->since_ns = s->since_ns;
	to->until_ns = s->until_ns;
	to->files = s->files < UINT32_MAX ? (uint32_t)s->files : UINT32_MAX;
	to->cut = s->cut;
	to->why = codec_borrow(s->why);
	to->paths = codec_alloc(a, (n + 1) * sizeof(*to->paths));
	if (!to->paths)
		return false;
	for (; to->n_paths < n; to->n_paths++)
		to->paths[to->n_paths] = s->paths[to->n_paths];
	m->suspects = to;
	return true;
}

static bool fill_verdicts(struct codec_arena *a, const struct run_story *s,
			  Hale__V1__BuildResult *m)
{
	const struct run_host *host =
		s->n > 0 ? &s->records[s->n - 1].host : NULL;

	m->before = message_verdict(a, s->watch ? watch_reply_before(s->watch)
						: NULL);
	/* that of before where nobody answered since: not to be repeated */
	m->after = message_verdict(
		a, s->watch && watch_reply(s->watch) !=
					   watch_reply_before(s->watch)
			   ? watch_reply(s->watch)
			   : NULL);
	if (!m->before || !m->after)
		return false;
	if (!host) {
		m->after = NULL;
		return true;
	}
	m->before->fitness = (Hale__V1__Fitness)s->records[0].host.before;
	m->after->fitness = (Hale__V1__Fitness)host->after;
	m->after->as_of_ns = s->ended_ns;
	m->note = message_safe_text(a, host->note);
	return m->note != NULL;
}

/* --- to a size --- */

/* Drops the next most dispensable thing; false where there is none. */
static bool drop_detail(Hale__V1__BuildResult *m)
{
	for (size_t i = 0; i < m->n_attempts; i++) {
		Hale__V1__Attempt *one = m->attempts[i];

		if (i + 1 == m->n_attempts && m->suspects &&
		    m->suspects->n_paths > 0) {
			m->suspects->n_paths /= 2;
			m->suspects->cut = true;
			return true;
		}
		if (one->n_deaths > 0) {
			one->n_deaths = 0;
			return true;
		}
		if (one->n_chain > 0) {
			one->n_chain--;
			return true;
		}
		if (one->text) {
			one->text = NULL;
			return true;
		}
		if (one->retest) {
			one->retest = NULL;
			return true;
		}
		if (one->n_command > 0) {
			one->n_command /= 2;
			return true;
		}
	}
	if (m->after && m->after->n_reasons > 0) {
		m->after->n_reasons--;
		return true;
	}
	if (m->before && m->before->n_reasons > 0) {
		m->before->n_reasons--;
		return true;
	}
	m->n_command /= 2;
	return m->n_command > 0;
}

Hale__V1__BuildResult *result_message(struct codec_arena *a,
				      const struct run_story *s, size_t max)
{
	Hale__V1__BuildResult *m =
		codec_new(a, &hale__v1__build_result__descriptor);

	if (!m)
		return NULL;
	m->started_ns = s->started_ns;
	if (!fill_place(a, s, m) || !fill_judgement(a, s, m) ||
	    !fill_attempts(a, s, m) || !fill_suspects(a, &s->suspects, m) ||
	    !fill_verdicts(a, s, m))
		return NULL;
	m->command = message_words(a, s->options->command, &m->n_command);
	if (!m->command)
		return NULL;
	while (hale__v1__build_result__get_packed_size(m) > max) {
		if (!drop_detail(m))
			return NULL;
	}
	return m;
}
