/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Samples from IDX, .npy and CSV files. */
#include "io/samples.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "halfwave/memory.h"
#include "io/bytes.h"
#include "io/csv.h"
#include "io/idx.h"
#include "io/npy.h"

/* A CSV file has no header that would bound what a compressed one inflates to. */
#define CSV_LIMIT ((size_t)1 << 31)

/* Rows are picked by 32-bit numbers. */
#define COUNT_MAX UINT32_MAX

void hwv_samples_free(hwv_samples *s)
{
    hwv_file_free(&s->content);
    hwv_free(s->own_bytes);
    hwv_free(s->own_floats);
    hwv_free(s->own_labels);
    hwv_free(s->lines);
    hwv_free(s->label_path);
    *s = (hwv_samples){0};
}

hwv_status hwv_samples_check_labels(const hwv_samples *s, size_t classes, hwv_error *error)
{
    for (size_t i = 0; i < s->count && s->classes > classes; i++) {
        if ((size_t)s->labels[i] < classes)
            continue;
        char where[40] = "";
        if (s->lines)
            (void)snprintf(where, sizeof where, "line %lu: ", (unsigned long)s->lines[i]);
        else if (s->label_bytes > 0)
            (void)snprintf(where, sizeof where, "offset %zu: ", s->label_at + i * s->label_bytes);
        return hwv_fail(error, HWV_ERR_FORMAT, "%s: %slabel %d of sample %zu, 0 to %zu are expected",
                        s->label_path ? s->label_path : "digits", where, (int)s->labels[i], i, classes - 1);
    }
    return HWV_OK;
}

static void count_classes(hwv_samples *s)
{
    int32_t largest = 0;
    for (size_t i = 0; i < s->count; i++)
        largest = s->labels[i] > largest ? s->labels[i] : largest;
    s->classes = (size_t)largest + 1;
}

/* Dimensions of one sample from those of an array whose first one is the number of samples. */
static hwv_status set_shape(hwv_samples *s, const char *path, const size_t *shape, size_t rank, hwv_error *error)
{
    s->count = shape[0];
    s->rank = rank == 2 ? 1 : HWV_DATA_DIMS;
    s->features = 1;
    for (size_t i = 0; i < HWV_DATA_DIMS; i++) {
        s->dims[i] = i + 1 < rank ? shape[i + 1] : 1;
        s->features *= s->dims[i]; /* fits: it divides the array's size */
    }
    if (s->count == 0 || s->features == 0)
        return hwv_fail(error, HWV_ERR_FORMAT, "%s: an array without elements", path);
    if (s->count > COUNT_MAX)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED, "%s: %zu samples, at most %zu are supported", path, s->count,
                        (size_t)COUNT_MAX);
    return HWV_OK;
}

static hwv_status start_labels(hwv_samples *s, const char *path, size_t count, hwv_error *error)
{
    if (count != s->count)
        return hwv_fail(error, HWV_ERR_FORMAT, "%s: %zu labels for %zu samples", path, count, s->count);
    s->label_path = hwv_strdup(path);
    s->labels = s->own_labels = hwv_calloc(count, sizeof *s->own_labels);
    if (!s->label_path || !s->own_labels)
        return hwv_fail(error, HWV_ERR_MEMORY, "%s: no memory for %zu labels", path, count);
    return HWV_OK;
}

/* --- IDX --- */

static hwv_status read_idx(hwv_file *file, hwv_idx *idx, const char *path, hwv_error *error)
{
    HWV_TRY(hwv_file_read(file, path, 0, hwv_idx_promise, error));
    hwv_status status = hwv_idx_parse(idx, file->data, file->size, error);
    return status == HWV_OK ? HWV_OK : hwv_fail_prefix(error, status, "%s: ", path);
}

static hwv_status idx_labels(hwv_samples *s, hwv_file *file, const char *path, hwv_error *error)
{
    hwv_idx idx;
    HWV_TRY(read_idx(file, &idx, path, error));
    if (idx.rank != 1)
        return hwv_fail(error, HWV_ERR_FORMAT, "%s: offset 3: %zu dimensions, labels have 1", path, idx.rank);
    HWV_TRY(start_labels(s, path, idx.count, error));
    for (size_t i = 0; i < idx.count; i++)
        s->own_labels[i] = idx.data[i];
    s->label_at = idx.data_at;
    s->label_bytes = 1;
    count_classes(s);
    return HWV_OK;
}

static hwv_status idx_samples(hwv_samples *s, hwv_file *labels_file, const char *images, const char *labels,
                              hwv_error *error)
{
    hwv_idx idx;
    HWV_TRY(read_idx(&s->content, &idx, images, error));
    if (idx.rank != 2 && idx.rank != 3)
        return hwv_fail(error, HWV_ERR_FORMAT,
                        "%s: offset 3: %zu dimension%s, images have 3 (count, height, width) or 2 (count, features)",
                        images, idx.rank, idx.rank == 1 ? "" : "s");
    HWV_TRY(set_shape(s, images, idx.shape, idx.rank, error));
    s->bytes = idx.data;
    s->scale = 1.0f / 255;
    return labels ? idx_labels(s, labels_file, labels, error) : HWV_OK;
}

/* --- .npy --- */

static hwv_status read_npy(hwv_file *file, hwv_npy *array, const char *path, hwv_error *error)
{
    HWV_TRY(hwv_file_read(file, path, 0, hwv_npy_promise, error));
    hwv_status status = hwv_npy_parse(array, file->data, file->size, error);
    return status == HWV_OK ? HWV_OK : hwv_fail_prefix(error, status, "%s: ", path);
}

