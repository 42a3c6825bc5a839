/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Reading checkpoints: as a model, or to go on from. Everything is checked before anything is changed. */
#include <string.h>

#include "halfwave/onnx.h"
#include "train/checkpoint.h"
#include "train/trainer.h"

/* ---- opening ------------------------------------------------------------------------------------- */

static hwv_status document_parse(hwv_json_value **root, const hwv_safetensors *file, const char *key, hwv_error *error)
{
    const char *text = hwv_safetensors_metadata(file, key);
    *root = NULL;
    if (!text)
        return hwv_fail(error, HWV_ERR_FORMAT, "metadata '%s' is missing", key);
    hwv_status status = hwv_json_parse(root, text, strlen(text), error);
    if (status == HWV_OK || status == HWV_ERR_MEMORY)
        return status;
    hwv_fail_prefix(error, status, "metadata '%s': ", key);
    return hwv_fail(error, HWV_ERR_FORMAT, "%s", error ? error->text : "");
}

static hwv_status metadata_read(hwv_checkpoint *c, hwv_error *error)
{
    static const char *const keys[] = {"model", "options", "progress", "data"};
    for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
        hwv_json_value *root;
        HWV_TRY(document_parse(&root, &c->file, keys[k], error));
        hwv_status status = k == 0   ? hwv_fields_read_model(&c->notation, &c->model, root, error)
                            : k == 1 ? hwv_fields_read_options(&c->options, root, error)
                            : k == 2 ? hwv_fields_read_progress(&c->progress, root, error)
                                     : hwv_fields_read_data(&c->data, root, error);
        hwv_json_free(root);
        HWV_TRY(status);
    }
    return HWV_OK;
}

static hwv_status kind_check(const hwv_checkpoint *c, hwv_error *error)
{
    const char *format = hwv_safetensors_metadata(&c->file, "format");
    const char *version = hwv_safetensors_metadata(&c->file, "version");
    if (!format || strcmp(format, HWV_CHECKPOINT_FORMAT) != 0)
        return hwv_fail(error, HWV_ERR_MISMATCH, "a safetensors file, but no checkpoint of halfwave");
    if (!version || strcmp(version, HWV_CHECKPOINT_VERSION) != 0)
        return hwv_fail(error, HWV_ERR_MISMATCH,
                        "a checkpoint of version %.20s; version " HWV_CHECKPOINT_VERSION " is read",
                        version ? version : "(none)");
    return HWV_OK;
}

static hwv_status sum_check(const hwv_checkpoint *c, hwv_error *error)
{
    const char *stored = hwv_safetensors_metadata(&c->file, "sha256");
    char sha256[65];
    hwv_tensors_sha256(c->file.tensors, c->file.count, sha256);
    if (stored && strcmp(stored, sha256) == 0)
        return HWV_OK;
    return hwv_fail(
        error, HWV_ERR_FORMAT,
        "the tensors are not those that were written (metadata 'sha256'): the file is damaged or was edited");
}

/* What an opened file says; closes it on failure. */
static hwv_status contents_read(hwv_checkpoint *c, const char *name, hwv_error *error)
{
    hwv_status status = kind_check(c, error);
    if (status == HWV_OK)
        status = sum_check(c, error);
    if (status == HWV_OK)
        status = metadata_read(c, error);
    if (status != HWV_OK) {
        hwv_checkpoint_close(c);
        return hwv_fail_prefix(error, status, "%s: ", name);
    }
    return HWV_OK;
}

hwv_status hwv_checkpoint_open(hwv_checkpoint *c, const char *path, hwv_error *error)
{
    memset(c, 0, sizeof *c);
    HWV_TRY(hwv_safetensors_read(&c->file, path, error));
    return contents_read(c, path, error);
}

hwv_status hwv_checkpoint_open_bytes(hwv_checkpoint *c, const char *name, const void *bytes, size_t size,
                                     hwv_error *error)
{
    memset(c, 0, sizeof *c);
    hwv_status status = hwv_safetensors_parse(&c->file, bytes, size, error);
    if (status != HWV_OK)
        return hwv_fail_prefix(error, status, "%s: ", name);
    return contents_read(c, name, error);
}

