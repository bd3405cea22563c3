/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records to observations, all but the block layer's (trace_block.c). Decides
 * which part a record is about and by which key a line of the log, or another
 * driver, is found to tell of the same event. Must say the same as kmsg.rules
 * do for the same fault, or one fault would be two findings.
 */
#include "trace_event.h"

#include <inttypes.h>
#include <signal.h>

#include "hale/base.h"

#include "trace_block.h"

/* What the fields of trace_events[] are, in their order. */
enum {
	SIG_CODE,
	SIG_COMM,
	SIG_PID,
	SIG_SENDER,
	SIG_RESULT,
	SIG_SIGNAL
};
enum {
	OOM_PID,
	OOM_COMM
};
enum {
	MF_PFN,
	MF_RESULT
};
enum {
	MC_TYPE,
	MC_MSG,
	MC_LABEL,
	MC_COUNT,
	MC_INDEX,
	MC_ADDRESS
};
enum {
	MCE_CPU,
	MCE_BANK,
	MCE_STATUS,
	MCE_ADDR
};
enum {
	EXTLOG_SEVERITY,
	EXTLOG_ADDRESS,
	EXTLOG_FRU
};
enum {
	AER_DEVICE,
	AER_STATUS,
	AER_SEVERITY
};
enum {
	DL_BUS,
	DL_DEVICE,
	DL_DRIVER,
	DL_REPORTER,
	DL_MESSAGE
};

#define TEXT_MAX	 64
#define SIGNAL_DISCARDED 1 /* TRACE_SIGNAL_IGNORED: it had no effect */
#define MCI_STATUS_UC	 (UINT64_C(1) << 61) /* arch/x86: asm/mce.h */

uint64_t trace_agent_ns(const struct hale_probe *p, uint64_t trace_ns)
{
	int64_t offset = p->mono_to_agent_ns;
	uint64_t t = trace_ns + (uint64_t)offset;

	if (offset < 0 && trace_ns < 0 - (uint64_t)offset)
		return 1;
	return t < p->now_ns ? t : p->now_ns;
}

static struct hale_observation begin(const struct hale_probe *p,
				     const struct trace_raw *raw,
				     enum hale_condition condition)
{
	return (struct hale_observation){
		.kind = HALE_OBSERVED_EVENT,
		.condition = condition,
		.count = 1,
		.time_ns = trace_agent_ns(p, raw->time_ns),
		.part = "host",
	};
}

static void name_part(struct hale_observation *o, const char *kind,
		      const char *name)
{
	char part[HALE_PART_MAX];

	snprintf(part, sizeof(part), "%s/%s", kind, name[0] ? name : "unknown");
	HALE_SET(o->part, part);
}

/* include/uapi/asm-generic/siginfo.h: BUS_…, and what kill() leaves */
static const char *bus_code(int64_t code)
{
	switch (code) {
	case BUS_ADRALN:
		return "BUS_ADRALN: a misaligned address";
	case BUS_ADRERR:
		return "BUS_ADRERR: a page that could not be read in, or lies "
		       "beyond the file's end";
	case BUS_OBJERR:
		return "BUS_OBJERR: a hardware error on an object";
	case BUS_MCEERR_AR:
		return "BUS_MCEERR_AR: it touched poisoned memory";
	case BUS_MCEERR_AO:
		return "BUS_MCEERR_AO: memory that it owns is poisoned";
	default:
		return "sent by the kernel";
	}
}

/* A compiler that catches it: nothing of it is told by the kernel's log, nor
 * that it dies. One that does not is told of twice. */
static void say_crash(struct hale_probe *p, const struct trace_layout *l,
		      const struct trace_raw *raw, uint32_t signal)
{
	struct hale_fact f = { .kind = HALE_FACT_VICTIM };
	struct hale_victim *v = &f.u.victim;

	v->pid = v->thread = trace_signal_pid(l, raw);
	v->time_ns = trace_agent_ns(p, raw->time_ns);
	v->signal = signal;
	v->code_known = true;
	v->code = (int32_t)trace_number(raw, &l->fields[SIG_CODE]);
	v->witnesses = HALE_WITNESS_SIGNAL;
	trace_signal_comm(l, raw, v->comm, sizeof(v->comm));
	if (v->pid != 0 && v->code > 0)
		p->emit(p->sink, &f);
}

