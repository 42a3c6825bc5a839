/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * .npy. The header is a Python dictionary: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }. */
#include "io/npy.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "halfwave/memory.h"
#include "io/bytes.h"

typedef struct reader {
    const unsigned char *bytes;
    size_t at, end;
    hwv_error *error;
} reader;

static hwv_status fail_expected(const reader *r, const char *expected)
{
    return hwv_fail(r->error, HWV_ERR_FORMAT, "offset %zu: .npy header: %s expected", r->at, expected);
}

static void skip_space(reader *r)
{
    while (r->at < r->end && (r->bytes[r->at] == ' ' || r->bytes[r->at] == '\n'))
        r->at++;
}

/* Takes one character if it is next, after white space. */
static bool take(reader *r, char c)
{
    skip_space(r);
    if (r->at == r->end || r->bytes[r->at] != (unsigned char)c)
        return false;
    r->at++;
    return true;
}

static bool take_word(reader *r, const char *word)
{
    size_t n = strlen(word);
    skip_space(r);
    if (r->end - r->at < n || memcmp(r->bytes + r->at, word, n) != 0)
        return false;
    r->at += n;
    return true;
}

/* A string in either quotes, without escapes, into out[size]. */
static hwv_status read_string(reader *r, char *out, size_t size)
{
    skip_space(r);
    char quote = take(r, '\'') ? '\'' : take(r, '"') ? '"' : '\0';
    size_t n = 0;
    if (quote == '\0')
        return fail_expected(r, "a string");
    for (; r->at < r->end && r->bytes[r->at] != (unsigned char)quote; r->at++) {
        if (n + 1 == size)
            return fail_expected(r, "a shorter string");
        out[n++] = (char)r->bytes[r->at];
    }
    out[n] = '\0';
    if (r->at == r->end)
        return fail_expected(r, "the end of a string");
    r->at++;
    return HWV_OK;
}

static hwv_status read_descr(reader *r, hwv_npy_header *header)
{
    skip_space(r);
    header->descr_at = r->at;
    if (r->at < r->end && r->bytes[r->at] == '[')
        return hwv_fail(r->error, HWV_ERR_UNSUPPORTED,
                        "offset %zu: an array of records, one number an element is supported", r->at);
    return read_string(r, header->descr, sizeof header->descr);
}

/* (), (3,), (3, 4) */
static hwv_status read_shape(reader *r, hwv_npy_header *header)
{
    if (!take(r, '('))
        return fail_expected(r, "'(' of the shape");
    while (!take(r, ')')) {
        size_t size = 0, digits = 0;
        skip_space(r);
        for (; r->at < r->end && r->bytes[r->at] >= '0' && r->bytes[r->at] <= '9'; r->at++, digits++)
            if (!hwv_size_mul(size, 10, &size) || !hwv_size_add(size, r->bytes[r->at] - (size_t)'0', &size))
                return fail_expected(r, "a dimension that fits memory");
        if (digits == 0)
            return fail_expected(r, "a dimension");
        if (header->rank == HWV_NPY_HEADER_DIMS)
            return hwv_fail(r->error, HWV_ERR_UNSUPPORTED, "offset %zu: more than %d dimensions", r->at,
                            HWV_NPY_HEADER_DIMS);
        header->shape[header->rank++] = size;
        if (take(r, ','))
            continue;
        if (!take(r, ')'))
            return fail_expected(r, "',' or ')' in the shape");
        break;
    }
    return HWV_OK;
}

enum { HAS_DESCR = 1, HAS_ORDER = 2, HAS_SHAPE = 4, HAS_ALL = 7 };

/* One `key: value`; `has` collects which were there. */
static hwv_status read_entry(reader *r, hwv_npy_header *header, unsigned *has)
{
    char key[16];
    HWV_TRY(read_string(r, key, sizeof key));
    unsigned which = strcmp(key, "descr") == 0           ? HAS_DESCR
                     : strcmp(key, "fortran_order") == 0 ? HAS_ORDER
                     : strcmp(key, "shape") == 0         ? HAS_SHAPE
                                                         : 0;
    if (which == 0 || (*has & which))
        return fail_expected(r, "each of 'descr', 'fortran_order', 'shape' once is");
    *has |= which;
    if (!take(r, ':'))
        return fail_expected(r, "':'");
    if (which == HAS_DESCR)
        return read_descr(r, header);
    if (which == HAS_SHAPE)
        return read_shape(r, header);
    skip_space(r);
    header->order_at = take_word(r, "True") ? r->at - 4 : 0;
    return header->order_at || take_word(r, "False") ? HWV_OK : fail_expected(r, "True or False");
}

static hwv_status read_dictionary(reader *r, hwv_npy_header *header)
{
    unsigned has = 0;
    if (!take(r, '{'))
        return fail_expected(r, "'{'");
    while (!take(r, '}')) {
        HWV_TRY(read_entry(r, header, &has));
        if (take(r, ','))
            continue;
        if (!take(r, '}'))
            return fail_expected(r, "',' or '}'");
        break;
    }
    skip_space(r);
    if (r->at != r->end)
        return fail_expected(r, "nothing after '}'");
    if (has != HAS_ALL)
        return fail_expected(r, "each of 'descr', 'fortran_order', 'shape' once is");
    return HWV_OK;
}

static const unsigned char magic[6] = {0x93, 'N', 'U', 'M', 'P', 'Y'};

size_t hwv_npy_data_at(const unsigned char *bytes, size_t size)
{
    if (size < 12 || memcmp(bytes, magic, sizeof magic) != 0)
        return 0;
    size_t length = bytes[8] | (size_t)bytes[9] << 8;
    return bytes[6] == 1 ? 10 + length : 12 + (size_t)hwv_load_le32(bytes + 8);
}

