/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way to real devices: SCSI commands by libsgutils2, NVMe ones by libnvme,
 * the rest by smartctl. Every call may block for as long as the kernel likes;
 * the host has a deadline for that. Nothing here writes to a device.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>

#include <libnvme.h>
#include <scsi/sg_pt.h>

#include "child.h"
#include "smart.h"

enum {
	DID_NO_CONNECT = 0x01, /* host bytes: include/scsi/scsi_status.h */
	DID_BUS_BUSY = 0x02,
	DID_TIME_OUT = 0x03,
	DID_BAD_TARGET = 0x04
};

/* With O_NONBLOCK an open neither waits for a medium nor spins a disk up. */
static int open_disk(const struct smart_io *io, int root_fd,
		     struct smart_disk *d)
{
	char path[HALE_NAME_MAX + 8];
	struct stat st;
	int fd;

	(void)io;
	snprintf(path, sizeof(path), "dev/%s", d->name);
	for (char *c = path; *c; c++)
		*c = *c == '!' ? '/' : *c;
	fd = openat(root_fd, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* /dev may be another's, or the name has been given anew */
	if (fstat(fd, &st) < 0 || !S_ISBLK(st.st_mode) ||
	    major(st.st_rdev) != d->major || minor(st.st_rdev) != d->minor) {
		close(fd);
		return -ENXIO;
	}
	d->fd = fd;
	return 0;
}

static void close_disk(const struct smart_io *io, struct smart_disk *d)
{
	(void)io;
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
}

static int transport_error(const struct sg_pt_base *pt)
{
	switch (get_scsi_pt_transport_err(pt) & 0xff) {
	case DID_TIME_OUT:
		return -ETIMEDOUT;
	case DID_NO_CONNECT:
	case DID_BAD_TARGET:
		return -ENODEV;
	default:
		return -EIO;
	}
}

static int outcome(const struct sg_pt_base *pt, struct smart_command *c)
{
	int resid;

	switch (get_scsi_pt_result_category(pt)) {
	case SCSI_PT_RESULT_GOOD:
	case SCSI_PT_RESULT_SENSE:
		break;
	case SCSI_PT_RESULT_STATUS: /* busy, reserved by another host */
		return -EBUSY;
	case SCSI_PT_RESULT_TRANSPORT_ERR:
		return transport_error(pt);
	default:
		return get_scsi_pt_os_err(pt) > 0 ? -get_scsi_pt_os_err(pt)
						  : -EIO;
	}
	resid = get_scsi_pt_resid(pt);
	if (resid < 0 || (uint32_t)resid > c->len)
		resid = 0;
	c->got = c->len - (uint32_t)resid;
	c->status = (uint8_t)get_scsi_pt_status_response(pt);
	c->sense_len = (uint8_t)get_scsi_pt_sense_len(pt);
	return 0;
}

static int send_scsi(const struct smart_io *io, struct smart_disk *d,
		     struct smart_command *c)
{
	struct sg_pt_base *pt = construct_scsi_pt_obj_with_fd(d->fd, 0);
	int r;

	(void)io;
	if (!pt)
		return -ENOMEM;
	set_scsi_pt_cdb(pt, c->cdb, c->cdb_len);
	set_scsi_pt_sense(pt, c->sense, sizeof(c->sense));
	if (c->len)
		set_scsi_pt_data_in(pt, c->data, (int)c->len);
	r = do_scsi_pt(pt, d->fd, SMART_TIMEOUT_S, 0);
	if (r == 0)
		r = outcome(pt, c);
	else if (r > 0)
		r = r == SCSI_PT_DO_TIMEOUT ? -ETIMEDOUT : -EIO;
	destruct_scsi_pt_obj(pt);
	return r;
}

/* libnvme: 0, a status of the device above 0, or -1 and errno. */
static int nvme_result(int r)
{
	if (r > 0)
		return -EREMOTEIO;
	if (r == 0)
		return 0;
	/* what the kernel says of a command that it had to cancel */
	return errno == EINTR ? -ETIMEDOUT : -errno;
}

static int send_nvme(const struct smart_io *io, struct smart_disk *d,
		     enum smart_nvme_page page, void *buf, uint32_t len)
{
	struct nvme_get_log_args log = {
		.args_size = sizeof(log),
		.fd = d->fd,
		.timeout = SMART_TIMEOUT_S * 1000,
		.lid = (enum nvme_cmd_get_log_lid)page,
		.log = buf,
		.len = len,
		.nsid = NVME_NSID_ALL,
		.csi = NVME_CSI_NVM,
		.lsi = NVME_LOG_LSI_NONE,
		.lsp = NVME_LOG_LSP_NONE,
		.uuidx = NVME_UUID_NONE,
		.rae = true,
	};
	struct nvme_identify_args identify = {
		.args_size = sizeof(identify),
		.fd = d->fd,
		.timeout = SMART_TIMEOUT_S * 1000,
		.cns = NVME_IDENTIFY_CNS_CTRL,
		.csi = NVME_CSI_NVM,
		.nsid = NVME_NSID_NONE,
		.cntid = NVME_CNTLID_NONE,
		.uuidx = NVME_UUID_NONE,
		.data = buf,
	};

	(void)io;
	if (page == SMART_NVME_IDENTIFY)
		return nvme_result(nvme_identify(&identify));
	return nvme_result(nvme_get_log(&log));
}

static int run_smartctl(const struct smart_io *io, const char *const argv[],
			char **ret_text, int *ret_status)
{
	(void)io;
	return child_run(argv, CHILD_TIMEOUT_MS, ret_text, ret_status);
}

static uint64_t now_ms(const struct smart_io *io)
{
	struct timespec t;

	(void)io;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

const struct smart_io smart_real_io = {
	.open = open_disk,
	.close = close_disk,
	.scsi = send_scsi,
	.nvme = send_nvme,
	.smartctl = run_smartctl,
	.now_ms = now_ms,
};