void hwv_checkpoint_close(hwv_checkpoint *c)
{
    hwv_safetensors_free(&c->file);
    hwv_free(c->notation);
    memset(c, 0, sizeof *c);
}

/* ---- tensors ------------------------------------------------------------------------------------- */

/* The tensor of a parameter or state, with exactly its shape. */
static hwv_status tensor_find(const hwv_tensor_entry **out, const hwv_checkpoint *c, const char *name,
                              const hwv_shape *shape, hwv_error *error)
{
    const hwv_tensor_entry *tensor = *out = hwv_safetensors_find(&c->file, name);
    if (!tensor)
        return hwv_fail(error, HWV_ERR_FORMAT, "tensor '%s' is missing", name);
    bool fits = tensor->type == HWV_TENSOR_F32 && tensor->rank == shape->rank;
    for (size_t d = 0; fits && d < shape->rank; d++)
        fits = tensor->shape[d] == shape->dim[d];
    return fits ? HWV_OK
                : hwv_fail(error, HWV_ERR_FORMAT, "tensor '%s' does not have the shape the model gives it", name);
}

hwv_status hwv_checkpoint_block(const hwv_checkpoint *c, const hwv_model *model, float *block, size_t moment,
                                bool moments, hwv_error *error)
{
    for (size_t v = 0; v < hwv_graph_value_count(model->graph); v++) {
        const hwv_value *value = hwv_graph_value(model->graph, (hwv_id)v);
        char name[HWV_TENSOR_NAME];
        const hwv_tensor_entry *tensor;
        if (!hwv_tensor_kept(name, model, value, moment, moments))
            continue;
        HWV_TRY(tensor_find(&tensor, c, name, &value->shape, error));
        if (block)
            memcpy(block + hwv_weights_offset(model->weights, (hwv_id)v), tensor->data, tensor->bytes);
    }
    return HWV_OK;
}

/* ---- a model from a checkpoint ------------------------------------------------------------------- */

/* A damaged notation must not make us allocate what the file cannot fill: no layer is wider than the file has
 * elements. */
static bool notation_is_modest(const hwv_checkpoint *c)
{
    size_t elements = 0, number = 0;
    for (size_t i = 0; i < c->file.count; i++)
        elements += c->file.tensors[i].bytes / 4;
    for (const char *p = c->notation; *p; p++) {
        number = *p >= '0' && *p <= '9' ? number * 10 + (size_t)(*p - '0') : 0;
        if (number > elements)
            return false;
    }
    for (size_t d = 0; d < c->model.rank; d++)
        if (c->model.dims[d] > elements)
            return false;
    return c->model.classes <= elements;
}

/* Of the ONNX file in it. */
static hwv_status file_model(const hwv_checkpoint *c, const hwv_tensor_entry *bytes, hwv_model *model, hwv_error *error)
{
    hwv_onnx *file;
    if (bytes->type != HWV_TENSOR_U8 || bytes->rank != 1)
        return hwv_fail(error, HWV_ERR_FORMAT, "tensor '" HWV_MODEL_FILE "' is no list of bytes");
    HWV_TRY(hwv_onnx_parse(&file, c->notation, bytes->data, bytes->bytes, error));
    hwv_status status = hwv_onnx_model(model, file, &c->model, error);
    hwv_onnx_close(file);
    return status;
}

static hwv_status empty_model(const hwv_checkpoint *c, hwv_model *model, hwv_error *error)
{
    const hwv_tensor_entry *bytes = hwv_safetensors_find(&c->file, HWV_MODEL_FILE);
    if (bytes)
        return file_model(c, bytes, model, error);
    if (!notation_is_modest(c))
        return hwv_fail(error, HWV_ERR_FORMAT, "the model '%.60s' is larger than the file", c->notation);
    return hwv_model_build(model, c->notation, &c->model, error);
}

