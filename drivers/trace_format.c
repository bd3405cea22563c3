/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of tracepoints, and the fields of their records. Decides what is
 * asked of the kernel; what it means is trace_event.c's. Fields move from one
 * kernel to the next, so nothing is read but where this kernel says it is, and
 * never outside the record: a field that does not fit is one that is missing.
 */
#include "trace_format.h"

#include <errno.h>
#include <string.h>
#include <traceevent/event-parse.h>

#include "hale/base.h"
#include "hale/driver.h"

/* The longest, cxl's aside, are under 6 KiB, most of it how to print them. */
#define FORMAT_MAX 16384

const struct trace_event_info trace_events[TRACE_EVENT_COUNT] = {
	[TRACE_BLOCK_ERROR] = { "block",
				"block_rq_error",
				NULL,
				{ "dev", "sector", "nr_sector", "error",
				  "rwbs" } },
	[TRACE_BLOCK_COMPLETE] = { "block",
				   "block_rq_complete",
				   "error != 0",
				   { "dev", "sector", "nr_sector", "error",
				     "rwbs" } },
	/* gcc's compilers catch what they crash by, and end by a message */
	[TRACE_SIGNAL] = { "signal",
			   "signal_generate",
			   "sig == 7 || ((sig == 4 || sig == 11) && code > 0 "
			   "&& (comm ~ \"cc1*\" || comm == \"lto1\" || "
			   "comm == \"f951\" || comm == \"gnat1\"))",
			   { "code", "comm", "pid", "common_pid", "result",
			     "sig" } },
	/* told by the thread itself, before its core is written; handlers,
	 * which runtimes use by the thousand, are left out by the kernel */
	[TRACE_DEATH] = { "signal",
			  "signal_deliver",
			  "sa_handler == 0 && (sig == 4 || sig == 5 || "
			  "sig == 6 || sig == 7 || sig == 8 || sig == 11 || "
			  "sig == 31)",
			  { "sig", "code", "common_pid" } },
	[TRACE_OOM] = { "oom",
			"mark_victim",
			NULL,
			{ "pid", "comm", "common_pid" } },
	[TRACE_MEMORY_FAILURE] = { "ras",
				   "memory_failure_event",
				   NULL,
				   { "pfn", "result" } },
	[TRACE_MC] = { "ras",
		       "mc_event",
		       NULL,
		       { "error_type", "msg", "label", "error_count",
			 "mc_index", "address" } },
	[TRACE_MCE] = { "mce",
			"mce_record",
			NULL,
			{ "cpu", "bank", "status", "addr", "mcgstatus" } },
	[TRACE_EXTLOG] = { "ras",
			   "extlog_mem_event",
			   NULL,
			   { "sev", "pa", "fru_text" } },
	[TRACE_AER] = { "ras",
			"aer_event",
			NULL,
			{ "dev_name", "status", "severity" } },
	[TRACE_DEVLINK] = { "devlink",
			    "devlink_health_report",
			    NULL,
			    { "bus_name", "dev_name", "driver_name",
			      "reporter_name", "msg" } },
	[TRACE_STACK] = { "ftrace",
			  "kernel_stack",
			  NULL,
			  { "caller", "common_pid" } },
	[TRACE_MARK] = { "ftrace", "print", NULL, { "buf" } },
};

static void take_field(struct tep_event *e, const char *name,
		       struct trace_field *ret)
{
	const struct tep_format_field *f =
		name ? tep_find_any_field(e, name) : NULL;

	if (!f || f->offset < 0 || f->offset > UINT16_MAX || f->size < 0 ||
	    f->size > UINT16_MAX)
		return;
	ret->offset = (uint16_t)f->offset;
	/* what has no size of its own goes on to the record's end */
	ret->size = f->size ? (uint16_t)f->size : UINT16_MAX;
	ret->is_signed = (f->flags & TEP_FIELD_IS_SIGNED) != 0;
	ret->indirect = (f->flags & TEP_FIELD_IS_DYNAMIC) != 0;
}

/* How to print a record is not needed, and the largest part by far. */
static void cut_print(char *text, size_t size)
{
	static const char none[] = "print fmt: \"\"\n";
	char *print = strstr(text, "\nprint fmt:");

	if (print && (size_t)(print + 1 - text) + sizeof(none) <= size)
		memcpy(print + 1, none, sizeof(none));
}

static int take_layout(struct tep_handle *tep, const char *text,
		       const struct trace_event_info *info,
		       struct trace_formats *f, struct trace_layout *ret)
{
	struct tep_event *e = NULL;
	const struct tep_format_field *type;

	if (tep_parse_format(tep, &e, text, strlen(text), info->group) != 0 ||
	    !e)
		return -EBADMSG;
	type = tep_find_common_field(e, "common_type");
	if (!type || e->id < 0 || e->id > UINT16_MAX || type->offset < 0 ||
	    type->offset > 64 || type->size != sizeof(uint16_t))
		return -EBADMSG;
	f->type_offset = (uint16_t)type->offset;
	f->type_size = (uint16_t)type->size;
	for (size_t i = 0; i < TRACE_FIELDS_MAX; i++)
		take_field(e, info->fields[i], &ret->fields[i]);
	ret->id = (uint16_t)e->id;
	ret->known = true;
	return 0;
}

