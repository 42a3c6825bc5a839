/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Mean and deviation of each channel. Sums of bytes are integers and so exact; sums of floats are taken in double, in
 * the order of the samples. */
#include <math.h>

#include "halfwave/memory.h"
#include "io/gather.h"

size_t hwv_data_channels(const hwv_data *data)
{
    return data->rank == HWV_DATA_DIMS ? data->dims[HWV_DATA_DIMS - 1] : data->features;
}

/* Of the training part's bytes, one channel. */
static void measure_bytes(const hwv_data *data, size_t channel, size_t channels, double *mean, double *variance)
{
    uint64_t sum = 0, squares = 0;
    for (size_t i = 0; i < data->train.count; i++) {
        const uint8_t *bytes = data->train.bytes + i * data->features;
        for (size_t j = channel; j < data->features; j += channels) {
            sum += bytes[j];
            squares += (uint64_t)bytes[j] * bytes[j];
        }
    }
    double n = (double)data->train.count * (double)(data->features / channels);
    *mean = (double)sum / n;
    *variance = (double)squares / n - *mean * *mean;
    *mean *= (double)data->scale;
    *variance *= (double)data->scale * (double)data->scale;
}

static void measure_floats(const hwv_data *data, size_t channel, size_t channels, double *mean, double *variance)
{
    size_t all = data->train.count * data->features;
    double n = (double)(all / channels), sum = 0, squares = 0;
    for (size_t i = channel; i < all; i += channels)
        sum += (double)data->train.floats[i];
    *mean = sum / n;
    for (size_t i = channel; i < all; i += channels) {
        double off = (double)data->train.floats[i] - *mean;
        squares += off * off;
    }
    *variance = squares / n;
}

static void measure(const hwv_data *data, hwv_normal *normal, size_t channels)
{
    for (size_t c = 0; c < channels; c++) {
        double variance;
        if (data->train.bytes)
            measure_bytes(data, c, channels, &normal->mean[c], &variance);
        else
            measure_floats(data, c, channels, &normal->mean[c], &variance);
        normal->deviation[c] = variance > 0 ? sqrt(variance) : 1;
    }
}

static hwv_status take(const hwv_data *data, hwv_normal *normal, size_t channels, const double *mean,
                       const double *deviation, hwv_error *error)
{
    for (size_t c = 0; c < channels; c++) {
        if (!isfinite(mean[c]) || !isfinite(deviation[c]) || deviation[c] <= 0)
            return hwv_fail(
                error, HWV_ERR_ARGUMENT,
                "%s: channel %zu has the mean %g and the deviation %g; finite numbers and a deviation above "
                "0 are expected",
                data->name, c, mean[c], deviation[c]);
        normal->mean[c] = mean[c];
        normal->deviation[c] = deviation[c];
    }
    return HWV_OK;
}

/* One block for the struct and its arrays. */
static hwv_normal *make(size_t channels, size_t features)
{
    size_t bytes, per_channel, per_feature;
    if (!hwv_size_mul(channels, 2 * sizeof(double), &per_channel) ||
        !hwv_size_mul(features, 2 * sizeof(float), &per_feature) || !hwv_size_add(per_channel, per_feature, &bytes) ||
        !hwv_size_add(bytes, sizeof(hwv_normal), &bytes))
        return NULL;
    hwv_normal *normal = hwv_calloc(bytes, 1);
    if (normal) {
        normal->mean = (double *)(void *)(normal + 1);
        normal->deviation = normal->mean + channels;
        normal->shift = (float *)(void *)(normal->deviation + channels);
        normal->factor = normal->shift + features;
    }
    return normal;
}

hwv_status hwv_data_normalize(hwv_data *data, const double *mean, const double *deviation, hwv_error *error)
{
    if (data->block > 0)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "%s is a text: tokens are not normalised", data->name);
    size_t channels = hwv_data_channels(data);
    hwv_normal *normal = make(channels, data->features);
    if (!normal)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory to normalise %s", data->name);
    if (mean) {
        hwv_status status = take(data, normal, channels, mean, deviation, error);
        if (status != HWV_OK) {
            hwv_free(normal);
            return status;
        }
    } else {
        measure(data, normal, channels);
    }
    for (size_t i = 0; i < data->features; i++) {
        size_t c = i % channels;
        normal->shift[i] = (float)(normal->mean[c] / (double)data->scale);
        normal->factor[i] = (float)((double)data->scale / normal->deviation[c]);
    }
    hwv_free(data->normal);
    data->normal = normal;
    data->mean = normal->mean;
    data->deviation = normal->deviation;
    return HWV_OK;
}
