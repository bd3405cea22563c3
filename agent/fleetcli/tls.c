/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates. It decides what they say: EC P-256 (what every TLS there is
 * takes), a CA with no CA below it, servers that may be both ends of a route.
 * It must never put a key where others could read it. Invariant: what is
 * written belongs together; a pair that does not is refused, not mended.
 */
#include <errno.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "hale/base.h"

#include "agent/fleetcli/files.h"
#include "agent/fleetcli/tls.h"

#define PATH_BYTES 1024

struct tls_ca {
	EVP_PKEY *key;
	X509 *cert;
};

/* A pair in the making. */
struct pair {
	EVP_PKEY *key;
	X509 *cert;
};

static void pair_done(struct pair *p)
{
	EVP_PKEY_free(p->key);
	X509_free(p->cert);
}

struct tls_ca *tls_ca_close(struct tls_ca *ca)
{
	if (ca) {
		EVP_PKEY_free(ca->key);
		X509_free(ca->cert);
	}
	free(ca);
	return NULL;
}

/* --- files --- */

static int put_pem(BIO *b, bool written, const char *path, mode_t mode)
{
	struct files_text text;
	char *at;
	long len;
	int r;

	if (!b || !written)
		return -ENOMEM;
	len = BIO_get_mem_data(b, &at);
	text = (struct files_text){ at, len > 0 ? (size_t)len : 0 };
	r = files_put(path, text, mode, FILES_REPLACE);
	return r < 0 ? r : 0;
}

/* The key first: a certificate without its key is what would mislead. */
static int put_pair(const struct pair *p, const char *folder, const char *name)
{
	BIO *b = BIO_new(BIO_s_secmem());
	char path[PATH_BYTES];
	int r;

	snprintf(path, sizeof(path), "%s/%s.key", folder, name);
	r = put_pem(b,
		    b && PEM_write_bio_PKCS8PrivateKey(b, p->key, NULL, NULL, 0,
						       NULL, NULL) == 1,
		    path, FILES_SECRET);
	BIO_free(b);
	if (r < 0)
		return r;
	b = BIO_new(BIO_s_mem());
	snprintf(path, sizeof(path), "%s/%s.pem", folder, name);
	r = put_pem(b, b && PEM_write_bio_X509(b, p->cert) == 1, path,
		    FILES_PLAIN);
	BIO_free(b);
	return r;
}

static X509 *read_cert(const char *path)
{
	_cleanup_file_ FILE *f = fopen(path, "re");

	return f ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;
}

static EVP_PKEY *read_key(const char *path)
{
	_cleanup_file_ FILE *f = fopen(path, "re");

	return f ? PEM_read_PrivateKey(f, NULL, NULL, NULL) : NULL;
}

/* --- making --- */

static bool add_extension(X509 *cert, X509 *issuer, int nid, const char *text)
{
	X509V3_CTX c;
	X509_EXTENSION *e;
	bool added;

	X509V3_set_ctx_nodb(&c);
	X509V3_set_ctx(&c, issuer, cert, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &c, nid, text);
	added = e && X509_add_ext(cert, e, -1) == 1;
	X509_EXTENSION_free(e);
	return added;
}

static bool set_name(X509 *cert, const char *organization, const char *name)
{
	X509_NAME *n = X509_get_subject_name(cert);

	return X509_NAME_add_entry_by_NID(
		       n, NID_organizationName, MBSTRING_UTF8,
		       (const unsigned char *)organization, -1, -1, 0) == 1 &&
	       X509_NAME_add_entry_by_NID(n, NID_commonName, MBSTRING_UTF8,
					  (const unsigned char *)name, -1, -1,
					  0) == 1;
}

/* RFC 5280, 4.1.2.2: positive, 20 bytes at most. */
static bool set_serial(X509 *cert)
{
	unsigned char bytes[16];
	BIGNUM *n = NULL;
	bool set;

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return false;
	bytes[0] = (bytes[0] & 0x7f) | 0x40;
	n = BN_bin2bn(bytes, sizeof(bytes), NULL);
	set = n && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(cert));
	BN_free(n);
	return set;
}

/* From an hour ago on: clocks differ. */
static bool begin_pair(struct pair *p, const char *fleet, const char *name,
		       int days)
{
	p->key = EVP_EC_gen("P-256");
	p->cert = X509_new();
	return p->key && p->cert && X509_set_version(p->cert, 2) == 1 &&
	       set_serial(p->cert) && set_name(p->cert, fleet, name) &&
	       X509_gmtime_adj(X509_getm_notBefore(p->cert), -3600) &&
	       X509_time_adj_ex(X509_getm_notAfter(p->cert), days, 0, NULL) &&
	       X509_set_pubkey(p->cert, p->key) == 1;
}

static bool make_ca(struct pair *p, const char *fleet)
{
	char name[LAYOUT_NAME_SIZE + 16];

	/* ub-common-name is 64 letters */
	snprintf(name, sizeof(name), "%.50s CA", fleet);
	return begin_pair(p, fleet, name, TLS_CA_DAYS) &&
	       X509_set_issuer_name(p->cert, X509_get_subject_name(p->cert)) ==
		       1 &&
	       add_extension(p->cert, p->cert, NID_basic_constraints,
			     "critical,CA:TRUE,pathlen:0") &&
	       add_extension(p->cert, p->cert, NID_key_usage,
			     "critical,keyCertSign,cRLSign") &&
	       add_extension(p->cert, p->cert, NID_subject_key_identifier,
			     "hash") &&
	       X509_sign(p->cert, p->key, EVP_sha256()) > 0;
}

