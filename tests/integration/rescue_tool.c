/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rescue_tool mount|unmount RUN_DIR: what haled does at its start and end, for
 * rescue.sh. Exits with the errno that it was told.
 */
#include <fcntl.h>

#include "hale/base.h"

#include "agent/daemon/rescue.h"

int main(int argc, char **argv)
{
	int fd = argc == 3 ? open(argv[2], O_RDONLY | O_DIRECTORY) : -1;

	if (fd < 0)
		return 255;
	if (strcmp(argv[1], "mount") == 0)
		return -rescue_mount(fd);
	rescue_unmount(fd);
	return 0;
}
