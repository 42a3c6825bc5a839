/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Samples from files or a data set, given to a network piece by piece. */
#include "samples.h"

#include <stdio.h>
#include <string.h>

#include "halfwave/memory.h"

hwv_status hwv_cli_numbers_list(double **numbers, size_t *count, const char *option, const char *list, hwv_error *error)
{
    size_t most = 1;
    for (const char *c = list; *c != '\0'; c++)
        most += *c == ',';
    *count = 0;
    *numbers = hwv_calloc(most, sizeof **numbers);
    if (*numbers == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "out of memory");
    for (const char *at = list, *entry; at != NULL;) {
        size_t length = hwv_cli_list_next(&at, &entry);
        if (!hwv_cli_number(entry, length, &(*numbers)[(*count)++])) {
            hwv_fail(error, HWV_ERR_ARGUMENT, "--%s: '%.*s' is not a number", option, (int)(length < 60 ? length : 60),
                     entry);
            hwv_free(*numbers);
            *numbers = NULL;
            return HWV_ERR_ARGUMENT;
        }
    }
    return HWV_OK;
}

/* ---- feeding ---- */

/* [height][width][channels] to [channels][height][width]. */
static void turn(hwv_cli_samples *s, float *x, size_t rows)
{
    size_t channels = s->data.dims[2], pixels = s->data.dims[0] * s->data.dims[1], n = channels * pixels;
    for (size_t r = 0; r < rows; r++, x += n) {
        memcpy(s->scratch, x, n * sizeof *x);
        for (size_t p = 0; p < pixels; p++)
            for (size_t c = 0; c < channels; c++)
                x[c * pixels + p] = s->scratch[p * channels + c];
    }
}

/* As the checkpoint's data was, of which these samples were no part. */
static void normalise(const hwv_cli_samples *s, float *x, size_t rows)
{
    const hwv_data *normal = &s->normal;
    size_t channels = hwv_data_channels(normal);
    for (size_t i = 0; i < rows * normal->features; i++) {
        size_t c = i % channels;
        x[i] = (x[i] - (float)normal->mean[c]) / (float)normal->deviation[c];
    }
}

/* The graph takes the nearest row for an index that its table lacks: a verdict on tokens of another vocabulary would look
 * like any other. */
static hwv_status check_indices(const hwv_cli_samples *s, size_t input, const int32_t *index, size_t rows,
                                hwv_error *error)
{
    const hwv_shape shape = hwv_inputs_shape(s->inputs, input);
    const int64_t table = (int64_t)s->tables[input];
    size_t each = 1;
    for (size_t d = 1; d < shape.rank; d++)
        each *= shape.dim[d];
    for (size_t i = 0; table > 0 && i < rows * each; i++)
        if (index[i] >= table || index[i] < -table)
            return hwv_fail(error, HWV_ERR_FORMAT,
                            "%s: found %d in sample %zu, but the table that '%.120s' chooses from takes 0 to %lld",
                            s->source, (int)index[i], s->done + i / each, s->network->inputs[input].name,
                            (long long)table - 1);
    return HWV_OK;
}

static hwv_status next(void *self, size_t rows, void *const *into, size_t *got, hwv_error *error)
{
    hwv_cli_samples *s = self;
    *got = 0;
    if (s->left == 0 && !s->paused) {
        s->paused = true;
        return HWV_OK;
    }
    if (s->left == 0 && s->inputs != NULL && s->shard + 1 < hwv_inputs_shard_count(s->inputs)) {
        s->left = hwv_inputs_shard(s->inputs, ++s->shard);
        s->paused = s->left == 0;
    }
    size_t n = rows < s->left ? rows : s->left;
    if (s->most > 0 && n > s->most - s->done)
        n = s->most - s->done;
    if (n == 0)
        return HWV_OK;
    if (s->inputs != NULL) {
        HWV_TRY(hwv_inputs_read(s->inputs, n, into, s->integers, &n, error));
        for (size_t i = 0; i < s->network->input_count; i++)
            HWV_TRY(check_indices(s, i, into[i], n, error));
        if (s->normal.mean != NULL)
            normalise(s, into[0], n);
    } else if (s->data.block > 0) {
        hwv_data_gather_tokens(&s->data, s->part, NULL, s->done, n, into[0], NULL);
    } else {
        hwv_data_gather(&s->data, s->part, NULL, s->done, n, into[0], NULL);
        if (s->to_channels_first)
            turn(s, into[0], n);
    }
    s->left -= n;
    s->done += n;
    s->paused = false;
    *got = n;
    size_t all = s->most > 0 && s->most < s->count ? s->most : s->count;
    hwv_cli_progress(s->cli, (double)s->done / (double)all, "%zu of %zu samples", s->done, all);
    return HWV_OK;
}

static bool more(void *self)
{
    const hwv_cli_samples *s = self;
    return s->inputs != NULL && !(s->most > 0 && s->done >= s->most) &&
           s->shard + 1 < hwv_inputs_shard_count(s->inputs);
}

hwv_status hwv_cli_samples_feed(hwv_cli_samples *s, hwv_feed *feed, hwv_error *error)
{
    if (s->done > 0 && s->inputs != NULL)
        HWV_TRY(hwv_inputs_rewind(s->inputs, error));
    s->shard = s->done = 0;
    s->paused = false;
    s->left = s->inputs != NULL ? hwv_inputs_shard(s->inputs, 0) : s->count;
    *feed = (hwv_feed){.self = s, .next = next, .more = more};
    return HWV_OK;
}

static hwv_status open_again(void *self, hwv_feed *feed, hwv_error *error)
{
    return hwv_cli_samples_feed(self, feed, error);
}

hwv_source hwv_cli_samples_source(hwv_cli_samples *samples)
{
    return (hwv_source){.self = samples, .open = open_again};
}

hwv_status hwv_cli_samples_count(hwv_cli_samples *s, const hwv_network *network, hwv_tally *tally, hwv_error *error)
{
    hwv_feed feed;
    HWV_TRY(hwv_cli_samples_feed(s, &feed, error));
    return hwv_network_count(tally, network, s->cli->options.group, &feed, s->cli->executor, error);
}

bool hwv_cli_layer_find(const hwv_tally *tally, const char *text, size_t length, size_t *layer)
{
    uint64_t number;
    for (size_t i = tally->layer_count; i-- > 0;) {
        const char *name = tally->layers[i].name;
        if (name != NULL && strlen(name) == length && memcmp(name, text, length) == 0) {
            *layer = i;
            return true;
        }
    }
    if (!hwv_cli_whole(text, length, &number) || number == 0 || number > tally->layer_count)
        return false;
    *layer = (size_t)number - 1;
    return true;
}
