/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NKeys. The key written out here is of the seed bytes 0 to 31, and was derived
 * by other means: the public half by openssl pkey, the letters and the sum by
 * Python's base64 and binascii.crc_hqx. That the servers take such keys is
 * shown by tests/integration/fleet_init.sh.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "hale/base.h"

#include "agent/fleetcli/nkey.h"

static const char seed[] =
	"SUAAAAICAMCAKBQHBAEQUCYMBUHA6EARCIJRIFIWC4MBSGQ3DQOR4H776Y";
static const char public[] =
	"UAB2CB576PHBBPQ5ODORRZ2LYCMWPZGWGCN2KDK7DXOIMZASKUY3RLKK";

static void test_made(void **state)
{
	char s[NKEY_SEED_SIZE], p[NKEY_PUBLIC_SIZE], again[NKEY_PUBLIC_SIZE];
	char other[NKEY_PUBLIC_SIZE];

	(void)state;
	for (int i = 0; i < 100; i++) {
		assert_int_equal(nkey_make(s, p), 0);
		assert_int_equal(strlen(s), 58);
		assert_int_equal(strlen(p), 56);
		assert_true(s[0] == 'S' && s[1] == 'U' && p[0] == 'U');
		assert_true(nkey_public_valid(p));
		assert_int_equal(nkey_public(s, again), 0);
		assert_string_equal(p, again);
	}
	assert_int_equal(nkey_make(s, other), 0);
	assert_string_not_equal(p, other);
}

static void test_known(void **state)
{
	char p[NKEY_PUBLIC_SIZE];

	(void)state;
	assert_int_equal(nkey_public(seed, p), 0);
	assert_string_equal(p, public);
}

/* Any letter that is another makes it no key; that is what the sum is for. */
static void test_mistyped(void **state)
{
	char s[NKEY_SEED_SIZE], p[NKEY_PUBLIC_SIZE], ret[NKEY_PUBLIC_SIZE];

	(void)state;
	for (size_t i = 0; i < strlen(public); i++) {
		HALE_SET(p, public);
		p[i] = p[i] == 'Q' ? 'R' : 'Q';
		assert_false(nkey_public_valid(p));
		assert_non_null(nkey_public_fault(p));
	}
	for (size_t i = 0; i < strlen(seed); i++) {
		HALE_SET(s, seed);
		s[i] = s[i] == 'Q' ? 'R' : 'Q';
		assert_int_equal(nkey_public(s, ret), -EINVAL);
	}
	assert_null(nkey_public_fault(public));
}

static void test_others(void **state)
{
	static const char *const none[] = {
		"",
		"U",
		"u",
		"UAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"not a key at all, but as long as one that is, more or les",
	};
	char long_one[200], ret[NKEY_PUBLIC_SIZE];

	(void)state;
	for (size_t i = 0; i < HALE_ARRAY_SIZE(none); i++) {
		assert_false(nkey_public_valid(none[i]));
		assert_int_equal(nkey_public(none[i], ret), -EINVAL);
	}
	snprintf(long_one, sizeof(long_one), "%s%s", public, public);
	assert_false(nkey_public_valid(long_one));
	assert_non_null(strstr(nkey_public_fault(seed), "seed"));
	assert_non_null(strstr(nkey_public_fault("UABC"), "56"));
	assert_int_equal(nkey_public(public, ret), -EINVAL);
}

static void test_signed(void **state)
{
	static const char text[] = "quarantine build-07";
	uint8_t sig[NKEY_SIGNATURE_SIZE];
	char s[NKEY_SEED_SIZE], other[NKEY_PUBLIC_SIZE];

	(void)state;
	assert_int_equal(nkey_sign(seed, text, sizeof(text), sig), 0);
	assert_int_equal(nkey_verify(public, text, sizeof(text), sig), 0);
	assert_int_equal(nkey_verify(public, text, sizeof(text) - 1, sig),
			 -EBADMSG);
	assert_int_equal(nkey_make(s, other), 0);
	assert_int_equal(nkey_verify(other, text, sizeof(text), sig), -EBADMSG);
	sig[40] ^= 1;
	assert_int_equal(nkey_verify(public, text, sizeof(text), sig),
			 -EBADMSG);
	assert_int_equal(nkey_verify("U", text, sizeof(text), sig), -EINVAL);
	assert_int_equal(nkey_sign(public, text, sizeof(text), sig), -EINVAL);
}

/* Who connects with a key signs whatever text the server chooses: that is what
 * NATS does with it, and is no order. */
static void test_a_servers_nonce_is_no_order(void **state)
{
	static const char nonce[] = "quarantine build-07";
	uint8_t sig[NKEY_SIGNATURE_SIZE], secret[32];
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	size_t n = sizeof(sig);
	EVP_PKEY *key;

	(void)state;
	for (uint8_t i = 0; i < sizeof(secret); i++)
		secret[i] = i;
	key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret,
					   sizeof(secret));
	assert_int_equal(EVP_DigestSignInit(c, NULL, NULL, NULL, key), 1);
	assert_int_equal(EVP_DigestSign(c, sig, &n, (const uint8_t *)nonce,
					strlen(nonce)),
			 1);
	assert_int_equal(nkey_verify(public, nonce, strlen(nonce), sig),
			 -EBADMSG);
	EVP_MD_CTX_free(c);
	EVP_PKEY_free(key);
}

static void put(const char *path, const char *text, mode_t mode)
{
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void test_files(void **state)
{
	char path[] = "/tmp/hale-nkey.XXXXXX", line[80];
	char s[NKEY_SEED_SIZE], p[NKEY_PUBLIC_SIZE];
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	snprintf(line, sizeof(line), "%s\n", seed);
	put(path, line, 0600);
	assert_int_equal(nkey_read_seed(path, s), 0);
	assert_string_equal(s, seed);
	assert_int_equal(nkey_read_public(path, p), 0);
	assert_string_equal(p, public);
	put(path, line, 0640);
	assert_int_equal(nkey_read_seed(path, s), -EPERM);
	assert_int_equal(nkey_read_public(path, p), 0);
	put(path, public, 0600);
	assert_int_equal(nkey_read_seed(path, s), -EINVAL);
	put(path, "", 0600);
	assert_int_equal(nkey_read_seed(path, s), -EINVAL);
	unlink(path);
	assert_int_equal(nkey_read_seed(path, s), -ENOENT);
	assert_int_equal(nkey_read_seed("/tmp", s), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_made),
		cmocka_unit_test(test_known),
		cmocka_unit_test(test_mistyped),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_signed),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_a_servers_nonce_is_no_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
