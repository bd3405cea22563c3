/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NKeys of users: how they are written, and Ed25519 by libcrypto. It decides
 * what is a key and what is not; it must never leave a secret in memory that is
 * given back, nor take a key whose sum is wrong. Invariant: what nkey_make()
 * wrote nats-server and libnats read (tests/integration/fleet_init.sh).
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sys/stat.h>

#include "hale/base.h"

#include "agent/fleetcli/nkey.h"

#define RAW_KEY	   32 /* Ed25519: of either half */
#define RAW_PUBLIC (1 + RAW_KEY + 2)
#define RAW_SEED   (2 + RAW_KEY + 2)

/* nkeys: prefixes are chosen so that the first letter comes out right. */
#define PREFIX_SEED 0x90 /* S */
#define PREFIX_USER 0xa0 /* U */
#define SEED_FIRST  (PREFIX_SEED | PREFIX_USER >> 5)
#define SEED_SECOND ((PREFIX_USER & 31) << 3)

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

void nkey_wipe(void *at, size_t len)
{
	OPENSSL_cleanse(at, len);
}

/* CRC-16/XMODEM: polynomial 0x1021, from 0. */
static uint16_t sum_of(const uint8_t *p, size_t n)
{
	uint32_t crc = 0;

	for (size_t i = 0; i < n; i++) {
		crc ^= (uint32_t)p[i] << 8;
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1;
		crc &= 0xffff;
	}
	return (uint16_t)crc;
}

static void encode(const uint8_t *p, size_t n, char *ret)
{
	uint32_t held = 0;
	unsigned int bits = 0;

	for (size_t i = 0; i < n; i++) {
		held = held << 8 | p[i];
		for (bits += 8; bits >= 5; bits -= 5)
			*ret++ = letters[held >> (bits - 5) & 31];
		held &= (1U << bits) - 1;
	}
	if (bits > 0)
		*ret++ = letters[held << (5 - bits) & 31];
	*ret = '\0';
}

/* Exactly @n bytes, and nothing in the bits that are left. */
static int decode(const char *text, uint8_t *ret, size_t n)
{
	uint32_t held = 0;
	unsigned int bits = 0;
	size_t len = (n * 8 + 4) / 5;

	if (strnlen(text, len + 1) != len)
		return -EINVAL;
	for (; *text; text++) {
		const char *at = strchr(letters, *text);

		if (!at)
			return -EINVAL;
		held = held << 5 | (uint32_t)(at - letters);
		bits += 5;
		if (bits >= 8) {
			bits -= 8;
			*ret++ = (uint8_t)(held >> bits);
			held &= (1U << bits) - 1;
		}
	}
	return held == 0 ? 0 : -EINVAL;
}

static void put_sum(uint8_t *raw, size_t n)
{
	uint16_t sum = sum_of(raw, n);

	raw[n] = (uint8_t)sum;
	raw[n + 1] = (uint8_t)(sum >> 8);
}

static bool sum_is_right(const uint8_t *raw, size_t n)
{
	uint16_t sum = sum_of(raw, n);

	return raw[n] == (uint8_t)sum && raw[n + 1] == (uint8_t)(sum >> 8);
}

static void write_public(const uint8_t key[RAW_KEY], char *ret)
{
	uint8_t raw[RAW_PUBLIC] = { PREFIX_USER };

	memcpy(raw + 1, key, RAW_KEY);
	put_sum(raw, 1 + RAW_KEY);
	encode(raw, sizeof(raw), ret);
}

static int read_public(const char *text, uint8_t ret_key[RAW_KEY])
{
	uint8_t raw[RAW_PUBLIC] = { 0 };

	if (decode(text, raw, sizeof(raw)) < 0 || raw[0] != PREFIX_USER ||
	    !sum_is_right(raw, 1 + RAW_KEY))
		return -EINVAL;
	memcpy(ret_key, raw + 1, RAW_KEY);
	return 0;
}

static int read_seed(const char *text, uint8_t ret_key[RAW_KEY])
{
	uint8_t raw[RAW_SEED] = { 0 };
	int r = -EINVAL;

	if (decode(text, raw, sizeof(raw)) == 0 && raw[0] == SEED_FIRST &&
	    raw[1] == SEED_SECOND && sum_is_right(raw, 2 + RAW_KEY)) {
		memcpy(ret_key, raw + 2, RAW_KEY);
		r = 0;
	}
	nkey_wipe(raw, sizeof(raw));
	return r;
}

/* To be freed by EVP_PKEY_free(); NULL where @seed is none. */
static EVP_PKEY *open_seed(const char *seed)
{
	uint8_t key[RAW_KEY];
	EVP_PKEY *pkey;

	if (read_seed(seed, key) < 0)
		return NULL;
	pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, key,
					    sizeof(key));
	nkey_wipe(key, sizeof(key));
	return pkey;
}

int nkey_public(const char *seed, char ret_public[NKEY_PUBLIC_SIZE])
{
	uint8_t key[RAW_KEY];
	size_t len = sizeof(key);
	EVP_PKEY *pkey = open_seed(seed);
	int r = -EINVAL;

	if (pkey && EVP_PKEY_get_raw_public_key(pkey, key, &len) == 1 &&
	    len == RAW_KEY) {
		write_public(key, ret_public);
		r = 0;
	}
	EVP_PKEY_free(pkey);
	return r;
}