/* libnats compares an address with the DNS names only, Go with the IPs only:
 * both are there. */
static void alternative_names(const struct layout_node *n, char *ret,
			      size_t size)
{
	const char *local = layout_is_loopback(n)
				    ? ",DNS:localhost,IP:127.0.0.1,IP:::1"
				    : "";

	if (layout_is_ip(n->address))
		snprintf(ret, size, "DNS:%s,IP:%s,DNS:%s%s", n->name,
			 n->address, n->address, local);
	else if (strcmp(n->name, n->address) == 0)
		snprintf(ret, size, "DNS:%s%s", n->name, local);
	else
		snprintf(ret, size, "DNS:%s,DNS:%s%s", n->name, n->address,
			 local);
}

static bool make_server(struct pair *p, const struct tls_ca *ca,
			const struct layout_node *n)
{
	char names[2 * LAYOUT_HOST_SIZE + LAYOUT_NAME_SIZE + 80];
	char fleet[LAYOUT_NAME_SIZE] = "";

	X509_NAME_get_text_by_NID(X509_get_subject_name(ca->cert),
				  NID_organizationName, fleet, sizeof(fleet));
	alternative_names(n, names, sizeof(names));
	return begin_pair(p, fleet, n->name, TLS_SERVER_DAYS) &&
	       X509_set_issuer_name(p->cert, X509_get_subject_name(ca->cert)) ==
		       1 &&
	       add_extension(p->cert, ca->cert, NID_basic_constraints,
			     "critical,CA:FALSE") &&
	       add_extension(p->cert, ca->cert, NID_key_usage,
			     "critical,digitalSignature") &&
	       add_extension(p->cert, ca->cert, NID_ext_key_usage,
			     "serverAuth,clientAuth") &&
	       add_extension(p->cert, ca->cert, NID_subject_key_identifier,
			     "hash") &&
	       add_extension(p->cert, ca->cert, NID_authority_key_identifier,
			     "keyid") &&
	       add_extension(p->cert, ca->cert, NID_subject_alt_name, names) &&
	       X509_sign(p->cert, ca->key, EVP_sha256()) > 0;
}

/* --- what others call --- */

static int make_ca_files(const char *dir, const char *fleet)
{
	struct pair p = { 0 };
	int r = make_ca(&p, fleet) ? put_pair(&p, dir, "ca") : -EIO;

	pair_done(&p);
	return r;
}

int tls_ca_open(const char *dir, const char *fleet, struct tls_ca **ret_ca,
		bool *ret_made)
{
	char cert[PATH_BYTES], key[PATH_BYTES];
	struct tls_ca *ca;
	bool made;
	int r = 0;

	snprintf(cert, sizeof(cert), "%s/ca.pem", dir);
	snprintf(key, sizeof(key), "%s/ca.key", dir);
	made = !files_exist(cert) && !files_exist(key);
	if (made)
		r = make_ca_files(dir, fleet);
	if (r < 0)
		return r;
	ca = calloc(1, sizeof(*ca));
	if (!ca)
		return -ENOMEM;
	ca->cert = read_cert(cert);
	ca->key = read_key(key);
	if (!ca->cert || !ca->key || X509_check_ca(ca->cert) != 1 ||
	    X509_check_private_key(ca->cert, ca->key) != 1) {
		tls_ca_close(ca);
		return -EKEYREJECTED;
	}
	*ret_made = made;
	*ret_ca = ca;
	return 0;
}

int tls_issue(const struct tls_ca *ca, const struct layout_node *n,
	      const char *folder)
{
	struct pair p = { 0 };
	int r = make_server(&p, ca, n) ? put_pair(&p, folder, "server") : -EIO;

	pair_done(&p);
	return r;
}

int tls_days_left(const char *path, int *ret_days)
{
	X509 *cert = read_cert(path);
	int days = -1, seconds = 0, r = -EBADMSG;

	if (cert && ASN1_TIME_diff(&days, &seconds, NULL,
				   X509_get0_notAfter(cert)) == 1)
		r = 0;
	X509_free(cert);
	*ret_days = r == 0 ? days : -1;
	return r;
}

static bool is_called(X509 *cert, const char *name)
{
	return X509_check_host(cert, name, 0, 0, NULL) == 1;
}

bool tls_fits(const struct tls_ca *ca, const struct layout_node *n,
	      const char *folder)
{
	char path[PATH_BYTES];
	struct pair p = { 0 };
	bool fits;

	snprintf(path, sizeof(path), "%s/server.pem", folder);
	p.cert = read_cert(path);
	snprintf(path, sizeof(path), "%s/server.key", folder);
	p.key = read_key(path);
	fits = p.cert && p.key && X509_check_private_key(p.cert, p.key) == 1 &&
	       X509_verify(p.cert, ca->key) == 1 &&
	       is_called(p.cert, n->name) && is_called(p.cert, n->address);
	pair_done(&p);
	return fits;
}
