/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Data sets by name or path. */
#include "halfwave/data.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "halfwave/memory.h"
#include "halfwave/text.h"
#include "io/digits.h"
#include "io/file.h"
#include "io/guess.h"
#include "io/parts.h"
#include "io/sources.h"

typedef hwv_status open_function(hwv_data *data, const char *argument, hwv_error *error);

static open_function open_digits, open_idx, open_csv, open_npy;

static const struct source {
    const char *name;     /* before the colon */
    const char *argument; /* after it, NULL: none */
    bool alone;           /* the name without a colon will do: the argument is NULL then */
    const char *shown;    /* in lists */
    open_function *open;
} sources[] = {
    {"digits", NULL, true, "digits", open_digits},
    {"fashion-mnist", "a folder", true, "fashion-mnist", hwv_open_fashion_mnist},
    {"mnist", "a folder", false, "mnist:DIR", hwv_open_mnist},
    {"cifar10", "a folder", false, "cifar10:DIR", hwv_open_cifar10},
    {"idx", "two files", false, "idx:IMAGES,LABELS", open_idx},
    {"csv", "a file", false, "csv:FILE", open_csv},
    {"npy", "two files", false, "npy:X,LABELS", open_npy},
    {"npz", "a file", false, "npz:FILE", hwv_open_npz},
    {"text", "a file", true, "text:FILE", hwv_open_text},
    {"text-bytes", "a file", false, "text-bytes:FILE", hwv_open_text_bytes},
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
    hwv_data_split(data, "digits", "UCI optical digits (embedded)", &s, HWV_DIGITS_TEST,
                   "the last 360 are the test part");
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
    hwv_data_owner *own;
    HWV_TRY(hwv_data_own(data, &own, error));
    HWV_TRY(read(&own->whole, first, second, error));
    return hwv_data_split_fifth(data, name, first, &own->whole, error);
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
    hwv_data_owner *own;
    HWV_TRY(hwv_data_own(data, &own, error));
    HWV_TRY(hwv_samples_csv(&own->whole, path, true, error));
    return hwv_data_split_fifth(data, "csv", path, &own->whole, error);
}

/* --- Names and paths --- */

static const struct source *find_source(const char *spec, const char **argument)
{
    for (size_t i = 0; i < SOURCES; i++) {
        size_t n = strlen(sources[i].name);
        if (strncmp(spec, sources[i].name, n) != 0)
            continue;
        *argument = spec[n] == ':' ? spec + n + 1 : NULL;
        if (*argument ? sources[i].argument != NULL : spec[n] == '\0' && sources[i].alone)
            return &sources[i];
    }
    return NULL;
}

/* The known names, and the nearest to what stands before a colon in `spec`. */
static hwv_status fail_unknown(const char *spec, hwv_status status, const char *what, hwv_error *error)
{
    const char *names[SOURCES];
    char word[64], list[300];
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
    if (hwv_guess_is_prose(path))
        return hwv_open_text_guessed(data, path, error);
    HWV_TRY(hwv_guess_content(&guess, &labels, path, error));
    hwv_status status;
    if (guess == HWV_GUESS_MNIST)
        status = hwv_open_mnist(data, path, error);
    else if (guess == HWV_GUESS_CIFAR10)
        status = hwv_open_cifar10(data, path, error);
    else if (guess == HWV_GUESS_NPZ)
        status = hwv_open_npz(data, path, error);
    else if (guess == HWV_GUESS_CSV)
        status = open_csv(data, path, error);
    else if (guess == HWV_GUESS_NPY)
        status = hwv_fail(error, HWV_ERR_ARGUMENT, "%s: one .npy array: give samples and labels as npy:X,LABELS", path);
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

static hwv_status read_unlabelled(hwv_samples *s, hwv_guess guess, const char **name, const char *path,
                                  hwv_error *error)
{
    switch (guess) {
    case HWV_GUESS_IDX:
        *name = "idx";
        return hwv_samples_idx(s, path, NULL, error);
    case HWV_GUESS_NPY:
        *name = "npy";
        return hwv_samples_npy(s, path, NULL, error);
    case HWV_GUESS_NPZ:
        *name = "npz";
        return hwv_samples_npz(s, path, error);
    case HWV_GUESS_CSV:
        *name = "csv";
        return hwv_samples_csv(s, path, false, error);
    case HWV_GUESS_MNIST:
    case HWV_GUESS_CIFAR10:
        break;
    }
    return hwv_fail(error, HWV_ERR_IO, "%s: is a folder, a file is expected", path);
}

static hwv_status open_unlabelled(hwv_data *data, const char *path, hwv_error *error)
{
    hwv_guess guess;
    hwv_data_owner *own;
    const char *name = "";
    char remark[64];
    HWV_TRY(hwv_guess_content(&guess, NULL, path, error));
    HWV_TRY(hwv_data_own(data, &own, error));
    HWV_TRY(read_unlabelled(&own->test, guess, &name, path, error));
    (void)snprintf(remark, sizeof remark, "guessed to be %s", hwv_guess_name(guess));
    hwv_data_unlabelled(data, name, path, &own->test, remark);
    return HWV_OK;
}

/* Leaves a zero *data after a failure. */
static hwv_status open_or_close(hwv_data *data, open_function *open, const char *spec, hwv_error *error)
{
    memset(data, 0, sizeof *data);
    hwv_status status = open(data, spec, error);
    if (status != HWV_OK)
        hwv_data_close(data);
    return status;
}

hwv_status hwv_data_open_unlabelled(hwv_data *data, const char *path, hwv_error *error)
{
    return open_or_close(data, open_unlabelled, path, error);
}

hwv_status hwv_data_open(hwv_data *data, const char *spec, hwv_error *error)
{
    return open_or_close(data, open_spec, spec, error);
}

void hwv_data_close(hwv_data *data)
{
    hwv_data_owner *own = data->owner;
    if (own) {
        hwv_samples_free(&own->whole);
        hwv_samples_free(&own->test);
        hwv_tokens_free(&own->text);
        hwv_free(own->path);
        hwv_free(own);
    }
    hwv_free(data->normal);
    memset(data, 0, sizeof *data);
}

hwv_status hwv_data_check_labels(const hwv_data *data, size_t classes, hwv_error *error)
{
    const hwv_data_owner *own = data->owner;
    if (data->classes <= classes)
        return HWV_OK;
    if (!own)
        return hwv_fail(error, HWV_ERR_FORMAT, "%s has labels from 0 to %zu, 0 to %zu are expected", data->name,
                        data->classes - 1, classes - 1);
    if (data->block > 0)
        return hwv_fail(error, HWV_ERR_FORMAT, "%s has a vocabulary of %zu, at most %zu are expected", own->path,
                        data->classes, classes);
    HWV_TRY(hwv_samples_check_labels(&own->whole, classes, error));
    return hwv_samples_check_labels(&own->test, classes, error);
}
