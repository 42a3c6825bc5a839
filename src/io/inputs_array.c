/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * One array of samples: .npy, a member of .npz, IDX, CSV. */
#include "io/inputs_array.h"

#include <string.h>

#include "halfwave/memory.h"
#include "io/bytes.h"
#include "io/csv.h"
#include "io/file.h"
#include "io/guess.h"
#include "io/idx.h"
#include "io/npy.h"

/* Elements that are converted at a time. */
#define PIECE ((size_t)1 << 16)
/* A CSV file is read whole: it has no header that would bound what a compressed one inflates to. */
#define CSV_LIMIT ((size_t)1 << 31)

static hwv_status no_memory(const char *path, hwv_error *error)
{
    return hwv_fail(error, HWV_ERR_MEMORY, "%s: no memory to read it", path);
}

static hwv_status set_shape(hwv_inputs_array *a, const size_t *shape, size_t rank, hwv_error *error)
{
    if (rank == 0)
        return hwv_fail(error, HWV_ERR_SHAPE, "a single number; the first axis of an array counts samples");
    if (rank > HWV_MAX_RANK)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED, "%zu dimensions, at most %d are supported", rank, HWV_MAX_RANK);
    a->shape.rank = rank;
    a->features = 1;
    for (size_t i = 0; i < rank; i++) {
        a->shape.dim[i] = shape[i];
        if (i > 0 && !hwv_size_mul(a->features, shape[i], &a->features))
            return hwv_fail(error, HWV_ERR_FORMAT, "a sample of this shape does not fit memory");
    }
    if (a->features == 0 && shape[0] != 0)
        return hwv_fail(error, HWV_ERR_FORMAT, "samples without elements");
    a->left = shape[0];
    return HWV_OK;
}

static hwv_status set_type(hwv_inputs_array *a, const hwv_npy_header *header, hwv_error *error)
{
    static const struct {
        const char *code;
        size_t bytes;
    } types[] = {
#define ROW(name, code, bytes) {code, bytes},
        HWV_NUMBER_TYPE_LIST(ROW)
#undef ROW
    };
    size_t type = 0;
    char order = header->descr[0];
    while (type < HWV_NUMBER_TYPES && strcmp(header->descr + (order != '\0'), types[type].code) != 0)
        type++;
    if (type == HWV_NUMBER_TYPES || !strchr("<>=|", order) || (order == '|' && types[type].bytes > 1))
        return hwv_fail(error, HWV_ERR_UNSUPPORTED,
                        "offset %zu: elements of type '%s'; real, integer and boolean numbers are supported (numpy: "
                        "x.astype(\"float32\"))",
                        header->descr_at, header->descr);
    a->layout =
        (hwv_layout){.type = (hwv_number_type)type,
                     .bytes = types[type].bytes,
                     .swapped = types[type].bytes > 1 && order != '=' && (order == '<') != hwv_host_is_little()};
    return HWV_OK;
}

/* At most one dimension is above 1: C order and Fortran order are the same. */
static bool one_order(const hwv_npy_header *header)
{
    size_t wide = 0;
    for (size_t i = 0; i < header->rank; i++)
        wide += header->shape[i] != 1;
    return wide <= 1 || header->count == 0;
}

/* Passes over the header, and compares the length where it is known. */
static hwv_status begin_elements(hwv_inputs_array *a, size_t data_at, size_t count, hwv_error *error)
{
    size_t bytes, got, left = hwv_stream_left(a->stream);
    if (!hwv_size_mul(count, a->layout.bytes, &bytes))
        return hwv_fail(error, HWV_ERR_FORMAT, "offset %zu: the array does not fit memory", data_at);
    if (left != SIZE_MAX) {
        const hwv_npy_header header = {.data_at = data_at};
        HWV_TRY(hwv_npy_check_size(&header, bytes, left, error));
    }
    a->data_at = data_at;
    a->piece = hwv_calloc(PIECE, a->layout.bytes > 0 ? a->layout.bytes : 1);
    if (!a->piece)
        return no_memory(a->path, error);
    return hwv_stream_read(a->stream, a->piece, data_at, &got, error); /* a header is shorter than a piece */
}

