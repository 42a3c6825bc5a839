/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Writing checkpoints. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "io/file.h"
#include "train/checkpoint.h"
#include "train/trainer.h"

enum { METADATA = 7 };

/* Everything a file is made of, until it is written. */
typedef struct draft {
    hwv_tensor_list tensors;
    double *history;
    hwv_text model, options, progress, data;
    uint8_t wrong[HWV_METER_SAMPLES];
    double losses[HWV_METER_STEPS];
} draft;

static void draft_free(draft *d)
{
    hwv_tensor_list_free(&d->tensors);
    hwv_free(d->history);
    hwv_text_free(&d->model);
    hwv_text_free(&d->options);
    hwv_text_free(&d->progress);
    hwv_text_free(&d->data);
    hwv_free(d);
}

/* The safetensors library wants wide elements first, so that all are aligned. */
static void add_wide(draft *d, const hwv_trainer *t)
{
    hwv_meter_unroll(&t->meter, d->wrong, d->losses);
    if (t->meter.loss_count > 0) {
        hwv_tensor_entry *losses = hwv_tensor_list_add(&d->tensors, "train.losses", HWV_TENSOR_F64, d->losses);
        losses->rank = 1;
        losses->shape[0] = t->meter.loss_count;
    }
    if (t->history_count > 0) {
        for (size_t i = 0; i < t->history_count; i++)
            hwv_history_pack(d->history + i * HWV_HISTORY_COLUMNS, &t->history[i]);
        hwv_tensor_entry *history = hwv_tensor_list_add(&d->tensors, "train.history", HWV_TENSOR_F64, d->history);
        history->rank = 2;
        history->shape[0] = t->history_count;
        history->shape[1] = HWV_HISTORY_COLUMNS;
    }
}

/* How the data was normalised. */
static void add_normal(draft *d, const hwv_data *data)
{
    if (!data->mean)
        return;
    hwv_tensor_entry *mean = hwv_tensor_list_add(&d->tensors, HWV_DATA_MEAN, HWV_TENSOR_F64, data->mean);
    hwv_tensor_entry *deviation = hwv_tensor_list_add(&d->tensors, HWV_DATA_DEVIATION, HWV_TENSOR_F64, data->deviation);
    mean->rank = deviation->rank = 1;
    mean->shape[0] = deviation->shape[0] = hwv_data_channels(data);
}

static void add_vocabulary(draft *d, const hwv_data *data)
{
    if (data->block == 0 || data->vocabulary.bytes)
        return;
    hwv_tensor_entry *codes =
        hwv_tensor_list_add(&d->tensors, HWV_DATA_VOCABULARY, HWV_TENSOR_I32, data->vocabulary.codes);
    codes->rank = 1;
    codes->shape[0] = data->vocabulary.size;
}

static void add_narrow(draft *d, const hwv_trainer *t)
{
    if (t->model->file) {
        hwv_tensor_entry *file = hwv_tensor_list_add(&d->tensors, HWV_MODEL_FILE, HWV_TENSOR_U8, t->model->file);
        file->rank = 1;
        file->shape[0] = t->model->file_bytes;
    }
    if (t->meter.wrong_count > 0) {
        hwv_tensor_entry *wrong = hwv_tensor_list_add(&d->tensors, "train.wrong", HWV_TENSOR_U8, d->wrong);
        wrong->rank = 1;
        wrong->shape[0] = t->meter.wrong_count;
    }
    if (t->hooks.state_size > 0) {
        hwv_tensor_entry *state = hwv_tensor_list_add(&d->tensors, HWV_TRAIN_HOOKS, HWV_TENSOR_U8, t->hooks.state);
        state->rank = 1;
        state->shape[0] = t->hooks.state_size;
    }
}

