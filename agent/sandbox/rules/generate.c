/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the tables of rules to the programs of BPF that the agent carries, when
 * hale is built: its output is C. Decides which tables make a role, and what
 * becomes of a call that stands in none. Invariant: a call of another
 * architecture, or by another numbering (x32), ends the process.
 */
#include <elf.h>
#include <errno.h>
#include <seccomp.h>

#include "hale/base.h"

#include "../room.h"
#include "rules.h"

#define CALLS_MAX 512
/* Calls that came after this file was written fail as on an older kernel where
 * a role is a list of what it may not do: nobody has looked at them. */
#define FIRST_UNKNOWN 451
#define X32_BIT	      0x40000000U

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define SANITIZED true
#else
#define SANITIZED false
#endif

/* LeakSanitizer stops its own process from a clone, and reads /proc. */
static const char sanitizers[] =
	"open openat readlink readlinkat stat lstat newfstatat getdents64 "
	"ptrace clone clone3 wait4 waitid prctl mmap mprotect tgkill kill "
	"process_vm_readv sched_getaffinity arch_prctl prlimit64 personality";

static const struct role {
	int filter;	    /* its place in sandbox_filters */
	uint32_t otherwise; /* what stands in no table */
	bool merciful;	    /* instead of an end: EPERM */
	const struct rule *tables[5];
} roles[] = {
	{ SANDBOX_CORE,
	  SCMP_ACT_ERRNO(ENOSYS),
	  false,
	  { rules_core, rules_hostile, rules_basic } },
	{ SANDBOX_PROBE,
	  SCMP_ACT_ALLOW,
	  false,
	  { rules_hostile, rules_probe } },
	{ SANDBOX_DRIVER,
	  SCMP_ACT_ALLOW,
	  false,
	  { rules_hostile, rules_driver, rules_others, rules_probe,
	    rules_no_write } },
	{ SANDBOX_READER,
	  SCMP_ACT_ALLOW,
	  false,
	  { rules_hostile, rules_reader, rules_others, rules_no_write } },
	{ SANDBOX_WRITER,
	  SCMP_ACT_ERRNO(ENOSYS),
	  false,
	  { rules_hostile, rules_writer, rules_files, rules_basic } },
	{ SANDBOX_SHIP,
	  SCMP_ACT_ERRNO(ENOSYS),
	  false,
	  { rules_hostile, rules_ship, rules_files, rules_basic } },
	{ SANDBOX_REPORTER,
	  SCMP_ACT_ERRNO(ENOSYS),
	  false,
	  { rules_reporter, rules_hostile, rules_files, rules_basic } },
	{ SANDBOX_DOORS,
	  SCMP_ACT_ERRNO(ENOSYS),
	  false,
	  { rules_doors, rules_reporter, rules_hostile, rules_files,
	    rules_basic } },
	{ SANDBOX_HELPER,
	  SCMP_ACT_ALLOW,
	  true,
	  { rules_hostile, rules_helper, rules_others, rules_probe,
	    rules_no_write } },
	{ SANDBOX_LOOK,
	  SCMP_ACT_ALLOW,
	  false,
	  { rules_look, rules_hostile, rules_driver, rules_others,
	    rules_probe } },
	{ SANDBOX_DISK_HELPER,
	  SCMP_ACT_ALLOW,
	  true,
	  { rules_hostile, rules_helper, rules_others, rules_probe } },
};

static uint32_t action_of(const struct role *role, enum rule_verdict verdict)
{
	switch (verdict) {
	case RULE_ALLOW:
		return SCMP_ACT_ALLOW;
	case RULE_SOFT:
		return SCMP_ACT_ERRNO(EACCES);
	case RULE_ROFS:
		return SCMP_ACT_ERRNO(EROFS);
	case RULE_ABSENT:
		return SCMP_ACT_ERRNO(ENOSYS);
	case RULE_KILL:
		return role->merciful ? SCMP_ACT_ERRNO(EPERM)
				      : SCMP_ACT_KILL_PROCESS;
	case RULE_END:
		break;
	}
	return SCMP_ACT_KILL_PROCESS;
}

static int compare(const struct rule_if *when, struct scmp_arg_cmp *ret)
{
	*ret = (struct scmp_arg_cmp){ .arg = when->arg,
				      .datum_a = when->value };
	switch (when->how) {
	case RULE_EQ:
		ret->op = SCMP_CMP_EQ;
		return 1;
	case RULE_NE:
		ret->op = SCMP_CMP_NE;
		return 1;
	case RULE_GE:
		ret->op = SCMP_CMP_GE;
		return 1;
	case RULE_MASKED:
		ret->op = SCMP_CMP_MASKED_EQ;
		ret->datum_a = when->mask;
		ret->datum_b = when->value;
		return 1;
	case RULE_ANY:
		break;
	}
	return 0;
}

/* Calls that a table before this one has settled without a condition. */
struct settled {
	size_t n;
	int list[CALLS_MAX];
};

