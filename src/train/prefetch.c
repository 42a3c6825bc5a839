/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Gathering batches, and the thread that does it ahead. It writes into a buffer of its own, which is copied when the
 * step begins: the plan's input stays as it is until the backward pass is done with it. */
#include "train/prefetch.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "halfwave/memory.h"
#include "train/trainer.h"

typedef enum state {
    IDLE,   /* nothing was asked for */
    WANTED, /* asked for: the thread has not woken yet */
    UNDER_WAY,
    READY,
    STOP
} state;

struct hwv_prefetch {
    const hwv_trainer *trainer;
    size_t elements; /* of a batch, of 4 bytes all */
    void *x;
    int32_t *labels;
    pthread_t thread;
    pthread_mutex_t mutex; /* of what follows */
    pthread_cond_t changed;
    state state;
    size_t epoch, position; /* what was asked for */
};

void hwv_batch_gather(const hwv_trainer *t, size_t epoch, size_t position, void *x, int32_t *labels)
{
    const hwv_train_options *o = &t->options;
    const uint32_t *rows = t->order + position * o->batch;
    if (t->data->train.tokens)
        hwv_data_gather_tokens(t->data, &t->data->train, rows, 0, o->batch, x, labels);
    else if (t->scratch)
        hwv_data_gather_augmented(t->data, &t->data->train, rows, o->batch, &o->augment, o->seed, (uint32_t)epoch,
                                  t->scratch, x, labels);
    else
        hwv_data_gather(t->data, &t->data->train, rows, 0, o->batch, x, labels);
}

static void *gather_ahead(void *self)
{
    hwv_prefetch *p = self;
    pthread_mutex_lock(&p->mutex);
    while (p->state != STOP) {
        if (p->state != WANTED) {
            pthread_cond_wait(&p->changed, &p->mutex);
            continue;
        }
        p->state = UNDER_WAY;
        pthread_mutex_unlock(&p->mutex);
        hwv_batch_gather(p->trainer, p->epoch, p->position, p->x, p->labels);
        pthread_mutex_lock(&p->mutex);
        if (p->state == UNDER_WAY)
            p->state = READY;
        pthread_cond_broadcast(&p->changed);
    }
    pthread_mutex_unlock(&p->mutex);
    return NULL;
}

/* With all signals blocked: they stay with the threads of the host program. */
static bool thread_start(hwv_prefetch *p)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(&p->thread, NULL, gather_ahead, p) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

static void free_all(hwv_prefetch *p)
{
    hwv_free(p->x);
    hwv_free(p->labels);
    hwv_free(p);
}

bool hwv_prefetch_pays(size_t workers, size_t cpus, size_t elements)
{
    return workers >= 2 && workers < cpus && elements >= HWV_PREFETCH_FROM;
}

hwv_status hwv_prefetch_start(hwv_prefetch **out, const hwv_trainer *t, hwv_error *error)
{
    size_t batch = t->options.batch, elements = batch * t->data->features; /* the plan has it: it fits */
    *out = NULL;
    hwv_prefetch *p = hwv_calloc(1, sizeof *p);
    if (!p)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory to gather ahead");
    p->trainer = t;
    p->elements = elements;
    p->x = hwv_calloc(elements, sizeof(float));
    p->labels = hwv_calloc(t->batch_labels, sizeof *p->labels);
    pthread_mutex_init(&p->mutex, NULL);
    pthread_cond_init(&p->changed, NULL);
    if (p->x && p->labels && thread_start(p)) {
        *out = p;
        return HWV_OK;
    }
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->mutex);
    free_all(p);
    return hwv_fail(error, HWV_ERR_MEMORY, "no memory or no thread to gather batches of %zu ahead", batch);
}

void hwv_prefetch_stop(hwv_prefetch *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->mutex);
    p->state = STOP;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->mutex);
    pthread_join(p->thread, NULL);
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->mutex);
    free_all(p);
}

void hwv_prefetch_ask(hwv_prefetch *p, size_t epoch, size_t position)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->mutex);
    p->epoch = epoch;
    p->position = position;
    p->state = WANTED;
    pthread_mutex_unlock(&p->mutex);
    pthread_cond_signal(&p->changed); /* only the thread can be waiting */
}

/* What the thread did not begin, because all CPUs are busy, is not waited for. Whether a batch is ready. The mutex is
 * held. */
static bool settle(hwv_prefetch *p)
{
    while (p->state == UNDER_WAY)
        pthread_cond_wait(&p->changed, &p->mutex);
    bool ready = p->state == READY;
    p->state = IDLE;
    return ready;
}

void hwv_prefetch_forget(hwv_prefetch *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->mutex);
    (void)settle(p);
    pthread_mutex_unlock(&p->mutex);
}

bool hwv_prefetch_take(hwv_prefetch *p, size_t epoch, size_t position, void *x, int32_t *labels)
{
    if (!p)
        return false;
    pthread_mutex_lock(&p->mutex);
    bool right = settle(p) && p->epoch == epoch && p->position == position;
    pthread_mutex_unlock(&p->mutex);
    /* Until it is asked again the thread sleeps and leaves the buffer alone. */
    if (right) {
        memcpy(x, p->x, p->elements * sizeof(float));
        memcpy(labels, p->labels, p->trainer->batch_labels * sizeof *labels);
    }
    return right;
}