static hwv_status begin_npy(hwv_inputs_array *a, const unsigned char *head, size_t size, hwv_error *error)
{
    hwv_npy_header header;
    if (hwv_npy_data_at(head, size) > HWV_STREAM_HEAD)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED, "a header of %zu bytes, at most %zu are supported",
                        hwv_npy_data_at(head, size), HWV_STREAM_HEAD);
    HWV_TRY(hwv_npy_read_header(&header, head, size, error));
    HWV_TRY(set_type(a, &header, error));
    if (header.order_at != 0 && !one_order(&header))
        return hwv_fail(error, HWV_ERR_UNSUPPORTED,
                        "offset %zu: Fortran order, only C order is supported (numpy.ascontiguousarray)",
                        header.order_at);
    HWV_TRY(set_shape(a, header.shape, header.rank, error));
    return begin_elements(a, header.data_at, header.count, error);
}

static hwv_status begin_idx(hwv_inputs_array *a, const unsigned char *head, size_t size, hwv_error *error)
{
    hwv_idx idx;
    HWV_TRY(hwv_idx_parse_header(&idx, head, size, error));
    a->layout = (hwv_layout){.type = HWV_NUMBER_U1, .bytes = 1};
    HWV_TRY(set_shape(a, idx.shape, idx.rank, error));
    return begin_elements(a, idx.data_at, idx.count, error);
}

static hwv_status read_csv(hwv_inputs_array *a, bool labels, hwv_error *error)
{
    hwv_file file = {0};
    hwv_csv csv;
    hwv_status status = hwv_file_read(&file, a->path, CSV_LIMIT, NULL, error);
    if (status != HWV_OK)
        return status;
    status = labels ? hwv_csv_parse(&csv, (const char *)file.data, file.size, error)
                    : hwv_csv_parse_values(&csv, (const char *)file.data, file.size, error);
    hwv_file_free(&file);
    if (status != HWV_OK)
        return hwv_fail_prefix(error, status, "%s: ", a->path);
    a->values = csv.values;
    a->lines = csv.lines;
    hwv_free(csv.labels);
    a->layout = (hwv_layout){.type = HWV_NUMBER_F4, .bytes = sizeof(float)};
    const size_t shape[2] = {csv.rows, csv.features};
    status = set_shape(a, shape, 2, error);
    return status == HWV_OK ? HWV_OK : hwv_fail_prefix(error, status, "%s: ", a->path);
}

static hwv_status begin_guessed(hwv_inputs_array *a, const char *name, bool csv_labels, hwv_error *error)
{
    const unsigned char *head;
    size_t size;
    hwv_guess guess;
    hwv_status status;
    HWV_TRY(hwv_stream_peek(a->stream, &head, &size, error));
    HWV_TRY(hwv_guess_bytes(&guess, a->path, head, size, error));
    if (guess == HWV_GUESS_CSV) {
        hwv_stream_close(a->stream);
        a->stream = NULL;
        return read_csv(a, csv_labels, error);
    }
    if (guess == HWV_GUESS_NPZ) {
        hwv_stream_close(a->stream);
        a->named = true;
        HWV_TRY(hwv_stream_open_member(&a->stream, a->path, name, error));
        HWV_TRY(hwv_stream_peek(a->stream, &head, &size, error));
    }
    status = guess == HWV_GUESS_IDX ? begin_idx(a, head, size, error) : begin_npy(a, head, size, error);
    return status == HWV_OK ? HWV_OK : hwv_fail_prefix(error, status, "%s: ", hwv_stream_path(a->stream));
}

hwv_status hwv_inputs_array_open(hwv_inputs_array *a, const char *path, const char *name, bool csv_labels,
                                 hwv_error *error)
{
    *a = (hwv_inputs_array){.path = path};
    hwv_status status = hwv_stream_open(&a->stream, path, error);
    if (status == HWV_OK) {
        a->repeats = hwv_stream_repeats(a->stream);
        status = begin_guessed(a, name, csv_labels, error);
    }
    if (status != HWV_OK)
        hwv_inputs_array_close(a);
    return status;
}