static bool is_settled(const struct settled *s, int call)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->list[i] == call)
			return true;
	}
	return false;
}

static int settle(struct settled *s, int call)
{
	if (s->n == CALLS_MAX)
		return -E2BIG;
	s->list[s->n++] = call;
	return 0;
}

static int add_call(scmp_filter_ctx ctx, struct settled *s, const char *name,
		    uint32_t action, const struct rule *rule)
{
	int call = seccomp_syscall_resolve_name(name);
	struct scmp_arg_cmp args[2];
	unsigned int n = 0;
	int r;

	if (call < 0 || is_settled(s, call)) /* not of this machine */
		return 0;
	while (n < 2 && compare(&rule->when[n], &args[n]))
		n++;
	if (n == 0 && settle(s, call) < 0)
		return -E2BIG;
	r = seccomp_rule_add_array(ctx, action, call, n, args);
	return r == -EACCES ? 0 : r; /* it is what happens anyway */
}

static int add_rule(scmp_filter_ctx ctx, struct settled *s, uint32_t action,
		    const struct rule *rule)
{
	char text[1024], *rest = text, *name;
	int r = 0;

	if (!HALE_SET(text, rule->calls))
		return -E2BIG;
	while (r == 0 && (name = strsep(&rest, " ")) != NULL) {
		r = add_call(ctx, s, name, action, rule);
		if (r < 0)
			fprintf(stderr, "sandbox: %s: %s\n", name,
				strerror(-r));
	}
	return r;
}

static int add_tables(scmp_filter_ctx ctx, const struct role *role)
{
	static struct settled settled;
	const struct rule own = { sanitizers, RULE_ALLOW, "sanitizers", ANY };
	int r = 0;

	settled.n = 0;
	if (SANITIZED)
		r = add_rule(ctx, &settled, SCMP_ACT_ALLOW, &own);
	for (size_t i = 0; i < HALE_ARRAY_SIZE(role->tables); i++) {
		const struct rule *rule = role->tables[i];

		for (; r == 0 && rule && rule->calls; rule++)
			r = add_rule(ctx, &settled,
				     action_of(role, rule->verdict), rule);
	}
	return r;
}

static void print(const struct sock_filter *f)
{
	printf("\t{ 0x%04x, %u, %u, 0x%08x },\n", f->code, f->jt, f->jf, f->k);
}

/* Before all that libseccomp wrote, which asks for the architecture first. */
static void print_unknown(void)
{
	const struct sock_filter list[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0 /* seccomp_data.nr */),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, X32_BIT, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, FIRST_UNKNOWN, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SCMP_ACT_ERRNO(ENOSYS)),
	};

	for (size_t i = 0; i < HALE_ARRAY_SIZE(list); i++)
		print(&list[i]);
}

/* libseccomp writes to a descriptor only. */
static int print_program(scmp_filter_ctx ctx, const struct role *role)
{
	struct sock_filter f;
	FILE *file = tmpfile();
	int r = file ? seccomp_export_bpf(ctx, fileno(file)) : -errno;

	if (r < 0)
		return r;
	printf("static const struct sock_filter role_%d[] = {\n", role->filter);
	if (role->otherwise == SCMP_ACT_ALLOW)
		print_unknown();
	rewind(file);
	while (fread(&f, sizeof(f), 1, file) == 1)
		print(&f);
	puts("};\n");
	fclose(file);
	return 0;
}

static int print_role(const struct role *role)
{
	scmp_filter_ctx ctx = seccomp_init(role->otherwise);
	int r = ctx ? 0 : -ENOMEM;

	if (r == 0)
		r = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH,
				     SCMP_ACT_KILL_PROCESS);
	if (r == 0)
		r = add_tables(ctx, role);
	/* a tree: each call costs the gate some ten steps, not some hundred */
	if (r == 0)
		r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (r == 0)
		r = print_program(ctx, role);
	seccomp_release(ctx);
	return r;
}

int main(void)
{
	int r;

	puts("/* Made by agent/sandbox/rules/generate.c. */\n"
	     "#include <linux/filter.h>\n\n"
	     "#include \"agent/sandbox/room.h\"\n");
	for (size_t i = 0; i < HALE_ARRAY_SIZE(roles); i++) {
		r = print_role(&roles[i]);
		if (r < 0) {
			fprintf(stderr, "sandbox: %s\n", strerror(-r));
			return EXIT_FAILURE;
		}
	}
	puts("const struct sandbox_filter sandbox_filters[SANDBOX_FILTERS] = "
	     "{");
	for (size_t i = 0; i < HALE_ARRAY_SIZE(roles); i++)
		printf("\t[%d] = { role_%d, sizeof(role_%d) / "
		       "sizeof(role_%d[0]) },\n",
		       roles[i].filter, roles[i].filter, roles[i].filter,
		       roles[i].filter);
	puts("};\n");
	printf("const bool sandbox_sanitized = %s;\n",
	       SANITIZED ? "true" : "false");
	return EXIT_SUCCESS;
}
