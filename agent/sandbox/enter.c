/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way into a sandbox. Decides the order: what needs rights comes before
 * they are given up, and the filter of calls, which bars the rest of this file,
 * comes last. Must never leave a process half confined without saying so: what
 * this kernel has and refuses is an error. Invariant: after a return of 0 no
 * right that the role does not have can be had again.
 */
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "hale/base.h"

#include "room.h"

/* Children become user hale, are ended, and get less than the probe has. */
#define PROBES_OWN                                                             \
	(UINT64_C(1) << CAP_SETUID | UINT64_C(1) << CAP_SETGID |               \
	 UINT64_C(1) << CAP_SETPCAP | UINT64_C(1) << CAP_KILL |                \
	 UINT64_C(1) << CAP_SYS_RESOURCE)

/* The sources of the core: tracefs and /proc/pressure are root's; the log;
 * groups of netlink; a window of pressure below two seconds. */
#define LOOKS_OWN                                                              \
	(UINT64_C(1) << CAP_DAC_OVERRIDE | UINT64_C(1) << CAP_SYSLOG |         \
	 UINT64_C(1) << CAP_NET_ADMIN | UINT64_C(1) << CAP_SYS_RESOURCE)

static const char *const names[] = {
	[SANDBOX_CORE] = "core",      [SANDBOX_PROBE] = "probe",
	[SANDBOX_DRIVER] = "driver",  [SANDBOX_READER] = "reader",
	[SANDBOX_WRITER] = "writer",  [SANDBOX_SHIP] = "ship",
	[SANDBOX_HELPER] = "helper",  [SANDBOX_LOOK] = "look",
	[SANDBOX_REPORTER] = "fleet", [SANDBOX_DOORS] = "doors",
};

const char *sandbox_role_name(enum sandbox_role role)
{
	return role < SANDBOX_ROLES ? names[role] : "?";
}

void sandbox_find_user(const char *name, struct sandbox_user *ret_user)
{
	const struct passwd *p = getpwnam(name);

	*ret_user = (struct sandbox_user){ 0 };
	if (!p || p->pw_uid == 0)
		return;
	ret_user->uid = p->pw_uid;
	ret_user->gid = p->pw_gid;
	ret_user->known = geteuid() == 0;
}

/* "landlock (kernel 5.10)" */
static void add_lack(char lacks[SANDBOX_TEXT_MAX], const char *what,
		     const char *why)
{
	size_t n = strlen(lacks);

	snprintf(lacks + n, SANDBOX_TEXT_MAX - n, "%s%s (%s)",
		 n > 0 ? ", " : "", what, why);
}

static uint64_t rights_of(enum sandbox_role role, const struct sandbox_setup *s)
{
	switch (role) {
	case SANDBOX_PROBE:
		return s->capabilities | PROBES_OWN;
	case SANDBOX_DRIVER:
	case SANDBOX_HELPER:
		return s->capabilities;
	case SANDBOX_LOOK:
		return LOOKS_OWN;
	case SANDBOX_CORE:
	case SANDBOX_READER:
	case SANDBOX_WRITER:
	case SANDBOX_SHIP:
	case SANDBOX_REPORTER:
	case SANDBOX_DOORS:
	case SANDBOX_ROLES:
		break;
	}
	return 0;
}

/* Without a word to the other threads, which are not there: libc's own calls
 * would be the same. */
static int become(const struct sandbox_user *user)
{
	int death = 0;

	if (prctl(PR_GET_PDEATHSIG, &death, 0, 0, 0) < 0 ||
	    prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 || setgroups(0, NULL) < 0 ||
	    setresgid(user->gid, user->gid, user->gid) < 0 ||
	    setresuid(user->uid, user->uid, user->uid) < 0 ||
	    prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) < 0)
		return -errno;
	/* the kernel forgets it with the old user */
	return prctl(PR_SET_PDEATHSIG, death, 0, 0, 0) < 0 ? -errno : 0;
}

static const struct sandbox_user nobody = { true, 65534, 65534 };

/* Root of a container may be barred from that, or there is nobody else. */
static int try_to_become(const struct sandbox_user *user,
			 char lacks[SANDBOX_TEXT_MAX])
{
	int r = become(user);

	if (r != -EPERM && r != -EINVAL)
		return r;
	add_lack(lacks, "a user of its own", "not permitted here");
	return 0;
}

