/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * From samples to a data set. */
#include "io/parts.h"

#include <stdio.h>
#include <string.h>

#include "halfwave/memory.h"

hwv_status hwv_data_own(hwv_data *data, hwv_data_owner **owner, hwv_error *error)
{
    data->owner = *owner = hwv_calloc(1, sizeof **owner);
    return *owner ? HWV_OK : hwv_fail(error, HWV_ERR_MEMORY, "no memory for a data set");
}

/* "28 x 28" or "64 values". */
static void print_shape(char out[64], size_t rank, const size_t dims[HWV_DATA_DIMS])
{
    if (rank == 1)
        (void)snprintf(out, 64, "%zu values", dims[0]);
    else if (dims[2] == 1)
        (void)snprintf(out, 64, "%zu x %zu", dims[0], dims[1]);
    else
        (void)snprintf(out, 64, "%zu x %zu x %zu", dims[0], dims[1], dims[2]);
}

const char *hwv_path_end(const char *path, const char **dots)
{
    size_t length = strlen(path), skip = length > 80 ? length - 80 : 0;
    *dots = skip ? "..." : "";
    return path + skip;
}

/* "what: 1437 + 360 samples of 8 x 8 (training + test), 10 classes; remark" */
static void describe(hwv_data *data, const char *what, const char *remark)
{
    char shape[64];
    const char *dots, *end = hwv_path_end(what, &dots);
    print_shape(shape, data->rank, data->dims);
    (void)snprintf(data->description, sizeof data->description,
                   "%s%s: %zu + %zu samples of %s (training + test), %zu classes%s%s", dots, end, data->train.count,
                   data->test.count, shape, data->classes, *remark ? "; " : "", remark);
}

static void take_shape(hwv_data *data, const char *name, const hwv_samples *s)
{
    (void)snprintf(data->name, sizeof data->name, "%s", name);
    data->rank = s->rank;
    memcpy(data->dims, s->dims, sizeof data->dims);
    data->features = s->features;
    data->classes = s->classes;
    data->scale = s->scale;
}

/* Samples first .. first+count-1 as a part. */
static hwv_data_part part_of(const hwv_samples *s, size_t first, size_t count)
{
    hwv_data_part part = {.count = count, .labels = s->labels ? s->labels + first : NULL};
    if (s->bytes)
        part.bytes = s->bytes + first * s->features;
    else
        part.floats = s->floats + first * s->features;
    return part;
}

void hwv_data_split(hwv_data *data, const char *name, const char *what, const hwv_samples *s, size_t test,
                    const char *remark)
{
    take_shape(data, name, s);
    data->train = part_of(s, 0, s->count - test);
    data->test = part_of(s, s->count - test, test);
    describe(data, what, remark);
}

hwv_status hwv_data_split_fifth(hwv_data *data, const char *name, const char *what, const hwv_samples *s,
                                hwv_error *error)
{
    if (s->count < 2)
        return hwv_fail(error, HWV_ERR_FORMAT, "%s: one sample, at least 2 are expected (one to test)", what);
    hwv_data_split(data, name, what, s, s->count / 5 + (s->count % 5 != 0), "the last 20 % are the test part");
    return HWV_OK;
}

hwv_status hwv_data_join(hwv_data *data, const char *name, const char *what, const hwv_samples *train,
                         const hwv_samples *test, hwv_error *error)
{
    if (train->rank != test->rank || memcmp(train->dims, test->dims, sizeof train->dims) != 0) {
        char shape[2][64];
        print_shape(shape[0], train->rank, train->dims);
        print_shape(shape[1], test->rank, test->dims);
        return hwv_fail(error, HWV_ERR_FORMAT, "%s: training images of %s, but test images of %s", what, shape[0],
                        shape[1]);
    }
    take_shape(data, name, train);
    data->classes = train->classes > test->classes ? train->classes : test->classes;
    data->train = part_of(train, 0, train->count);
    data->test = part_of(test, 0, test->count);
    describe(data, what, "");
    return HWV_OK;
}

void hwv_data_unlabelled(hwv_data *data, const char *name, const char *what, const hwv_samples *s, const char *remark)
{
    char shape[64];
    const char *dots, *end = hwv_path_end(what, &dots);
    take_shape(data, name, s);
    data->test = part_of(s, 0, s->count);
    print_shape(shape, data->rank, data->dims);
    (void)snprintf(data->description, sizeof data->description, "%s%s: %zu sample%s of %s%s%s", dots, end, s->count,
                   s->count == 1 ? "" : "s", shape, *remark ? "; " : "", remark);
}
