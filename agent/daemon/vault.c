/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two slots in a file that only memory holds. Decides which of them counts: the
 * one with the greatest number whose length and checksum are right. A writer
 * takes the number away before it touches a slot and gives the new one last, so
 * that a death at any moment leaves the other slot. Must never trust a header:
 * a core that fell writes what it likes; the worst of it is bytes that are no
 * Memory. Invariant: what vault_newest() gives is a copy that nobody changes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "hale/base.h"

#include "agent/daemon/small_fs.h"
#include "agent/daemon/vault.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif

#define SLOTS	    2
#define HEADER_SIZE 4096
#define SLOT_SIZE   (HEADER_SIZE + VAULT_SLOT_MAX)
#define FILE_SIZE   (SLOTS * (size_t)SLOT_SIZE)
#define NEW_NAME    ".vault.new"
/* A core may go on twice while a slot is copied; not every time. */
#define TRIES 8

struct header {
	_Atomic int64_t number; /* 0: the slot is being written, or empty */
	uint64_t len, checksum;
};

/*
 * Against a copy torn by a writer that went on, and a page that was lost; not
 * against a liar. Eight bytes at a time: a full slot takes about a millisecond.
 */
static uint64_t sum_of(const uint8_t *bytes, size_t len)
{
	uint64_t sum = UINT64_C(0x9e3779b97f4a7c15) ^ len, word;

	while (len > 0) {
		size_t n = len < sizeof(word) ? len : sizeof(word);

		word = 0;
		memcpy(&word, bytes, n);
		sum = (sum ^ word) * UINT64_C(0xff51afd7ed558ccd);
		sum ^= sum >> 32;
		bytes += n;
		len -= n;
	}
	return sum;
}

/* --- a slot, mapped or through the descriptor --- */

static struct header *header_of(const struct vault *v, uint32_t slot)
{
	return (struct header *)(void *)((uint8_t *)v->pages +
					 slot * (size_t)SLOT_SIZE);
}

static bool get(const struct vault *v, size_t at, void *to, size_t len)
{
	if (v->pages) {
		memcpy(to, (const uint8_t *)v->pages + at, len);
		return true;
	}
	return v->fd >= 0 && pread(v->fd, to, len, (off_t)at) == (ssize_t)len;
}

static bool put(struct vault *v, size_t at, const void *from, size_t len)
{
	if (v->pages) {
		memcpy((uint8_t *)v->pages + at, from, len);
		return true;
	}
	return v->fd >= 0 &&
	       pwrite(v->fd, from, len, (off_t)at) == (ssize_t)len;
}

/* Taken in once: the slot's owner may change it meanwhile. */
static bool get_header(const struct vault *v, uint32_t slot,
		       struct header *ret_header)
{
	if (!get(v, slot * (size_t)SLOT_SIZE, ret_header, sizeof(*ret_header)))
		return false;
	return ret_header->number > 0 && ret_header->len <= VAULT_SLOT_MAX;
}

/* A copy of the slot's bytes, if they are whole. */
static int copy_slot(const struct vault *v, uint32_t slot,
		     const struct header *h, uint8_t **ret_bytes)
{
	size_t at = slot * (size_t)SLOT_SIZE + HEADER_SIZE;
	uint8_t *bytes = malloc(h->len + 1);

	if (!bytes)
		return -ENOMEM;
	if (!get(v, at, bytes, h->len) ||
	    sum_of(bytes, h->len) != h->checksum) {
		free(bytes);
		return -EBADMSG;
	}
	*ret_bytes = bytes;
	return 0;
}

