/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a request, of one who may do everything and of a stranger:
 * decoded, judged by an agent that knows a few things, and answered. What comes
 * out must be replies, what is logged must be printable, and a stranger changes
 * nothing.
 */
#include <fcntl.h>
#include <stdarg.h>

#include "hale/base.h"
#include "hale/text.h"

#include "agent/daemon/log.h"
#include "tests/unit/bare_agent.h"

#define DISK "disk/naa.5000c500a1b2"

enum {
	STRANGER = 12345
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* In place of the socket and of stderr: see tests/Makefile.inc. */
bool __wrap_gate_send(struct gate_client *c, const void *bytes, size_t len);
void __wrap_log_line(enum log_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void __wrap_log_asked(enum log_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The table of drivers: none, all that is known is said here. */
const struct hale_driver *const hale_drivers[] = { NULL };

static struct agent *agent;
static uint32_t replies;
static uint8_t reply_mem[CODEC_ARENA_UNPACK];

static void check(bool holds)
{
	if (!holds)
		abort();
}

bool __wrap_gate_send(struct gate_client *c, const void *bytes, size_t len)
{
	struct codec_arena a = { .mem = reply_mem, .size = sizeof(reply_mem) };
	Hale__V1__Reply *m;

	(void)c;
	check(codec_unpack_reply(&a, bytes, len, &m) == 0);
	replies++;
	return true;
}

__attribute__((format(printf, 1, 0))) static void check_line(const char *format,
							     va_list args)
{
	char line[4096];

	vsnprintf(line, sizeof(line), format, args);
	check(hale_text_printable(line, sizeof(line)));
}

void __wrap_log_line(enum log_level level, const char *format, ...)
{
	va_list args;

	(void)level;
	va_start(args, format);
	check_line(format, args);
	va_end(args);
}

void __wrap_log_asked(enum log_level level, const char *format, ...)
{
	va_list args;

	(void)level;
	va_start(args, format);
	check_line(format, args);
	va_end(args);
}

static uint32_t findings(void)
{
	static struct hale_finding f;
	uint64_t now = clock_now_ns(&agent->clock);
	uint32_t n = 0;

	while (middle_finding(agent->middle, n, now, &f))
		n++;
	return n;
}

/* As the gate has one whose turn it is. */
static void ask(uid_t uid, const uint8_t *data, size_t size)
{
	struct gate_client *c = &agent->gate.clients[0];

	c->source.fd = STDERR_FILENO; /* nobody sends there */
	c->uid = uid;
	c->may_control = c->may_read_log = uid == 0;
	c->wait = GATE_IDLE;
	c->active_ns = clock_boot_ns();
	memset(agent->spenders, 0, sizeof(agent->spenders));
	replies = 0;
	agent_request(agent, c, data, size);
	if (c->wait == GATE_PACED)
		agent_explain_due(agent);
	if (c->wait == GATE_DEFERRED && c->request)
		agent_serve_deferred(agent);
	/* but for who asked for a reload, which the supervisor answers */
	check(replies > 0 || (c->wait == GATE_DEFERRED && !c->request));
	free(c->request);
	c->request = NULL;
	c->source.fd = -1;
}

static void say_device(const char *name, uint32_t minor,
		       enum hale_block_kind kind)
{
	struct hale_fact f = { .kind = HALE_FACT_DEVICE };
	struct hale_device *d = &f.u.device;

	d->major = 8;
	d->minor = minor;
	d->kind = kind;
	d->present = true;
	HALE_SET(d->name, name);
	HALE_SET(d->disk, "sda");
	if (kind == HALE_BLOCK_DISK)
		HALE_SET(d->identity, DISK);
	bare_agent_say(agent, &f);
}

/* One disk with one partition, which is mounted. */
static void say_map(void)
{
	struct hale_fact f = { .kind = HALE_FACT_MAP_BEGIN };

	say_device("sda", 0, HALE_BLOCK_DISK);
	say_device("sda1", 1, HALE_BLOCK_PARTITION);
	bare_agent_say(agent, &f);
	f.kind = HALE_FACT_MOUNT;
	f.u.mount = (struct hale_mount){ .major = 8,
					 .minor = 1,
					 .writable = true,
					 .type = "ext4",
					 .source = "/dev/sda1",
					 .mountpoint = "/" };
	bare_agent_say(agent, &f);
	f.kind = HALE_FACT_LAYER;
	f.u.layer = (struct hale_layer){ .upper_major = 8,
					 .upper_minor = 1,
					 .lower_major = 8,
					 .via = "partition" };
	bare_agent_say(agent, &f);
	f = (struct hale_fact){ .kind = HALE_FACT_MAP_END };
	bare_agent_say(agent, &f);
}

static void say_death(void)
{
	struct hale_fact f = { .kind = HALE_FACT_VICTIM };
	struct hale_victim *v = &f.u.victim;

	v->pid = 4711;
	v->signal = 11;
	v->time_ns = clock_now_ns(&agent->clock);
	HALE_SET(v->comm, "cc1");
	HALE_SET(v->exe, "/usr/bin/cc1");
	bare_agent_say(agent, &f);
}

static void set_up(void)
{
	agent = bare_agent_new(NULL);
	say_map();
	say_death();
	bare_agent_fault(agent, DISK, HALE_DISK_MEDIUM_ERROR);
	bare_agent_fault(agent, "memory", HALE_MEMORY_UNCORRECTED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t before;

	if (!agent)
		set_up();
	if (size > GATE_MESSAGE_MAX)
		return 0;
	before = findings();
	ask(STRANGER, data, size);
	check(findings() == before);
	ask(0, data, size);
	agent_turn(agent);
	/* what was cleared is there again */
	bare_agent_fault(agent, "memory", HALE_MEMORY_UNCORRECTED);
	return 0;
}
