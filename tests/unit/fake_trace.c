/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tracefs of the tests. Knows the kernel's layouts by heart, and nothing of
 * what the driver makes of them.
 */
#include "fake_trace.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "hale/base.h"

#define TRACING "sys/kernel/tracing"
/* Their writing ends: a reader without any is told that it is over. */
static int pipes[FAKE_TRACE_CPUS];

#define HEAD_LEN 8 /* common_type, _flags, _preempt_count, _pid */

static const struct {
	const char *fields; /* "declaration;offset;size;signed", a line each */
} layouts[TRACE_EVENT_COUNT] = {
	[TRACE_BLOCK_ERROR] = { "dev_t dev;8;4;0\nsector_t sector;16;8;0\n"
				"unsigned int nr_sector;24;4;0\n"
				"int error;28;4;1\n"
				"unsigned short ioprio;32;2;0\n"
				"char rwbs[8];34;8;0\n"
				"__data_loc char[] cmd;44;4;0\n" },
	[TRACE_BLOCK_COMPLETE] = { "dev_t dev;8;4;0\nsector_t sector;16;8;0\n"
				   "unsigned int nr_sector;24;4;0\n"
				   "int error;28;4;1\nchar rwbs[8];32;8;0\n" },
	[TRACE_SIGNAL] = { "int sig;8;4;1\nint errno;12;4;1\nint code;16;4;1\n"
			   "char comm[16];20;16;0\npid_t pid;36;4;1\n"
			   "int group;40;4;1\nint result;44;4;1\n" },
	[TRACE_DEATH] = { "int sig;8;4;1\nint errno;12;4;1\n"
			  "int code;16;4;1\n"
			  "unsigned long sa_handler;24;8;0\n"
			  "unsigned long sa_flags;32;8;0\n" },
	[TRACE_OOM] = { "int pid;8;4;1\n__data_loc char[] comm;12;4;0\n" },
	[TRACE_MEMORY_FAILURE] = { "unsigned long pfn;8;8;0\nint type;16;4;1\n"
				   "int result;20;4;1\n" },
	[TRACE_MC] = { "unsigned int error_type;8;4;0\n"
		       "__data_loc char[] msg;12;4;0\n"
		       "__data_loc char[] label;16;4;0\n"
		       "u16 error_count;20;2;0\nu8 mc_index;22;1;0\n"
		       "s8 top_layer;23;1;1\nlong address;32;8;1\n" },
	[TRACE_MCE] = { "u64 mcgcap;8;8;0\nu64 mcgstatus;16;8;0\n"
			"u64 status;24;8;0\nu64 addr;32;8;0\n"
			"u32 cpu;40;4;0\nu8 bank;44;1;0\n" },
	[TRACE_EXTLOG] = { "u32 err_seq;8;4;0\nu8 etype;12;1;0\n"
			   "u8 sev;13;1;0\nu64 pa;16;8;0\n"
			   "__data_loc char[] fru_text;24;4;0\n" },
	[TRACE_AER] = { "__data_loc char[] dev_name;8;4;0\nu32 status;12;4;0\n"
			"u8 severity;16;1;0\n" },
	[TRACE_DEVLINK] = { "__data_loc char[] bus_name;8;4;0\n"
			    "__data_loc char[] dev_name;12;4;0\n"
			    "__data_loc char[] driver_name;16;4;0\n"
			    "__data_loc char[] reporter_name;20;4;0\n"
			    "__data_loc char[] msg;24;4;0\n" },
	[TRACE_STACK] = { "int size;8;4;1\nunsigned long caller[8];16;64;0\n" },
	[TRACE_MARK] = { "unsigned long ip;8;8;0\nchar buf[];16;0;0\n" },
};

unsigned int fake_trace_id(enum trace_event event)
{
	return 300 + (unsigned int)event;
}

static void write_fields(FILE *out, const char *fields)
{
	char declaration[64];
	int offset, size, is_signed, len = 0;

	while (sscanf(fields, "%63[^;];%d;%d;%d\n%n", declaration, &offset,
		      &size, &is_signed, &len) == 4) {
		fprintf(out, "\tfield:%s;\toffset:%d;\tsize:%d;\tsigned:%d;\n",
			declaration, offset, size, is_signed);
		fields += len;
	}
}

static void write_format(const struct tree *t, enum trace_event event)
{
	const struct trace_event_info *info = &trace_events[event];
	char path[128], *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	fprintf(out, "name: %s\nID: %u\nformat:\n", info->name,
		fake_trace_id(event));
	write_fields(out, "unsigned short common_type;0;2;0\n"
			  "unsigned char common_flags;2;1;0\n"
			  "unsigned char common_preempt_count;3;1;0\n"
			  "int common_pid;4;4;1\n");
	fputc('\n', out);
	write_fields(out, layouts[event].fields);
	fputs("\nprint fmt: \"%d\", __nobody_knows(REC->x\n", out);
	fclose(out);
	snprintf(path, sizeof(path), TRACING "/events/%s/%s/format",
		 info->group, info->name);
	tree_file(t, path, text, len);
	free(text);
}

static void instance_path(char *path, size_t size, const char *file)
{
	snprintf(path, size, TRACING "/instances/hale-%d/%s", (int)getpid(),
		 file);
}

static void write_empty(const struct tree *t, const char *file)
{
	char path[160];

	instance_path(path, sizeof(path), file);
	tree_file(t, path, "", 0);
}

static void write_event(const struct tree *t, const struct trace_event_info *e)
{
	static const char *const files[] = { "enable", "filter", "trigger" };
	char file[96];

	for (size_t i = 0; i < HALE_ARRAY_SIZE(files); i++) {
		snprintf(file, sizeof(file), "events/%s/%s/%s", e->group,
			 e->name, files[i]);
		write_empty(t, file);
	}
}