static int take_user(enum sandbox_role role, const struct sandbox_user *user,
		     char lacks[SANDBOX_TEXT_MAX])
{
	if (role == SANDBOX_PROBE)
		return 0;
	if (user && user->known && geteuid() == user->uid)
		return 0; /* it was started as this user */
	if (user && user->known)
		return try_to_become(user, lacks);
	/* what root starts would get the rights of root back (execve(2)) */
	if (geteuid() == 0 && (role == SANDBOX_DRIVER ||
			       role == SANDBOX_HELPER || role == SANDBOX_LOOK))
		return try_to_become(&nobody, lacks);
	add_lack(lacks, "a user of its own",
		 geteuid() == 0 ? "there is no such user" : "not root");
	return 0;
}

static int give_up_rights(enum sandbox_role role, const struct sandbox_setup *s,
			  char lacks[SANDBOX_TEXT_MAX])
{
	uint64_t keep = rights_of(role, s);
	int r = 0;

	if ((sandbox_permitted() & UINT64_C(1) << CAP_SETPCAP) != 0)
		r = sandbox_bound(keep);
	if (r == 0)
		r = take_user(role, s->user, lacks);
	return r == 0 ? sandbox_keep(keep) : r;
}

static const char *kernel_name(char *text, size_t size)
{
	struct utsname u;

	if (uname(&u) < 0)
		return "this kernel";
	snprintf(text, size, "kernel %.20s", u.release);
	return text;
}

/* The programs are the same for every process but for its own number. */
static int filter_calls(enum sandbox_role role, const struct sandbox_setup *s)
{
	/* who may send a disk any command by a node needs no file for it */
	bool disks = role == SANDBOX_HELPER &&
		     (s->capabilities & UINT64_C(1) << CAP_SYS_RAWIO) != 0;
	const struct sandbox_filter *f =
		&sandbox_filters[disks ? SANDBOX_DISK_HELPER : (int)role];
	struct sock_filter list[SANDBOX_FILTER_MAX];
	struct sock_fprog program = { .len = f->n, .filter = list };

	if (f->n > SANDBOX_FILTER_MAX)
		return -E2BIG;
	for (size_t i = 0; i < f->n; i++) {
		list[i] = f->list[i];
		if (BPF_CLASS(list[i].code) == BPF_JMP &&
		    list[i].k == SANDBOX_SELF)
			list[i].k = (uint32_t)getpid();
	}
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0
		       ? -errno
		       : 0;
}

static bool is_absent(int r)
{
	return r == -ENOSYS || r == -EOPNOTSUPP;
}

/* Also under valgrind, which has none. */
static bool has_seccomp(void)
{
	const uint32_t action = SECCOMP_RET_ERRNO;

	return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

uint32_t sandbox_lacking(const struct sandbox_user *user)
{
	int level = sandbox_landlock_level();
	uint32_t lacks = 0;

	if (geteuid() != 0)
		lacks |= SANDBOX_LACKS_ROOT;
	else if (!user->known)
		lacks |= SANDBOX_LACKS_USER;
	if (level < 1)
		lacks |= SANDBOX_LACKS_LANDLOCK;
	if (level < SANDBOX_SCOPE_LEVEL)
		lacks |= SANDBOX_LACKS_SCOPE;
	if (!has_seccomp())
		lacks |= SANDBOX_LACKS_SECCOMP;
	return lacks;
}

int sandbox_enter(enum sandbox_role role, const struct sandbox_setup *setup,
		  char ret_lacks[SANDBOX_TEXT_MAX])
{
	char name[32];
	int rules = -1, r, made;

	ret_lacks[0] = '\0';
	made = sandbox_landlock(role, setup, &rules);
	r = give_up_rights(role, setup, ret_lacks);
	if (r < 0)
		return r;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_DUMPABLE, sandbox_sanitized, 0, 0, 0) < 0)
		return -errno;
	r = made < 0 ? made : sandbox_landlock_enter(rules);
	if (is_absent(r)) {
		add_lack(ret_lacks, "landlock",
			 kernel_name(name, sizeof(name)));
		r = 0;
	}
	if (r < 0)
		return r;
	r = filter_calls(role, setup);
	/* EINVAL: CONFIG_SECCOMP_FILTER is off */
	if (is_absent(r) || r == -EINVAL) {
		add_lack(ret_lacks, "seccomp", kernel_name(name, sizeof(name)));
		r = 0;
	}
	return r;
}
