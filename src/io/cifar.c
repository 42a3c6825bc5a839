/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * CIFAR-10, binary version (https://www.cs.toronto.edu/~kriz/cifar.html): records of a label byte and 3072 bytes, the
 * red, green and blue plane of an image of 32 x 32. Images are kept with channels last, as all of them. */
#include <stdio.h>
#include <string.h>

#include "halfwave/memory.h"
#include "halfwave/text.h"
#include "io/file.h"
#include "io/parts.h"
#include "io/sources.h"

enum { SIDE = 32, CHANNELS = 3, PLANE = SIDE * SIDE, IMAGE = PLANE * CHANNELS, RECORD = 1 + IMAGE, CLASSES = 10 };

/* Training files in their order; the last name is the test file's. */
static const char *const names[] = {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                                    "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"};
enum { TRAINING = 5, TEST = 5 };

/* Without a header nothing bounds what a compressed file inflates to: ten times a real one, and some. */
#define LIMIT ((size_t)1 << 29)

/* FOLDER/NAME or FOLDER/NAME.gz into *path; *found: one of them exists. */
static hwv_status find_file(hwv_text *path, bool *found, const char *folder, const char *name, hwv_error *error)
{
    for (size_t i = 0; i < 2; i++) {
        hwv_text_free(path);
        hwv_text_printf(path, "%s/%s%s", folder, name, i == 0 ? "" : ".gz");
        if (path->failed)
            return hwv_fail(error, HWV_ERR_MEMORY, "no memory for a path");
        *found = hwv_file_exists(path->data);
        if (*found)
            break;
    }
    return HWV_OK;
}

hwv_status hwv_cifar10_is(bool *is, const char *folder, hwv_error *error)
{
    hwv_text path = {0};
    hwv_status status = HWV_OK;
    *is = false;
    for (size_t i = 0; i < TRAINING && status == HWV_OK && !*is; i++)
        status = find_file(&path, is, folder, names[i], error);
    hwv_text_free(&path);
    return status;
}

static void interleave(uint8_t *image, const unsigned char *planes)
{
    for (size_t i = 0; i < PLANE; i++)
        for (size_t c = 0; c < CHANNELS; c++)
            image[i * CHANNELS + c] = planes[c * PLANE + i];
}

static hwv_status check_records(const hwv_file *file, hwv_error *error)
{
    size_t count = file->size / RECORD, rest = file->size % RECORD;
    if (file->size == 0)
        return hwv_fail(error, HWV_ERR_FORMAT,
                        "offset 0: the file is empty, records of %d bytes (a label and an image) are expected", RECORD);
    if (rest != 0)
        return hwv_fail(error, HWV_ERR_FORMAT,
                        "offset %zu: the file ends after %zu of the %d bytes of record %zu (a label and an image)",
                        file->size, rest, RECORD, count);
    for (size_t i = 0; i < count; i++)
        if (file->data[i * RECORD] >= CLASSES)
            return hwv_fail(error, HWV_ERR_FORMAT, "offset %zu: label %u of record %zu, 0 to %d are expected",
                            i * RECORD, (unsigned)file->data[i * RECORD], i, CLASSES - 1);
    return HWV_OK;
}

/* Appends a file's records. */
static hwv_status append(hwv_samples *s, const hwv_file *file, hwv_error *error)
{
    HWV_TRY(check_records(file, error));
    size_t count = file->size / RECORD, all = s->count + count;
    if (all > UINT32_MAX)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED, "more than %lu images", (unsigned long)UINT32_MAX);
    uint8_t *bytes = hwv_realloc(s->own_bytes, all, IMAGE);
    if (bytes)
        s->bytes = s->own_bytes = bytes;
    int32_t *labels = hwv_realloc(s->own_labels, all, sizeof *labels);
    if (labels)
        s->labels = s->own_labels = labels;
    if (!bytes || !labels)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for %zu images", all);
    for (size_t i = 0; i < count; i++) {
        const unsigned char *record = file->data + i * RECORD;
        s->own_labels[s->count + i] = record[0];
        interleave(s->own_bytes + (s->count + i) * IMAGE, record + 1);
    }
    s->count = all;
    return HWV_OK;
}

static hwv_status read_file(hwv_samples *s, const char *path, hwv_error *error)
{
    hwv_file file;
    HWV_TRY(hwv_file_read(&file, path, LIMIT, NULL, error));
    hwv_status status = append(s, &file, error);
    hwv_file_free(&file);
    return status == HWV_OK ? HWV_OK : hwv_fail_prefix(error, status, "%s: ", path);
}

/* All files first .. last-1 that exist. */
static hwv_status read_files(hwv_samples *s, const char *folder, size_t first, size_t last, hwv_error *error)
{
    *s = (hwv_samples){.rank = HWV_DATA_DIMS,
                       .dims = {SIDE, SIDE, CHANNELS},
                       .features = IMAGE,
                       .classes = CLASSES,
                       .scale = 1.0f / 255};
    hwv_text path = {0};
    hwv_status status = HWV_OK;
    for (size_t i = first; i < last && status == HWV_OK; i++) {
        bool found = false;
        status = find_file(&path, &found, folder, names[i], error);
        if (status == HWV_OK && found)
            status = read_file(s, path.data, error);
    }
    hwv_text_free(&path);
    if (status == HWV_OK) {
        s->label_path = hwv_strdup(folder);
        if (!s->label_path)
            status = hwv_fail(error, HWV_ERR_MEMORY, "no memory for a path");
    }
    if (status != HWV_OK)
        hwv_samples_free(s);
    return status;
}

hwv_status hwv_open_cifar10(hwv_data *data, const char *folder, hwv_error *error)
{
    hwv_data_owner *own;
    bool is;
    HWV_TRY(hwv_file_need_folder(folder, error));
    HWV_TRY(hwv_cifar10_is(&is, folder, error));
    if (!is)
        return hwv_fail(error, HWV_ERR_IO,
                        "%s: has none of data_batch_1.bin to data_batch_5.bin, with or without .gz (the binary version "
                        "of CIFAR-10 is read, not those for Python or Matlab)",
                        folder);
    HWV_TRY(hwv_data_own(data, &own, error));
    HWV_TRY(read_files(&own->whole, folder, 0, TRAINING, error));
    HWV_TRY(read_files(&own->test, folder, TEST, TEST + 1, error));
    if (own->test.count == 0)
        return hwv_data_split_fifth(data, "cifar10", folder, &own->whole, error);
    return hwv_data_join(data, "cifar10", folder, &own->whole, &own->test, error);
}
