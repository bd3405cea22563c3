/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In which groups a client is, for the gate and the store alike. Must never
 * look anything up: the kernel kept what it was when it connected, and who
 * gives its groups up later was trusted by then. Invariant: where the kernel
 * says nothing, it is in no group but its own.
 */
#include "agent/sandbox/peer.h"

#include <sys/socket.h>

/* The kernel allows 65536, people have a few. */
#define GROUPS_MAX 256

bool peer_in_group(int fd, gid_t own, gid_t wanted)
{
	gid_t groups[GROUPS_MAX];
	socklen_t len = sizeof(groups);

	if (own == wanted)
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) < 0)
		return false;
	for (size_t i = 0; i < len / sizeof(groups[0]); i++) {
		if (groups[i] == wanted)
			return true;
	}
	return false;
}
