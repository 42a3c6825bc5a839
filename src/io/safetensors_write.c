/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The safetensors writer. */
#include "io/safetensors.h"

#include <stdlib.h>
#include <string.h>

#include "halfwave/json.h"
#include "halfwave/memory.h"
#include "io/bytes.h"
#include "io/file.h"

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* names[count], which is reordered, must differ from each other. */
static hwv_status check_names(const char **names, size_t count, const char *what, hwv_error *error)
{
    qsort(names, count, sizeof *names, compare_names);
    for (size_t i = 1; i < count; i++)
        if (strcmp(names[i - 1], names[i]) == 0)
            return hwv_fail(error, HWV_ERR_ARGUMENT, "%s \"%.80s\" is given twice", what, names[i]);
    return HWV_OK;
}

static hwv_status entry_bytes(const hwv_tensor_entry *tensor, size_t *bytes, hwv_error *error)
{
    size_t size = hwv_tensor_type_bytes(tensor->type);
    if (size == 0 || tensor->rank > HWV_TENSOR_DIMS)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "tensor \"%.80s\": unknown type or more than %d dimensions",
                        tensor->name, HWV_TENSOR_DIMS);
    for (size_t i = 0; i < tensor->rank; i++)
        if (!hwv_size_mul(size, tensor->shape[i], &size))
            return hwv_fail(error, HWV_ERR_ARGUMENT, "tensor \"%.80s\": its size does not fit memory", tensor->name);
    if (tensor->bytes != 0 && tensor->bytes != size)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "tensor \"%.80s\": %zu bytes given, %zu by its shape", tensor->name,
                        tensor->bytes, size);
    *bytes = size;
    return HWV_OK;
}

static void write_tensor(hwv_json_writer *w, const hwv_tensor_entry *tensor, size_t begin, size_t end)
{
    hwv_json_key(w, tensor->name);
    hwv_json_begin_object(w);
    hwv_json_key(w, "dtype");
    hwv_json_string(w, hwv_tensor_type_name(tensor->type));
    hwv_json_key(w, "shape");
    hwv_json_begin_array(w);
    for (size_t i = 0; i < tensor->rank; i++)
        hwv_json_integer(w, (int64_t)tensor->shape[i]);
    hwv_json_end(w);
    hwv_json_key(w, "data_offsets");
    hwv_json_begin_array(w);
    hwv_json_integer(w, (int64_t)begin);
    hwv_json_integer(w, (int64_t)end);
    hwv_json_end(w);
    hwv_json_end(w);
}

/* The header's JSON, padded with spaces to a multiple of 8; parts[1..count] become the tensors. */
static hwv_status make_header(hwv_text *text, hwv_file_part *parts, const hwv_tensor_entry *tensors, size_t count,
                              const hwv_metadata *metadata, size_t metadata_count, hwv_error *error)
{
    hwv_json_writer w = hwv_json_writer_make(text, 0);
    hwv_json_begin_object(&w);
    if (metadata_count > 0) {
        hwv_json_key(&w, "__metadata__");
        hwv_json_begin_object(&w);
        for (size_t i = 0; i < metadata_count; i++) {
            hwv_json_key(&w, metadata[i].key);
            hwv_json_string(&w, metadata[i].value);
        }
        hwv_json_end(&w);
    }
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        size_t bytes = 0, end = 0;
        HWV_TRY(entry_bytes(&tensors[i], &bytes, error));
        if (!hwv_size_add(at, bytes, &end) || end > INT64_MAX)
            return hwv_fail(error, HWV_ERR_ARGUMENT, "the tensors together do not fit memory");
        write_tensor(&w, &tensors[i], at, end);
        parts[1 + i] = (hwv_file_part){tensors[i].data, bytes};
        at = end;
    }
    hwv_json_end(&w);
    HWV_TRY(hwv_json_finish(&w, error));
    text->data[text->length - 1] = ' '; /* the padding is spaces, no line feed */
    while (text->length % 8 != 0 && !text->failed)
        hwv_text_puts(text, " ");
    return text->failed ? hwv_fail(error, HWV_ERR_MEMORY, "no memory for a header") : HWV_OK;
}

static hwv_status check_all_names(const hwv_tensor_entry *tensors, size_t count, const hwv_metadata *metadata,
                                  size_t metadata_count, hwv_error *error)
{
    size_t most = count > metadata_count ? count : metadata_count;
    const char **names = hwv_calloc(most, sizeof(*names));
    if (!names)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for %zu names", most);
    hwv_status status = HWV_OK;
    for (size_t i = 0; i < count; i++) {
        names[i] = tensors[i].name;
        if (strcmp(names[i], "__metadata__") == 0)
            status = hwv_fail(error, HWV_ERR_ARGUMENT, "a tensor cannot be named \"__metadata__\"");
    }
    if (status == HWV_OK)
        status = check_names(names, count, "tensor", error);
    for (size_t i = 0; i < metadata_count; i++)
        names[i] = metadata[i].key;
    if (status == HWV_OK)
        status = check_names(names, metadata_count, "metadata", error);
    hwv_free(names);
    return status;
}

/* The pieces of a file. Owns the arrays; parts[0] points into itself, so it does not move. */
typedef struct pieces {
    unsigned char length[8];
    hwv_text header;
    hwv_file_part *parts; /* length, header, tensors */
    size_t count;
} pieces;

static void pieces_free(pieces *p)
{
    hwv_text_free(&p->header);
    hwv_free(p->parts);
}

static hwv_status pieces_make(pieces *p, const hwv_tensor_entry *tensors, size_t count, const hwv_metadata *metadata,
                              size_t metadata_count, hwv_error *error)
{
    if (!hwv_host_is_little())
        return hwv_fail(error, HWV_ERR_UNSUPPORTED, "tensors are little-endian, this machine is not");
    p->count = count + 2;
    p->parts = hwv_calloc(p->count, sizeof *p->parts);
    if (!p->parts)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for %zu tensors", count);
    HWV_TRY(check_all_names(tensors, count, metadata, metadata_count, error));
    HWV_TRY(make_header(&p->header, p->parts + 1, tensors, count, metadata, metadata_count, error));
    hwv_store_le64(p->length, p->header.length);
    p->parts[0] = (hwv_file_part){p->length, sizeof p->length};
    p->parts[1] = (hwv_file_part){p->header.data, p->header.length};
    return HWV_OK;
}

hwv_status hwv_safetensors_write(const char *path, const hwv_tensor_entry *tensors, size_t count,
                                 const hwv_metadata *metadata, size_t metadata_count, hwv_error *error)
{
    pieces p = {.parts = NULL};
    hwv_status status = pieces_make(&p, tensors, count, metadata, metadata_count, error);
    if (status == HWV_OK)
        status = hwv_file_write_parts(path, p.parts, p.count, error);
    else
        hwv_fail_prefix(error, status, "%s: ", path);
    pieces_free(&p);
    return status;
}

hwv_status hwv_safetensors_append(hwv_text *bytes, const hwv_tensor_entry *tensors, size_t count,
                                  const hwv_metadata *metadata, size_t metadata_count, hwv_error *error)
{
    pieces p = {.parts = NULL};
    hwv_status status = pieces_make(&p, tensors, count, metadata, metadata_count, error);
    for (size_t i = 0; status == HWV_OK && i < p.count; i++)
        hwv_text_add(bytes, p.parts[i].data, p.parts[i].size);
    pieces_free(&p);
    if (status == HWV_OK && bytes->failed)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for the bytes of %zu tensors", count);
    return status;
}
