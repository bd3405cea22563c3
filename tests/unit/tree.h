/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_TREE_H
#define TESTS_TREE_H

/*
 * Recorded roots for drivers. A fixture is a text file; tree_unpack() makes a
 * small "/" of it in a temporary folder:
 *
 *     block NAME MAJ:MIN /devices/…/NAME   a block device, with sysfs's links
 *     @NAME/ATTRIBUTE = TEXT               a file in its folder
 *     slave UPPER LOWER                    UPPER/slaves/LOWER
 *     mount LINE                           a line of proc/self/mountinfo
 *     swap LINE                            a line of proc/swaps
 *     file PATH = TEXT                     \n, \\, \s (blank) and \xHH in it
 *     dir PATH
 *     link PATH TARGET
 *     > LINE                               a fact that must come out, whole
 *     ! TEXT                               what no fact may have in it
 *     # …                                  for people
 */

struct tree {
	int root_fd;
	char path[64];
};

/* Fails the running test where the fixture is not well formed. */
void tree_unpack(const char *fixture, struct tree *ret_tree);
/* An empty one, to be filled with tree_line(). */
void tree_new(struct tree *ret_tree);
void tree_line(const struct tree *t, const char *line);
void tree_remove(struct tree *t);

/* The text of a file with any bytes in it. */
void tree_file(const struct tree *t, const char *path, const void *bytes,
	       unsigned long len);

/* Fails the test unless @facts (one a line) are what @fixture asks for. */
void tree_expect(const char *fixture, const char *facts);

#endif
