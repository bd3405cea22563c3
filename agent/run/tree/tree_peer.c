/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is at the other end of a socket? Decides from the tables of the process's
 * own network namespace, and for Unix sockets asks the kernel for the peer's
 * name, which no table holds. Must never send anything to it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <sys/socket.h>

#include "hale/base.h"
#include "hale/text.h"

#include "tree_proc.h"
#include "tree_wait.h"

/* A table of so many sockets is looked at no further. */
#define ROWS_MAX 20000

#define STATE_SYN_SENT 2
#define STATE_LISTEN   10
#define UNIX_LISTENS   0x10000

static void set(struct tree_wait *ret, enum tree_rank rank, const char *what,
		const char *whom)
{
	char text[160];

	snprintf(text, sizeof(text), "%s%s", what, whom);
	ret->rank = rank;
	ret->wait = RUN_WAIT_SOCKET;
	hale_print_text(ret->what, sizeof(ret->what), text, strlen(text));
}

/* The kernel prints addresses as words in the processor's order, and ports as
 * numbers. */
static void print_address(const char *hex, unsigned long port, char *ret,
			  size_t size)
{
	uint32_t words[4] = { 0 };
	char text[INET6_ADDRSTRLEN] = "?";
	bool v6 = strlen(hex) == 32;

	for (int i = 0; i < (v6 ? 4 : 1); i++) {
		char word[9];

		hale_copy(word, sizeof(word), hex + 8 * i, 8);
		words[i] = (uint32_t)strtoul(word, NULL, 16);
	}
	inet_ntop(v6 ? AF_INET6 : AF_INET, words, text, sizeof(text));
	snprintf(ret, size, v6 ? "[%s]:%lu" : "%s:%lu", text, port);
}

static FILE *open_table(const struct tree_look *l, const char *name)
{
	char path[24];
	int fd;
	FILE *f;

	snprintf(path, sizeof(path), "net/%s", name);
	fd = openat(l->dir, path, O_RDONLY | O_CLOEXEC);
	f = fd >= 0 ? fdopen(fd, "r") : NULL;
	if (!f && fd >= 0)
		close(fd);
	return f;
}

static bool look_in(const struct tree_look *l, const char *table,
		    unsigned long long inode, struct tree_wait *ret)
{
	_cleanup_file_ FILE *f = open_table(l, table);
	char line[256], peer[80], remote[33];

	for (int n = 0; n < ROWS_MAX && f && fgets(line, sizeof(line), f);
	     n++) {
		/* sl local_address rem_address st … inode */
		const char *address = tree_field(line, 2);
		size_t len = strcspn(address, ": ");
		unsigned long port, state;

		if (strtoull(tree_field(line, 9), NULL, 10) != inode ||
		    address[len] != ':')
			continue;
		hale_copy(remote, sizeof(remote), address, len);
		port = strtoul(address + len + 1, NULL, 16);
		state = strtoul(tree_field(line, 3), NULL, 16);
		print_address(remote, port, peer, sizeof(peer));
		if (state == STATE_LISTEN || port == 0)
			set(ret, TREE_RANK_IDLE, "waits to be called", "");
		else if (state == STATE_SYN_SENT)
			set(ret, TREE_RANK_SOCKET, "waits to be connected to ",
			    peer);
		else
			set(ret, TREE_RANK_SOCKET, "waits for ", peer);
		return true;
	}
	return false;
}

/* --- Unix sockets
 * ------------------------------------------------------------------ */

struct unix_answer {
	uint32_t peer;
	char name[108 + 1];
};

