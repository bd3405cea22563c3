/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reporter: the one process of the agent that speaks to a network. Decides
 * that it goes out and nobody comes in, and that the threads of its library are
 * all that it may start: they are born behind this filter. Must never let
 * through a socket that is no TCP, UDP or AF_UNIX one, nor a program.
 */
#include <linux/sched.h>
#include <sys/socket.h>

#include "../room.h"
#include "rules.h"

/* Without SOCK_CLOEXEC and SOCK_NONBLOCK. */
#define TYPE(family, type)                                                     \
	{                                                                      \
		{ RULE_EQ, 0, 0, family },                                     \
		{                                                              \
			RULE_MASKED, 1, 0xf, type                              \
		}                                                              \
	}

const struct rule rules_reporter[] = {
	{ "socket", RULE_ALLOW, "the servers", TYPE(AF_INET, SOCK_STREAM) },
	{ "socket", RULE_ALLOW, "the servers", TYPE(AF_INET6, SOCK_STREAM) },
	{ "socket", RULE_ALLOW, "their names", TYPE(AF_INET, SOCK_DGRAM) },
	{ "socket", RULE_ALLOW, "their names", TYPE(AF_INET6, SOCK_DGRAM) },
	{ "socket", RULE_ALLOW, "the gate and the history", FAMILY(AF_UNIX) },
	{ "socket", RULE_SOFT, "libc asks for interfaces", FAMILY(AF_NETLINK) },
	{ "socket",
	  RULE_KILL,
	  "no packets, crypto, virtual machines",
	  { { RULE_GE, 0, 0, AF_PACKET } } },
	{ "connect recvfrom recvmsg recvmmsg sendto sendmsg sendmmsg shutdown "
	  "getsockopt setsockopt getsockname getpeername",
	  RULE_ALLOW, "to go out, and to talk there", ANY },
	{ "bind listen accept accept4 socketpair", RULE_SOFT,
	  "nobody comes to it", ANY },
	{ "ioctl",
	  RULE_ALLOW,
	  "the resolver: how long is the answer? (FIONREAD)",
	  { { RULE_EQ, 1, 0, 0x541b } } },
	{ "clone",
	  RULE_ALLOW,
	  "a thread of libnats, within this process",
	  { { RULE_MASKED, 0, CLONE_THREAD | CLONE_VM | CLONE_SIGHAND,
	      CLONE_THREAD | CLONE_VM | CLONE_SIGHAND } } },
	{ "clone",
	  RULE_KILL,
	  "no process is started here",
	  { { RULE_MASKED, 0, CLONE_THREAD, 0 } } },
	{ "clone3", RULE_ABSENT,
	  "what it starts is not in an argument: libc takes clone()", ANY },
	{ "fork vfork execve execveat", RULE_KILL,
	  "no process and no program is started here", ANY },
	{ "setuid setgid setreuid setregid setresuid setresgid setfsuid "
	  "setfsgid setgroups capset",
	  RULE_KILL, "the user and the rights are final", ANY },
	{ "set_tid_address", RULE_ALLOW, "libc's own", ANY },
	{ "prctl",
	  RULE_ALLOW,
	  "a thread's name",
	  { { RULE_EQ, 0, 0, 16 /* PR_GET_NAME */ } } },
	{ NULL, RULE_END, NULL, ANY },
};
