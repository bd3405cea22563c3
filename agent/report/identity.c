/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who this host is: its NKey, or the name in its certificate. Decides which
 * file is a secret that others could read, and refuses it. Must read all of
 * them before the sandbox, and keep none open. Invariant: after success the id
 * is a public NKey, and whatever the servers are to be shown of it is here.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include "hale/base.h"

#include "agent/fleetcli/nkey.h"
#include "agent/report/report.h"

#define BOOT_ID "/proc/sys/kernel/random/boot_id"

/* Others who can read it can be this host. Its group may be root's own. */
static bool is_secret(int fd, struct stat *st)
{
	return fstat(fd, st) == 0 && (st->st_mode & 077) == 0;
}

static int fault(const char *what, const char *why)
{
	report_log(3, "[fleet] %s: %s", what, why);
	return -EINVAL;
}

/* Closes @fd. A text that the caller frees; *ret stays NULL where there is no
 * such file. */
static int read_file(int fd, const char *what, bool secret, char **ret)
{
	_cleanup_fd_ int from = fd;
	_cleanup_free_ char *text = NULL;
	struct stat st;
	size_t len = 0;
	ssize_t n = 1;

	if (from < 0)
		return 0;
	if (secret && !is_secret(from, &st))
		return fault(what, "others may read it, so it is no secret: "
				   "chmod 600");
	if (fstat(from, &st) < 0 || !S_ISREG(st.st_mode))
		return fault(what, "it is no file");
	text = calloc(1, REPORT_FILE_MAX);
	while (text && n > 0 && len < REPORT_FILE_MAX - 1) {
		n = read(from, text + len, REPORT_FILE_MAX - 1 - len);
		len += n > 0 ? (size_t)n : 0;
	}
	if (!text || n != 0)
		return fault(what, "it cannot be read, or is too long");
	*ret = realloc(text, len + 1);
	text = NULL;
	return *ret ? 0 : -ENOMEM;
}

/* Its first word. */
static int take_seed(struct report *r, char *text)
{
	text[strcspn(text, " \t\r\n")] = '\0';
	if (nkey_public(text, r->id) < 0)
		return fault("seed", "it is no seed of a user's NKey (\"SU\" "
				     "and 56 more)");
	r->who.seed = text;
	return 0;
}

/* The common name of its subject. */
static int take_certificate(struct report *r, const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, (int)strlen(pem));
	X509 *x = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
	int n = 0;

	if (x)
		n = X509_NAME_get_text_by_NID(X509_get_subject_name(x),
					      NID_commonName, r->id,
					      sizeof(r->id));
	X509_free(x);
	BIO_free(bio);
	if (!x)
		return fault("certificate", "it is none (PEM)");
	return n > 0 && fleet_id_valid(r->id)
		       ? 0
		       : fault("certificate", "without a seed its common name "
					      "has to be this host's id");
}

static void read_boot_id(struct report *r)
{
	_cleanup_fd_ int fd = open(BOOT_ID, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, r->boot_id, sizeof(r->boot_id) - 1);

	r->boot_id[n > 0 ? n : 0] = '\0';
	r->boot_id[strcspn(r->boot_id, "\n")] = '\0';
}

int report_identify(struct report *r)
{
	const struct report_setup *s = &r->setup;
	char *seed = NULL, *ca = NULL, *certificate = NULL, *key = NULL;
	int e;

	/* libnats 3.4 (its issue 904) frees what OpenSSL frees again
	 * when the process ends: a crash for an end. Before all else of it. */
	OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
	e = read_file(s->seed_fd, "seed", true, &seed);
	if (e == 0)
		e = read_file(s->ca_fd, "ca", false, &ca);
	if (e == 0)
		e = read_file(s->certificate_fd, "certificate", false,
			      &certificate);
	if (e == 0)
		e = read_file(s->key_fd, "key", true, &key);
	r->who.id = r->id;
	r->who.ca = ca;
	r->who.certificate = certificate;
	r->who.key = key;
	if (e == 0 && !seed && !certificate)
		e = fault("seed", "neither it nor a certificate is set, so "
				  "this host is nobody");
	if (e == 0 && certificate && !key)
		e = fault("key", "it is not set: a certificate needs one");
	if (e == 0)
		e = seed ? take_seed(r, seed)
			 : take_certificate(r, certificate);
	gethostname(r->host, sizeof(r->host) - 1);
	read_boot_id(r);
	return e;
}
