/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RUN_TREE_MEMBERS_H
#define HALE_RUN_TREE_MEMBERS_H

/* The ways in which a sample finds the members of a tree. */

#include "tree.h"

/* Takes a process into the sample, if it belongs to the tree, or @surely. */
bool tree_take(struct tree *t, pid_t pid, bool surely, pid_t *ret_parent);
/* All of its cgroup and of those below. Negative errno: it cannot be read. */
int tree_take_cgroup(struct tree *t);
/* All that descend from members, by a look at all processes there are. */
int tree_take_descendants(struct tree *t);

#endif