static void say_signal(struct hale_probe *p, const struct trace_layout *l,
		       const struct trace_raw *raw)
{
	struct hale_observation o = begin(p, raw, HALE_PROCESS_SIGBUS);
	int64_t code = (int64_t)trace_number(raw, &l->fields[SIG_CODE]);
	int pid = (int)trace_number(raw, &l->fields[SIG_PID]);
	int sender = (int)trace_number(raw, &l->fields[SIG_SENDER]);
	uint64_t signal = trace_number(raw, &l->fields[SIG_SIGNAL]);
	char comm[TEXT_MAX];

	if (trace_number(raw, &l->fields[SIG_RESULT]) == SIGNAL_DISCARDED)
		return;
	if (signal == SIGSEGV || signal == SIGILL) {
		say_crash(p, l, raw, (uint32_t)signal);
		return;
	}
	trace_text(raw, &l->fields[SIG_COMM], comm, sizeof(comm));
	name_part(&o, "process", comm);
	o.value = SIGBUS;
	o.total = (uint64_t)code;
	o.join = HALE_JOIN_DEATH;
	o.join_key = (uint64_t)(unsigned int)pid;
	/* somebody's wish is no fault, but it explains a death */
	o.count = code > 0;
	if (code > 0)
		snprintf(o.evidence, sizeof(o.evidence),
			 "pid %d (%s) got SIGBUS, code %" PRId64 " (%s)", pid,
			 comm, code, bus_code(code));
	else
		snprintf(o.evidence, sizeof(o.evidence),
			 "pid %d (%s) got SIGBUS, code %" PRId64
			 " (sent by pid %d)",
			 pid, comm, code, sender);
	hale_emit_observation(p, &o);
}

uint32_t trace_signal_pid(const struct trace_layout *l,
			  const struct trace_raw *raw)
{
	return (uint32_t)(trace_number(raw, &l->fields[SIG_PID]) & UINT32_MAX);
}

void trace_signal_comm(const struct trace_layout *l,
		       const struct trace_raw *raw, char *ret_comm, size_t size)
{
	trace_text(raw, &l->fields[SIG_COMM], ret_comm, size);
}

static void say_memory_failure(struct hale_probe *p,
			       const struct trace_layout *l,
			       const struct trace_raw *raw)
{
	/* include/linux/mm.h: enum mf_result */
	static const char *const results[] = { "ignored", "failed", "delayed",
					       "recovered" };
	struct hale_observation o = begin(p, raw, HALE_MEMORY_POISONED);
	uint64_t result = trace_number(raw, &l->fields[MF_RESULT]);

	o.value = o.join_key = trace_number(raw, &l->fields[MF_PFN]);
	o.join = HALE_JOIN_PAGE;
	snprintf(o.evidence, sizeof(o.evidence),
		 "page frame 0x%" PRIx64 " is poisoned; its recovery: %s",
		 o.value,
		 result < HALE_ARRAY_SIZE(results) ? results[result]
						   : "unknown");
	hale_emit_observation(p, &o);
}

/* include/linux/edac.h: enum hw_event_mc_err_type */
static void say_memory_controller(struct hale_probe *p,
				  const struct trace_layout *l,
				  const struct trace_raw *raw)
{
	static const enum hale_condition conditions[] = {
		HALE_MEMORY_CORRECTED, HALE_MEMORY_UNCORRECTED,
		HALE_MEMORY_UNCORRECTED, HALE_MEMORY_UNCORRECTED
	};
	uint64_t type = trace_number(raw, &l->fields[MC_TYPE]);
	uint64_t count = trace_number(raw, &l->fields[MC_COUNT]);
	uint64_t mc = trace_number(raw, &l->fields[MC_INDEX]);
	char label[TEXT_MAX], msg[TEXT_MAX];
	struct hale_observation o;

	if (type >= HALE_ARRAY_SIZE(conditions)) /* "info" */
		return;
	o = begin(p, raw, conditions[type]);
	o.count = count ? (uint32_t)count : 1;
	trace_text(raw, &l->fields[MC_LABEL], label, sizeof(label));
	trace_text(raw, &l->fields[MC_MSG], msg, sizeof(msg));
	name_part(&o, "dimm", label);
	o.value = trace_number(raw, &l->fields[MC_ADDRESS]);
	o.join = HALE_JOIN_OTHER;
	o.join_key = o.value;
	snprintf(o.evidence, sizeof(o.evidence),
		 "EDAC MC%" PRIu64 ": %u %s %s on %s, address 0x%" PRIx64, mc,
		 o.count, type == 0 ? "corrected" : "uncorrected", msg, label,
		 o.value);
	hale_emit_observation(p, &o);
}