hwv_status hwv_checkpoint_model(const hwv_checkpoint *c, hwv_model *model, hwv_error *error)
{
    hwv_error own;
    error = error ? error : &own;
    hwv_status status = empty_model(c, model, error);
    if (status == HWV_ERR_MEMORY)
        return status;
    if (status != HWV_OK) {
        own = *error;
        return hwv_fail(error, HWV_ERR_FORMAT, "%s", own.text);
    }
    size_t elements;
    status = hwv_checkpoint_block(c, model, hwv_weights_block(model->weights, &elements), 0, false, error);
    if (status != HWV_OK)
        hwv_model_free(model);
    return status;
}

static hwv_status load(hwv_model *model, hwv_checkpoint *c, const char *name, hwv_error *error)
{
    hwv_status status = hwv_checkpoint_model(c, model, error);
    hwv_checkpoint_close(c);
    return status == HWV_OK ? HWV_OK : hwv_fail_prefix(error, status, "%s: ", name);
}

hwv_status hwv_checkpoint_load(hwv_model *model, const char *path, hwv_error *error)
{
    hwv_checkpoint c;
    memset(model, 0, sizeof *model);
    HWV_TRY(hwv_checkpoint_open(&c, path, error));
    return load(model, &c, path, error);
}

hwv_status hwv_checkpoint_parse(hwv_model *model, const char *name, const void *bytes, size_t size, hwv_error *error)
{
    hwv_checkpoint c;
    memset(model, 0, sizeof *model);
    HWV_TRY(hwv_checkpoint_open_bytes(&c, name, bytes, size, error));
    return load(model, &c, name, error);
}

hwv_status hwv_checkpoint_options(hwv_train_options *options, const char *path, hwv_error *error)
{
    hwv_checkpoint c;
    HWV_TRY(hwv_checkpoint_open(&c, path, error));
    hwv_train_options filled = *options;
    /* Read once more, over the caller's values: what the file does not hold stays. */
    hwv_json_value *root = NULL;
    hwv_status status = document_parse(&root, &c.file, "options", error);
    if (status == HWV_OK)
        status = hwv_fields_read_options(&filled, root, error);
    hwv_json_free(root);
    hwv_checkpoint_close(&c);
    if (status == HWV_OK)
        *options = filled;
    return status == HWV_OK ? HWV_OK : hwv_fail_prefix(error, status, "%s: ", path);
}

/* ---- normalised data ----------------------------------------------------------------------------- */

/* Mean and deviation of the data, NULL when it was not normalised; *channels of each. Read: unaligned. */
static hwv_status normal_find(const hwv_checkpoint *c, const hwv_tensor_entry *found[2], size_t *channels,
                              hwv_error *error)
{
    static const char *const names[2] = {HWV_DATA_MEAN, HWV_DATA_DEVIATION};
    for (size_t i = 0; i < 2; i++)
        found[i] = hwv_safetensors_find(&c->file, names[i]);
    *channels = 0;
    if (!found[0] && !found[1])
        return HWV_OK;
    for (size_t i = 0; i < 2; i++)
        if (!found[i] || found[i]->type != HWV_TENSOR_F64 || found[i]->rank != 1 || found[i]->shape[0] == 0 ||
            found[i]->shape[0] != found[0]->shape[0])
            return hwv_fail(error, HWV_ERR_FORMAT, "tensor '%s' is missing or is no list of one F64 a channel",
                            names[i]);
    *channels = found[0]->shape[0];
    return HWV_OK;
}

