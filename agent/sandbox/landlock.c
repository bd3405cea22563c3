/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which files a role may open, where the kernel has landlock(7): with it a path
 * can be told from another, which seccomp(2) cannot. Decides the rules of each
 * role. Must never fail for a kernel that knows less than this file: what it
 * does not know is left out of what is asked (include/uapi/linux/landlock.h).
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "hale/base.h"

#include "room.h"

/* Levels 2 to 6 of the interface, which older headers do not name. */
#define FS_REFER    (UINT64_C(1) << 13)
#define FS_TRUNCATE (UINT64_C(1) << 14)
#define FS_IOCTL    (UINT64_C(1) << 15)
#define NET_TCP	    UINT64_C(3) /* bind and connect */
#define NET_CONNECT UINT64_C(2)
#define SCOPE	    UINT64_C(3) /* abstract sockets and signals of others */

/* struct landlock_ruleset_attr, of level 6; shorter ones are its beginning. */
struct ruleset {
	uint64_t fs, net, scoped;
};

#define FS_READ	 (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define FS_ALL_1 ((UINT64_C(1) << 13) - 1)

/* On a file only what makes sense of a file may be granted. */
#define OF_A_FILE                                                              \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |          \
	 LANDLOCK_ACCESS_FS_READ_FILE | FS_TRUNCATE | FS_IOCTL)

static struct ruleset known(int level)
{
	struct ruleset r = { .fs = FS_ALL_1 };

	r.fs |= level >= 2 ? FS_REFER : 0;
	r.fs |= level >= 3 ? FS_TRUNCATE : 0;
	r.net = level >= 4 ? NET_TCP : 0;
	r.fs |= level >= 5 ? FS_IOCTL : 0;
	r.scoped = level >= SANDBOX_SCOPE_LEVEL ? SCOPE : 0;
	return r;
}

static size_t size_for(int level)
{
	if (level < 4)
		return offsetof(struct ruleset, net);
	return level < 6 ? offsetof(struct ruleset, scoped)
			 : sizeof(struct ruleset);
}

static int grant(int ruleset_fd, const char *path, uint64_t access)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = access };
	_cleanup_fd_ int fd = open(path, O_PATH | O_CLOEXEC);
	struct stat st;

	if (fd < 0) /* what is not there, or not for it, needs no leave */
		return 0;
	if (fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode))
		rule.allowed_access &= OF_A_FILE;
	rule.parent_fd = fd;
	return syscall(SYS_landlock_add_rule, ruleset_fd,
		       LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0
		       ? -errno
		       : 0;
}

static int grant_list(int fd, const char *const *paths, uint64_t access)
{
	int r = 0;

	for (size_t i = 0; r == 0 && paths && paths[i]; i++)
		r = grant(fd, paths[i], access);
	return r;
}

/* Disks are asked through their nodes; smartctl(8) opens some to write. */
static int grant_devices(int fd, const struct sandbox_setup *s, uint64_t all)
{
	const uint64_t rights =
		UINT64_C(1) << CAP_SYS_RAWIO | UINT64_C(1) << CAP_SYS_ADMIN;
	uint64_t access = FS_READ | FS_IOCTL;

	if ((s->capabilities & UINT64_C(1) << CAP_SYS_RAWIO) != 0)
		access |= LANDLOCK_ACCESS_FS_WRITE_FILE;
	return (s->capabilities & rights) != 0 ? grant(fd, "/dev", access & all)
					       : 0;
}

/* What a driver may read that could read everything: no secrets. Nothing that
 * has to be looked for on a disk either: it may be the one that hangs, and a
 * driver that hangs before its first word cannot say where. */
static const char *const no_secrets[] = { "/proc", "/sys", "/dev", "/run",
					  NULL };

/* Who may read the kernel's log may read what was kept of another boot's. */
static const char *const kept_logs[] = { "/var/lib/systemd/pstore", NULL };

