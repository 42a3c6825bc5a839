/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What a file of ours says of the text that its model reads, in entries of metadata_props whose keys begin with
 * "halfwave.". Other entries are not looked at. */
#include "onnx/read.h"

#include <string.h>

#include "halfwave/memory.h"
#include "io/utf8.h"
#include "onnx/export.h"

enum { MODEL_METADATA = 14 };
enum { ENTRY_KEY = 1, ENTRY_VALUE = 2 };

static const char *const keys[HWV_ONNX_NOTES] = {[HWV_ONNX_TOKENS] = "halfwave.tokens",
                                                 [HWV_ONNX_VOCABULARY] = "halfwave.vocabulary",
                                                 [HWV_ONNX_BLOCK] = "halfwave.block"};
static const char characters[] = "characters", bytes[] = "bytes";

/* ---- out ------------------------------------------------------------------------------------------- */

static void write_entry(hwv_text *text, hwv_onnx_note note, const void *value, size_t length)
{
    size_t begin = hwv_proto_begin(text, MODEL_METADATA);
    hwv_proto_write_text(text, ENTRY_KEY, keys[note]);
    hwv_proto_write_bytes(text, ENTRY_VALUE, value, length);
    hwv_proto_end(text, begin);
}

void hwv_export_vocabulary(hwv_export *out, const hwv_vocabulary *vocabulary)
{
    hwv_text value = {0};
    hwv_text_printf(&value, "%zu", hwv_export_value(out, out->model->input)->shape.dim[1]);
    write_entry(&out->text, HWV_ONNX_BLOCK, value.data, value.length);
    out->text.failed |= value.failed;
    hwv_text_free(&value);
    if (vocabulary->bytes) {
        write_entry(&out->text, HWV_ONNX_TOKENS, bytes, sizeof bytes - 1);
        return;
    }
    write_entry(&out->text, HWV_ONNX_TOKENS, characters, sizeof characters - 1);
    for (size_t i = 0; i < vocabulary->size; i++)
        hwv_vocabulary_decode(vocabulary, &(int32_t){(int32_t)i}, 1, &value);
    write_entry(&out->text, HWV_ONNX_VOCABULARY, value.data, value.length);
    out->text.failed |= value.failed;
    hwv_text_free(&value);
}

/* ---- in -------------------------------------------------------------------------------------------- */

hwv_status hwv_onnx_read_metadata(hwv_onnx_reader *reader, hwv_proto message)
{
    hwv_onnx_bytes key = {0}, value = {0};
    while (message.at < message.end) {
        hwv_proto_field field;
        HWV_TRY(hwv_proto_next(&message, &field));
        if (field.number != ENTRY_KEY && field.number != ENTRY_VALUE)
            continue;
        HWV_TRY(hwv_proto_expect(&message, &field, HWV_PROTO_LENGTH, "an entry of the metadata"));
        *(field.number == ENTRY_KEY ? &key : &value) = (hwv_onnx_bytes){message.bytes + field.at, field.length};
    }
    for (size_t i = 0; i < HWV_ONNX_NOTES; i++)
        if (key.length == strlen(keys[i]) && memcmp(key.data, keys[i], key.length) == 0)
            reader->model->notes[i] = value;
    return HWV_OK;
}

static bool is(const hwv_onnx_bytes *value, const char *word)
{
    return value->length == strlen(word) && memcmp(value->data, word, value->length) == 0;
}

static hwv_status refuse(const hwv_onnx *file, hwv_onnx_note note, const char *accepted, hwv_error *error)
{
    return hwv_fail(error, HWV_ERR_FORMAT, "%s: %s in metadata_props: %s expected", file->path, keys[note], accepted);
}

/* As many as the input takes. */
static hwv_status read_block(size_t *block, const hwv_onnx *file, hwv_error *error)
{
    const hwv_onnx_bytes *value = &file->notes[HWV_ONNX_BLOCK];
    *block = 0;
    for (size_t i = 0; i < value->length; i++) {
        if (value->data[i] < '0' || value->data[i] > '9' || *block > INT32_MAX / 10)
            return refuse(file, HWV_ONNX_BLOCK, "a number of tokens is", error);
        *block = *block * 10 + (size_t)(value->data[i] - '0');
    }
    const hwv_onnx_port port = hwv_onnx_input_count(file) == 1 ? hwv_onnx_input(file, 0) : (hwv_onnx_port){0};
    if (*block == 0 || port.rank != 2 || (port.dim[1] >= 0 && (uint64_t)port.dim[1] != *block))
        return refuse(file, HWV_ONNX_BLOCK, "the length of the model's only input is", error);
    return HWV_OK;
}

static hwv_status read_characters(hwv_vocabulary *vocabulary, const hwv_onnx *file, hwv_error *error)
{
    const hwv_onnx_bytes *value = &file->notes[HWV_ONNX_VOCABULARY];
    const char *text = (const char *)value->data;
    uint32_t *codes = hwv_calloc(value->length + 1, sizeof *codes); /* the file has as many bytes */
    size_t count = 0;
    if (!codes)
        return hwv_fail(error, HWV_ERR_MEMORY, "%s: no memory for a vocabulary", file->path);
    hwv_status status = HWV_OK;
    for (size_t at = 0, n; status == HWV_OK && at < value->length; at += n) {
        n = hwv_utf8_length(text + at, value->length - at);
        if (n == 0)
            status = refuse(file, HWV_ONNX_VOCABULARY, "UTF-8 is", error);
        else
            codes[count++] = hwv_utf8_decode(text + at, n);
    }
    if (status == HWV_OK) {
        status = hwv_vocabulary_of_codes(vocabulary, codes, count, error);
        if (status != HWV_OK)
            (void)hwv_fail_prefix(error, status, "%s: %s in metadata_props: ", file->path, keys[HWV_ONNX_VOCABULARY]);
    }
    hwv_free(codes);
    return status;
}

hwv_status hwv_onnx_vocabulary(hwv_vocabulary *vocabulary, size_t *block, const hwv_onnx *file, hwv_error *error)
{
    const hwv_onnx_bytes *tokens = &file->notes[HWV_ONNX_TOKENS];
    *vocabulary = (hwv_vocabulary){0};
    *block = 0;
    if (!tokens->data)
        return HWV_OK;
    if (!is(tokens, bytes) && !is(tokens, characters))
        return refuse(file, HWV_ONNX_TOKENS, "characters or bytes are", error);
    hwv_status status = read_block(block, file, error);
    if (status == HWV_OK)
        status =
            is(tokens, bytes) ? hwv_vocabulary_of_bytes(vocabulary, error) : read_characters(vocabulary, file, error);
    if (status != HWV_OK)
        *block = 0;
    return status;
}