static hwv_status normalize(hwv_data *data, const hwv_checkpoint *c, hwv_error *error)
{
    const hwv_tensor_entry *found[2];
    size_t channels;
    if (c->data.block > 0 && data->block > 0)
        return hwv_checkpoint_adapt(data, c, error);
    HWV_TRY(normal_find(c, found, &channels, error));
    if (channels == 0)
        return HWV_OK;
    if (channels != hwv_data_channels(data))
        return hwv_fail(error, HWV_ERR_MISMATCH,
                        "the checkpoint was trained on normalised data of %zu channels, %s has %zu", channels,
                        data->name, hwv_data_channels(data));
    double *numbers = hwv_calloc(channels, 2 * sizeof *numbers);
    if (!numbers)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory to normalise %s", data->name);
    for (size_t i = 0; i < 2; i++)
        memcpy(numbers + i * channels, found[i]->data, channels * sizeof *numbers);
    hwv_error inner;
    hwv_status status = hwv_data_normalize(data, numbers, numbers + channels, &inner);
    hwv_free(numbers);
    if (status == HWV_ERR_ARGUMENT)
        return hwv_fail(error, HWV_ERR_FORMAT, "tensors '" HWV_DATA_MEAN "' and '" HWV_DATA_DEVIATION "': %s",
                        inner.text);
    return status == HWV_OK ? HWV_OK : hwv_fail(error, status, "%s", inner.text);
}

hwv_status hwv_checkpoint_normalize(hwv_data *data, const char *path, hwv_error *error)
{
    hwv_checkpoint c;
    HWV_TRY(hwv_checkpoint_open(&c, path, error));
    hwv_status status = normalize(data, &c, error);
    hwv_checkpoint_close(&c);
    return status == HWV_OK ? HWV_OK : hwv_fail_prefix(error, status, "%s: ", path);
}

static hwv_status normal_compare(const hwv_checkpoint *c, const hwv_data *data, hwv_error *error)
{
    const hwv_tensor_entry *found[2];
    size_t channels;
    HWV_TRY(normal_find(c, found, &channels, error));
    if ((channels > 0) != (data->mean != NULL))
        return hwv_fail(error, HWV_ERR_MISMATCH, "the checkpoint was trained on %s data, given is %s",
                        channels > 0 ? "normalised" : "unnormalised", data->mean ? "normalised" : "unnormalised");
    bool same = channels == 0 ||
                (channels == hwv_data_channels(data) && memcmp(found[0]->data, data->mean, found[0]->bytes) == 0 &&
                 memcmp(found[1]->data, data->deviation, found[1]->bytes) == 0);
    return same ? HWV_OK
                : hwv_fail(error, HWV_ERR_MISMATCH,
                           "the checkpoint was trained on data normalised by other means and deviations");
}

/* ---- going on ------------------------------------------------------------------------------------ */

static hwv_status model_compare(const hwv_checkpoint *c, const hwv_model *model, hwv_error *error)
{
    const hwv_model_options *was = &c->model, *is = &model->options;
    if (strcmp(c->notation, model->notation) != 0)
        return hwv_fail(error, HWV_ERR_MISMATCH, "the checkpoint is of the model '%.120s', given is '%.120s'",
                        c->notation, model->notation);
    const hwv_tensor_entry *bytes = hwv_safetensors_find(&c->file, HWV_MODEL_FILE);
    if ((bytes ? bytes->bytes : 0) != model->file_bytes ||
        (bytes && memcmp(bytes->data, model->file, bytes->bytes) != 0))
        return hwv_fail(error, HWV_ERR_MISMATCH, "the checkpoint is of another file '%.120s' than the given one",
                        c->notation);
    if (strcmp(hwv_model_act_name(&was->act), hwv_model_act_name(&is->act)) != 0)
        return hwv_fail(error, HWV_ERR_MISMATCH, "the checkpoint was made with activation %s, given is %s",
                        hwv_model_act_name(&was->act), hwv_model_act_name(&is->act));
    for (size_t i = 0; i < HWV_ACT_PARAMS; i++)
        if (was->act.act.param[i] != is->act.act.param[i])
            return hwv_fail(error, HWV_ERR_MISMATCH, "the checkpoint was made with %s(%.9g), given is %.9g",
                            hwv_model_act_name(&was->act), (double)was->act.act.param[i], (double)is->act.act.param[i]);
    if (was->norm != is->norm && model->normed)
        return hwv_fail(error, HWV_ERR_MISMATCH, "the checkpoint was made with norm %s, given is %s",
                        hwv_norm_name(was->norm), hwv_norm_name(is->norm));
    if (was->smoothing != is->smoothing)
        return hwv_fail(error, HWV_ERR_MISMATCH, "the checkpoint was made with label smoothing %g, given is %g",
                        (double)was->smoothing, (double)is->smoothing);
    bool same = was->rank == is->rank && was->classes == is->classes;
    for (size_t d = 0; same && d < is->rank; d++)
        same = was->dims[d] == is->dims[d];
    if (!same)
        return hwv_fail(error, HWV_ERR_MISMATCH,
                        "the checkpoint is of a model for samples of another shape or other classes");
    return HWV_OK;
}

