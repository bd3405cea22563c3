/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_FLEETCLI_NKEY_H
#define HALE_FLEETCLI_NKEY_H

/*
 * NKeys of users: Ed25519 keys as NATS writes them (nats-io/nkeys). A public
 * one is base32 (RFC 4648, no padding) of a prefix byte, 32 bytes and their
 * CRC-16 (XMODEM, low byte first): "U" and 55 more. A seed, the secret half,
 * has two prefix bytes, "SU" and 56 more. Ed25519 is libcrypto's.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NKEY_PUBLIC_SIZE    57 /* with a NUL */
#define NKEY_SEED_SIZE	    59
#define NKEY_SIGNATURE_SIZE 64

/* A new one. 0, or -EIO: libcrypto has no random numbers. */
int nkey_make(char ret_seed[NKEY_SEED_SIZE], char ret_public[NKEY_PUBLIC_SIZE]);

/* Of a seed its public half. 0, or -EINVAL: not a user's seed. */
int nkey_public(const char *seed, char ret_public[NKEY_PUBLIC_SIZE]);

/* Letters, length, prefix and sum of a user's public key. */
bool nkey_public_valid(const char *text);

/* What @text is if not a user's public key, for people: "a seed: that is the
 * secret half, …". */
const char *nkey_public_fault(const char *text);

/**
 * nkey_read_seed() - a seed out of a file, its first line
 *
 * Return: 0; -EINVAL: no user's seed is in it; -EPERM: others than its owner
 * may read it; or what open(2) says.
 */
int nkey_read_seed(const char *path, char ret_seed[NKEY_SEED_SIZE]);
/* The public half of that. Does not care who may read it. */
int nkey_read_public(const char *path, char ret_public[NKEY_PUBLIC_SIZE]);

/* An order: Ed25519 of "hale fleet order 1", a NUL and @len bytes, which no
 * server can have signed as its nonce. 0, or -EINVAL: not a seed. */
int nkey_sign(const char *seed, const void *bytes, size_t len,
	      uint8_t ret_signature[NKEY_SIGNATURE_SIZE]);
/* 0; -EBADMSG: @public did not sign that; -EINVAL: not a public key. */
int nkey_verify(const char *public, const void *bytes, size_t len,
		const uint8_t signature[NKEY_SIGNATURE_SIZE]);

/* Overwrites a secret, so that the compiler leaves it in. */
void nkey_wipe(void *at, size_t len);

#endif