/* Return: the number of the copy; 0: neither slot is whole just now. */
static int64_t take_newest(const struct vault *v, int64_t below,
			   uint8_t **ret_bytes, size_t *ret_len)
{
	struct header h[SLOTS];
	bool whole[SLOTS];

	for (uint32_t i = 0; i < SLOTS; i++)
		whole[i] = get_header(v, i, &h[i]) && h[i].number < below;
	for (uint32_t tries = 0; tries < SLOTS; tries++) {
		uint32_t i =
			whole[1] && (!whole[0] || h[1].number > h[0].number);
		int r = whole[i] ? copy_slot(v, i, &h[i], ret_bytes) : 0;

		if (r == -ENOMEM)
			return r;
		if (whole[i] && r == 0) {
			*ret_len = h[i].len;
			return h[i].number;
		}
		whole[i] = false;
	}
	return 0;
}

int64_t vault_before(const struct vault *v, int64_t number, uint8_t **ret_bytes,
		     size_t *ret_len)
{
	int64_t n = 0;

	for (uint32_t i = 0; i < TRIES && n == 0; i++)
		n = take_newest(v, number, ret_bytes, ret_len);
	return n;
}

int64_t vault_newest(const struct vault *v, uint8_t **ret_bytes,
		     size_t *ret_len)
{
	return vault_before(v, INT64_MAX, ret_bytes, ret_len);
}

/* --- the supervisor's --- */

/* Can a core ask for a page's memory before it writes there? With a descriptor
 * it could on any kernel, and make the file as long as it likes, too. */
static bool can_populate(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void *at = mmap(NULL, page, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool can = at == MAP_FAILED ||
		   madvise(at, page, MADV_POPULATE_WRITE) == 0 ||
		   errno != EINVAL;

	if (at != MAP_FAILED)
		munmap(at, page);
	return can;
}

/* To read a header that has no memory takes memory, too. */
static bool make_headers(int fd)
{
	const struct header none = { 0 };
	bool made = ftruncate(fd, (off_t)FILE_SIZE) == 0;

	if (made && !can_populate())
		made = fallocate(fd, 0, 0, (off_t)FILE_SIZE) == 0;

	for (uint32_t i = 0; made && i < SLOTS; i++)
		made = pwrite(fd, &none, sizeof(none),
			      (off_t)(i * (size_t)SLOT_SIZE)) == sizeof(none);
	return made;
}

static int take_file(int fd, struct vault *ret_v)
{
	if (!make_headers(fd)) {
		int r = -errno;

		close(fd);
		return r;
	}
	*ret_v = (struct vault){ .fd = fd };
	return 0;
}

int vault_new(struct vault *ret_v)
{
	int fd = memfd_create("hale-vault", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int r = fd < 0 ? -errno : take_file(fd, ret_v);

	if (r < 0)
		return r;
	/* whoever cut it short would kill the next core that reads it */
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) <
	    0)
		r = -errno;
	if (r < 0)
		vault_done(ret_v);
	return r;
}

