/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HALE_RULES_CAPTURE_H
#define HALE_RULES_CAPTURE_H

/*
 * The types of captures. A shaped type ends by itself ({scsi} is H:C:T:L), a
 * run ends at the next byte that the template names, a gap reaches to the next
 * literal text. None of them is ever tried in a second way.
 */

#include <stdbool.h>
#include <stddef.h>

/* A piece of some text, not terminated. */
struct span {
	const char *at;
	size_t len;
};

/* X(name, how it is read): docs/man/hale-rules.5 says what each one is. */
#define CAPTURES(X)                                                            \
	X(disk, SHAPE)                                                         \
	X(optical, SHAPE)                                                      \
	X(loop, SHAPE)                                                         \
	X(nbd, SHAPE)                                                          \
	X(nvme, SHAPE)                                                         \
	X(ata, SHAPE)                                                          \
	X(mmc, SHAPE)                                                          \
	X(md, SHAPE)                                                           \
	X(scsi, SHAPE)                                                         \
	X(devno, SHAPE)                                                        \
	X(pci, SHAPE)                                                          \
	X(usb, SHAPE)                                                          \
	X(guid, SHAPE)                                                         \
	X(cpu, SHAPE)                                                          \
	X(mc, SHAPE)                                                           \
	X(pid, SHAPE)                                                          \
	X(lba, SHAPE)                                                          \
	X(kib, SHAPE)                                                          \
	X(n, SHAPE)                                                            \
	X(int, SHAPE)                                                          \
	X(hex, SHAPE)                                                          \
	X(errno, SHAPE)                                                        \
	X(op, SHAPE)                                                           \
	X(name, SHAPE)                                                         \
	X(_, SHAPE)                                                            \
	X(fs, RUN)                                                             \
	X(net, RUN)                                                            \
	X(word, RUN)                                                           \
	X(dev, RUN)                                                            \
	X(label, GAP)                                                          \
	X(comm, GAP)                                                           \
	X(task, GAP)                                                           \
	X(text, GAP)

enum capture_reach {
	CAPTURE_SHAPE,
	CAPTURE_RUN,
	CAPTURE_GAP
};

enum capture {
#define CAPTURE_ENUM(name, reach) CAP_##name,
	CAPTURES(CAPTURE_ENUM)
#undef CAPTURE_ENUM
	CAP_COUNT
};

/* CAP_COUNT where there is no such type. */
enum capture capture_from_name(const char *name, size_t len);
enum capture_reach capture_reach(enum capture type);

/**
 * capture_shape() - how far a shaped type reaches from the start of a text
 * Return: 0 where the text does not begin with one; {_} is any blanks, or none.
 */
size_t capture_shape(enum capture type, const char *p, size_t len);

/* Likewise for a run; @stops: @n_stops bytes that end it, beside blanks. */
size_t capture_run(enum capture type, const char *p, size_t len,
		   const char *stops, size_t n_stops);

/* May these bytes, found before the next literal, be one of this gap type? */
bool capture_gap_fits(enum capture type, const char *p, size_t len);

/* The same for whole block device names: "sda1", "nvme0n1", "md127p2". */
size_t capture_device(const char *p, size_t len);

/* Length of "sda" in "sda1", "nvme0n1" in "nvme0n1p2", of all else whole. */
size_t capture_device_base(const char *p, size_t len);

/* Digits at the start; 'X' counts as one, as in logs made anonymous. */
size_t capture_digits(const char *p, size_t len);

#endif
