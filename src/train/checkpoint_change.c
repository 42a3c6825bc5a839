/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A checkpoint with a change of its model's network: the model is another one, the run is the same. */
#include <string.h>

#include "model/model_change.h"
#include "train/checkpoint.h"
#include "train/optimizer.h"

/* What the new file is made of. */
typedef struct draft {
    hwv_checkpoint old;
    hwv_model model; /* of the old one */
    hwv_changed_model changed;
    float *before;              /* a block of the old model's layout */
    float *moment[HWV_MOMENTS]; /* of the new one's */
    hwv_tensor_list tensors;
    hwv_text text; /* metadata `model` */
    hwv_metadata *metadata;
    char sha256[65];
} draft;

static void draft_free(draft *d)
{
    hwv_checkpoint_close(&d->old);
    hwv_model_free(&d->model);
    hwv_changed_model_free(&d->changed);
    hwv_free(d->before);
    for (size_t m = 0; m < HWV_MOMENTS; m++)
        hwv_free(d->moment[m]);
    hwv_tensor_list_free(&d->tensors);
    hwv_text_free(&d->text);
    hwv_free(d->metadata);
}

static hwv_status no_memory(hwv_error *error)
{
    return hwv_fail(error, HWV_ERR_MEMORY, "no memory to change a checkpoint");
}

/* ---- what the optimiser keeps ------------------------------------------------------------------------ */

/* Elements that are fresh start anew. */
static void clear_fresh(draft *d, const hwv_change *change)
{
    for (size_t v = 0; v < change->value_count; v++) {
        const uint8_t *fresh = change->values[v].fresh;
        const size_t offset = hwv_weights_offset(d->model.weights, (hwv_id)v);
        const size_t elements = hwv_weights_elements(d->model.weights, (hwv_id)v);
        for (size_t i = 0; fresh && i < elements; i++)
            if (fresh[i])
                d->before[offset + i] = 0;
    }
}

/* Parameters that are new have zeros. */
static hwv_status moment_change(draft *d, const hwv_change *change, size_t moment, hwv_error *error)
{
    const hwv_model *now = &d->changed.model;
    size_t elements;
    (void)hwv_weights_block(now->weights, &elements);
    d->moment[moment] = hwv_calloc(elements, sizeof(float));
    if (!d->moment[moment])
        return no_memory(error);
    HWV_TRY(hwv_checkpoint_block(&d->old, &d->model, d->before, moment, true, error));
    clear_fresh(d, change);
    for (size_t v = 0; v < hwv_graph_value_count(now->graph); v++) {
        hwv_id old = d->changed.origin[v];
        if (old != HWV_NO_ID && hwv_graph_value(now->graph, (hwv_id)v)->role == HWV_ROLE_PARAMETER)
            hwv_change_keep(change, old, d->moment[moment] + hwv_weights_offset(now->weights, (hwv_id)v),
                            d->before + hwv_weights_offset(d->model.weights, old));
    }
    return HWV_OK;
}

static hwv_status moments_change(draft *d, const hwv_change *change, hwv_error *error)
{
    size_t elements, moments = hwv_optimizer_moments(&d->old.options.optimizer);
    (void)hwv_weights_block(d->model.weights, &elements);
    d->before = hwv_calloc(elements, sizeof *d->before);
    if (!d->before)
        return no_memory(error);
    for (size_t m = 0; m < moments; m++)
        HWV_TRY(moment_change(d, change, m, error));
    return HWV_OK;
}

/* ---- the file ---------------------------------------------------------------------------------------- */

/* Whether a tensor does not stay: the model's and what the optimiser keeps are written anew, hooks count other units. */
static bool is_models(const draft *d, const char *name)
{
    return strcmp(name, HWV_TRAIN_HOOKS) == 0 || strncmp(name, HWV_MOMENTS_PREFIX, strlen(HWV_MOMENTS_PREFIX)) == 0 ||
           hwv_graph_find(d->model.graph, name) != HWV_NO_ID ||
           hwv_graph_find(d->changed.model.graph, name) != HWV_NO_ID;
}

/* All others stay; those of wide elements come first, as always. */
static void add_others(draft *d, bool wide)
{
    for (size_t i = 0; i < d->old.file.count; i++) {
        const hwv_tensor_entry *tensor = &d->old.file.tensors[i];
        if (is_models(d, tensor->name) || (hwv_tensor_type_bytes(tensor->type) == 8) != wide)
            continue;
        d->tensors.entries[d->tensors.count++] = *tensor;
    }
}

static hwv_status tensors_list(draft *d, hwv_error *error)
{
    size_t values = hwv_graph_value_count(d->changed.model.graph), elements;
    size_t moments = hwv_optimizer_moments(&d->old.options.optimizer);
    if (!hwv_tensor_list_make(&d->tensors, values * (1 + moments) + d->old.file.count))
        return no_memory(error);
    add_others(d, true);
    hwv_tensor_list_add_block(&d->tensors, &d->changed.model, hwv_weights_block(d->changed.model.weights, &elements), 0,
                              false);
    for (size_t m = 0; m < moments; m++)
        hwv_tensor_list_add_block(&d->tensors, &d->changed.model, d->moment[m], m, true);
    add_others(d, false);
    return HWV_OK;
}

static hwv_status metadata_change(draft *d, hwv_error *error)
{
    const hwv_safetensors *file = &d->old.file;
    hwv_json_writer json = hwv_json_writer_make(&d->text, 0);
    hwv_fields_write_model(&json, &d->changed.model);
    HWV_TRY(hwv_fields_end(&json, error));
    hwv_tensors_sha256(d->tensors.entries, d->tensors.count, d->sha256);
    d->metadata = hwv_calloc(file->metadata_count, sizeof *d->metadata);
    if (!d->metadata)
        return no_memory(error);
    for (size_t i = 0; i < file->metadata_count; i++) {
        const char *key = file->metadata[i].key;
        d->metadata[i] = file->metadata[i];
        if (strcmp(key, "model") == 0)
            d->metadata[i].value = d->text.data;
        else if (strcmp(key, "sha256") == 0)
            d->metadata[i].value = d->sha256;
    }
    return HWV_OK;
}

static hwv_status change_all(draft *d, hwv_text *changed, const hwv_change *change, hwv_error *error)
{
    HWV_TRY(hwv_checkpoint_model(&d->old, &d->model, error));
    if (d->model.of_network)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED,
                        "its model is not of layer notation but of the file '%.60s' within; exported as ONNX it can be "
                        "changed",
                        d->model.notation);
    HWV_TRY(hwv_model_change(&d->changed, &d->model, change, error));
    HWV_TRY(moments_change(d, change, error));
    HWV_TRY(tensors_list(d, error));
    HWV_TRY(metadata_change(d, error));
    return hwv_safetensors_append(changed, d->tensors.entries, d->tensors.count, d->metadata,
                                  d->old.file.metadata_count, error);
}

hwv_status hwv_checkpoint_change(hwv_text *changed, const char *name, const void *bytes, size_t size,
                                 const hwv_change *change, hwv_error *error)
{
    draft d;
    memset(&d, 0, sizeof d);
    HWV_TRY(hwv_checkpoint_open_bytes(&d.old, name, bytes, size, error));
    hwv_status status = change_all(&d, changed, change, error);
    draft_free(&d);
    return status == HWV_OK ? HWV_OK : hwv_fail_prefix(error, status, "%s: ", name);
}
