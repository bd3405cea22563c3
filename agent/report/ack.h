/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_REPORT_ACK_H
#define HALE_REPORT_ACK_H

/*
 * What a server says of a message that was published to a stream: JSON, as
 * JetStream's PubAck (nats-io/nats-architecture-and-design, ADR-1; in
 * nats-server the struct JSPubAckResponse). Whoever sends it is not trusted.
 * Pure.
 */

#include <stddef.h>
#include <stdint.h>

#define ACK_BYTES_MAX 1024
#define ACK_TEXT_MAX  120

enum ack_kind {
	ACK_GARBAGE = 0, /* says nothing: the message was not taken */
	ACK_TAKEN,
	ACK_DUPLICATE, /* the stream had one of this message id before */
	ACK_REFUSED,   /* an error: @text */
	ACK_ELSEWHERE, /* another stream took it: @text */
	ACK_NOBODY,    /* no stream listens: an empty message */
};

struct ack {
	enum ack_kind kind;
	uint64_t seq; /* in the stream */
	char text[ACK_TEXT_MAX];
};

/* @stream: the one that has to have taken it. */
struct ack ack_read(const void *bytes, size_t len, const char *stream);

#endif
