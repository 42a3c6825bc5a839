/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Samples of several inputs in several shards. One shard is open at a time. */
#include "halfwave/inputs.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "halfwave/memory.h"
#include "io/inputs_array.h"

struct hwv_inputs {
    char **paths;
    size_t path_count;
    char **names; /* of the arrays in archives */
    size_t count;
    hwv_inputs_array *arrays; /* [path_count][count] */
    size_t samples;
    size_t shard, left; /* that is read; samples in it that were not */
    float *mean, *std;
    size_t mean_count, std_count;
    bool csv_labels, plain_bytes, plain_names;
};

static hwv_status no_memory(hwv_error *error)
{
    return hwv_fail(error, HWV_ERR_MEMORY, "no memory to read samples");
}

static hwv_status copy_texts(char ***copies, const char *const *texts, size_t count, hwv_error *error)
{
    *copies = hwv_calloc(count, sizeof **copies);
    for (size_t i = 0; *copies && i < count; i++)
        if (((*copies)[i] = hwv_strdup(texts[i])) == NULL)
            return no_memory(error);
    return *copies ? HWV_OK : no_memory(error);
}

static void free_texts(char **texts, size_t count)
{
    for (size_t i = 0; texts && i < count; i++)
        hwv_free(texts[i]);
    hwv_free(texts);
}

static hwv_status copy_numbers(float **copies, const double *numbers, size_t count, bool positive, hwv_error *error)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite((float)numbers[i]) || (positive && !((float)numbers[i] > 0)))
            return hwv_fail(error, HWV_ERR_ARGUMENT, "%s %g: %s", positive ? "std" : "mean", numbers[i],
                            positive ? "a number above 0 is expected" : "a finite number is expected");
    *copies = hwv_calloc(count, sizeof **copies);
    if (!*copies)
        return no_memory(error);
    for (size_t i = 0; i < count; i++)
        (*copies)[i] = (float)numbers[i];
    return HWV_OK;
}

static hwv_inputs_array *array_of(const hwv_inputs *in, size_t shard, size_t i)
{
    return &in->arrays[shard * in->count + i];
}

/* "[100, 3, 32, 32]" */
static void print_shape(char out[160], const hwv_shape *shape)
{
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; i < shape->rank && at < 130; i++)
        at += (size_t)snprintf(out + at, 160 - at, "%s%zu", i ? ", " : "[", shape->dim[i]);
    (void)snprintf(out + at, 160 - at, "]");
}

static bool same_samples(const hwv_shape *a, const hwv_shape *b)
{
    for (size_t i = 1; i < a->rank && a->rank == b->rank; i++)
        if (a->dim[i] != b->dim[i])
            return false;
    return a->rank == b->rank;
}

/* Does the array fit those before it? */
static hwv_status check_array(const hwv_inputs *in, size_t shard, size_t i, hwv_error *error)
{
    const hwv_inputs_array *a = array_of(in, shard, i), *first = array_of(in, 0, i), *beside = array_of(in, shard, 0);
    char shape[160], other[160];
    if (!same_samples(&a->shape, &first->shape)) {
        print_shape(shape, &a->shape);
        print_shape(other, &first->shape);
        return hwv_fail(error, HWV_ERR_SHAPE,
                        "%s: samples of shape %s, but %s in %s: shards are alike but for the first axis", a->path,
                        shape, other, first->path);
    }
    if (a->shape.dim[0] != beside->shape.dim[0])
        return hwv_fail(error, HWV_ERR_SHAPE, "%s: %zu samples of '%s', but %zu of '%s'", a->path, a->shape.dim[0],
                        in->names[i], beside->shape.dim[0], in->names[0]);
    return HWV_OK;
}

static hwv_status open_array(hwv_inputs *in, size_t shard, size_t i, hwv_error *error)
{
    hwv_error first = {0};
    hwv_inputs_array *a = array_of(in, shard, i);
    hwv_status status = hwv_inputs_array_open(a, in->paths[shard], in->names[i], in->csv_labels, &first);
    /* Whatever the only array of an archive is called. */
    if (status == HWV_ERR_NAME && in->count == 1 && !in->plain_names &&
        hwv_inputs_array_open(a, in->paths[shard], NULL, in->csv_labels, NULL) == HWV_OK)
        return HWV_OK;
    return status == HWV_OK ? HWV_OK : hwv_fail(error, status, "%s", first.text);
}

static void close_shard(hwv_inputs *in, size_t shard)
{
    for (size_t i = 0; i < in->count; i++)
        hwv_inputs_array_close(array_of(in, shard, i));
}

