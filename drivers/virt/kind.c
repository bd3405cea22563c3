/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In what this kernel runs. Decides by what the processor says whether it is a
 * guest at all, and by the firmware's texts in whose; those alone prove
 * nothing, since clouds rent out bare machines under the same name.
 */
#include <fcntl.h>

#include "../guest.h"
#include "virt.h"

static const struct {
	const char *vendor, *product, *kind;
} makers[] = {
	{ "Microsoft Corporation", "Virtual Machine", "Hyper-V" },
	{ "QEMU", "", "KVM" },
	{ "Red Hat", "", "KVM" },
	{ "oVirt", "", "KVM" },
	{ "OpenStack Foundation", "", "OpenStack" },
	{ "VMware", "", "VMware" },
	{ "innotek GmbH", "VirtualBox", "VirtualBox" },
	{ "Xen", "", "Xen" },
	{ "Amazon EC2", "", "Amazon EC2" },
	{ "Google", "", "Google Compute Engine" },
	{ "DigitalOcean", "", "KVM" },
	{ "Hetzner", "", "KVM" },
	{ "Alibaba Cloud", "", "Alibaba Cloud" },
	{ "Parallels", "", "Parallels" },
	{ "Apple", "Virtual", "Apple" },
	{ "BHYVE", "", "bhyve" },
};

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static const char *kind_by_firmware(int root_fd)
{
	char vendor[64] = "", product[64] = "";

	hale_read_at(root_fd, "sys/class/dmi/id/sys_vendor", vendor,
		     sizeof(vendor));
	hale_read_at(root_fd, "sys/class/dmi/id/product_name", product,
		     sizeof(product));
	for (size_t i = 0; i < HALE_ARRAY_SIZE(makers); i++) {
		if (begins(vendor, makers[i].vendor) &&
		    begins(product, makers[i].product))
			return makers[i].kind;
	}
	return NULL;
}

static bool is_wsl(int root_fd)
{
	char release[128] = "";

	hale_read_at(root_fd, "proc/sys/kernel/osrelease", release,
		     sizeof(release));
	/* of the first WSL, which has no disks, it ends so */
	if (strstr(release, "-Microsoft"))
		return false;
	return strcasestr(release, "microsoft") || strstr(release, "WSL2");
}

/* Xen's first domain has the disks, and is a guest by its processor only. */
static bool is_dom0(int root_fd)
{
	char text[64] = "";

	hale_read_at(root_fd, "proc/xen/capabilities", text, sizeof(text));
	return strstr(text, "control_d") != NULL;
}

const char *virt_kind(int root_fd)
{
	const char *kind;
	char type[16] = "";

	if (is_wsl(root_fd))
		return VIRT_WSL;
	if (!guest_is(root_fd) || is_dom0(root_fd))
		return NULL;
	kind = kind_by_firmware(root_fd);
	if (kind)
		return kind;
	hale_read_at(root_fd, "sys/hypervisor/type", type, sizeof(type));
	return strcmp(type, "xen") == 0 ? "Xen" : "virtual machine";
}
