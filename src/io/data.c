/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Data sets by name or path. */
#include "halfwave/data.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "halfwave/memory.h"
#include "halfwave/text.h"
#include "io/digits.h"
#include "io/file.h"
#include "io/guess.h"
#include "io/samples.h"

/* What a data set owns: one file's samples that are split, or a training and a test file's. */
typedef struct owner {
    hwv_samples whole, test;
} owner;

typedef hwv_status open_function(hwv_data *data, const char *argument, hwv_error *error);

static open_function open_digits, open_mnist, open_idx, open_csv, open_npy;

static const struct source {
    const char *name;     /* before the colon */
    const char *argument; /* after it, NULL: none */
    const char *shown;    /* in lists */
    open_function *open;
} sources[] = {
    {"digits", NULL, "digits", open_digits},
    {"mnist", "a folder", "mnist:DIR", open_mnist},
    {"idx", "two files", "idx:IMAGES,LABELS", open_idx},
    {"csv", "a file", "csv:FILE", open_csv},
    {"npy", "two files", "npy:X,LABELS", open_npy},
};
#define SOURCES (sizeof sources / sizeof *sources)

size_t hwv_data_name_count(void)
{
    return SOURCES;
}

const char *hwv_data_name(size_t i)
{
    return i < SOURCES ? sources[i].shown : NULL;
}

/* --- Putting parts together --- */

/* "28 x 28" or "64 values". */
static void print_shape(char out[64], const hwv_data *data)
{
    if (data->rank == 1)
        (void)snprintf(out, 64, "%zu values", data->features);
    else if (data->dims[2] == 1)
        (void)snprintf(out, 64, "%zu x %zu", data->dims[0], data->dims[1]);
    else
        (void)snprintf(out, 64, "%zu x %zu x %zu", data->dims[0], data->dims[1], data->dims[2]);
}

/* "name: 1437 + 360 samples of 8 x 8 (training + test), 10 classes; remark" */
static void describe(hwv_data *data, const char *what, const char *remark)
{
    char shape[64];
    print_shape(shape, data);
    /* Of a long path the end is what tells it from others. */
    size_t length = strlen(what), skip = length > 80 ? length - 80 : 0;
    (void)snprintf(data->description, sizeof data->description,
                   "%s%s: %zu + %zu samples of %s (training + test), %zu classes%s%s", skip ? "..." : "", what + skip,
                   data->train.count, data->test.count, shape, data->classes, *remark ? "; " : "", remark);
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
    hwv_data_part part = {.count = count, .labels = s->labels + first};
    if (s->bytes)
        part.bytes = s->bytes + first * s->features;
    else
        part.floats = s->floats + first * s->features;
    return part;
}

/* The last `test` samples become the test part. */
static void split(hwv_data *data, const hwv_samples *s, size_t test)
{
    data->train = part_of(s, 0, s->count - test);
    data->test = part_of(s, s->count - test, test);
}

static hwv_status split_fifth(hwv_data *data, const char *name, const char *path, const hwv_samples *s,
                              hwv_error *error)
{
    if (s->count < 2)
        return hwv_fail(error, HWV_ERR_FORMAT, "%s: one sample, at least 2 are expected (one to test)", path);
    take_shape(data, name, s);
    split(data, s, s->count / 5 + (s->count % 5 != 0));
    describe(data, path, "the last 20 % are the test part");
    return HWV_OK;
}

static hwv_status make_owner(hwv_data *data, owner **own, hwv_error *error)
{
    data->owner = *own = hwv_calloc(1, sizeof **own);
    return *own ? HWV_OK : hwv_fail(error, HWV_ERR_MEMORY, "no memory for a data set");
}

/* --- Sources --- */

static hwv_status open_digits(hwv_data *data, const char *argument, hwv_error *error)
{
    (void)argument, (void)error;
    hwv_samples s = {.count = HWV_DIGITS_COUNT,
                     .rank = HWV_DATA_DIMS,
                     .dims = {HWV_DIGITS_SIDE, HWV_DIGITS_SIDE, 1},
                     .features = HWV_DIGITS_SIDE * HWV_DIGITS_SIDE,
                     .classes = 10,
                     .scale = 1.0f / 16,
                     .bytes = hwv_digits_pixels,
                     .labels = hwv_digits_labels};
    take_shape(data, "digits", &s);
    split(data, &s, HWV_DIGITS_TEST);
    describe(data, "UCI optical digits (embedded)", "the last 360 are the test part");
    return HWV_OK;
}