static void make_pipes(const struct tree *t)
{
	char file[64], path[160];

	for (unsigned int i = 0; i < FAKE_TRACE_CPUS; i++) {
		snprintf(file, sizeof(file), "per_cpu/cpu%u/stats", i);
		write_empty(t, file);
		snprintf(file, sizeof(file), "per_cpu/cpu%u/trace_pipe_raw", i);
		instance_path(path, sizeof(path), file);
		assert_int_equal(mkfifoat(t->root_fd, path, 0600), 0);
		pipes[i] = openat(t->root_fd, path, O_RDWR | O_NONBLOCK);
		assert_true(pipes[i] >= 0);
	}
}

void fake_trace_tree(struct tree *ret_tree, const char *missing)
{
	static const char page[] =
		"\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
		"\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;\n"
		"\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n"
		"\tfield: char data;\toffset:16;\tsize:4080;\tsigned:1;\n";
	static const char *const files[] = { "trace_clock", "buffer_size_kb",
					     "buffer_percent", "trace_marker" };

	tree_new(ret_tree);
	tree_file(ret_tree, TRACING "/events/header_page", page,
		  sizeof(page) - 1);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(files); i++)
		write_empty(ret_tree, files[i]);
	for (int i = 0; i < TRACE_EVENT_COUNT; i++) {
		const struct trace_event_info *e = &trace_events[i];
		char name[64];

		snprintf(name, sizeof(name), "%s/%s", e->group, e->name);
		if (missing && strcmp(missing, name) == 0)
			continue;
		write_format(ret_tree, (enum trace_event)i);
		write_event(ret_tree, e);
	}
	make_pipes(ret_tree);
}

void fake_trace_read(const struct tree *t, const char *file, char *ret_text,
		     unsigned long size)
{
	char path[160];
	ssize_t n;
	int fd;

	instance_path(path, sizeof(path), file);
	fd = openat(t->root_fd, path, O_RDONLY);
	assert_true(fd >= 0);
	n = read(fd, ret_text, size - 1);
	assert_true(n >= 0);
	ret_text[n] = '\0';
	close(fd);
}

void fake_trace_say(unsigned int cpu, const struct fake_page *page)
{
	assert_int_equal(write(pipes[cpu], page->bytes, FAKE_PAGE), FAKE_PAGE);
}

void fake_trace_remove(struct tree *t)
{
	for (unsigned int i = 0; i < FAKE_TRACE_CPUS; i++)
		close(pipes[i]);
	tree_remove(t);
}

static void put(struct fake_page *p, unsigned long at, const void *bytes,
		size_t len)
{
	assert_true(at + len <= FAKE_PAGE);
	memcpy(p->bytes + at, bytes, len);
}

static void commit(struct fake_page *p, uint64_t flags)
{
	uint64_t word = p->at - 16;

	word |= flags;
	put(p, 8, &word, sizeof(word));
}

void fake_page_begin(struct fake_page *p, unsigned long long time_ns)
{
	int long_records = p->long_records;

	memset(p, 0, sizeof(*p));
	p->long_records = long_records;
	p->at = 16;
	put(p, 0, &time_ns, sizeof(time_ns));
	commit(p, 0);
}

void fake_page_lost(struct fake_page *p, unsigned long n)
{
	put(p, p->at, &n, sizeof(n));
	commit(p, UINT64_C(3) << 30);
}

void fake_page_add(struct fake_page *p, enum trace_event event,
		   unsigned int delta_ns, const void *body, unsigned int len)
{
	unsigned int whole = (HEAD_LEN + len + 3) & ~3U;
	bool in_head = whole / 4 <= 28 && !p->long_records;
	uint32_t head = delta_ns << 5 | (in_head ? whole / 4 : 0);
	uint16_t id = (uint16_t)fake_trace_id(event);
	uint32_t length = whole + 4;

	put(p, p->at, &head, sizeof(head));
	p->at += 4;
	if (!in_head) {
		put(p, p->at, &length, sizeof(length));
		p->at += 4;
	}
	put(p, p->at, &id, sizeof(id));
	put(p, p->at + HEAD_LEN, body, len);
	p->at += whole;
	commit(p, 0);
}

void fake_page_add_by(struct fake_page *p, enum trace_event event, int thread,
		      const void *body, unsigned int len)
{
	unsigned long at;

	fake_page_add(p, event, 1000000, body, len);
	at = p->at - ((HEAD_LEN + len + 3) & ~3UL);
	put(p, at + 4, &thread, sizeof(thread));
}

void fake_page_block(struct fake_page *p, unsigned int dev,
		     unsigned long long sector, int error, const char *rwbs)
{
	unsigned char body[40] = { 0 };
	uint32_t sectors = 8;
	int32_t negative = -error;

	memcpy(body, &dev, 4);
	memcpy(body + 8, &sector, 8);
	memcpy(body + 16, &sectors, 4);
	memcpy(body + 20, &negative, 4);
	memcpy(body + 26, rwbs, strnlen(rwbs, 8));
	fake_page_add(p, TRACE_BLOCK_ERROR, 1000, body, sizeof(body));
}

void fake_page_signal(struct fake_page *p, int code, const char *comm, int pid)
{
	unsigned char body[40] = { 7 };

	memcpy(body + 8, &code, 4);
	memcpy(body + 12, comm, strnlen(comm, 16));
	memcpy(body + 28, &pid, 4);
	fake_page_add(p, TRACE_SIGNAL, 1000, body, sizeof(body));
}
