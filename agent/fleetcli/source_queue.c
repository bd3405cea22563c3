/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What libnats' threads put and ours takes. Decides that nothing in it grows
 * without a bound: what finds no room is given back to libnats, and that is
 * told once. Must never call anyone under its lock but libnats' own destructor.
 */
#include <errno.h>
#include <sys/eventfd.h>

#include "hale/base.h"
#include "hale/text.h"

#include "source_room.h"

static void wake(struct queue *q)
{
	uint64_t one = 1;
	ssize_t n = write(q->fd, &one, sizeof(one));

	(void)n; /* full: it is awake */
}

/* Takes @msg, which may be NULL. Called by libnats' threads. */
void queue_put(struct queue *q, enum item_kind kind, natsMsg *msg,
	       const char *text)
{
	size_t len = msg ? (size_t)natsMsg_GetDataLength(msg) + 256 : 0;
	struct item *to;

	pthread_mutex_lock(&q->lock);
	if (q->closing || q->n == QUEUE_ITEMS || q->bytes + len > QUEUE_BYTES) {
		q->dropped = true;
		pthread_mutex_unlock(&q->lock);
		natsMsg_Destroy(msg);
		return;
	}
	to = &q->items[(q->first + q->n++) % QUEUE_ITEMS];
	to->kind = kind;
	to->msg = msg;
	q->bytes += len;
	hale_print_text(to->text, sizeof(to->text), text ? text : "",
			text ? strlen(text) : 0);
	if (q->n == 1)
		wake(q);
	pthread_mutex_unlock(&q->lock);
}

bool queue_take(struct queue *q, struct item *ret)
{
	uint64_t count;
	bool any;

	pthread_mutex_lock(&q->lock);
	any = q->n > 0;
	if (any) {
		*ret = q->items[q->first];
		q->first = (q->first + 1) % QUEUE_ITEMS;
		q->n--;
		if (ret->msg)
			q->bytes -=
				(size_t)natsMsg_GetDataLength(ret->msg) + 256;
	}
	if (q->n == 0 && !any) {
		ssize_t n = read(q->fd, &count, sizeof(count));

		(void)n; /* it was asleep */
	}
	pthread_mutex_unlock(&q->lock);
	return any;
}

bool queue_dropped(struct queue *q)
{
	bool dropped;

	pthread_mutex_lock(&q->lock);
	dropped = q->dropped;
	q->dropped = false;
	pthread_mutex_unlock(&q->lock);
	return dropped;
}

int queue_init(struct queue *q)
{
	q->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (q->fd < 0)
		return -errno;
	q->items = calloc(QUEUE_ITEMS, sizeof(*q->items));
	if (!q->items)
		return -ENOMEM;
	return -pthread_mutex_init(&q->lock, NULL);
}

/* From now on nothing is taken. Messages are given back while libnats is still
 * open: afterwards it has no place for them. */
void queue_shut(struct queue *q)
{
	if (!q->items)
		return;
	pthread_mutex_lock(&q->lock);
	q->closing = true;
	for (size_t i = 0; i < q->n; i++)
		natsMsg_Destroy(q->items[(q->first + i) % QUEUE_ITEMS].msg);
	q->n = 0;
	pthread_mutex_unlock(&q->lock);
}

/* Once no thread of libnats is left. */
void queue_done(struct queue *q)
{
	if (q->items)
		pthread_mutex_destroy(&q->lock);
	free(q->items);
	if (q->fd >= 0)
		close(q->fd);
}
