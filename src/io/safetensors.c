/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The safetensors reader. */
#include "io/safetensors.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "halfwave/json.h"
#include "halfwave/memory.h"
#include "io/bytes.h"
#include "io/file.h"

/* Headers of the largest published models stay below 1 MB; the tree of a header takes about 20 times its size. */
#define HEADER_MAX ((uint64_t)32 << 20)

/* Bytes before the header. */
enum { LENGTH_BYTES = 8 };

const char *hwv_tensor_type_name(hwv_tensor_type type)
{
#define TYPE_NAME(name, bytes) #name,
    static const char *const names[] = {HWV_TENSOR_TYPE_LIST(TYPE_NAME)};
#undef TYPE_NAME
    return (size_t)type < HWV_TENSOR_TYPES ? names[type] : "unknown";
}

size_t hwv_tensor_type_bytes(hwv_tensor_type type)
{
#define TYPE_BYTES(name, bytes) bytes,
    static const unsigned char sizes[] = {HWV_TENSOR_TYPE_LIST(TYPE_BYTES)};
#undef TYPE_BYTES
    return (size_t)type < HWV_TENSOR_TYPES ? sizes[type] : 0;
}

/* What a hwv_safetensors owns. */
typedef struct owner {
    hwv_file file; /* zero when parsed from the caller's memory */
    hwv_json_value *header;
    hwv_tensor_entry *tensors;
    hwv_metadata *metadata;
} owner;

typedef struct context {
    const char *name; /* of the tensor at hand */
    const unsigned char *data;
    size_t data_size;
    hwv_error *error;
} context;

static size_t in_file(const hwv_json_value *value)
{
    return value->offset + LENGTH_BYTES;
}

static hwv_status fail_member(const context *c, const hwv_json_value *value, const char *member, const char *expected)
{
    return hwv_fail(c->error, HWV_ERR_FORMAT, "offset %zu: %s of tensor \"%.80s\": %s expected", in_file(value), member,
                    c->name, expected);
}

static hwv_status read_type(const context *c, const hwv_json_value *value, hwv_tensor_type *type)
{
    if (value->type != HWV_JSON_STRING)
        return fail_member(c, value, "dtype", "a string is");
    for (int i = 0; i < HWV_TENSOR_TYPES; i++)
        if (strcmp(value->string, hwv_tensor_type_name((hwv_tensor_type)i)) == 0) {
            *type = (hwv_tensor_type)i;
            return HWV_OK;
        }
    return hwv_fail(c->error, HWV_ERR_UNSUPPORTED,
                    "offset %zu: tensor \"%.80s\" has dtype \"%.20s\", supported are F32, F64, I64, U8, I32",
                    in_file(value), c->name, value->string);
}

static bool is_size(const hwv_json_value *value)
{
    return value->type == HWV_JSON_NUMBER && value->integral && value->integer >= 0 &&
           (uint64_t)value->integer <= SIZE_MAX;
}

/* shape and the bytes it takes */
static hwv_status read_shape(const context *c, const hwv_json_value *value, hwv_tensor_entry *tensor)
{
    if (value->type != HWV_JSON_ARRAY)
        return fail_member(c, value, "shape", "an array is");
    if (value->count > HWV_TENSOR_DIMS)
        return hwv_fail(c->error, HWV_ERR_UNSUPPORTED,
                        "offset %zu: tensor \"%.80s\" has %zu dimensions, at most %d are supported", in_file(value),
                        c->name, value->count, HWV_TENSOR_DIMS);
    tensor->bytes = hwv_tensor_type_bytes(tensor->type);
    for (const hwv_json_value *d = value->first; d; d = d->next) {
        if (!is_size(d))
            return fail_member(c, d, "shape", "whole numbers from 0 are");
        tensor->shape[tensor->rank++] = (size_t)d->integer;
        if (!hwv_size_mul(tensor->bytes, (size_t)d->integer, &tensor->bytes))
            return fail_member(c, d, "shape", "a size that fits memory is");
    }
    return HWV_OK;
}

