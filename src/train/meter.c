/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What is measured while training. */
#include "train/meter.h"

#include <math.h>
#include <string.h>

#include "halfwave/clock.h"
#include "halfwave/memory.h"

hwv_status hwv_meter_init(hwv_meter *meter, size_t window, hwv_error *error)
{
    memset(meter, 0, sizeof *meter);
    meter->loss_window = window < 1 ? 1 : window < HWV_METER_STEPS ? window : HWV_METER_STEPS;
    meter->time_stride = 1;
    meter->times = hwv_calloc(HWV_METER_TIMES, sizeof *meter->times);
    return meter->times ? HWV_OK : hwv_fail(error, HWV_ERR_MEMORY, "no memory for the times of steps");
}

void hwv_meter_free(hwv_meter *meter)
{
    hwv_free(meter->times);
    meter->times = NULL;
}

/* n entries into the ring from its place on; they fit before its end. */
static void ring_put(hwv_meter *meter, const uint8_t *wrong, size_t n)
{
    uint8_t *ring = meter->wrong + meter->wrong_at;
    for (size_t i = 0; i < n; i++) {
        meter->wrong_sum += wrong[i];
        meter->wrong_sum -= ring[i];
        ring[i] = wrong[i];
    }
    meter->wrong_at += n;
    if (meter->wrong_at == HWV_METER_SAMPLES)
        meter->wrong_at = 0;
    meter->wrong_count = meter->wrong_count + n < HWV_METER_SAMPLES ? meter->wrong_count + n : HWV_METER_SAMPLES;
}

static void wrong_add(hwv_meter *meter, const uint8_t *wrong, size_t samples)
{
    while (samples > 0) {
        size_t room = HWV_METER_SAMPLES - meter->wrong_at, n = samples < room ? samples : room;
        ring_put(meter, wrong, n);
        wrong += n;
        samples -= n;
    }
}

static void loss_add(hwv_meter *meter, double loss)
{
    meter->loss[meter->loss_at] = loss;
    if (++meter->loss_at == meter->loss_window)
        meter->loss_at = 0;
    if (meter->loss_count < meter->loss_window)
        meter->loss_count++;
}

void hwv_meter_add(hwv_meter *meter, double loss, const uint8_t *wrong, size_t samples, size_t wrong_sum)
{
    wrong_add(meter, wrong, samples);
    loss_add(meter, loss);
    meter->epoch_loss += loss;
    meter->epoch_wrong += wrong_sum;
    meter->epoch_steps++;
}

void hwv_meter_time(hwv_meter *meter, double seconds)
{
    if (++meter->time_phase < meter->time_stride)
        return;
    meter->time_phase = 0;
    if (meter->time_count == HWV_METER_TIMES) {
        meter->time_count /= 2;
        for (size_t i = 0; i < meter->time_count; i++)
            meter->times[i] = meter->times[2 * i + 1];
        meter->time_stride *= 2;
    }
    meter->times[meter->time_count++] = seconds;
}

void hwv_meter_begin_epoch(hwv_meter *meter)
{
    meter->epoch_loss = 0;
    meter->epoch_wrong = meter->epoch_steps = 0;
}

double hwv_meter_error(const hwv_meter *meter)
{
    return meter->wrong_count > 0 ? (double)meter->wrong_sum / (double)meter->wrong_count : (double)NAN;
}

double hwv_meter_loss(const hwv_meter *meter)
{
    double sum = 0;
    size_t oldest = meter->loss_count < meter->loss_window ? 0 : meter->loss_at;
    for (size_t i = 0; i < meter->loss_count; i++)
        sum += meter->loss[(oldest + i) % meter->loss_window];
    return meter->loss_count > 0 ? sum / (double)meter->loss_count : (double)NAN;
}

double hwv_meter_median(hwv_meter *meter)
{
    return meter->time_count > 0 ? hwv_median(meter->times, meter->time_count) : (double)NAN;
}

void hwv_meter_unroll(const hwv_meter *meter, uint8_t *wrong, double *loss)
{
    size_t oldest = meter->wrong_count < HWV_METER_SAMPLES ? 0 : meter->wrong_at;
    for (size_t i = 0; i < meter->wrong_count; i++)
        wrong[i] = meter->wrong[(oldest + i) % HWV_METER_SAMPLES];
    oldest = meter->loss_count < meter->loss_window ? 0 : meter->loss_at;
    for (size_t i = 0; i < meter->loss_count; i++)
        loss[i] = meter->loss[(oldest + i) % meter->loss_window];
}

void hwv_meter_refill(hwv_meter *meter, const uint8_t *wrong, size_t wrong_count, const double *loss, size_t loss_count)
{
    wrong_add(meter, wrong, wrong_count);
    for (size_t i = 0; i < loss_count; i++)
        loss_add(meter, loss[i]);
}