static hwv_status open_shard(hwv_inputs *in, size_t shard, hwv_error *error)
{
    for (size_t i = 0; i < in->count; i++) {
        HWV_TRY(open_array(in, shard, i, error));
        HWV_TRY(check_array(in, shard, i, error));
        /* One array cannot be several inputs. */
        if (in->count > 1 && !array_of(in, shard, i)->named)
            return hwv_fail(error, HWV_ERR_NAME,
                            "%s: one array without a name, but %zu inputs are wanted (%s, %s%s): .npz gives them names",
                            in->paths[shard], in->count, in->names[0], in->names[1], in->count > 2 ? ", ..." : "");
    }
    return HWV_OK;
}

/* Channels of an input: axis 1 of 4, else the last. */
static size_t channel_axis(const hwv_shape *shape)
{
    return shape->rank == 4 ? 1 : shape->rank - 1;
}

static hwv_status check_numbers(const hwv_inputs *in, const char *what, size_t numbers, hwv_error *error)
{
    for (size_t i = 0; i < in->count && numbers > 1; i++) {
        const hwv_shape *shape = &array_of(in, 0, i)->shape;
        size_t axis = channel_axis(shape), channels = axis > 0 ? shape->dim[axis] : 1;
        if (numbers != channels)
            return hwv_fail(error, HWV_ERR_SHAPE, "%s: %zu numbers for %zu channels of '%s': one, or one a channel",
                            what, numbers, channels, in->names[i]);
    }
    return HWV_OK;
}

static hwv_status open_all(hwv_inputs *in, hwv_error *error)
{
    for (size_t shard = 0; shard < in->path_count; shard++) {
        HWV_TRY(open_shard(in, shard, error));
        in->samples += array_of(in, shard, 0)->shape.dim[0];
        if (shard > 0 && array_of(in, shard, 0)->repeats)
            close_shard(in, shard);
    }
    in->left = array_of(in, 0, 0)->shape.dim[0];
    if (in->samples == 0)
        return hwv_fail(error, HWV_ERR_FORMAT, "%s: no samples: the first axis is 0 long", in->paths[0]);
    HWV_TRY(check_numbers(in, "mean", in->mean_count, error));
    return check_numbers(in, "std", in->std_count, error);
}

static hwv_status start(hwv_inputs *in, const char *const *paths, const char *const *names,
                        const hwv_inputs_options *options, hwv_error *error)
{
    HWV_TRY(copy_texts(&in->paths, paths, in->path_count, error));
    HWV_TRY(copy_texts(&in->names, names, in->count, error));
    HWV_TRY(copy_numbers(&in->mean, options->mean, in->mean_count, false, error));
    HWV_TRY(copy_numbers(&in->std, options->std, in->std_count, true, error));
    size_t count;
    if (!hwv_size_mul(in->path_count, in->count, &count) ||
        (in->arrays = hwv_calloc(count, sizeof *in->arrays)) == NULL)
        return no_memory(error);
    return open_all(in, error);
}

hwv_status hwv_inputs_open(hwv_inputs **inputs, const char *const *paths, size_t path_count, const char *const *names,
                           size_t count, const hwv_inputs_options *options, hwv_error *error)
{
    static const hwv_inputs_options none = {0};
    *inputs = NULL;
    options = options ? options : &none;
    if (path_count == 0 || count == 0)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "no %s",
                        path_count == 0 ? "files of samples" : "inputs that take samples");
    hwv_inputs *in = hwv_calloc(1, sizeof *in);
    if (!in)
        return no_memory(error);
    const char *const *wanted = options->name && count == 1 ? &options->name : names;
    in->path_count = path_count;
    in->count = count;
    in->mean_count = options->mean ? options->mean_count : 0;
    in->std_count = options->std ? options->std_count : 0;
    in->csv_labels = options->csv_labels;
    in->plain_bytes = options->plain_bytes;
    in->plain_names = wanted != names;
    hwv_status status = start(in, paths, wanted, options, error);
    if (status == HWV_OK)
        *inputs = in;
    else
        hwv_inputs_close(in);
    return status;
}

void hwv_inputs_close(hwv_inputs *in)
{
    if (!in)
        return;
    for (size_t shard = 0; in->arrays && shard < in->path_count; shard++)
        close_shard(in, shard);
    hwv_free(in->arrays);
    free_texts(in->paths, in->path_count);
    free_texts(in->names, in->count);
    hwv_free(in->mean);
    hwv_free(in->std);
    hwv_free(in);
}