/* A helper is started from a disk, and starts programs itself. */
static const char *const programs[] = {
	"/usr",
	"/lib",
	"/lib64",
	"/bin",
	"/sbin",
	"/etc/ld.so.cache",
	"/etc/docker",
	"/etc/localtime",
	"/var/lib/smartmontools",
	/* the engine's plugins, which are started to see whether they start */
	"/root/.docker/cli-plugins",
	NULL,
};

/* Where this program lies, and so its helpers, if that is not /usr. */
static int grant_own_folder(int fd, uint64_t access)
{
	const char *given = secure_getenv("HALE_EXEC_PATH");
	char dir[1024];
	ssize_t n = readlink("/proc/self/exe", dir, sizeof(dir) - 1);
	char *slash;
	int r = given && given[0] ? grant(fd, given, access) : 0;

	if (n <= 0 || r < 0)
		return r;
	dir[n] = '\0';
	slash = strrchr(dir, '/');
	if (slash && slash != dir)
		*slash = '\0';
	return grant(fd, dir, access);
}

static int grant_programs(int fd, uint64_t access)
{
	int r = grant_list(fd, programs, access);

	return r == 0 ? grant_own_folder(fd, access) : r;
}

static int grant_reading(enum sandbox_role role, int fd,
			 const struct sandbox_setup *s, uint64_t all)
{
	const uint64_t everything = UINT64_C(1) << CAP_DAC_OVERRIDE |
				    UINT64_C(1) << CAP_DAC_READ_SEARCH;
	uint64_t access = (FS_READ | LANDLOCK_ACCESS_FS_EXECUTE) & all;
	int r;

	if ((s->capabilities & everything) == 0)
		return grant(fd, "/", access);
	r = grant_list(fd, no_secrets, access);
	if (r == 0 && (s->capabilities & UINT64_C(1) << CAP_SYSLOG) != 0)
		r = grant_list(fd, kept_logs, access);
	return r == 0 && role == SANDBOX_HELPER ? grant_programs(fd, access)
						: r;
}

static int grant_driver(enum sandbox_role role, int fd,
			const struct sandbox_setup *s, uint64_t all)
{
	int r = grant_reading(role, fd, s, all);

	if (r == 0)
		r = grant(fd, "/dev/null", LANDLOCK_ACCESS_FS_WRITE_FILE & all);
	return r == 0 ? grant_devices(fd, s, all) : r;
}

/* What the core has open when it runs. No node but the log's: who may pass by
 * their modes could read a disk. */