static hwv_status data_compare(const hwv_checkpoint *c, const hwv_data *data, hwv_error *error)
{
    const hwv_data_identity *was = &c->data;
    char sha256[65];
    hwv_data_sha256(data, sha256);
    if (strcmp(was->sha256, sha256) == 0)
        return HWV_OK;
    return hwv_fail(
        error, HWV_ERR_MISMATCH,
        "the checkpoint was trained on %s (%zu + %zu samples of %zu), given is %s (%zu + %zu samples of %zu)",
        was->name, was->train, was->test, was->features, data->name, data->train.count, data->test.count,
        data->features);
}

/* A record of the run: one dimension of at most `most` rows, with `columns` > 0 two. *count rows; none is fine when
 * none is wanted. */
static hwv_status record_find(const hwv_tensor_entry **out, const hwv_checkpoint *c, const char *name,
                              hwv_tensor_type type, size_t columns, size_t wanted, hwv_error *error)
{
    const size_t older = columns == HWV_HISTORY_COLUMNS ? HWV_HISTORY_OLDER : columns;
    const hwv_tensor_entry *tensor = *out = hwv_safetensors_find(&c->file, name);
    if (!tensor && wanted == 0)
        return HWV_OK;
    if (tensor && tensor->type == type && tensor->rank == (columns > 0 ? 2 : 1) && tensor->shape[0] == wanted &&
        (columns == 0 || tensor->shape[1] == columns || tensor->shape[1] == older))
        return HWV_OK;
    return hwv_fail(error, HWV_ERR_FORMAT, "tensor '%s' is missing or does not have the %zu rows it must have", name,
                    wanted);
}

typedef struct records {
    const hwv_tensor_entry *wrong, *losses, *history, *hooks;
} records;

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* What the hooks kept, as many bytes as they keep now; a checkpoint that was changed has nothing of it. */
static hwv_status hooks_check(const hwv_trainer *t, const hwv_checkpoint *c, records *r, hwv_error *error)
{
    r->hooks = hwv_safetensors_find(&c->file, HWV_TRAIN_HOOKS);
    if (r->hooks == NULL || (r->hooks->type == HWV_TENSOR_U8 && r->hooks->bytes == t->hooks.state_size))
        return HWV_OK;
    return hwv_fail(error, HWV_ERR_MISMATCH, "the hooks of its run kept %zu bytes, those of this one keep %zu",
                    r->hooks->bytes, t->hooks.state_size);
}

static hwv_status progress_check(const hwv_trainer *t, const hwv_checkpoint *c, records *r, hwv_error *error)
{
    const hwv_progress *p = &c->progress;
    size_t rounds = p->step / t->round_steps, position = p->step % t->round_steps, samples;
    if (!hwv_size_mul(p->step, t->outcomes, &samples))
        samples = SIZE_MAX;
    if (p->epoch_steps != position || p->epoch_wrong > position * t->outcomes)
        return hwv_fail(error, HWV_ERR_FORMAT, "metadata 'progress': step %zu cannot be step %zu of a round", p->step,
                        p->epoch_steps);
    HWV_TRY(record_find(&r->wrong, c, "train.wrong", HWV_TENSOR_U8, 0, smaller(samples, HWV_METER_SAMPLES), error));
    HWV_TRY(
        record_find(&r->losses, c, "train.losses", HWV_TENSOR_F64, 0, smaller(p->step, t->meter.loss_window), error));
    HWV_TRY(record_find(&r->history, c, "train.history", HWV_TENSOR_F64, HWV_HISTORY_COLUMNS, rounds, error));
    for (size_t i = 0; r->wrong && i < r->wrong->shape[0]; i++)
        if (((const uint8_t *)r->wrong->data)[i] > 1)
            return hwv_fail(error, HWV_ERR_FORMAT, "tensor 'train.wrong' has an element that is neither 0 nor 1");
    return HWV_OK;
}