hwv_shape hwv_inputs_shape(const hwv_inputs *in, size_t i)
{
    hwv_shape shape = array_of(in, 0, i)->shape;
    shape.dim[0] = in->samples;
    return shape;
}

size_t hwv_inputs_count(const hwv_inputs *in)
{
    return in->samples;
}

size_t hwv_inputs_shard_count(const hwv_inputs *in)
{
    return in->path_count;
}

size_t hwv_inputs_shard(const hwv_inputs *in, size_t shard)
{
    return array_of(in, shard, 0)->shape.dim[0];
}

static bool is_scaled(const hwv_inputs *in, size_t shard, size_t i)
{
    return array_of(in, shard, i)->layout.type == HWV_NUMBER_U1 && !in->plain_bytes;
}

bool hwv_inputs_scaled(const hwv_inputs *in, size_t i)
{
    bool scaled = false;
    for (size_t shard = 0; shard < in->path_count; shard++)
        scaled = scaled || is_scaled(in, shard, i);
    return scaled;
}

/* (x - mean) / std of the channel, in float as NumPy and PyTorch do. */
static void normalise(const hwv_inputs *in, const hwv_shape *shape, size_t rows, float *x)
{
    size_t axis = channel_axis(shape), channels = axis > 0 ? shape->dim[axis] : 1, inner = 1, outer = rows;
    for (size_t i = 1; i < shape->rank; i++) {
        inner *= i > axis ? shape->dim[i] : 1;
        outer *= i < axis ? shape->dim[i] : 1;
    }
    for (size_t o = 0; o < outer; o++)
        for (size_t c = 0; c < channels; c++, x += inner) {
            float mean = in->mean_count == 0 ? 0 : in->mean[in->mean_count > 1 ? c : 0];
            float std = in->std_count == 0 ? 1 : in->std[in->std_count > 1 ? c : 0];
            for (size_t k = 0; k < inner; k++)
                x[k] = (x[k] - mean) / std;
        }
}

/* Rows of the shard at hand. */
static hwv_status read_rows(hwv_inputs *in, size_t rows, size_t done, void *const *into, const bool *integers,
                            hwv_error *error)
{
    for (size_t i = 0; i < in->count; i++) {
        hwv_inputs_array *a = array_of(in, in->shard, i);
        bool whole = integers && integers[i];
        unsigned char *place = (unsigned char *)into[i] + done * a->features * sizeof(float);
        float scale = is_scaled(in, in->shard, i) ? 1.0f / 255 : 1;
        HWV_TRY(hwv_inputs_array_read(a, rows, whole, scale, place, error));
        if (!whole && (in->mean_count > 0 || in->std_count > 0))
            normalise(in, &a->shape, rows, (float *)(void *)place);
    }
    in->left -= rows;
    return HWV_OK;
}

static hwv_status next_shard(hwv_inputs *in, hwv_error *error)
{
    size_t count;
    close_shard(in, in->shard);
    in->shard++;
    count = array_of(in, in->shard, 0)->shape.dim[0];
    if (array_of(in, in->shard, 0)->repeats)
        HWV_TRY(open_shard(in, in->shard, error));
    in->left = array_of(in, in->shard, 0)->shape.dim[0];
    return in->left == count ? HWV_OK
                             : hwv_fail(error, HWV_ERR_FORMAT, "%s: changed while it was read", in->paths[in->shard]);
}

hwv_status hwv_inputs_read(hwv_inputs *in, size_t rows, void *const *into, const bool *integers, size_t *got,
                           hwv_error *error)
{
    *got = 0;
    while (*got < rows) {
        if (in->left == 0 && in->shard + 1 == in->path_count)
            break;
        if (in->left == 0)
            HWV_TRY(next_shard(in, error));
        size_t n = rows - *got < in->left ? rows - *got : in->left;
        HWV_TRY(read_rows(in, n, *got, into, integers, error));
        *got += n;
    }
    return HWV_OK;
}

hwv_status hwv_inputs_rewind(hwv_inputs *in, hwv_error *error)
{
    for (size_t shard = 0; shard < in->path_count; shard++)
        if (!array_of(in, shard, 0)->repeats)
            return hwv_fail(error, HWV_ERR_UNSUPPORTED, "%s: a pipe can be read once only", in->paths[shard]);
    close_shard(in, in->shard);
    in->shard = 0;
    HWV_TRY(open_shard(in, 0, error));
    in->left = array_of(in, 0, 0)->shape.dim[0];
    return HWV_OK;
}