static int grant_sources(int fd, const struct sandbox_setup *s, uint64_t all)
{
	static const char *const sources[] = {
		"/proc",	  "/sys",
		"/run",		  "/usr",
		"/lib",		  "/lib64",
		"/dev/kmsg",	  "/dev/urandom",
		"/etc/hale",	  "/etc/ld.so.cache",
		"/etc/localtime", NULL
	};
	/* the trace is made there, the pressure's window is written */
	static const char *const own[] = { "/sys/kernel/tracing",
					   "/sys/kernel/debug/tracing",
					   "/proc/pressure", NULL };
	int r = grant_list(fd, sources, FS_READ & all);

	if (r == 0)
		r = grant_list(fd, s->readable, FS_READ & all);
	return r == 0 ? grant_list(fd, own,
				   all & ~(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE)
		      : r;
}

/* What libc's resolver and OpenSSL read; folders, because what writes
 * resolv.conf puts a new file in its place. /proc: how much memory is free. */
static const char *const for_network[] = { "/etc/resolv.conf",
					   "/etc/hosts",
					   "/etc/host.conf",
					   "/etc/nsswitch.conf",
					   "/etc/gai.conf",
					   "/etc/services",
					   "/run/systemd/resolve",
					   "/run/NetworkManager",
					   "/run/resolvconf",
					   "/etc/ssl",
					   "/usr/lib/ssl",
					   "/usr/share/ca-certificates",
					   "/usr/local/share/ca-certificates",
					   "/usr/share/zoneinfo",
					   "/dev/urandom",
					   "/proc/meminfo",
					   NULL };

static int grant_reporter(int fd, const struct sandbox_setup *s, uint64_t all,
			  uint64_t folder)
{
	int r = grant_list(fd, for_network, FS_READ & all);

	if (r == 0)
		r = grant_list(fd, s->readable, FS_READ & all);
	return r == 0 ? grant_list(fd, s->writable, folder) : r;
}

static int grant_role(enum sandbox_role role, int fd,
		      const struct sandbox_setup *s, uint64_t all)
{
	const uint64_t folder = all & ~(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE &
				~(uint64_t)LANDLOCK_ACCESS_FS_MAKE_CHAR &
				~(uint64_t)LANDLOCK_ACCESS_FS_MAKE_BLOCK;

	switch (role) {
	case SANDBOX_CORE: /* what is open is enough */
		return 0;
	case SANDBOX_READER: /* any file: rules and users are anywhere */
		return grant(fd, "/", FS_READ & all);
	case SANDBOX_WRITER:
		return grant_list(fd, s->writable, folder);
	case SANDBOX_SHIP: { /* SQLite's random numbers, the clock's zone */
		int r = grant(fd, "/dev/urandom", FS_READ & all);

		if (r == 0)
			r = grant(fd, "/usr/share/zoneinfo", FS_READ & all);
		return r == 0 ? grant_list(fd, s->writable, folder) : r;
	}
	case SANDBOX_DRIVER:
	case SANDBOX_HELPER:
		return grant_driver(role, fd, s, all);
	case SANDBOX_LOOK:
		return grant_sources(fd, s, all);
	case SANDBOX_REPORTER:
	case SANDBOX_DOORS:
		return grant_reporter(fd, s, all, folder);
	case SANDBOX_PROBE:
	case SANDBOX_ROLES:
		break;
	}
	return 0;
}

/* Landlock bars looking into other processes (/proc/PID/maps), which is what
 * the driver for victims is there for, and the probe its parent. */
static bool fits(enum sandbox_role role, const struct sandbox_setup *s)
{
	if (role == SANDBOX_PROBE)
		return false;
	return (role != SANDBOX_DRIVER && role != SANDBOX_HELPER) ||
	       (s->capabilities & UINT64_C(1) << CAP_SYS_PTRACE) == 0;
}

static long ask_level(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0,
		       LANDLOCK_CREATE_RULESET_VERSION);
}

int sandbox_landlock_level(void)
{
	long level = ask_level();

	return level > 0 ? (int)level : 0;
}

int sandbox_landlock(enum sandbox_role role, const struct sandbox_setup *s,
		     int *ret_fd)
{
	long level = ask_level();
	struct ruleset all;
	int fd, r;

	if (!fits(role, s))
		return 0;
	if (level < 1)
		return level < 0 ? -errno : -ENOSYS;
	all = known((int)level);
	if (role == SANDBOX_REPORTER || role == SANDBOX_DOORS)
		all.net &= ~NET_CONNECT; /* it goes out, and nobody comes in */
	fd = (int)syscall(SYS_landlock_create_ruleset, &all,
			  size_for((int)level), 0);
	if (fd < 0)
		return -errno;
	r = grant_role(role, fd, s, all.fs);
	if (r == 0 && sandbox_sanitized)
		r = grant(fd, "/", FS_READ & all.fs);
	if (r < 0) {
		close(fd);
		return r;
	}
	*ret_fd = fd;
	return 0;
}

int sandbox_landlock_enter(int fd)
{
	int r = 0;

	if (fd < 0)
		return 0;
	if (syscall(SYS_landlock_restrict_self, fd, 0) < 0)
		r = -errno;
	close(fd);
	return r;
}