/* Cannot fail. */
static void restore(hwv_trainer *t, const hwv_checkpoint *c, const records *r)
{
    double losses[HWV_METER_STEPS];
    hwv_meter *meter = &t->meter;
    size_t moments = hwv_optimizer_moments(&t->options.optimizer);
    (void)hwv_checkpoint_block(c, t->model, t->weights, 0, false, NULL);
    for (size_t m = 0; m < moments; m++)
        (void)hwv_checkpoint_block(c, t->model, t->moment[m], m, true, NULL);
    meter->wrong_at = meter->wrong_count = meter->wrong_sum = meter->loss_at = meter->loss_count = 0;
    memset(meter->wrong, 0, sizeof meter->wrong);
    if (r->losses)
        memcpy(losses, r->losses->data, r->losses->bytes);
    hwv_meter_refill(meter, r->wrong ? r->wrong->data : NULL, r->wrong ? r->wrong->shape[0] : 0, losses,
                     r->losses ? r->losses->shape[0] : 0);
    meter->epoch_loss = c->progress.epoch_loss;
    meter->epoch_wrong = c->progress.epoch_wrong;
    meter->epoch_steps = c->progress.epoch_steps;
    t->history_count = r->history ? r->history->shape[0] : 0;
    for (size_t i = 0; i < t->history_count; i++) {
        double row[HWV_HISTORY_COLUMNS];
        const size_t columns = r->history->shape[1], bytes = columns * sizeof row[0];
        memcpy(row, (const char *)r->history->data + i * bytes, bytes);
        hwv_history_unpack(&t->history[i], row, columns);
    }
    if (r->hooks)
        memcpy(t->hooks.state, r->hooks->data, r->hooks->bytes);
    t->step = c->progress.step;
    t->epoch = t->step / t->steps_per_epoch;
    t->position = t->step % t->steps_per_epoch;
    t->round = t->step / t->round_steps;
    t->round_position = t->step % t->round_steps;
    t->resumed = true;
}

static hwv_status resume(hwv_trainer *t, const hwv_checkpoint *c, hwv_error *error)
{
    records r = {0};
    HWV_TRY(hwv_checkpoint_compare_text(c, t->data, error));
    HWV_TRY(model_compare(c, t->model, error));
    HWV_TRY(data_compare(c, t->data, error));
    HWV_TRY(normal_compare(c, t->data, error));
    HWV_TRY(hwv_fields_compare_options(&c->options, &t->options, error));
    HWV_TRY(hwv_checkpoint_block(c, t->model, NULL, 0, false, error));
    for (size_t m = 0; m < hwv_optimizer_moments(&t->options.optimizer); m++)
        HWV_TRY(hwv_checkpoint_block(c, t->model, NULL, m, true, error));
    HWV_TRY(progress_check(t, c, &r, error));
    HWV_TRY(hooks_check(t, c, &r, error));
    HWV_TRY(hwv_trainer_reserve(t, r.history ? r.history->shape[0] + 1 : 1, error));
    restore(t, c, &r);
    return HWV_OK;
}

hwv_status hwv_trainer_resume(hwv_trainer *t, const char *path, hwv_error *error)
{
    hwv_checkpoint c;
    HWV_TRY(hwv_checkpoint_open(&c, path, error));
    hwv_status status = resume(t, &c, error);
    hwv_checkpoint_close(&c);
    return status == HWV_OK ? HWV_OK : hwv_fail_prefix(error, status, "%s: ", path);
}