static hwv_status read_offsets(const context *c, const hwv_json_value *value, hwv_tensor_entry *tensor)
{
    if (value->type != HWV_JSON_ARRAY || value->count != 2 || !is_size(value->first) || !is_size(value->first->next))
        return fail_member(c, value, "data_offsets", "an array of two whole numbers is");
    size_t begin = (size_t)value->first->integer, end = (size_t)value->first->next->integer;
    if (begin > end || end > c->data_size)
        return hwv_fail(c->error, HWV_ERR_FORMAT,
                        "offset %zu: data_offsets [%zu, %zu] of tensor \"%.80s\" lie outside the %zu bytes of data",
                        in_file(value), begin, end, c->name, c->data_size);
    if (end - begin != tensor->bytes)
        return hwv_fail(c->error, HWV_ERR_FORMAT,
                        "offset %zu: tensor \"%.80s\" takes %zu bytes by its shape, but %zu by its data_offsets",
                        in_file(value), c->name, tensor->bytes, end - begin);
    tensor->data = c->data + begin;
    return HWV_OK;
}

static hwv_status read_tensor(context *c, const hwv_json_value *member, hwv_tensor_entry *tensor)
{
    tensor->name = c->name = member->key;
    const hwv_json_value *type = hwv_json_get(member, "dtype"), *shape = hwv_json_get(member, "shape"),
                         *offsets = hwv_json_get(member, "data_offsets");
    if (!type || !shape || !offsets)
        return hwv_fail(c->error, HWV_ERR_FORMAT,
                        "offset %zu: tensor \"%.80s\": an object with dtype, shape and data_offsets is expected",
                        in_file(member), c->name);
    HWV_TRY(read_type(c, type, &tensor->type));
    HWV_TRY(read_shape(c, shape, tensor));
    return read_offsets(c, offsets, tensor);
}

static hwv_status read_metadata(const context *c, const hwv_json_value *member, owner *own, hwv_safetensors *file)
{
    if (member->type != HWV_JSON_OBJECT)
        return hwv_fail(c->error, HWV_ERR_FORMAT, "offset %zu: __metadata__ is no object", in_file(member));
    own->metadata = hwv_calloc(member->count, sizeof *own->metadata);
    if (!own->metadata)
        return hwv_fail(c->error, HWV_ERR_MEMORY, "no memory for %zu metadata entries", member->count);
    for (const hwv_json_value *m = member->first; m; m = m->next) {
        if (m->type != HWV_JSON_STRING)
            return hwv_fail(c->error, HWV_ERR_FORMAT, "offset %zu: metadata \"%.80s\": %s found, a string is expected",
                            in_file(m), m->key, hwv_json_type_name(m->type));
        own->metadata[file->metadata_count++] = (hwv_metadata){m->key, m->string};
    }
    file->metadata = own->metadata;
    return HWV_OK;
}

static int compare_places(const void *a, const void *b)
{
    const hwv_tensor_entry *x = a, *y = b;
    uintptr_t p = (uintptr_t)x->data, q = (uintptr_t)y->data;
    if (p != q)
        return p < q ? -1 : 1;
    if (x->bytes != y->bytes) /* empty tensors stand before the one that begins there */
        return x->bytes < y->bytes ? -1 : 1;
    return strcmp(x->name, y->name);
}

/* Every byte of the data belongs to exactly one tensor. */
static hwv_status check_coverage(const context *c, const hwv_tensor_entry *tensors, size_t count, size_t data_at)
{
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        size_t begin = (size_t)((const unsigned char *)tensors[i].data - c->data);
        if (begin != at)
            return hwv_fail(c->error, HWV_ERR_FORMAT, "offset %zu: tensor \"%.80s\" %s", data_at + begin,
                            tensors[i].name, begin < at ? "overlaps the one before" : "leaves a gap before it");
        at += tensors[i].bytes;
    }
    if (at != c->data_size)
        return hwv_fail(c->error, HWV_ERR_FORMAT, "offset %zu: %zu bytes after the last tensor", data_at + at,
                        c->data_size - at);
    return HWV_OK;
}