/* What an earlier supervisor left; nobody but us can have made it. */
static int open_left(int run_fd)
{
	int fd = openat(run_fd, VAULT_NAME,
			O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    st.st_uid != geteuid() || st.st_nlink != 1 ||
	    (st.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
		close(fd);
		return -EPERM;
	}
	return fd;
}

/* Return: 1 where something was there. */
static int take_over(int run_fd, struct vault *v)
{
	struct vault left = { .fd = open_left(run_fd) };
	int64_t number;
	uint8_t *bytes;
	size_t len;
	int r;

	if (left.fd < 0)
		return 0;
	number = vault_newest(&left, &bytes, &len);
	close(left.fd);
	if (number <= 0)
		return (int)number;
	r = vault_put(v, number, bytes, len);
	free(bytes);
	return r < 0 ? r : 1;
}

void vault_unlink(int run_fd)
{
	unlinkat(run_fd, VAULT_NAME, 0);
}

/* In a file that is in no folder, then; what is there is not to be found again
 * by whoever comes later, when it is old. */
static int without_room(int run_fd, struct vault *ret_v)
{
	int r, held;

	unlinkat(run_fd, NEW_NAME, 0);
	r = vault_new(ret_v);
	if (r < 0)
		return r;
	held = take_over(run_fd, ret_v);
	vault_unlink(run_fd);
	if (held < 0)
		vault_done(ret_v);
	return held;
}

int vault_new_in(int run_fd, struct vault *ret_v)
{
	struct vault v = VAULT_NULL;
	int fd, r, held;

	if (!small_fs_holds(run_fd))
		return vault_new(ret_v);
	unlinkat(run_fd, NEW_NAME, 0);
	fd = openat(run_fd, NEW_NAME,
		    O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	r = fd < 0 ? -errno : take_file(fd, &v);
	if (r == -ENOSPC)
		return without_room(run_fd, ret_v);
	if (r < 0)
		return r;
	held = take_over(run_fd, &v);
	if (held >= 0 && renameat(run_fd, NEW_NAME, run_fd, VAULT_NAME) < 0)
		held = -errno;
	if (held < 0)
		vault_done(&v);
	else
		*ret_v = v;
	return held;
}

void vault_forget(struct vault *v)
{
	const struct header none = { 0 };

	for (uint32_t i = 0; i < SLOTS; i++)
		put(v, i * (size_t)SLOT_SIZE, &none, sizeof(none));
}

int vault_put(struct vault *v, int64_t number, const uint8_t *bytes, size_t len)
{
	const struct header h = { .number = number,
				  .len = len,
				  .checksum = sum_of(bytes, len) };

	if (len > VAULT_SLOT_MAX)
		return -EFBIG;
	return put(v, HEADER_SIZE, bytes, len) && put(v, 0, &h, sizeof(h))
		       ? 0
		       : -EIO;
}

/* --- the core's --- */

int vault_open(int fd, struct vault *ret_v)
{
	struct stat st;
	void *pages = MAP_FAILED;

	if (fstat(fd, &st) == 0 && st.st_size == (off_t)FILE_SIZE)
		pages = mmap(NULL, FILE_SIZE, PROT_READ | PROT_WRITE,
			     MAP_SHARED, fd, 0);
	close(fd);
	if (pages == MAP_FAILED)
		return -EIO;
	*ret_v = (struct vault){ .fd = -1, .pages = pages };
	return 0;
}

void vault_done(struct vault *v)
{
	if (v->pages)
		munmap(v->pages, FILE_SIZE);
	if (v->fd >= 0)
		close(v->fd);
	*v = (struct vault)VAULT_NULL;
}

static int64_t number_of(const struct vault *v, uint32_t slot)
{
	return atomic_load_explicit(&header_of(v, slot)->number,
				    memory_order_acquire);
}

static uint32_t next_slot(const struct vault *v)
{
	return number_of(v, 1) < number_of(v, 0);
}

int vault_reserve(struct vault *v, size_t len)
{
	uint32_t slot = next_slot(v);
	size_t bytes = HEADER_SIZE + len;

	if (len > VAULT_SLOT_MAX)
		return -EFBIG;
	if (len <= v->reserved[slot])
		return 0;
	if (madvise(header_of(v, slot), bytes, MADV_POPULATE_WRITE) < 0 &&
	    errno != EINVAL)
		return errno == EFAULT ? -ENOSPC : -errno;
	v->reserved[slot] = len;
	return 0;
}

uint8_t *vault_next(struct vault *v)
{
	struct header *h;

	v->next = next_slot(v);
	h = header_of(v, v->next);
	atomic_store_explicit(&h->number, 0, memory_order_seq_cst);
	atomic_thread_fence(memory_order_seq_cst);
	return (uint8_t *)h + HEADER_SIZE;
}

int vault_commit(struct vault *v, size_t len)
{
	struct header *h = header_of(v, v->next);
	int64_t newest = number_of(v, !v->next);

	if (len > VAULT_SLOT_MAX)
		return -EFBIG;
	if (newest < VAULT_FROM_DISK || newest == INT64_MAX)
		newest = VAULT_FROM_DISK;
	h->len = len;
	h->checksum = sum_of((uint8_t *)h + HEADER_SIZE, len);
	atomic_store_explicit(&h->number, newest + 1, memory_order_release);
	return 0;
}
