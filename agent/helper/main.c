/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program around a driver's heavy part (hale/helper.h): one run, its facts,
 * and its end. For the agent, facts go as protobuf to the descriptor that it
 * names; for people, as lines of JSON to stdout. Must never outlive its agent's
 * patience: the agent kills it at its deadline. Invariant: which part the
 * driver turns to is out before it does so. Exit status: 0, or the errno of a
 * run that failed.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

#include "hale/base.h"

#include "job.h"
#include "proto/codec_fact.h"
#include "proto/json.h"

static struct job job;
static struct codec_facts facts;

static void flush(void)
{
	while (facts.len > 0 &&
	       send(job.fd, facts.bytes, facts.len, MSG_NOSIGNAL) < 0) {
		if (errno != EINTR)
			_exit(EPIPE); /* nobody waits for it any more */
	}
	facts.len = 0;
}

static void emit_packed(void *sink, const struct hale_fact *f)
{
	int r = codec_facts_add(&facts, f, NULL);

	(void)sink;
	if (r == -ENOSPC) {
		flush();
		r = codec_facts_add(&facts, f, NULL);
	}
	if (r < 0)
		_exit(EBADMSG); /* this is no fact: nobody is to believe us */
	if (codec_fact_turns(f))
		flush();
}

static void emit_json(void *sink, const struct hale_fact *f)
{
	struct codec_arena a = { .mem = facts.arena,
				 .size = sizeof(facts.arena) };
	Hale__V1__Fact *m = codec_fact(&a, f);

	(void)sink;
	if (!m)
		return;
	m->driver = codec_borrow(hale_helper.name);
	json_print_file(m, 0, stdout);
}

static int64_t read_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * (int64_t)HALE_NS_PER_S + t.tv_nsec;
}

/* The agent's clock, or one like it, anchored now. */
static void set_clock(struct hale_probe *p)
{
	int64_t boot = read_ns(CLOCK_BOOTTIME);
	int64_t mono = read_ns(CLOCK_MONOTONIC);

	p->boot_to_agent_ns = job.clock_given ? job.boot_to_agent_ns
					      : read_ns(CLOCK_REALTIME) - boot;
	p->mono_to_agent_ns = p->boot_to_agent_ns + boot - mono;
	p->now_ns = (uint64_t)(boot + p->boot_to_agent_ns);
}

static int run(void)
{
	struct hale_probe p = {
		.event_fd = -1,
		.once = job.once || job.fd < 0,
		.asked = job.asked || job.fd < 0,
		.options = job.options,
		.n_options = job.n_options,
		.skip = (const char(*)[HALE_PART_MAX])job.skip,
		.n_skip = job.n_skip,
		.emit = job.fd < 0 ? emit_json : emit_packed,
	};
	int r;

	p.root_fd = open(job.root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (p.root_fd < 0)
		return -errno;
	set_clock(&p);
	r = hale_helper.sample(&p);
	close(p.root_fd);
	if (job.fd >= 0)
		flush();
	return r;
}

int main(int argc, char **argv)
{
	enum job_said said = job_parse(argc, argv, &job);
	char name[16]; /* TASK_COMM_LEN; it was started by a descriptor */
	int r;

	snprintf(name, sizeof(name), "hale-probe-%s", hale_helper.name);
	prctl(PR_SET_NAME, name);
	if (said != JOB_RUN)
		return said == JOB_DONE ? EXIT_SUCCESS : EINVAL;
	r = run();
	if (r < 0 && job.fd < 0)
		fprintf(stderr, "hale-probe-%s: %s\n", hale_helper.name,
			strerror(-r));
	return r < 0 ? (-r < 255 ? -r : EIO) : EXIT_SUCCESS;
}
