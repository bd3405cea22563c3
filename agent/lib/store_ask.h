/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_LIB_STORE_ASK_H
#define HALE_LIB_STORE_ASK_H

/*
 * Questions to `haled: ship` at run_dir/ship.sock, StoreRequest one way and
 * StoreReply the other: SOCK_SEQPACKET, one message a request, many a reply.
 */

#define STORE_PATH_MAX 1024

#include "hale.pb-c.h"

/* A socket message is 64 KiB at most; the build in a request is less. */
#define STORE_MESSAGE_MAX (64 * 1024)
#define STORE_BUILD_MAX	  (56 * 1024)

/* As exchange_connect(); -ENOENT: there is no such socket. */
int store_connect(const char *run_dir, uint32_t ms, int *ret_fd);
int store_send(int fd, const Hale__V1__StoreRequest *request, int ms);
/* One message, to be freed by hale__v1__store_reply__free_unpacked();
 * -ETIMEDOUT, -EBADMSG, -ENOMEM; -EPIPE: it is gone, and has not read the
 * question; -ECONNRESET: it has, and closed. */
int store_receive(int fd, int ms, Hale__V1__StoreReply **ret_reply);

/* What builds of a repository usually need here, and a margin; 0: not known. */
struct store_needs {
	uint32_t builds; /* that it is known of */
	uint64_t disk_bytes, inodes, memory_bytes;
	uint64_t wall_ns;  /* median, without a margin */
	char strategy[32]; /* that passes most often; "": none */
};

#define STORE_NEEDS_FEW	   3  /* fewer builds say nothing: all is 0 then */
#define STORE_NEEDS_MARGIN 10 /* per cent */

/* Within @ms. 0; -ENOENT: there is no store; -EINVAL: @repo is no name; other
 * negative errno. store_needs.c: knows only the messages that it needs, since
 * `hale check` starts in the time that its pages take. */
int store_needs(const char *run_dir, const char *repo, uint32_t ms,
		struct store_needs *ret_needs);

/* What a message says, with a margin. */
void store_needs_take(const Hale__V1__Needs *m, struct store_needs *ret_needs);

/* The user's own store, where no agent keeps one: @state_dir/builds.db, else
 * $XDG_STATE_HOME/hale/builds.db, else ~/.local/state/hale/builds.db.
 * -ENOENT: nobody says where; -ENAMETOOLONG. */
int store_own_path(const char *state_dir, char ret_path[STORE_PATH_MAX]);

#endif