static hwv_status npy_values(hwv_samples *s, const hwv_npy *array, const char *path, hwv_error *error)
{
    s->scale = 1;
    s->floats = s->own_floats = hwv_calloc(array->count, sizeof *s->own_floats);
    if (!s->own_floats)
        return hwv_fail(error, HWV_ERR_MEMORY, "%s: no memory for %zu values", path, array->count);
    for (size_t i = 0; i < array->count; i++) {
        double value = hwv_npy_get(array, i);
        s->own_floats[i] = (float)value;
        if (!isfinite(s->own_floats[i]))
            return hwv_fail(error, HWV_ERR_FORMAT,
                            "%s: offset %zu: found %g in sample %zu, finite numbers in float's range are expected",
                            path, array->data_at + i * array->element_bytes, value, i / s->features);
    }
    return HWV_OK;
}

hwv_status hwv_samples_take_x(hwv_samples *s, hwv_file *content, const hwv_npy *x, const char *path, hwv_error *error)
{
    if (x->rank < 2 || x->rank > 4)
        return hwv_fail(error, HWV_ERR_FORMAT,
                        "%s: %zu dimension%s, samples have 2 (count, features) to 4 (count, height, width, channels)",
                        path, x->rank, x->rank == 1 ? "" : "s");
    HWV_TRY(set_shape(s, path, x->shape, x->rank, error));
    if (x->type != HWV_NPY_U1)
        return npy_values(s, x, path, error);
    s->bytes = x->data;
    s->scale = 1.0f / 255;
    s->content = *content;
    *content = (hwv_file){0};
    return HWV_OK;
}

hwv_status hwv_samples_take_labels(hwv_samples *s, const hwv_npy *labels, const char *path, hwv_error *error)
{
    if (labels->rank != 1 && !(labels->rank == 2 && labels->shape[1] == 1))
        return hwv_fail(error, HWV_ERR_FORMAT, "%s: %zu dimensions, labels have 1", path, labels->rank);
    HWV_TRY(start_labels(s, path, labels->count, error));
    s->label_at = labels->data_at;
    s->label_bytes = labels->element_bytes;
    for (size_t i = 0; i < labels->count; i++) {
        double label = hwv_npy_get(labels, i);
        if (!(label >= 0) || label >= HWV_CLASSES_MAX || label != floor(label))
            return hwv_fail(error, HWV_ERR_FORMAT,
                            "%s: offset %zu: found %g for sample %zu, a label (a whole number from 0 to %d) expected",
                            path, s->label_at + i * s->label_bytes, label, i, HWV_CLASSES_MAX - 1);
        s->own_labels[i] = (int32_t)label;
    }
    count_classes(s);
    return HWV_OK;
}

static hwv_status npy_samples(hwv_samples *s, hwv_file *file, const char *x, const char *labels, hwv_error *error)
{
    hwv_npy array;
    HWV_TRY(read_npy(file, &array, x, error));
    HWV_TRY(hwv_samples_take_x(s, file, &array, x, error));
    if (!labels)
        return HWV_OK;
    hwv_file_free(file);
    HWV_TRY(read_npy(file, &array, labels, error));
    return hwv_samples_take_labels(s, &array, labels, error);
}

/* --- CSV --- */

static hwv_status csv_samples(hwv_samples *s, hwv_file *file, const char *path, bool labelled, hwv_error *error)
{
    hwv_csv csv;
    HWV_TRY(hwv_file_read(file, path, CSV_LIMIT, NULL, error));
    const char *text = (const char *)file->data;
    hwv_status status =
        labelled ? hwv_csv_parse(&csv, text, file->size, error) : hwv_csv_parse_values(&csv, text, file->size, error);
    if (status != HWV_OK)
        return hwv_fail_prefix(error, status, "%s: ", path);
    s->floats = s->own_floats = csv.values;
    s->labels = s->own_labels = csv.labels;
    s->lines = csv.lines;
    s->scale = 1;
    s->label_path = hwv_strdup(path);
    if (!s->label_path)
        return hwv_fail(error, HWV_ERR_MEMORY, "%s: no memory for its name", path);
    const size_t shape[2] = {csv.rows, csv.features};
    HWV_TRY(set_shape(s, path, shape, 2, error));
    if (labelled)
        count_classes(s);
    return HWV_OK;
}

/* Frees a file that was read, and on failure the samples. */
static hwv_status finish(hwv_samples *s, hwv_file *file, hwv_status status)
{
    hwv_file_free(file);
    if (status != HWV_OK)
        hwv_samples_free(s);
    return status;
}

hwv_status hwv_samples_idx(hwv_samples *s, const char *images, const char *labels, hwv_error *error)
{
    hwv_file file = {0};
    *s = (hwv_samples){0};
    return finish(s, &file, idx_samples(s, &file, images, labels, error));
}

hwv_status hwv_samples_npy(hwv_samples *s, const char *x, const char *labels, hwv_error *error)
{
    hwv_file file = {0};
    *s = (hwv_samples){0};
    return finish(s, &file, npy_samples(s, &file, x, labels, error));
}

hwv_status hwv_samples_csv(hwv_samples *s, const char *path, bool labelled, hwv_error *error)
{
    hwv_file file = {0};
    *s = (hwv_samples){0};
    return finish(s, &file, csv_samples(s, &file, path, labelled, error));
}
