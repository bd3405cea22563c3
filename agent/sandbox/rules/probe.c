/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The probe and its drivers' processes: they call libraries and programs of
 * many kinds, so that these are lists of what they may not do. Decides that
 * they change no file: each opens to read only. A helper's are refused and not
 * ended, because what it starts is judged by its death (engine.plugin_broken).
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "../room.h"
#include "rules.h"

#define HAS(n, flag)                                                           \
	{                                                                      \
		{                                                              \
			RULE_MASKED, n, flag, flag                             \
		}                                                              \
	}

/* O_TMPFILE without its O_DIRECTORY, which is for reading, too. */
#define TMPFILE (O_TMPFILE & ~O_DIRECTORY)

const struct rule rules_no_write[] = {
	{ "openat", RULE_ROFS, "opened to be read only", HAS(2, O_WRONLY) },
	{ "openat", RULE_ROFS, "opened to be read only", HAS(2, O_RDWR) },
	{ "openat", RULE_ROFS, "no file is made", HAS(2, O_CREAT) },
	{ "openat", RULE_ROFS, "no file is emptied", HAS(2, O_TRUNC) },
	{ "openat", RULE_ROFS, "no file is made", HAS(2, TMPFILE) },
	{ "open", RULE_ROFS, "opened to be read only", HAS(1, O_WRONLY) },
	{ "open", RULE_ROFS, "opened to be read only", HAS(1, O_RDWR) },
	{ "open", RULE_ROFS, "no file is made", HAS(1, O_CREAT) },
	{ "open", RULE_ROFS, "no file is emptied", HAS(1, O_TRUNC) },
	{ "open", RULE_ROFS, "no file is made", HAS(1, TMPFILE) },
	{ "openat2", RULE_ABSENT, "what it opens for is not in an argument",
	  ANY },
	{ "creat unlink unlinkat rename renameat renameat2 link linkat symlink "
	  "symlinkat mkdir mkdirat rmdir chmod fchmod fchmodat chown fchown "
	  "lchown fchownat truncate ftruncate fallocate utime utimes futimesat "
	  "utimensat setxattr lsetxattr fsetxattr removexattr lremovexattr "
	  "fremovexattr",
	  RULE_ROFS, "no file is changed", ANY },
	{ NULL, RULE_END, NULL, ANY },
};

/* clang-format off */
#define FAMILIES \
	{ "socket", RULE_SOFT, "no network: AF_UNIX and AF_NETLINK are enough", \
	  FAMILY(AF_INET) }, \
	{ "socket", RULE_SOFT, "no network", FAMILY(AF_INET6) }, \
	{ "socket", RULE_SOFT, "no packets, crypto, virtual machines", \
	  { { RULE_GE, 0, 0, AF_PACKET } } }
/* clang-format on */

const struct rule rules_probe[] = {
	FAMILIES,
	{ "mprotect",
	  RULE_SOFT,
	  "memory: what was written is never run",
	  { { RULE_MASKED, 2, PROT_EXEC | PROT_WRITE,
	      PROT_EXEC | PROT_WRITE } } },
	{ NULL, RULE_END, NULL, ANY },
};

const struct rule rules_driver[] = {
	{ "execve execveat", RULE_KILL, "it starts no program", ANY },
	{ "setuid setgid setreuid setregid setresuid setresgid setfsuid "
	  "setfsgid setgroups capset",
	  RULE_KILL, "the user and the rights are final", ANY },
	{ "kill tkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal",
	  RULE_SOFT, "other processes", ANY },
	{ "tgkill",
	  RULE_SOFT,
	  "other processes: abort() is for its own",
	  { { RULE_NE, 0, 0, SANDBOX_SELF } } },
	{ "mmap",
	  RULE_SOFT,
	  "memory: what was written is never run",
	  { { RULE_MASKED, 2, PROT_EXEC | PROT_WRITE,
	      PROT_EXEC | PROT_WRITE } } },
	{ NULL, RULE_END, NULL, ANY },
};

/* Besides rules_driver: the trace's folder is one to write in, which landlock
 * holds it to. */
const struct rule rules_look[] = {
	{ "adjtimex clock_adjtime", RULE_ALLOW,
	  "does a time service keep the clock? To set it takes CAP_SYS_TIME",
	  ANY },
	{ "openat2", RULE_ABSENT, "what it opens for is not in an argument",
	  ANY },
	{ NULL, RULE_END, NULL, ANY },
};

const struct rule rules_helper[] = {
	{ "setuid setgid setreuid setregid setresuid setresgid setfsuid "
	  "setfsgid setgroups",
	  RULE_SOFT, "the user is final", ANY },
	{ NULL, RULE_END, NULL, ANY },
};