/* FIRST,SECOND: two paths, `second` inside `first`, which the caller frees. */
static hwv_status split_pair(const char *argument, char **first, char **second, hwv_error *error)
{
    const char *comma = strchr(argument, ',');
    if (!comma || comma == argument || comma[1] == '\0')
        return hwv_fail(error, HWV_ERR_ARGUMENT, "\"%s\": two paths with a comma between them are expected", argument);
    *first = hwv_strdup(argument);
    if (!*first)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for a path");
    *second = *first + (comma - argument);
    *(*second)++ = '\0';
    return HWV_OK;
}

typedef hwv_status read_function(hwv_samples *samples, const char *first, const char *second, hwv_error *error);

static hwv_status open_files(hwv_data *data, const char *name, const char *first, const char *second,
                             read_function *read, hwv_error *error)
{
    owner *own;
    HWV_TRY(make_owner(data, &own, error));
    HWV_TRY(read(&own->whole, first, second, error));
    return split_fifth(data, name, first, &own->whole, error);
}

static hwv_status open_pair(hwv_data *data, const char *name, const char *argument, read_function *read,
                            hwv_error *error)
{
    char *first = NULL, *second = NULL;
    HWV_TRY(split_pair(argument, &first, &second, error));
    hwv_status status = open_files(data, name, first, second, read, error);
    hwv_free(first);
    return status;
}

static hwv_status open_idx(hwv_data *data, const char *argument, hwv_error *error)
{
    return open_pair(data, "idx", argument, hwv_samples_idx, error);
}

static hwv_status open_npy(hwv_data *data, const char *argument, hwv_error *error)
{
    return open_pair(data, "npy", argument, hwv_samples_npy, error);
}

static hwv_status open_csv(hwv_data *data, const char *path, hwv_error *error)
{
    owner *own;
    HWV_TRY(make_owner(data, &own, error));
    HWV_TRY(hwv_samples_csv(&own->whole, path, error));
    return split_fifth(data, "csv", path, &own->whole, error);
}

/* One pair of a folder's files: "train" or "t10k". */
static hwv_status read_standard(hwv_samples *s, const char *folder, const char *part, hwv_error *error)
{
    hwv_text images = {0}, labels = {0};
    hwv_status status = hwv_find_standard(&images, folder, part, "images", 3, error);
    if (status == HWV_OK)
        status = hwv_find_standard(&labels, folder, part, "labels", 1, error);
    if (status == HWV_OK)
        status = hwv_samples_idx(s, images.data, labels.data, error);
    hwv_text_free(&images);
    hwv_text_free(&labels);
    return status;
}

static hwv_status open_mnist(hwv_data *data, const char *folder, hwv_error *error)
{
    enum { CLASSES = 10 }; /* of every set that goes by these file names */
    owner *own;
    if (!hwv_file_is_folder(folder))
        return hwv_fail(error, HWV_ERR_IO, "%s: %s", folder,
                        hwv_file_exists(folder) ? "is no folder" : "no such folder");
    HWV_TRY(make_owner(data, &own, error));
    HWV_TRY(read_standard(&own->whole, folder, "train", error));
    HWV_TRY(hwv_samples_check_labels(&own->whole, CLASSES, error));
    HWV_TRY(read_standard(&own->test, folder, "t10k", error));
    HWV_TRY(hwv_samples_check_labels(&own->test, CLASSES, error));
    if (memcmp(own->whole.dims, own->test.dims, sizeof own->test.dims) != 0)
        return hwv_fail(error, HWV_ERR_FORMAT, "%s: training images of %zu x %zu, but test images of %zu x %zu", folder,
                        own->whole.dims[0], own->whole.dims[1], own->test.dims[0], own->test.dims[1]);
    take_shape(data, "mnist", &own->whole);
    data->classes = CLASSES;
    data->train = part_of(&own->whole, 0, own->whole.count);
    data->test = part_of(&own->test, 0, own->test.count);
    describe(data, folder, "");
    return HWV_OK;
}

