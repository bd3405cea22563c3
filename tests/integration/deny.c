/* SPDX-License-Identifier: Apache-2.0 */
/*
 * deny COMMAND...: runs it as an old container runtime would: system calls that
 * its filter does not know, and netlink sockets, are not permitted (EPERM,
 * where a kernel without them would say ENOSYS). The filter is inherited by all
 * that the command starts.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOAD(member)                                                           \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS,                                     \
		 offsetof(struct seccomp_data, member))
#define DENY BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)
/* Denied where the value at hand is @x. */
#define DENY_IF(x) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (x), 0, 1), DENY

int main(int argc, char **argv)
{
	struct sock_filter code[] = {
		LOAD(nr),
		DENY_IF(SYS_openat2),
		DENY_IF(SYS_close_range),
		DENY_IF(SYS_faccessat2),
		DENY_IF(SYS_syslog),
		DENY_IF(SYS_perf_event_open),
		DENY_IF(SYS_bpf),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
		LOAD(args[0]),
		DENY_IF(AF_NETLINK),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog filter = {
		.len = sizeof(code) / sizeof(code[0]),
		.filter = code,
	};

	if (argc < 2)
		return 64;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) < 0) {
		perror("deny");
		return 71;
	}
	execvp(argv[1], argv + 1);
	perror(argv[1]);
	return 71;
}
