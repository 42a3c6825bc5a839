/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Where the reader's structures live: blocks that are released together. */
#include <stdalign.h>
#include <stddef.h>
#include <string.h>

#include "halfwave/memory.h"
#include "io/utf8.h"
#include "onnx/read.h"

enum { BLOCK_LEAST = 1 << 15, BLOCK_MOST = 1 << 22 };

typedef struct hwv_onnx_block {
    struct hwv_onnx_block *next;
    size_t size, used;
    alignas(max_align_t) unsigned char data[];
} hwv_onnx_block;

/* Blocks grow with what is there already, so that a file has few of them and wastes little. */
static hwv_onnx_block *new_block(hwv_onnx_storage *storage, size_t least)
{
    size_t size = storage->used < BLOCK_LEAST ? BLOCK_LEAST : storage->used > BLOCK_MOST ? BLOCK_MOST : storage->used;
    size = size < least ? least : size;
    hwv_onnx_block *block = size > SIZE_MAX - sizeof *block ? NULL : hwv_calloc(sizeof *block + size, 1);
    if (block) {
        block->size = size;
        block->next = storage->blocks;
        storage->blocks = block;
    }
    return block;
}

hwv_status hwv_onnx_take(hwv_onnx_reader *reader, size_t count, size_t size, void *piece)
{
    hwv_onnx_storage *storage = reader->storage;
    hwv_onnx_block *block = storage->blocks;
    const size_t alignment = alignof(max_align_t);
    void *taken = NULL;
    if (count > 0) {
        size_t bytes;
        if (!hwv_size_mul(count, size, &bytes) || bytes > storage->bound - storage->used)
            return hwv_fail(reader->error, HWV_ERR_FORMAT,
                            "offset 0: more entries than a file of %zu bytes can sensibly have", reader->model->size);
        bytes = (bytes + alignment - 1) / alignment * alignment;
        if (!block || bytes > block->size - block->used)
            block = new_block(storage, bytes);
        if (!block)
            return hwv_fail(reader->error, HWV_ERR_MEMORY, "no memory for %zu bytes of its structure", bytes);
        taken = block->data + block->used;
        block->used += bytes;
        storage->used += bytes < storage->bound - storage->used ? bytes : storage->bound - storage->used;
    }
    memcpy(piece, &taken, sizeof taken);
    return HWV_OK;
}

void hwv_onnx_storage_free(hwv_onnx_storage *storage)
{
    while (storage->blocks) {
        hwv_onnx_block *next = storage->blocks->next;
        hwv_free(storage->blocks);
        storage->blocks = next;
    }
    while (storage->external) {
        hwv_onnx_external *next = storage->external->next;
        hwv_file_free(&storage->external->file);
        hwv_free(storage->external->path);
        hwv_free(storage->external);
        storage->external = next;
    }
    hwv_file_free(&storage->file);
}

hwv_status hwv_onnx_read_text(hwv_onnx_reader *reader, const hwv_proto *message, const hwv_proto_field *field,
                              const char *what, const char **text)
{
    HWV_TRY(hwv_proto_expect(message, field, HWV_PROTO_LENGTH, what));
    const char *bytes = (const char *)message->bytes + field->at;
    *text = "";
    for (size_t i = 0, n; i < field->length; i += n) {
        n = hwv_utf8_length(bytes + i, field->length - i);
        if (n == 0 || bytes[i] == 0)
            return hwv_fail(reader->error, HWV_ERR_FORMAT, "offset %zu: %s %s", field->at + i, what,
                            n == 0 ? "is no UTF-8" : "has a NUL in it");
    }
    if (field->length == 0)
        return HWV_OK;
    char *copy;
    HWV_TRY(hwv_onnx_take(reader, field->length + 1, 1, &copy));
    memcpy(copy, bytes, field->length);
    *text = copy;
    return HWV_OK;
}

hwv_status hwv_onnx_read_int(const hwv_proto *message, const hwv_proto_field *field, const char *what, int64_t *value)
{
    HWV_TRY(hwv_proto_expect(message, field, HWV_PROTO_VARINT, what));
    *value = (int64_t)field->value;
    return HWV_OK;
}