hwv_status hwv_npy_read_header(hwv_npy_header *header, const unsigned char *bytes, size_t size, hwv_error *error)
{
    *header = (hwv_npy_header){0};
    if (memcmp(bytes, magic, size < sizeof magic ? size : sizeof magic) != 0)
        return hwv_fail(error, HWV_ERR_FORMAT, "offset 0: a .npy file begins with \\x93NUMPY, this one does not");
    if (size < 10)
        return hwv_fail(error, HWV_ERR_FORMAT, "offset %zu: the file ends inside the .npy header", size);
    if (bytes[6] < 1 || bytes[6] > 3)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED, "offset 6: .npy version %u, 1 to 3 are supported",
                        (unsigned)bytes[6]);
    size_t begin = bytes[6] == 1 ? 10 : 12;
    header->data_at = hwv_npy_data_at(bytes, size);
    if (header->data_at == 0 || header->data_at > size)
        return hwv_fail(error, HWV_ERR_FORMAT, "offset %zu: the file ends inside the .npy header", size);
    reader r = {.bytes = bytes, .at = begin, .end = header->data_at, .error = error};
    HWV_TRY(read_dictionary(&r, header));
    header->count = 1;
    for (size_t i = 0; i < header->rank; i++)
        if (!hwv_size_mul(header->count, header->shape[i], &header->count))
            return hwv_fail(error, HWV_ERR_FORMAT, "offset %zu: the shape's product does not fit memory", begin);
    return HWV_OK;
}

hwv_status hwv_npy_check_size(const hwv_npy_header *header, size_t bytes, size_t size, hwv_error *error)
{
    size_t there = size - header->data_at;
    if (there < bytes)
        return hwv_fail(error, HWV_ERR_FORMAT, "offset %zu: the file ends after %zu of the array's %zu bytes", size,
                        there, bytes);
    if (there > bytes)
        return hwv_fail(error, HWV_ERR_FORMAT, "offset %zu: bytes after the end of the array", header->data_at + bytes);
    return HWV_OK;
}

static hwv_status take_type(hwv_npy *array, const hwv_npy_header *header, hwv_error *error)
{
#define TYPE_ROW(name, code, bytes) {code, bytes},
    static const struct {
        const char *code;
        size_t bytes;
    } types[] = {HWV_NPY_TYPE_LIST(TYPE_ROW)};
#undef TYPE_ROW
    const char *descr = header->descr;
    bool native = descr[0] == '<' || descr[0] == '|' || (descr[0] == '=' && hwv_host_is_little());
    for (size_t i = 0; native && i < HWV_NPY_TYPES; i++)
        if (strcmp(descr + 1, types[i].code) == 0) {
            array->type = (hwv_npy_type)i;
            array->element_bytes = types[i].bytes;
            return HWV_OK;
        }
    return hwv_fail(error, HWV_ERR_UNSUPPORTED,
                    "offset %zu: elements of type '%s'%s, supported are '<f4', '<f8', '<i4', '<i8', '|u1', '|b1'",
                    header->descr_at, descr, descr[0] == '>' ? " (big-endian)" : "");
}

/* Everything before the elements. */
static hwv_status parse_header(hwv_npy *array, const unsigned char *bytes, size_t size, hwv_error *error)
{
    hwv_npy_header header;
    *array = (hwv_npy){0};
    HWV_TRY(hwv_npy_read_header(&header, bytes, size, error));
    HWV_TRY(take_type(array, &header, error));
    if (header.rank > HWV_NPY_DIMS)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED, "%zu dimensions, at most %d are supported", header.rank,
                        HWV_NPY_DIMS);
    if (header.order_at != 0 && header.rank > 1)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED,
                        "offset %zu: Fortran order, only C order is supported (numpy.ascontiguousarray)",
                        header.order_at);
    size_t data_bytes;
    if (!hwv_size_mul(header.count, array->element_bytes, &data_bytes))
        return hwv_fail(error, HWV_ERR_FORMAT, "offset %zu: the array does not fit memory", header.descr_at);
    array->rank = header.rank;
    memcpy(array->shape, header.shape, sizeof array->shape);
    array->count = header.count;
    array->data_at = header.data_at;
    return HWV_OK;
}

hwv_status hwv_npy_parse(hwv_npy *array, const unsigned char *bytes, size_t size, hwv_error *error)
{
    HWV_TRY(parse_header(array, bytes, size, error));
    const hwv_npy_header header = {.data_at = array->data_at};
    HWV_TRY(hwv_npy_check_size(&header, array->count * array->element_bytes, size, error));
    array->data = bytes + array->data_at;
    return HWV_OK;
}

size_t hwv_npy_promise(const unsigned char *head, size_t size, size_t limit)
{
    hwv_npy array;
    size_t bytes;
    if (parse_header(&array, head, size, NULL) != HWV_OK)
        return size;
    return hwv_size_add(array.data_at, array.count * array.element_bytes, &bytes) && bytes < limit ? bytes : limit;
}

double hwv_npy_get(const hwv_npy *array, size_t i)
{
    const unsigned char *p = array->data + i * array->element_bytes;
    switch (array->type) {
    case HWV_NPY_F4:
        return (double)hwv_load_le_f32(p);
    case HWV_NPY_F8:
        return hwv_load_le_f64(p);
    case HWV_NPY_I4:
        return (double)(int32_t)hwv_load_le32(p);
    case HWV_NPY_I8:
        return (double)(int64_t)hwv_load_le64(p);
    case HWV_NPY_U1:
        return p[0];
    case HWV_NPY_BOOL:
    case HWV_NPY_TYPES:
        break;
    }
    return p[0] != 0;
}