static void say_machine_check(struct hale_probe *p,
			      const struct trace_layout *l,
			      const struct trace_raw *raw)
{
	struct hale_observation o = begin(p, raw, HALE_CPU_MACHINE_CHECK);
	uint64_t cpu = trace_number(raw, &l->fields[MCE_CPU]);
	uint64_t status = trace_number(raw, &l->fields[MCE_STATUS]);
	char name[24];

	snprintf(name, sizeof(name), "%" PRIu64, cpu);
	name_part(&o, "cpu", name);
	o.value = status;
	o.join = HALE_JOIN_OTHER;
	o.join_key = status;
	snprintf(o.evidence, sizeof(o.evidence),
		 "CPU %" PRIu64 " bank %" PRIu64 ": %s machine check, status "
		 "0x%016" PRIx64 " address 0x%" PRIx64,
		 cpu, trace_number(raw, &l->fields[MCE_BANK]),
		 (status & MCI_STATUS_UC) != 0 ? "uncorrected" : "corrected",
		 status, trace_number(raw, &l->fields[MCE_ADDR]));
	hale_emit_observation(p, &o);
}

/* include/linux/cper.h: CPER_SEV_… */
static void say_extlog(struct hale_probe *p, const struct trace_layout *l,
		       const struct trace_raw *raw)
{
	static const enum hale_condition conditions[] = {
		HALE_MEMORY_UNCORRECTED, HALE_MEMORY_UNCORRECTED,
		HALE_MEMORY_CORRECTED
	};
	uint64_t severity = trace_number(raw, &l->fields[EXTLOG_SEVERITY]);
	struct hale_observation o;
	char fru[TEXT_MAX];

	if (severity >= HALE_ARRAY_SIZE(conditions))
		return;
	o = begin(p, raw, conditions[severity]);
	trace_text(raw, &l->fields[EXTLOG_FRU], fru, sizeof(fru));
	name_part(&o, "dimm", fru);
	o.value = trace_number(raw, &l->fields[EXTLOG_ADDRESS]);
	o.join = HALE_JOIN_OTHER;
	o.join_key = o.value;
	snprintf(o.evidence, sizeof(o.evidence),
		 "firmware reports %s memory at 0x%" PRIx64 "%s%s",
		 severity == 2 ? "corrected" : "uncorrected", o.value,
		 fru[0] ? ", " : "", fru);
	hale_emit_observation(p, &o);
}

/* include/linux/aer.h: AER_NONFATAL, AER_FATAL, AER_CORRECTABLE */
static void say_aer(struct hale_probe *p, const struct trace_layout *l,
		    const struct trace_raw *raw)
{
	static const char *const severities[] = { "uncorrected, not fatal",
						  "uncorrected, fatal",
						  "corrected" };
	struct hale_observation o = begin(p, raw, HALE_BUS_PCIE_ERROR);
	uint64_t severity = trace_number(raw, &l->fields[AER_SEVERITY]);
	char name[TEXT_MAX];

	trace_text(raw, &l->fields[AER_DEVICE], name, sizeof(name));
	name_part(&o, "pci", name);
	o.value = trace_number(raw, &l->fields[AER_STATUS]);
	o.join = HALE_JOIN_OTHER;
	snprintf(o.evidence, sizeof(o.evidence),
		 "%s: PCIe error, %s, status 0x%08" PRIx64, name,
		 severity < HALE_ARRAY_SIZE(severities) ? severities[severity]
							: "unknown",
		 o.value);
	hale_emit_observation(p, &o);
}

