/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What the tests of training share: the digits, a model for them, a folder for files. What fails here ends the
 * test program. */
#ifndef TESTS_TRAIN_COMMON_H
#define TESTS_TRAIN_COMMON_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "halfwave/train.h"

#define SMALL "fc 32; act; fc 10"

static inline void need(hwv_status status, const hwv_error *error, const char *what)
{
    if (status == HWV_OK)
        return;
    fprintf(stderr, "%s: %s: %s\n", what, hwv_status_name(status), error->text);
    exit(1);
}

static inline hwv_data digits_open(void)
{
    hwv_data data;
    hwv_error error;
    need(hwv_data_open(&data, "digits", &error), &error, "digits");
    return data;
}

static inline hwv_model_options model_options(const hwv_data *data, hwv_op op)
{
    hwv_model_options options = {.act = {.act = hwv_act_make(op)}, .rank = data->rank, .classes = data->classes};
    memcpy(options.dims, data->dims, sizeof options.dims);
    return options;
}

static inline hwv_model model_make(const hwv_data *data, const char *notation, hwv_op op)
{
    hwv_model model;
    hwv_error error;
    hwv_model_options options = model_options(data, op);
    need(hwv_model_build(&model, notation, &options, &error), &error, notation);
    return model;
}

/* One whole run: trains `notation` with the options, from `resume` if that is not NULL. Returns the status of the
 * run; *result is to be freed. */
static inline hwv_status train(const hwv_data *data, const char *notation, hwv_op op, const hwv_train_options *options,
                               const hwv_train_hooks *hooks, const char *resume, hwv_train_result *result,
                               hwv_error *error)
{
    hwv_model model = model_make(data, notation, op);
    hwv_trainer *trainer;
    need(hwv_trainer_create(&trainer, &model, data, options, hooks, error), error, "create");
    hwv_status status = resume ? hwv_trainer_resume(trainer, resume, error) : HWV_OK;
    memset(result, 0, sizeof *result);
    if (status == HWV_OK)
        status = hwv_trainer_run(trainer, result, error);
    hwv_trainer_destroy(trainer);
    hwv_model_free(&model);
    return status;
}

/* A folder of this test's own. */
static inline const char *folder_make(void)
{
    static char folder[256];
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/halfwave-train-XXXXXX", base && *base ? base : "/tmp");
    if (!mkdtemp(folder)) {
        perror(folder);
        exit(1);
    }
    return folder;
}

/* All bytes of a file; *size is 0 and the result "" when there is none. free() it. */
static inline char *file_bytes(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    char *bytes = calloc(1, 1 << 20);
    *size = file && bytes ? fread(bytes, 1, (1 << 20) - 1, file) : 0;
    if (file)
        fclose(file);
    return bytes;
}

static inline void file_put(const char *path, const char *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0) {
        perror(path);
        exit(1);
    }
}

#endif
