/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What a checkpoint says of the text that its model reads: enough to use it without that text. */
#include <string.h>

#include "train/checkpoint.h"

/* Of an opened checkpoint of a text. */
static hwv_status read_vocabulary(hwv_vocabulary *vocabulary, const hwv_checkpoint *c, hwv_error *error)
{
    *vocabulary = (hwv_vocabulary){0};
    if (c->data.bytes)
        return hwv_vocabulary_of_bytes(vocabulary, error);
    const hwv_tensor_entry *tensor = hwv_safetensors_find(&c->file, HWV_DATA_VOCABULARY);
    if (!tensor || tensor->type != HWV_TENSOR_I32 || tensor->rank != 1 || tensor->shape[0] != c->data.classes)
        return hwv_fail(error, HWV_ERR_FORMAT,
                        "tensor '" HWV_DATA_VOCABULARY "' is missing or is no list of %zu characters", c->data.classes);
    uint32_t *codes = hwv_calloc(tensor->shape[0], sizeof *codes); /* in the file they may be unaligned */
    if (!codes)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for a vocabulary of %zu", tensor->shape[0]);
    if (tensor->bytes > 0)
        memcpy(codes, tensor->data, tensor->bytes);
    hwv_status status = hwv_vocabulary_of_codes(vocabulary, codes, tensor->shape[0], error);
    hwv_free(codes);
    return status == HWV_OK ? HWV_OK : hwv_fail_prefix(error, status, "tensor '" HWV_DATA_VOCABULARY "': ");
}

hwv_status hwv_checkpoint_vocabulary(hwv_vocabulary *vocabulary, size_t *block, const char *path, hwv_error *error)
{
    hwv_checkpoint c;
    *vocabulary = (hwv_vocabulary){0};
    *block = 0;
    HWV_TRY(hwv_checkpoint_open(&c, path, error));
    hwv_status status = c.data.block > 0 ? read_vocabulary(vocabulary, &c, error) : HWV_OK;
    if (status == HWV_OK)
        *block = c.data.block;
    hwv_checkpoint_close(&c);
    return status == HWV_OK ? HWV_OK : hwv_fail_prefix(error, status, "%s: ", path);
}

hwv_status hwv_checkpoint_adapt(hwv_data *data, const hwv_checkpoint *c, hwv_error *error)
{
    const size_t block = data->block;
    hwv_vocabulary vocabulary;
    HWV_TRY(read_vocabulary(&vocabulary, c, error));
    hwv_error inner;
    hwv_status status = hwv_data_block_set(data, c->data.block, &inner);
    if (status == HWV_ERR_ARGUMENT) /* nobody asked for that block: the text is too short */
        status = HWV_ERR_FORMAT;
    if (status != HWV_OK)
        hwv_fail(error, status, "%s", inner.text);
    else {
        status = hwv_data_vocabulary_set(data, &vocabulary, error);
        if (status != HWV_OK)
            (void)hwv_data_block_set(data, block, NULL);
    }
    hwv_vocabulary_free(&vocabulary);
    return status;
}

hwv_status hwv_checkpoint_compare_text(const hwv_checkpoint *c, const hwv_data *data, hwv_error *error)
{
    if (c->data.block == 0 && data->block == 0)
        return HWV_OK;
    if (c->data.block == 0 || data->block == 0)
        return hwv_fail(error, HWV_ERR_MISMATCH, "the checkpoint was trained on %s, which is %s text, given is %s",
                        c->data.name, c->data.block > 0 ? "a" : "no", data->name);
    hwv_vocabulary vocabulary;
    HWV_TRY(read_vocabulary(&vocabulary, c, error));
    hwv_status status =
        hwv_vocabulary_compare(&vocabulary, "the checkpoint", &data->vocabulary, "the given text", error);
    hwv_vocabulary_free(&vocabulary);
    HWV_TRY(status);
    if (c->data.block != data->block)
        return hwv_fail(error, HWV_ERR_MISMATCH, "the checkpoint was made with blocks of %zu tokens, given are %zu",
                        c->data.block, data->block);
    return HWV_OK;
}
