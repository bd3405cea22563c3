/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_LIB_EXCHANGE_H
#define HALE_LIB_EXCHANGE_H

/*
 * One question and its answer over a SOCK_SEQPACKET socket: to the agent's
 * gate, or to a hale-scan that was started for it.
 */

#include <stddef.h>
#include <stdint.h>

#include "hale.pb-c.h"

/* Longest answer: 64 messages of 64 KiB. */
#define EXCHANGE_BYTES_MAX   (4u << 20)
#define EXCHANGE_MESSAGE_MAX (64u * 1024)
/* An answer in many messages has so long, all in all. */
#define EXCHANGE_WHOLE_MS 500
/* A scan ends itself earlier; see agent/cli/scan.c. */
#define EXCHANGE_SCAN_MS 2000

#define EXCHANGE_GATE  "/gate.sock"
#define EXCHANGE_STORE "/ship.sock" /* of `haled: ship` */

/**
 * exchange_connect() - a connection to a socket in run_dir
 * @name: EXCHANGE_GATE or EXCHANGE_STORE.
 * @answer_ms: how long to wait where too many are waiting already.
 *
 * Return: 0; -ENOENT: there is no socket; other negative errno: there is one.
 */
int exchange_connect(const char *run_dir, const char *name, uint32_t answer_ms,
		     int *ret_fd);

/**
 * exchange_scan() - start exec_dir/hale-scan, which answers one question
 * It is nobody's child and ends by itself, also where a disk makes it hang.
 *
 * Return: 0, -ENOENT: no such program, or negative errno.
 */
int exchange_scan(const char *exec_dir, int *ret_fd);

int exchange_send(int fd, const Hale__V1__Request *request);

/**
 * exchange_receive() - one whole answer, its messages joined
 * @first_ms, @next_ms: how long the first and any later message may take.
 *
 * Return: 0 and a reply for hale__v1__reply__free_unpacked(); -ETIMEDOUT;
 * -EPIPE: gone before it read the question; -ECONNRESET: it did, and closed
 * before the first message; -ECONNABORTED: before the last;
 * -EBADMSG: not a reply; -EMSGSIZE: too long; -ENOMEM; negative errno of
 * recv(2).
 */
int exchange_receive(int fd, int first_ms, int next_ms,
		     Hale__V1__Reply **ret_reply);

/**
 * exchange_join() - append the lists of @next to those of @all
 * Both are of one kind. What was moved is gone from @next, which remains the
 * caller's to free. Return: 0, -EBADMSG: of two kinds, -ENOMEM.
 */
int exchange_join(Hale__V1__Reply *all, Hale__V1__Reply *next);

#endif
