/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hale-scan: where no agent runs, looks once with the agent's own drivers and
 * middle, answers one request and is gone. Request and replies are the gate's,
 * one packet each, on a socket that is stdin and stdout at once. Honours the
 * configuration and what operators cleared. Must end by itself, whatever a
 * disk does, and never says FIT for what it could not look at.
 */
#include <errno.h>
#include <fcntl.h>

#include "hale/base.h"

#include "agent/daemon/answer.h"
#include "agent/daemon/config.h"
#include "agent/daemon/keep.h"
#include "agent/daemon/scan.h"

/* The client waits for 2 s (agent/lib/exchange.h). */
#define SCAN_NS	  (1500 * HALE_NS_PER_MS)
#define STATE_DIR "/var/lib/hale"

struct scan {
	struct config config;
	struct driver_option options[CONFIG_OPTIONS_MAX];
	struct hale_clock clock;
	struct middle *middle;
	struct answer answer;
	uint64_t position;
	uint8_t request[CODEC_MESSAGE_MAX]; /* victims may be many */
	uint8_t arena[CODEC_ARENA_UNPACK];
};

static bool out(void *data, const void *bytes, size_t len)
{
	(void)data;
	return write(STDOUT_FILENO, bytes, len) == (ssize_t)len;
}

static void sink(void *data, const char *driver, const struct hale_fact *f,
		 uint64_t now_ns)
{
	struct scan *s = data;

	middle_fact(s->middle, driver, f, now_ns);
}

/* Another place than the system's, for tests and agents without root. */
static const char *folder(const char *variable, const char *usual)
{
	const char *given = secure_getenv(variable);

	return given && given[0] ? given : usual;
}

/* A broken configuration must not loosen anything: the defaults then hold. */
static void configure(struct scan *s)
{
	char error[CONFIG_ERROR_MAX];

	config_default(&s->config);
	if (config_load(folder("HALE_CONFIG", CONFIG_FILE_DEFAULT), true,
			&s->config, error) < 0)
		config_default(&s->config);
}

/* What is not readable for this user is not remembered for it. */
static void remember(struct scan *s)
{
	struct keep_memory mem = { .middle = s->middle, .clock = &s->clock };
	_cleanup_fd_ int dir = open(folder("HALE_STATE_DIR", STATE_DIR),
				    O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir >= 0)
		keep_read(dir, &mem);
	s->position = mem.position;
}

static int look(struct scan *s)
{
	struct host_scan scan = {
		.sink = sink,
		.data = s,
		.clock = &s->clock,
		.options = s->options,
		.resume_seq = s->position,
		.deadline_ns = SCAN_NS,
	};
	int r;

	scan.n_options = config_driver_options(&s->config, s->options,
					       CONFIG_OPTIONS_MAX);
	r = host_scan(&scan);
	middle_tick(s->middle, clock_now_ns(&s->clock));
	return r;
}

/* --- answering --- */

static int refuse(struct scan *s, int error, const char *text)
{
	answer_error(&s->answer, error, text, out, NULL);
	return EXIT_FAILURE;
}

static int answer_check_request(struct scan *s, const Hale__V1__CheckRequest *m,
				size_t len)
{
	struct hale_scope_request *req = &s->answer.request;
	const char *why = "";
	const uint8_t *reply;
	size_t n = 0;

	if (codec_read_check(m, req, &why) < 0)
		return refuse(s, EBADMSG, why);
	reply = answer_check(&s->answer, s->request, len, req, &n);
	if (!reply)
		return refuse(s, ENOMEM, "out of memory");
	return out(NULL, reply, n) ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int answer_scope_request(struct scan *s, const Hale__V1__ScopeRequest *m)
{
	struct hale_scope_path path;
	const char *why = "";

	if (codec_read_scope_path(m->path, &path, &why) < 0)
		return refuse(s, EBADMSG, why);
	return answer_scope(&s->answer, &path, out, NULL) < 0 ? EXIT_FAILURE
							      : EXIT_SUCCESS;
}

/* Runs with the rights of who asks: hides nothing from it. */
static int answer_explain_request(struct scan *s,
				  const Hale__V1__ExplainRequest *m)
{
	const struct answer_asker asker = { .all = true };

	return answer_explain(&s->answer, m, &asker, out, NULL) < 0
		       ? EXIT_FAILURE
		       : EXIT_SUCCESS;
}

static int answer_request(struct scan *s, size_t len)
{
	struct codec_arena a = { .mem = s->arena, .size = sizeof(s->arena) };
	Hale__V1__Request *q;

	if (codec_unpack_request(&a, s->request, len, &q) < 0)
		return refuse(s, EBADMSG, "not a request");
	switch (q->body_case) {
	case HALE__V1__REQUEST__BODY_CHECK:
		return answer_check_request(s, q->check, len);
	case HALE__V1__REQUEST__BODY_STATUS:
		return answer_report(&s->answer, q->status, out, NULL) < 0
			       ? EXIT_FAILURE
			       : EXIT_SUCCESS;
	case HALE__V1__REQUEST__BODY_SCOPE:
		return answer_scope_request(s, q->scope);
	case HALE__V1__REQUEST__BODY_EXPLAIN:
		return answer_explain_request(s, q->explain);
	case HALE__V1__REQUEST__BODY_WATCH:
	case HALE__V1__REQUEST__BODY_CONTROL:
	case HALE__V1__REQUEST__BODY_VERIFY:
		return refuse(s, EOPNOTSUPP, "only an agent can do that");
	case HALE__V1__REQUEST__BODY__NOT_SET:
	case _HALE__V1__REQUEST__BODY__CASE_IS_INT_SIZE:
		break;
	}
	return refuse(s, EBADMSG, "not a request");
}

int main(void)
{
	struct scan *s = calloc(1, sizeof(*s));
	ssize_t len;
	int code = EXIT_FAILURE;

	if (!s)
		return EXIT_FAILURE;
	len = read(STDIN_FILENO, s->request, sizeof(s->request));
	configure(s);
	if (len > 0 && middle_new(&s->config.policy, &s->middle) == 0) {
		clock_init(&s->clock);
		remember(s);
		answer_init(&s->answer, s->middle, &s->clock);
		answer_to(&s->answer, true); /* it reads what it may */
		if (look(s) < 0)
			code = refuse(s, EIO, "no driver could be run");
		else
			code = answer_request(s, (size_t)len);
		answer_done(&s->answer);
	}
	middle_free(s->middle);
	free(s);
	return code;
}