static hwv_status read_header(hwv_safetensors *file, owner *own, const unsigned char *bytes, size_t size,
                              hwv_error *error)
{
    if (!hwv_host_is_little())
        return hwv_fail(error, HWV_ERR_UNSUPPORTED, "tensors are little-endian, this machine is not");
    if (size < LENGTH_BYTES)
        return hwv_fail(error, HWV_ERR_FORMAT, "offset %zu: the file ends inside the header's length", size);
    uint64_t length = hwv_load_le64(bytes);
    if (length > size - LENGTH_BYTES)
        return hwv_fail(error, HWV_ERR_FORMAT,
                        "offset 0: a header of %ju bytes, but the file has %zu more (is it a safetensors file?)",
                        (uintmax_t)length, size - LENGTH_BYTES);
    if (length > HEADER_MAX)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED, "offset 0: a header of %ju bytes, at most %ju are supported",
                        (uintmax_t)length, (uintmax_t)HEADER_MAX);
    size_t data_at = LENGTH_BYTES + (size_t)length;
    hwv_status status = hwv_json_parse(&own->header, (const char *)bytes + LENGTH_BYTES, (size_t)length, error);
    if (status != HWV_OK)
        return hwv_fail_prefix(error, status, "header (at offset %d): ", LENGTH_BYTES);
    if (own->header->type != HWV_JSON_OBJECT)
        return hwv_fail(error, HWV_ERR_FORMAT, "offset %d: the header is no JSON object", LENGTH_BYTES);
    own->tensors = hwv_calloc(own->header->count, sizeof *own->tensors);
    if (!own->tensors)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for %zu tensors", own->header->count);
    context c = {.data = bytes + data_at, .data_size = size - data_at, .error = error};
    for (const hwv_json_value *m = own->header->first; m; m = m->next) {
        if (strcmp(m->key, "__metadata__") == 0)
            HWV_TRY(read_metadata(&c, m, own, file));
        else
            HWV_TRY(read_tensor(&c, m, &own->tensors[file->count++]));
    }
    qsort(own->tensors, file->count, sizeof *own->tensors, compare_places);
    file->tensors = own->tensors;
    return check_coverage(&c, own->tensors, file->count, data_at);
}

static hwv_status parse(hwv_safetensors *file, const void *bytes, size_t size, owner *own, hwv_error *error)
{
    *file = (hwv_safetensors){.owner = own};
    hwv_status status = read_header(file, own, bytes, size, error);
    if (status != HWV_OK)
        hwv_safetensors_free(file);
    return status;
}

hwv_status hwv_safetensors_parse(hwv_safetensors *file, const void *bytes, size_t size, hwv_error *error)
{
    *file = (hwv_safetensors){0};
    owner *own = hwv_calloc(1, sizeof *own);
    if (!own)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory to read tensors");
    return parse(file, bytes, size, own, error);
}

hwv_status hwv_safetensors_read(hwv_safetensors *file, const char *path, hwv_error *error)
{
    *file = (hwv_safetensors){0};
    owner *own = hwv_calloc(1, sizeof *own);
    if (!own)
        return hwv_fail(error, HWV_ERR_MEMORY, "%s: no memory to read tensors", path);
    hwv_status status = hwv_file_map(&own->file, path, 0, error);
    if (status != HWV_OK) {
        hwv_free(own);
        return status;
    }
    status = parse(file, own->file.data, own->file.size, own, error);
    return status == HWV_OK ? HWV_OK : hwv_fail_prefix(error, status, "%s: ", path);
}

void hwv_safetensors_free(hwv_safetensors *file)
{
    owner *own = file->owner;
    if (own) {
        hwv_json_free(own->header);
        hwv_free(own->tensors);
        hwv_free(own->metadata);
        hwv_file_free(&own->file);
        hwv_free(own);
    }
    *file = (hwv_safetensors){0};
}

const hwv_tensor_entry *hwv_safetensors_find(const hwv_safetensors *file, const char *name)
{
    for (size_t i = 0; i < file->count; i++)
        if (strcmp(file->tensors[i].name, name) == 0)
            return &file->tensors[i];
    return NULL;
}

const char *hwv_safetensors_metadata(const hwv_safetensors *file, const char *key)
{
    for (size_t i = 0; i < file->metadata_count; i++)
        if (strcmp(file->metadata[i].key, key) == 0)
            return file->metadata[i].value;
    return NULL;
}