static hwv_status texts_write(draft *d, const hwv_trainer *t, hwv_error *error)
{
    const hwv_data *data = t->data;
    hwv_progress progress = {.step = t->step};
    if (t->round_position > 0) {
        progress.epoch_loss = t->meter.epoch_loss;
        progress.epoch_wrong = t->meter.epoch_wrong;
        progress.epoch_steps = t->meter.epoch_steps;
    }
    hwv_data_identity identity = {.train = data->train.count,
                                  .test = data->test.count,
                                  .features = data->features,
                                  .classes = data->classes,
                                  .block = data->block,
                                  .bytes = data->vocabulary.bytes};
    snprintf(identity.name, sizeof identity.name, "%s", data->name);
    hwv_data_sha256(data, identity.sha256);

    hwv_json_writer model = hwv_json_writer_make(&d->model, 0), options = hwv_json_writer_make(&d->options, 0);
    hwv_json_writer where = hwv_json_writer_make(&d->progress, 0), set = hwv_json_writer_make(&d->data, 0);
    hwv_fields_write_model(&model, t->model);
    HWV_TRY(hwv_fields_end(&model, error));
    hwv_fields_write_options(&options, &t->options);
    HWV_TRY(hwv_fields_end(&options, error));
    hwv_fields_write_progress(&where, &progress);
    HWV_TRY(hwv_fields_end(&where, error));
    hwv_fields_write_data(&set, &identity);
    return hwv_fields_end(&set, error);
}

static hwv_status write_all(draft *d, const hwv_trainer *t, const char *path, hwv_error *error)
{
    size_t values = hwv_graph_value_count(t->model->graph), moments = hwv_optimizer_moments(&t->options.optimizer);
    d->history = hwv_calloc(t->history_count, HWV_HISTORY_COLUMNS * sizeof *d->history);
    if (!hwv_tensor_list_make(&d->tensors, values * (1 + moments) + 8) || !d->history)
        return hwv_fail(error, HWV_ERR_MEMORY, "%s: no memory to write a checkpoint", path);
    HWV_TRY(texts_write(d, t, error));
    add_wide(d, t);
    add_normal(d, t->data);
    hwv_tensor_list_add_block(&d->tensors, t->model, t->weights, 0, false);
    for (size_t m = 0; m < moments; m++)
        hwv_tensor_list_add_block(&d->tensors, t->model, t->moment[m], m, true);
    add_vocabulary(d, t->data);
    add_narrow(d, t);
    char sha256[65];
    hwv_tensors_sha256(d->tensors.entries, d->tensors.count, sha256);
    const hwv_metadata metadata[METADATA] = {
        {"format", HWV_CHECKPOINT_FORMAT},
        {"version", HWV_CHECKPOINT_VERSION},
        {"model", d->model.data},
        {"options", d->options.data},
        {"progress", d->progress.data},
        {"data", d->data.data},
        {"sha256", sha256},
    };
    return hwv_safetensors_write(path, d->tensors.entries, d->tensors.count, metadata, METADATA, error);
}

hwv_status hwv_trainer_save(hwv_trainer *t, const char *path, hwv_error *error)
{
    if (t->model->of_network && !t->model->file)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED, "%s: a network without its file cannot be saved", path);
    draft *d = hwv_calloc(1, sizeof *d);
    if (!d)
        return hwv_fail(error, HWV_ERR_MEMORY, "%s: no memory to write a checkpoint", path);
    hwv_status status = write_all(d, t, path, error);
    draft_free(d);
    return status;
}

/* ---- the place it will have ---------------------------------------------------------------------- */

static hwv_status check_folder(const char *path, hwv_error *error)
{
    const char *slash = strrchr(path, '/');
    char folder[4096];
    if (!slash || slash == path)
        return HWV_OK;
    if ((size_t)(slash - path) >= sizeof folder)
        return hwv_fail(error, HWV_ERR_IO, "%.60s...: the path is too long", path);
    snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
    if (!hwv_file_is_folder(folder))
        return hwv_fail(error, HWV_ERR_IO, "%s: there is no folder %s", path, folder);
    return HWV_OK;
}

hwv_status hwv_checkpoint_check_path(const char *path, hwv_error *error)
{
    struct stat about;
    HWV_TRY(check_folder(path, error));
    if (hwv_file_is_folder(path))
        return hwv_fail(error, HWV_ERR_IO, "%s: is a folder, a checkpoint is a file", path);
    if (stat(path, &about) != 0 || !S_ISREG(about.st_mode) || about.st_size == 0)
        return HWV_OK;
    hwv_safetensors file;
    hwv_status status = hwv_safetensors_read(&file, path, error);
    if (status == HWV_ERR_MEMORY)
        return status;
    const char *format = status == HWV_OK ? hwv_safetensors_metadata(&file, "format") : NULL;
    bool ours = format && strcmp(format, HWV_CHECKPOINT_FORMAT) == 0;
    hwv_safetensors_free(&file);
    if (ours)
        return HWV_OK;
    return hwv_fail(error, HWV_ERR_MISMATCH, "%s: exists and is no checkpoint of halfwave: it is not overwritten",
                    path);
}
