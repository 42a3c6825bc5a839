/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * One training step. A small network's step is a few microseconds, so nothing is computed here that nobody
 * asked for. */
#include "train/trainer.h"

#include <math.h>

#include "halfwave/random.h"
#include "train/clip.h"

/* Fisher-Yates from the identity; one draw serves two exchanges. */
void hwv_trainer_shuffle(hwv_trainer *t, size_t epoch)
{
    size_t n = t->data->train.count;
    uint32_t *order = t->order, r[4];
    for (size_t i = 0; i < n; i++)
        order[i] = (uint32_t)i;
    for (size_t i = n; i-- > 1;) {
        size_t half = (n - 1 - i) % 2;
        if (half == 0)
            hwv_philox(t->options.seed, HWV_STREAM_SHUFFLE, (uint32_t)epoch, i, r);
        /* Uniform in 0 .. i from 64 bits, as hwv_random_below. */
        uint64_t bound = (uint64_t)i + 1, low = r[2 * half] * bound, high = r[2 * half + 1] * bound;
        size_t other = (size_t)((high + (low >> 32)) >> 32);
        uint32_t sample = order[i];
        order[i] = order[other];
        order[other] = sample;
    }
    t->ordered = epoch;
}

/* ---- the update ---------------------------------------------------------------------------------- */

typedef struct update_work {
    const hwv_trainer *trainer;
    hwv_update update[2]; /* without weight decay and with it */
    double *sums;         /* of the pieces: 0, or NAN when a parameter is not finite */
} update_work;

static void update_piece(void *context, size_t task, size_t worker)
{
    const update_work *work = context;
    const hwv_trainer *t = work->trainer;
    const hwv_span *span = t->spans + t->span_count - 1;
    (void)worker;
    while (span->piece > task)
        span--;
    const size_t piece = task - span->piece, first = span->first + piece * HWV_PIECE;
    const bool finite = hwv_update_run(t->options.optimizer.optimizer, &work->update[span->decay], t->weights + first,
                                       t->gradients + first, t->moment[0] ? t->moment[0] + first : NULL,
                                       t->moment[1] ? t->moment[1] + first : NULL, hwv_piece_size(span->count, piece));
    work->sums[task] = finite ? 0.0 : (double)NAN;
}

/* False when a parameter is not finite any more. */
static bool weights_update(hwv_trainer *t)
{
    update_work work = {.trainer = t, .sums = t->sums};
    for (size_t decay = 0; decay < 2; decay++) {
        work.update[decay] = hwv_update_make(&t->options.optimizer, t->rate, t->step + 1, decay == 1);
        work.update[decay].scale = t->clip;
    }
    hwv_executor_run(t->elements > HWV_PIECE ? t->options.executor : NULL, t->piece_count, update_piece, &work);
    bool finite = true;
    for (size_t i = 0; i < t->piece_count; i++)
        finite &= t->sums[i] == 0.0;
    return finite;
}

/* ---- the step ------------------------------------------------------------------------------------ */

/* A batch of the step, into the plan; the next one of the epoch is gathered while it runs. */
static void fetch(hwv_trainer *t, size_t batch)
{
    if (t->ordered != t->epoch) {
        hwv_prefetch_forget(t->prefetch);
        hwv_trainer_shuffle(t, t->epoch);
    }
    t->batch_at = t->position * t->batches + batch;
    if (!hwv_prefetch_take(t->prefetch, t->epoch, t->batch_at, t->x, t->labels))
        hwv_batch_gather(t, t->epoch, t->batch_at, t->x, t->labels);
    if (batch + 1 < t->batches || (t->position + 1 < t->steps_per_epoch && t->step + 1 < t->limit))
        hwv_prefetch_ask(t->prefetch, t->epoch, t->batch_at + 1);
}

/* Forward and backward of a batch; gradients are added to those of the step's batches before it. */
static hwv_status batch_run(hwv_trainer *t, size_t batch, hwv_error *error)
{
    fetch(t, batch);
    t->draw = (uint32_t)(t->step * t->batches + batch);
    hwv_plan_seed(t->plan, t->options.seed, t->draw);
    hwv_plan_forward(t->plan);
    t->wrong_count += hwv_train_kernels_current()->wrong(t->batch_labels, t->model->options.classes, t->logits,
                                                         t->labels, t->wrong + batch * t->batch_labels);
    const double loss = (double)*t->loss_value;
    t->loss += loss;
    if (!isfinite(loss))
        return hwv_diagnose_forward(t, loss, error);
    hwv_plan_backward(t->plan, batch > 0);
    return HWV_OK;
}

static hwv_status batches_run(hwv_trainer *t, hwv_error *error)
{
    t->loss = 0;
    t->wrong_count = 0;
    for (size_t batch = 0; batch < t->batches; batch++)
        HWV_TRY(batch_run(t, batch, error));
    t->loss /= (double)t->batches;
    if (t->batches > 1)
        hwv_gradient_scale(t->options.executor, t->gradients, t->elements, 1 / (double)t->batches);
    return HWV_OK;
}

hwv_status hwv_trainer_advance(hwv_trainer *t, bool want_norm, hwv_error *error)
{
    const hwv_train_options *o = &t->options;
    if (t->round_position == 0)
        hwv_meter_begin_epoch(&t->meter);
    t->rate = hwv_schedule_rate(&o->optimizer, t->step, t->total);
    if (t->hooks.rate_scale)
        t->rate *= *t->hooks.rate_scale;
    t->norm = (double)NAN;
    HWV_TRY(batches_run(t, error));
    if (want_norm || o->optimizer.clip > 0) {
        t->norm = hwv_gradient_norm(o->executor, t->sums, t->gradients, t->elements);
        if (!isfinite(t->norm))
            return hwv_diagnose_gradient(t, error);
    }
    t->clip = o->optimizer.clip > 0 ? hwv_gradient_factor(t->norm, o->optimizer.clip) : 1.0f;
    if (!weights_update(t))
        return hwv_diagnose_update(t, error);

    hwv_meter_add(&t->meter, t->loss, t->wrong, t->outcomes, t->wrong_count);
    t->step++;
    if (++t->position == t->steps_per_epoch) {
        t->position = 0;
        t->epoch++;
    }
    if (++t->round_position == t->round_steps) {
        t->round_position = 0;
        t->round++;
    }
    return HWV_OK;
}

hwv_status hwv_trainer_step(hwv_trainer *t, double *loss, hwv_error *error)
{
    hwv_status status = hwv_trainer_advance(t, false, error);
    *loss = t->loss;
    return status;
}