int nkey_make(char ret_seed[NKEY_SEED_SIZE], char ret_public[NKEY_PUBLIC_SIZE])
{
	uint8_t raw[RAW_SEED] = { SEED_FIRST, SEED_SECOND };
	char seed[NKEY_SEED_SIZE];
	int r = -EIO;

	if (RAND_priv_bytes(raw + 2, RAW_KEY) == 1) {
		put_sum(raw, 2 + RAW_KEY);
		encode(raw, sizeof(raw), seed);
		r = nkey_public(seed, ret_public);
	}
	if (r == 0)
		memcpy(ret_seed, seed, sizeof(seed));
	nkey_wipe(raw, sizeof(raw));
	nkey_wipe(seed, sizeof(seed));
	return r == 0 ? 0 : -EIO;
}

bool nkey_public_valid(const char *text)
{
	uint8_t key[RAW_KEY];

	return read_public(text, key) == 0;
}

const char *nkey_public_fault(const char *text)
{
	if (nkey_public_valid(text))
		return NULL;
	if (text[0] == 'S' && strnlen(text, NKEY_SEED_SIZE) > 50)
		return "that is a seed, the secret half: it stays on its host; "
		       "make another key now";
	if (text[0] != 'U')
		return "not a user's public key: those begin with U";
	if (strnlen(text, NKEY_PUBLIC_SIZE) != NKEY_PUBLIC_SIZE - 1)
		return "not whole: a public key has 56 letters";
	return "mistyped: its check sum is wrong";
}

static int read_first_line(const char *path, struct stat *ret_st, char *ret,
			   size_t size)
{
	_cleanup_fd_ int fd =
		open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ssize_t n;

	if (fd < 0 || fstat(fd, ret_st) < 0)
		return -errno;
	if (!S_ISREG(ret_st->st_mode))
		return -EINVAL;
	n = read(fd, ret, size - 1);
	if (n < 0)
		return -errno;
	ret[n] = '\0';
	ret[strcspn(ret, "\r\n")] = '\0';
	return 0;
}

static int read_seed_file(const char *path, bool only_owner, char *ret_seed)
{
	char line[NKEY_SEED_SIZE + 8];
	char public[NKEY_PUBLIC_SIZE];
	struct stat st = { 0 };
	int r = read_first_line(path, &st, line, sizeof(line));

	if (r == 0)
		r = nkey_public(line, public);
	if (r == 0 && only_owner && (st.st_mode & (S_IRWXG | S_IRWXO)))
		r = -EPERM;
	if (r == 0)
		memcpy(ret_seed, line, NKEY_SEED_SIZE);
	nkey_wipe(line, sizeof(line));
	return r;
}

int nkey_read_seed(const char *path, char ret_seed[NKEY_SEED_SIZE])
{
	return read_seed_file(path, true, ret_seed);
}

int nkey_read_public(const char *path, char ret_public[NKEY_PUBLIC_SIZE])
{
	char seed[NKEY_SEED_SIZE];
	int r = read_seed_file(path, false, seed);

	if (r < 0)
		return r;
	r = nkey_public(seed, ret_public);
	nkey_wipe(seed, sizeof(seed));
	return r;
}

/* What is signed: a mark, its NUL, then @bytes. The same key answers to
 * servers, which choose what it signs then: any text, but none with a NUL in
 * it. */
static uint8_t *with_mark(const void *bytes, size_t len, size_t *ret_len)
{
	static const char mark[] = "hale fleet order 1";
	uint8_t *whole = malloc(sizeof(mark) + len);

	if (!whole)
		return NULL;
	memcpy(whole, mark, sizeof(mark));
	memcpy(whole + sizeof(mark), bytes, len);
	*ret_len = sizeof(mark) + len;
	return whole;
}

int nkey_sign(const char *seed, const void *bytes, size_t len,
	      uint8_t ret_signature[NKEY_SIGNATURE_SIZE])
{
	_cleanup_free_ uint8_t *whole = with_mark(bytes, len, &len);
	EVP_PKEY *pkey = open_seed(seed);
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	uint8_t signature[NKEY_SIGNATURE_SIZE];
	size_t n = sizeof(signature);
	int r = -EINVAL;

	if (whole && pkey && c &&
	    EVP_DigestSignInit(c, NULL, NULL, NULL, pkey) == 1 &&
	    EVP_DigestSign(c, signature, &n, whole, len) == 1 &&
	    n == sizeof(signature)) {
		memcpy(ret_signature, signature, n);
		r = 0;
	}
	EVP_MD_CTX_free(c);
	EVP_PKEY_free(pkey);
	return r;
}

int nkey_verify(const char *public, const void *bytes, size_t len,
		const uint8_t signature[NKEY_SIGNATURE_SIZE])
{
	_cleanup_free_ uint8_t *whole = with_mark(bytes, len, &len);
	uint8_t key[RAW_KEY];
	EVP_MD_CTX *c;
	EVP_PKEY *pkey;
	int r = -EBADMSG;

	if (read_public(public, key) < 0)
		return -EINVAL;
	c = EVP_MD_CTX_new();
	pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key,
					   sizeof(key));
	if (whole && c && pkey &&
	    EVP_DigestVerifyInit(c, NULL, NULL, NULL, pkey) == 1 &&
	    EVP_DigestVerify(c, signature, NKEY_SIGNATURE_SIZE, whole, len) ==
		    1)
		r = 0;
	EVP_MD_CTX_free(c);
	EVP_PKEY_free(pkey);
	return r;
}