static void take_unix(struct nlmsghdr *h, struct unix_answer *ret)
{
	const char *body = NLMSG_DATA(h);
	size_t left =
		NLMSG_PAYLOAD(h, NLMSG_ALIGN(sizeof(struct unix_diag_msg)));
	const char *at = body + NLMSG_ALIGN(sizeof(struct unix_diag_msg));

	while (left >= sizeof(struct rtattr)) {
		struct rtattr a;
		size_t len;

		memcpy(&a, at, sizeof(a));
		if (a.rta_len < RTA_LENGTH(0) || a.rta_len > left)
			return;
		len = a.rta_len - RTA_LENGTH(0);
		if (a.rta_type == UNIX_DIAG_PEER && len == sizeof(ret->peer))
			memcpy(&ret->peer, at + RTA_LENGTH(0), len);
		if (a.rta_type == UNIX_DIAG_NAME && at[RTA_LENGTH(0)] != '\0')
			hale_copy(ret->name, sizeof(ret->name),
				  at + RTA_LENGTH(0), len);
		len = RTA_ALIGN(a.rta_len) < left ? RTA_ALIGN(a.rta_len) : left;
		at += len;
		left -= len;
	}
}

/* linux/unix_diag.h. The kernel answers at once. */
static int ask_unix(uint32_t inode, struct unix_answer *ret)
{
	_cleanup_fd_ int fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	struct {
		struct nlmsghdr h;
		struct unix_diag_req r;
	} ask = {
		.h = { .nlmsg_len = sizeof(ask),
		       .nlmsg_type = SOCK_DIAG_BY_FAMILY,
		       .nlmsg_flags = NLM_F_REQUEST },
		.r = { .sdiag_family = AF_UNIX,
		       .udiag_states = UINT32_MAX,
		       .udiag_ino = inode,
		       .udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER,
		       .udiag_cookie = { UINT32_MAX, UINT32_MAX } },
	};
	union {
		struct nlmsghdr h;
		char bytes[1024];
	} answer;
	ssize_t n;

	if (fd < 0 || send(fd, &ask, sizeof(ask), 0) < 0)
		return -errno;
	n = recv(fd, &answer, sizeof(answer), MSG_DONTWAIT);
	if (n < (ssize_t)NLMSG_LENGTH(sizeof(struct unix_diag_msg)) ||
	    answer.h.nlmsg_len > (size_t)n ||
	    answer.h.nlmsg_type != SOCK_DIAG_BY_FAMILY)
		return -ENOENT;
	take_unix(&answer.h, ret);
	return 0;
}

static bool unix_listens(const struct tree_look *l, unsigned long long inode,
			 bool *ret_known)
{
	_cleanup_file_ FILE *f = open_table(l, "unix");
	char line[256];

	for (int n = 0; n < ROWS_MAX && f && fgets(line, sizeof(line), f);
	     n++) {
		/* Num: RefCount Protocol Flags Type St Inode Path */
		unsigned long flags = strtoul(tree_field(line, 3), NULL, 16);

		if (strtoull(tree_field(line, 6), NULL, 10) != inode)
			continue;
		*ret_known = true;
		return flags & UNIX_LISTENS;
	}
	return false;
}

static bool look_in_unix(const struct tree_look *l, unsigned long long inode,
			 struct tree_wait *ret)
{
	struct unix_answer own = { 0 }, peer = { 0 };
	bool known = false;

	if (unix_listens(l, inode, &known)) {
		set(ret, TREE_RANK_IDLE, "waits to be called", "");
		return true;
	}
	if (!known || inode > UINT32_MAX)
		return false;
	if (ask_unix((uint32_t)inode, &own) == 0 && own.peer != 0)
		ask_unix(own.peer, &peer);
	/* of a server the own end has the name, of a client the other */
	if (own.name[0] != '\0')
		set(ret, TREE_RANK_POLLED, "waits for a client at ", own.name);
	else if (peer.name[0] != '\0')
		set(ret, TREE_RANK_SOCKET, "waits for ", peer.name);
	else
		set(ret, TREE_RANK_INPUT, "waits for another process", "");
	return true;
}

void tree_wait_socket(const struct tree_look *l, unsigned long long inode,
		      struct tree_wait *ret)
{
	static const char *const tables[] = { "tcp", "tcp6", "udp", "udp6" };

	for (size_t i = 0; i < HALE_ARRAY_SIZE(tables); i++) {
		if (look_in(l, tables[i], inode, ret))
			return;
	}
	if (!look_in_unix(l, inode, ret))
		set(ret, TREE_RANK_SOCKET, "waits for a socket", "");
}
