/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_WIRE_H
#define HALE_WIRE_H

/*
 * What the supervisor and the core say to each other, over SOCK_SEQPACKET. The
 * supervisor is root and the core reads what strangers wrote: what goes up is
 * therefore one struct of fixed size without text, and there is nothing in it
 * to parse. What goes down may carry text, a configuration or a descriptor.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wire_up {
	WIRE_UP_NONE = 0,
	WIRE_READY,  /* it has looked at everything once */
	WIRE_FIT,    /* value 1: the host is fit; 0: it is not */
	WIRE_SAVE,   /* the vault holds something new: to the disk with it */
	WIRE_PONG,   /* value: that of the ping */
	WIRE_RELOAD, /* an operator asked for it */
	WIRE_REOPEN, /* value: a bit for each driver of the table that needs
		      * root again; a successor, if one is there now */
	WIRE_BAD_MEMORY, /* what was on the disk is no memory: set it aside */
	WIRE_END_PROBE,	 /* value: enum wire_reason, why it is to be ended */
	WIRE_ACCEPT,	 /* somebody is at the gate, and the host has no file
			  * left but for root */
	WIRE_UP_COUNT,
};

/* In WIRE_REOPEN's value: the successor, whatever is there. */
#define WIRE_REOPEN_NOW (UINT64_C(1) << 63)

enum wire_reason {
	WIRE_SILENT = 0, /* it does not answer */
	WIRE_BABBLES,	 /* what it sends is no report */
	WIRE_REASON_COUNT,
};

struct wire_up_message {
	uint32_t kind; /* enum wire_up */
	uint32_t zero;
	uint64_t value;
};

enum wire_down {
	WIRE_DOWN_NONE = 0,
	WIRE_CONFIG,	/* bytes: struct config */
	WIRE_NO_CONFIG, /* text: why the old one stays */
	WIRE_PROBE,  /* a descriptor: a new probe; or text: why there is none,
		      * and value: ns until there is another, 0: unknown */
	WIRE_SHIP,   /* text: what ship says of the history, as it said it */
	WIRE_SAVED,  /* value: 0 or errno */
	WIRE_PING,   /* value: to be sent back */
	WIRE_CLIENT, /* a descriptor: who was at the gate */
	WIRE_STOP,   /* save, answer who waits, end */
	WIRE_DOWN_COUNT,
};

struct wire_down_message {
	uint32_t kind; /* enum wire_down */
	uint32_t len;  /* of the bytes that follow */
	uint64_t value;
};

/* Of the longest thing that goes down, a struct config. */
#define WIRE_DOWN_MAX (64 * 1024)

/* 0 or negative errno of send(2); never blocks. */
int wire_send_up(int fd, enum wire_up kind, uint64_t value);

/* Is @bytes a message from a core? @ret_m: it, checked. */
bool wire_read_up(const void *bytes, size_t len, struct wire_up_message *ret_m);

/* @passed: a descriptor to hand over, or -1. */
int wire_send_down(int fd, const struct wire_down_message *m, const void *bytes,
		   int passed);

/**
 * wire_receive_down() - the next of them, without waiting
 * @bytes: room for WIRE_DOWN_MAX, and a NUL behind what comes.
 * @ret_passed: a descriptor that is the caller's now, or -1; also where this
 * process may have no more.
 *
 * Return: 1; 0 at the end; -EAGAIN; -EBADMSG; negative errno of recvmsg(2).
 */
int wire_receive_down(int fd, struct wire_down_message *ret_m, uint8_t *bytes,
		      int *ret_passed);

#endif
