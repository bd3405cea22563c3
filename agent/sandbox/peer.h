/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_PEER_H
#define HALE_PEER_H

/* Who is at the other end of a unix socket, beyond SO_PEERCRED. */

#include <stdbool.h>
#include <sys/types.h>

/**
 * peer_in_group() - was the peer in @wanted when it connected?
 * @fd: the connection; @own: its gid of SO_PEERCRED.
 *
 * By SO_PEERGROUPS (Linux 4.13). One in more than 256 groups is in none of
 * them but its own.
 */
bool peer_in_group(int fd, gid_t own, gid_t wanted);

#endif
