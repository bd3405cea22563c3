/* SPDX-License-Identifier: Apache-2.0 */
/*
 * By which way a disk is asked, decided by what the kernel knows of it. Pure.
 * A bridge or controller is never sent commands of a kind that it has not said
 * to understand: cheap ones hang up over them, with the disk.
 */
#include <ctype.h>

#include "smart.h"

/* Who makes disks of something else; the beginning of vendor or model. */
static const char *const virtual_vendors[] = {
	"QEMU", "VMware",  "Msft",    "VBOX",  "Google",    "Amazon",
	"XEN",	"Nutanix", "Virtual", "OVirt", "Parallels",
};
static const char *const virtual_models[] = {
	"QEMU ",     "VMware ",	       "VBOX ",	     "Virtual ",
	"Amazon ",   "nvme_card",      "MSFT NVMe",  "Msft ",
	"ORCL-VBOX", "Microsoft NVMe", "Parallels ", "Google ",
};

/* Drivers of adapters that show volumes and hide the disks, as their
 * /sys/class/scsi_host/…/proc_name says. */
static const char *const raid_drivers[] = {
	"megaraid_sas", "megaraid", "hpsa",   "cciss",	 "smartpqi", "3w-9xxx",
	"3w-sas",	"3w-xxxx",  "arcmsr", "aacraid", "ips",	     "aic94xx",
	"stex",		"hptiop",   "mvumi",  "pmcraid", "gdth",
};

static bool begins_with_one_of(const char *text, const char *const *words,
			       size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strncmp(text, words[i], strlen(words[i])) == 0)
			return true;
	}
	return false;
}

static bool is_one_of(const char *text, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(text, words[i]) == 0)
			return true;
	}
	return false;
}

static bool is_virtual(const struct smart_disk *d)
{
	return begins_with_one_of(d->vendor, virtual_vendors,
				  HALE_ARRAY_SIZE(virtual_vendors)) ||
	       begins_with_one_of(d->model, virtual_models,
				  HALE_ARRAY_SIZE(virtual_models));
}

/* "sd" and letters, "nvme" and a number */
static bool named(const char *name, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(name, prefix, len) == 0 &&
	       isalnum((unsigned char)name[len]);
}

static enum smart_way way_of_scsi(const struct smart_disk *d, bool sat)
{
	bool ata = strcmp(d->vendor, "ATA") == 0;

	if (!ata && is_one_of(d->host_driver, raid_drivers,
			      HALE_ARRAY_SIZE(raid_drivers)))
		return SMART_WAY_RAID;
	if (ata || sat)
		return SMART_WAY_ATA;
	return d->usb ? SMART_WAY_USB : SMART_WAY_SCSI;
}

void smart_choose_way(struct smart_disk *d, bool sat)
{
	d->way = SMART_WAY_NONE;
	d->virtual = is_virtual(d);
	if (named(d->name, "sd")) {
		d->way = way_of_scsi(d, sat);
	} else if (named(d->name, "nvme")) {
		d->way = SMART_WAY_NVME;
	} else if (named(d->name, "vd") || named(d->name, "xvd")) {
		d->virtual = true;
		smart_see(d, HALE_SIGHT_BLIND, "",
			  "a virtual disk tells nothing of the disk beneath "
			  "it");
	} else if (named(d->name, "mmcblk")) {
		smart_see(d, HALE_SIGHT_BLIND, "",
			  "a memory card or eMMC has no SMART");
	} else {
		smart_see(d, HALE_SIGHT_BLIND, "",
			  "there is no known way to ask a disk of this kind");
	}
}
