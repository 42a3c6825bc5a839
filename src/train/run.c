/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The loop around the steps, and the result. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "halfwave/clock.h"
#include "train/trainer.h"

/* The running error over a full window is at the target. */
static bool target_reached(const hwv_trainer *t)
{
    double target = t->options.until_train_error;
    return target > 0 && t->meter.wrong_count == HWV_METER_SAMPLES && hwv_meter_error(&t->meter) <= target;
}

static hwv_status round_end(hwv_trainer *t, hwv_error *error)
{
    const hwv_meter *meter = &t->meter;
    size_t steps = meter->epoch_steps;
    hwv_pass_result test = hwv_evaluator_run(&t->evaluator, &t->estimate, true, NULL);
    hwv_epoch_stats stats = {
        .epoch = t->round,
        .steps = t->step,
        .train_loss = meter->epoch_loss / (double)steps,
        .train_error = (double)meter->epoch_wrong / ((double)steps * (double)t->outcomes),
        .test_loss = test.loss,
        .test_error = test.error,
        .lr = t->rate,
        .grad_norm = t->norm,
        .dead = t->estimate.count > 0 ? hwv_evaluator_dead(&t->evaluator) : 0,
        .units = t->evaluator.unit_count,
        .seconds = hwv_clock_seconds() - t->started,
    };
    HWV_TRY(hwv_trainer_reserve(t, t->history_count + 1, error));
    t->history[t->history_count++] = stats;
    HWV_TRY(hwv_log_epoch(&t->log, &stats, t->data->block > 0, error));
    if (t->hooks.epoch)
        t->hooks.epoch(t->hooks.self, &stats);
    size_t every = t->options.checkpoint_every;
    if (t->options.checkpoint && every > 0 && t->round % every == 0 && t->step < t->limit)
        HWV_TRY(hwv_trainer_save(t, t->options.checkpoint, error));
    return HWV_OK;
}

/* What follows a step: hook, log, end of a round. Not part of the step's time. */
static hwv_status step_end(hwv_trainer *t, hwv_error *error)
{
    if (t->hooks.step || t->log.file) {
        hwv_step step = {
            .step = t->step,
            .epoch = t->epoch,
            .loss = t->loss,
            .error = (double)t->wrong_count / (double)t->outcomes,
            .lr = t->rate,
            .grad_norm = t->norm,
            .model = t->model,
            .gradients = t->gradients,
            .moment1 = t->moment[0],
            .moment2 = t->moment[1],
            .plan = t->plan,
        };
        HWV_TRY(hwv_log_step(&t->log, &step, error));
        if (t->hooks.step)
            t->hooks.step(t->hooks.self, &step);
    }
    return t->round_position == 0 ? round_end(t, error) : HWV_OK;
}

static hwv_status loop(hwv_trainer *t, hwv_error *error)
{
    const bool watched = t->hooks.step || t->log.file;
    double begin = hwv_clock_seconds();
    while (t->step < t->limit && !target_reached(t)) {
        bool ends_round = t->round_position + 1 == t->round_steps;
        HWV_TRY(hwv_trainer_advance(t, watched || ends_round, error));
        double end = hwv_clock_seconds();
        hwv_meter_time(&t->meter, end - begin);
        begin = end;
        if (watched || ends_round) {
            HWV_TRY(step_end(t, error));
            begin = hwv_clock_seconds();
        }
        if (t->options.interrupt && *t->options.interrupt && t->step < t->limit)
            return hwv_fail(error, HWV_ERR_INTERRUPTED, "interrupted after step %zu of %zu", t->step, t->limit);
    }
    return HWV_OK;
}

/* ---- the result ---------------------------------------------------------------------------------- */

static hwv_status history_copy(const hwv_trainer *t, hwv_train_result *result, hwv_error *error)
{
    result->history = hwv_calloc(t->history_count, sizeof *result->history);
    if (!result->history)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for the history of %zu rounds", t->history_count);
    if (t->history_count > 0)
        memcpy(result->history, t->history, t->history_count * sizeof *result->history);
    result->history_count = t->history_count;
    return HWV_OK;
}

static hwv_status result_fill(hwv_trainer *t, hwv_train_result *result, hwv_error *error)
{
    double steps_per_epoch = (double)t->steps_per_epoch;
    result->train_loss = hwv_meter_loss(&t->meter);
    result->train_error = hwv_meter_error(&t->meter);
    result->ms_per_step = 1e3 * hwv_meter_median(&t->meter);
    result->steps = t->step;
    result->epochs = t->epoch;
    result->epochs_to_target = (double)NAN;
    if (target_reached(t)) {
        result->steps_to_target = t->step;
        result->epochs_to_target = (double)t->step / steps_per_epoch;
    }
    result->parameters = hwv_model_parameters(t->model);
    hwv_weights_sha256(t->model, result->weights_sha256);
    HWV_TRY(history_copy(t, result, error));
    const hwv_pass_result test = hwv_evaluator_run(&t->evaluator, &t->data->test, false, NULL);
    result->test_error = test.error;
    result->test_loss = test.loss;
    const size_t most = HWV_TRAIN_COUNTED / hwv_data_labels(t->data);
    const hwv_data_part counted = hwv_data_some(t->data, &t->data->train, most > 0 ? most : 1);
    (void)hwv_evaluator_run(&t->evaluator, &counted, true, NULL);
    return hwv_evaluator_layers(&t->evaluator, &result->layers, &result->layer_count, error);
}

void hwv_train_result_free(hwv_train_result *result)
{
    hwv_layer_stats_free(result->layers, result->layer_count);
    hwv_free(result->history);
    memset(result, 0, sizeof *result);
}

hwv_status hwv_trainer_run(hwv_trainer *t, hwv_train_result *result, hwv_error *error)
{
    hwv_error own; /* the message is needed even if the caller does not want it */
    memset(result, 0, sizeof *result);
    /* A resumed run counts its seconds from where it was. */
    t->started = hwv_clock_seconds() - (t->history_count > 0 ? t->history[t->history_count - 1].seconds : 0);
    HWV_TRY(hwv_log_open(&t->log, t->options.log, t->resumed, error));
    hwv_status status = loop(t, &own);
    t->resumed = true; /* whoever runs it again goes on */
    bool sound = status == HWV_OK || status == HWV_ERR_INTERRUPTED;
    if (sound && t->hooks.end)
        t->hooks.end(t->hooks.self, t->round);
    hwv_error late;
    hwv_status closed = hwv_log_close(&t->log, &late);
    if (sound && t->options.checkpoint) {
        hwv_status saved = hwv_trainer_save(t, t->options.checkpoint, error);
        if (saved != HWV_OK)
            return saved;
    }
    if (sound && closed != HWV_OK)
        return hwv_fail(error, closed, "%s", late.text);
    if (sound || status == HWV_ERR_NUMERIC) {
        if (status == HWV_ERR_NUMERIC)
            snprintf(result->diverged, sizeof result->diverged, "%.199s", own.text);
        result->interrupted = status == HWV_ERR_INTERRUPTED;
        hwv_status filled = result_fill(t, result, error);
        if (filled != HWV_OK) {
            hwv_train_result_free(result);
            return filled;
        }
    }
    return status == HWV_OK ? HWV_OK : hwv_fail(error, status, "%s", own.text);
}

hwv_status hwv_trainer_log(hwv_trainer *t, const char *line, size_t length, hwv_error *error)
{
    return hwv_log_line(&t->log, line, length, error);
}
