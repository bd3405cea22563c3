/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The core, the config's reader, the state's writer and the store: what they
 * may do besides rules_basic. Decides which calls end them: those by which a
 * process that fell would go on. Invariant: none of them starts a program or
 * becomes another user.
 */
#include <sys/socket.h>

#include "../room.h"
#include "rules.h"

/* clang-format off */
#define NO_BECOMING \
	{ "execve execveat", RULE_KILL, "no program is started here", ANY }, \
	{ "setuid setgid setreuid setregid setresuid setresgid setfsuid " \
	  "setfsgid setgroups capset", \
	  RULE_KILL, "the user and the rights are final", ANY }, \
	{ "fork vfork clone clone3", RULE_KILL, "no process is started here", \
	  ANY }

#define NO_NETWORK \
	{ "socket", RULE_KILL, "no network", FAMILY(AF_INET) }, \
	{ "socket", RULE_KILL, "no network", FAMILY(AF_INET6) }, \
	{ "socket", RULE_KILL, "no packets, crypto, virtual machines", \
	  { { RULE_GE, 0, 0, AF_PACKET } } }

#define TALK \
	{ "recvfrom recvmsg recvmmsg sendto sendmsg sendmmsg accept accept4 " \
	  "getsockopt getsockname getpeername", \
	  RULE_ALLOW, \
	  "sockets that are open (the kernel says who died there, so that no " \
	  "name is looked up), and who comes to them", \
	  ANY }
/* clang-format on */

const struct rule rules_core[] = {
	TALK,
	{ "adjtimex clock_adjtime", RULE_ALLOW,
	  "does a time service keep the clock? To set it takes CAP_SYS_TIME",
	  ANY },
	{ "socket", RULE_SOFT, "libc asks name services", FAMILY(AF_UNIX) },
	{ "socket", RULE_SOFT, "libc asks for interfaces", FAMILY(AF_NETLINK) },
	{ "connect bind listen socketpair", RULE_SOFT,
	  "it answers, and asks nobody", ANY },
	{ "shutdown setsockopt", RULE_SOFT,
	  "the gate's socket is the next core's, too", ANY },
	{ "unlink unlinkat rename renameat renameat2 link linkat symlink "
	  "symlinkat mkdir mkdirat rmdir chmod fchmod fchmodat chown fchown "
	  "lchown fchownat truncate ftruncate utimensat setxattr fsetxattr",
	  RULE_SOFT, "no file is its own to change", ANY },
	NO_NETWORK,
	NO_BECOMING,
	{ NULL, RULE_END, NULL, ANY },
};

/* What the state's writer and the store do to files, in a folder that landlock
 * holds them to. */
const struct rule rules_files[] = {
	{ "open openat access faccessat faccessat2 stat lstat newfstatat statx "
	  "readlink readlinkat getdents64 statfs fstatfs umask flock",
	  RULE_ALLOW, "its folder", ANY },
	{ "unlink unlinkat rename renameat renameat2 link linkat mkdir mkdirat "
	  "rmdir ftruncate fallocate fchmod fadvise64 sync_file_range",
	  RULE_ALLOW, "its folder", ANY },
	{ "chmod fchmodat chown lchown fchown fchownat utimensat", RULE_SOFT,
	  "SQLite keeps a file's owner, as root", ANY },
	{ NULL, RULE_END, NULL, ANY },
};

const struct rule rules_writer[] = {
	{ "recvfrom recvmsg sendto sendmsg", RULE_ALLOW, "to say how it went",
	  ANY },
	{ "socket connect", RULE_SOFT, "libc asks name services", ANY },
	NO_BECOMING,
	{ NULL, RULE_END, NULL, ANY },
};

const struct rule rules_ship[] = {
	TALK,
	{ "shutdown setsockopt", RULE_ALLOW, "how long it waits for an answer",
	  ANY },
	{ "socket", RULE_ALLOW, "the gate, whose findings it stores",
	  FAMILY(AF_UNIX) },
	{ "connect bind listen socketpair", RULE_ALLOW,
	  "the gate, and who tells a build", ANY },
	{ "socket", RULE_SOFT, "libc asks for interfaces", FAMILY(AF_NETLINK) },
	NO_NETWORK,
	NO_BECOMING,
	{ NULL, RULE_END, NULL, ANY },
};

/* It runs libc's name services, which load libraries: a list of what it may
 * not do, over rules_no_write. */
const struct rule rules_reader[] = {
	NO_NETWORK,
	NO_BECOMING,
	{ "kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo "
	  "pidfd_send_signal pidfd_open",
	  RULE_SOFT, "other processes", ANY },
	{ NULL, RULE_END, NULL, ANY },
};