/* --- Names and paths --- */

static const struct source *find_source(const char *spec, const char **argument)
{
    for (size_t i = 0; i < SOURCES; i++) {
        size_t n = strlen(sources[i].name);
        if (strncmp(spec, sources[i].name, n) != 0 || spec[n] != (sources[i].argument ? ':' : '\0'))
            continue;
        *argument = spec + n + 1;
        return &sources[i];
    }
    return NULL;
}

/* The known names, and the nearest to what stands before a colon in `spec`. */
static hwv_status fail_unknown(const char *spec, hwv_status status, const char *what, hwv_error *error)
{
    const char *names[SOURCES];
    char word[64], list[200];
    size_t used = 0;
    for (size_t i = 0; i < SOURCES; i++) {
        names[i] = sources[i].name;
        if (used < sizeof list)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", sources[i].shown);
    }
    (void)snprintf(word, sizeof word, "%.*s", (int)(strcspn(spec, ":") < 63 ? strcspn(spec, ":") : 63), spec);
    return hwv_fail(error, status, "%s \"%.120s\"%s; accepted are %s, or the path of a file or folder", what, spec,
                    hwv_name_hint(word, names, SOURCES).text, list);
}

/* Data at a path, by content; says so in the description. */
static hwv_status open_path(hwv_data *data, const char *path, hwv_error *error)
{
    hwv_guess guess;
    hwv_text labels = {0};
    HWV_TRY(hwv_guess_content(&guess, &labels, path, error));
    hwv_status status;
    if (guess == HWV_GUESS_MNIST)
        status = open_mnist(data, path, error);
    else if (guess == HWV_GUESS_CSV)
        status = open_csv(data, path, error);
    else
        status = open_files(data, "idx", path, labels.data, hwv_samples_idx, error);
    hwv_text_free(&labels);
    size_t used = strlen(data->description);
    if (status == HWV_OK)
        (void)snprintf(data->description + used, sizeof data->description - used, "; guessed to be %s",
                       hwv_guess_name(guess));
    return status;
}

static hwv_status open_spec(hwv_data *data, const char *spec, hwv_error *error)
{
    const char *argument = NULL;
    const struct source *source = find_source(spec, &argument);
    if (source)
        return source->open(data, argument, error);
    if (hwv_file_exists(spec))
        return open_path(data, spec, error);
    for (size_t i = 0; i < SOURCES; i++)
        if (strcmp(spec, sources[i].name) == 0)
            return hwv_fail(error, HWV_ERR_ARGUMENT, "data \"%s\" needs %s: %s", spec, sources[i].argument,
                            sources[i].shown);
    if (hwv_guess_is_path(spec))
        return fail_unknown(spec, HWV_ERR_IO, "no such file or folder", error);
    return fail_unknown(spec, HWV_ERR_NAME, "unknown data set", error);
}

hwv_status hwv_data_open(hwv_data *data, const char *spec, hwv_error *error)
{
    memset(data, 0, sizeof *data);
    hwv_status status = open_spec(data, spec, error);
    if (status != HWV_OK)
        hwv_data_close(data);
    return status;
}

void hwv_data_close(hwv_data *data)
{
    owner *own = data->owner;
    if (own) {
        hwv_samples_free(&own->whole);
        hwv_samples_free(&own->test);
        hwv_free(own);
    }
    memset(data, 0, sizeof *data);
}

hwv_status hwv_data_check_labels(const hwv_data *data, size_t classes, hwv_error *error)
{
    const owner *own = data->owner;
    if (data->classes <= classes)
        return HWV_OK;
    if (!own)
        return hwv_fail(error, HWV_ERR_FORMAT, "%s has labels from 0 to %zu, 0 to %zu are expected", data->name,
                        data->classes - 1, classes - 1);
    HWV_TRY(hwv_samples_check_labels(&own->whole, classes, error));
    return hwv_samples_check_labels(&own->test, classes, error);
}