static void say_devlink(struct hale_probe *p, const struct trace_layout *l,
			const struct trace_raw *raw)
{
	struct hale_observation o = begin(p, raw, HALE_NET_ERRORS);
	char bus[16], device[TEXT_MAX], driver[32], reporter[32], text[128];

	trace_text(raw, &l->fields[DL_BUS], bus, sizeof(bus));
	trace_text(raw, &l->fields[DL_DEVICE], device, sizeof(device));
	trace_text(raw, &l->fields[DL_DRIVER], driver, sizeof(driver));
	trace_text(raw, &l->fields[DL_REPORTER], reporter, sizeof(reporter));
	trace_text(raw, &l->fields[DL_MESSAGE], text, sizeof(text));
	if (strncmp(text, "TX timeout", 10) == 0)
		o.condition = HALE_NET_TX_TIMEOUT;
	name_part(&o, bus[0] ? bus : "pci", device);
	snprintf(o.evidence, sizeof(o.evidence), "%s %s: %.31s health: %.96s",
		 driver, device, reporter, text);
	hale_emit_observation(p, &o);
}

/* It may still be looked at: its memory is given back a while later. Only a
 * thread of it may have been named. */
static void say_chosen(struct hale_probe *p, const struct hale_observation *o,
		       const char *comm, bool limit)
{
	struct hale_fact f = { .kind = HALE_FACT_VICTIM };
	struct hale_victim *v = &f.u.victim;

	v->pid = v->thread = (uint32_t)o->value;
	v->time_ns = o->time_ns;
	v->signal = SIGKILL;
	v->oom = true;
	v->oom_limit = limit;
	v->witnesses = HALE_WITNESS_SIGNAL;
	hale_print_text(v->comm, sizeof(v->comm), comm, strlen(comm));
	if (v->pid != 0)
		p->emit(p->sink, &f);
}

void trace_oom_say(struct hale_probe *p, const struct trace_formats *f,
		   const struct trace_raw *raw, enum trace_oom_scope scope)
{
	const struct trace_layout *l = &f->layouts[TRACE_OOM];
	bool host = scope == TRACE_OOM_HOST;
	struct hale_observation o =
		begin(p, raw, host ? HALE_MEMORY_OOM : HALE_MEMORY_LIMIT);
	char comm[TEXT_MAX];

	if (scope == TRACE_OOM_UNKNOWN)
		return;
	trace_text(raw, &l->fields[OOM_COMM], comm, sizeof(comm));
	o.value = trace_number(raw, &l->fields[OOM_PID]) & UINT32_MAX;
	o.join = HALE_JOIN_OOM;
	o.join_key = o.value;
	snprintf(o.evidence, sizeof(o.evidence),
		 "%s out of memory: the kernel chose pid %" PRIu64
		 "%s%s%s to be killed",
		 host ? "the host is" : "a cgroup is at its limit,", o.value,
		 comm[0] ? " (" : "", comm, comm[0] ? ")" : "");
	hale_emit_observation(p, &o);
	say_chosen(p, &o, comm, !host);
}

void trace_event_say(struct hale_probe *p, const struct trace_formats *f,
		     enum trace_event event, const struct trace_raw *raw)
{
	static void (*const say[TRACE_EVENT_COUNT])(
		struct hale_probe *, const struct trace_layout *,
		const struct trace_raw *) = {
		[TRACE_BLOCK_ERROR] = trace_block_say,
		[TRACE_BLOCK_COMPLETE] = trace_block_say,
		[TRACE_SIGNAL] = say_signal,
		[TRACE_MEMORY_FAILURE] = say_memory_failure,
		[TRACE_MC] = say_memory_controller,
		[TRACE_MCE] = say_machine_check,
		[TRACE_EXTLOG] = say_extlog,
		[TRACE_AER] = say_aer,
		[TRACE_DEVLINK] = say_devlink,
	};

	if (event < TRACE_EVENT_COUNT && say[event])
		say[event](p, &f->layouts[event], raw);
}
