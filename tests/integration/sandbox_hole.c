/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `haled --check-sandbox` with a hole in the sandbox: sandbox_hole HOLE [USER]
 *
 *     none      no hole
 *     open      nothing is given up
 *     lax       the core is let do what a helper may
 *     files     the store may write anywhere
 *
 * Exit status: the check's own.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/daemon/sandbox.h"

int __real_sandbox_enter(enum sandbox_role role,
			 const struct sandbox_setup *setup,
			 char ret_lacks[SANDBOX_TEXT_MAX]);
int __wrap_sandbox_enter(enum sandbox_role role,
			 const struct sandbox_setup *setup,
			 char ret_lacks[SANDBOX_TEXT_MAX]);

static const char *hole;

int __wrap_sandbox_enter(enum sandbox_role role,
			 const struct sandbox_setup *setup,
			 char ret_lacks[SANDBOX_TEXT_MAX])
{
	static const char *const anywhere[] = { "/", NULL };
	struct sandbox_setup s = *setup;

	ret_lacks[0] = '\0';
	if (strcmp(hole, "open") == 0)
		return 0;
	if (strcmp(hole, "lax") == 0 && role == SANDBOX_CORE)
		role = SANDBOX_HELPER;
	if (strcmp(hole, "files") == 0 && role == SANDBOX_SHIP)
		s.writable = anywhere;
	return __real_sandbox_enter(role, &s, ret_lacks);
}

int main(int argc, char **argv)
{
	struct sandbox_user user;

	if (argc < 2)
		return 64;
	hole = argv[1];
	sandbox_find_user(argc > 2 ? argv[2] : SANDBOX_USER, &user);
	return sandbox_check(&user);
}