static int load_event(struct tep_handle *tep, int events_fd, char *buf,
		      enum trace_event event, struct trace_formats *f)
{
	const struct trace_event_info *info = &trace_events[event];
	char path[80];
	int r;

	snprintf(path, sizeof(path), "%s/%s/format", info->group, info->name);
	r = hale_read_at(events_fd, path, buf, FORMAT_MAX);
	if (r < 0)
		return r;
	cut_print(buf, FORMAT_MAX);
	return take_layout(tep, buf, info, f, &f->layouts[event]);
}

static int load_page(struct tep_handle *tep, int events_fd, char *buf,
		     struct trace_formats *f)
{
	int r = hale_read_at(events_fd, "header_page", buf, FORMAT_MAX);
	int commit, page;

	if (r < 0)
		return r;
	if (tep_parse_header_page(tep, buf, (unsigned long)r, 0) < 0)
		return -EBADMSG;
	commit = tep_get_header_page_size(tep);
	page = tep_get_sub_buffer_size(tep);
	if (commit != 4 && commit != 8)
		return -EBADMSG;
	f->commit_size = (uint16_t)commit;
	/* a reader that takes less than a page gets its rest as the next */
	f->page_size = page > 0 ? (size_t)page : 0;
	if (f->page_size < (size_t)sysconf(_SC_PAGESIZE))
		f->page_size = (size_t)sysconf(_SC_PAGESIZE);
	return f->page_size <= 64 * HALE_KIB * 4 ? 0 : -EBADMSG;
}

static int load_all(struct tep_handle *tep, int events_fd, char *buf,
		    struct trace_formats *f)
{
	int r = load_page(tep, events_fd, buf, f);
	int known = 0;

	for (int i = 0; r == 0 && i < TRACE_EVENT_COUNT; i++)
		known += load_event(tep, events_fd, buf, (enum trace_event)i,
				    f) == 0;
	if (r == 0 && known == 0)
		return -ENOENT;
	return r;
}

static void set_endian(struct tep_handle *tep)
{
	enum tep_endian e =
		tep_is_bigendian() ? TEP_BIG_ENDIAN : TEP_LITTLE_ENDIAN;

	tep_set_file_bigendian(tep, e);
	tep_set_local_bigendian(tep, e);
}

int trace_formats_load(int events_fd, struct trace_formats *ret_formats)
{
	_cleanup_free_ char *buf = malloc(FORMAT_MAX);
	struct trace_formats f = { .page_size = 0 };
	struct tep_handle *tep;
	int r = -ENOMEM;

	if (!buf)
		return r;
	tep_set_loglevel(TEP_LOG_NONE);
	tep = tep_alloc();
	if (tep) {
		set_endian(tep);
		r = load_all(tep, events_fd, buf, &f);
		tep_free(tep);
	}
	if (r == 0)
		*ret_formats = f;
	return r;
}

enum trace_event trace_event_of(const struct trace_formats *f,
				const struct trace_raw *raw)
{
	uint16_t id = 0;

	if (f->type_size != sizeof(id) ||
	    raw->len < (size_t)f->type_offset + sizeof(id))
		return TRACE_EVENT_COUNT;
	memcpy(&id, raw->data + f->type_offset, sizeof(id));
	for (int i = 0; i < TRACE_EVENT_COUNT; i++) {
		if (f->layouts[i].known && f->layouts[i].id == id)
			return (enum trace_event)i;
	}
	return TRACE_EVENT_COUNT;
}

static uint64_t extend(uint64_t n, size_t size)
{
	const unsigned int unused = 64 - 8 * (unsigned int)size;

	return (uint64_t)((int64_t)(n << unused) >> unused);
}

static uint64_t load(const uint8_t *at, size_t size)
{
	uint64_t n = 0;
	uint32_t n4;
	uint16_t n2;

	switch (size) {
	case 1:
		return *at;
	case 2:
		memcpy(&n2, at, sizeof(n2));
		return n2;
	case 4:
		memcpy(&n4, at, sizeof(n4));
		return n4;
	case 8:
		memcpy(&n, at, sizeof(n));
		return n;
	default:
		return 0;
	}
}

uint64_t trace_number(const struct trace_raw *raw, const struct trace_field *f)
{
	uint64_t n;

	if (f->size == 0 || f->size > 8 ||
	    raw->len < (size_t)f->offset + f->size)
		return 0;
	n = load(raw->data + f->offset, f->size);
	return f->is_signed ? extend(n, f->size) : n;
}

void trace_text(const struct trace_raw *raw, const struct trace_field *f,
		char *ret_text, size_t size)
{
	size_t offset = f->offset, len = f->size;

	if (f->indirect) {
		const struct trace_field loc = { .offset = f->offset,
						 .size = 4 };
		uint64_t at = trace_number(raw, &loc);

		offset = at & 0xffff;
		len = at >> 16;
	}
	if (f->size == 0 || offset >= raw->len)
		len = 0;
	else if (len > raw->len - offset)
		len = raw->len - offset;
	if (len > 0)
		len = strnlen((const char *)raw->data + offset, len);
	hale_print_text(ret_text, size, (const char *)raw->data + offset, len);
}