void hwv_inputs_array_close(hwv_inputs_array *a)
{
    hwv_stream_close(a->stream);
    hwv_free(a->piece);
    hwv_free(a->values);
    hwv_free(a->lines);
    a->stream = NULL;
    a->piece = NULL;
    a->values = NULL;
    a->lines = NULL;
}

static hwv_status fail_short(const hwv_inputs_array *a, hwv_error *error)
{
    return hwv_fail(error, HWV_ERR_FORMAT, "%s: the content ends with %zu of its %zu samples left",
                    hwv_stream_path(a->stream), a->left, a->shape.dim[0]);
}

/* Behind the last sample. */
static hwv_status check_end(hwv_inputs_array *a, hwv_error *error)
{
    unsigned char more;
    size_t got;
    if (a->left > 0 || !a->stream)
        return HWV_OK;
    HWV_TRY(hwv_stream_read(a->stream, &more, 1, &got, error));
    return got == 0
               ? HWV_OK
               : hwv_fail(error, HWV_ERR_FORMAT, "%s: bytes after the end of the array", hwv_stream_path(a->stream));
}

static hwv_status fail_integer(const hwv_inputs_array *a, const unsigned char *bytes, size_t i, size_t element,
                               hwv_error *error)
{
    return hwv_fail(error, HWV_ERR_FORMAT, "%s: found %g in sample %zu, a whole number of 32 bits is expected",
                    a->stream ? hwv_stream_path(a->stream) : a->path, hwv_element_number(&a->layout, bytes, i),
                    a->shape.dim[0] - a->left + element / a->features);
}

static hwv_status convert(hwv_inputs_array *a, const unsigned char *bytes, size_t first, size_t count, bool integers,
                          float scale, void *into, hwv_error *error)
{
    if (!integers) {
        hwv_elements_to_floats(&a->layout, bytes, count, scale, (float *)into + first);
        return HWV_OK;
    }
    size_t bad = hwv_elements_to_integers(&a->layout, bytes, count, (int32_t *)into + first);
    return bad == count ? HWV_OK : fail_integer(a, bytes, bad, first + bad, error);
}

/* What lies in the file as it is wanted goes straight to its place. */
static bool is_straight(const hwv_inputs_array *a, bool integers, float scale)
{
    return !a->layout.swapped && a->layout.type == (integers ? HWV_NUMBER_I4 : HWV_NUMBER_F4) &&
           (integers || scale == 1);
}

static hwv_status read_stream(hwv_inputs_array *a, size_t count, bool integers, float scale, void *into,
                              hwv_error *error)
{
    size_t got;
    if (is_straight(a, integers, scale)) {
        HWV_TRY(hwv_stream_read(a->stream, into, count * a->layout.bytes, &got, error));
        return got == count * a->layout.bytes ? HWV_OK : fail_short(a, error);
    }
    for (size_t done = 0, n; done < count; done += n) {
        n = count - done < PIECE ? count - done : PIECE;
        HWV_TRY(hwv_stream_read(a->stream, a->piece, n * a->layout.bytes, &got, error));
        if (got < n * a->layout.bytes)
            return fail_short(a, error);
        HWV_TRY(convert(a, a->piece, done, n, integers, scale, into, error));
    }
    return HWV_OK;
}

hwv_status hwv_inputs_array_read(hwv_inputs_array *a, size_t rows, bool integers, float scale, void *into,
                                 hwv_error *error)
{
    size_t count = rows * a->features; /* fits: the caller has room for it */
    if (a->values) {
        const float *values = a->values + (a->shape.dim[0] - a->left) * a->features;
        HWV_TRY(convert(a, (const unsigned char *)values, 0, count, integers, scale, into, error));
    } else
        HWV_TRY(read_stream(a, count, integers, scale, into, error));
    a->left -= rows;
    return check_end(a, error);
}
