/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hale-verify: active tests, run as `hale verify disk` and `hale verify
 * memory`. Decides nothing about findings: it tests, says what it saw, and the
 * agent judges what that is worth. Must never write to a disk and never drive
 * the host out of memory. Invariant: whatever ends it, nothing of it goes on.
 */
#include <errno.h>
#include <unistd.h>

#include "verify.h"

int main(int argc, char **argv)
{
	struct verify_options o;
	struct verify v;
	int r = verify_options_read(argc, argv, &o);

	if (r != 0)
		return r - 1;
	if (verify_begin(&v, &o) < 0)
		return verify_fail(VERIFY_UNKNOWN, "cannot begin: %s",
				   strerrordesc_np(errno));
	r = o.operand ? verify_disk(&v) : verify_memory(&v);
	close(v.signal_fd);
	return r;
}
