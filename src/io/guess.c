/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What a bare path holds: by the first bytes, a folder by the names in it. */
#include "io/guess.h"

#include <string.h>

#include "io/file.h"
#include "io/inflate.h"
#include "io/sources.h"

const char *hwv_guess_name(hwv_guess guess)
{
    static const char *const names[] = {
        "a folder of IDX files", "a folder of CIFAR-10's binary files", "IDX", "NumPy's .npy", "NumPy's .npz", "CSV"};
    return (size_t)guess < sizeof names / sizeof *names ? names[guess] : "unknown";
}

static bool ends_with(const char *word, const char *end)
{
    size_t n = strlen(word), m = strlen(end);
    return n >= m && strcmp(word + n - m, end) == 0;
}

bool hwv_guess_is_path(const char *word)
{
    static const char *const extensions[] = {".csv", ".tsv", ".txt", ".npy", ".npz", ".gz", ".idx", ".bin", "-ubyte"};
    if (strchr(word, '/'))
        return true;
    for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++)
        if (ends_with(word, extensions[i]))
            return true;
    return false;
}

bool hwv_guess_is_prose(const char *path)
{
    return (ends_with(path, ".txt") || ends_with(path, ".txt.gz")) && !hwv_file_is_folder(path);
}

/* Bytes to look at, inflated where compressed. */
static hwv_status read_beginning(hwv_file *file, const char *path, hwv_error *error)
{
    hwv_file raw;
    HWV_TRY(hwv_file_map(&raw, path, 0, error));
    if (!hwv_gzip_begins(raw.data, raw.size)) {
        *file = raw;
        return HWV_OK;
    }
    hwv_status status = hwv_gzip_beginning(file, raw.data, raw.size, error);
    hwv_file_free(&raw);
    return status == HWV_OK ? HWV_OK : hwv_fail_prefix(error, status, "%s: ", path);
}

static bool is_text(const unsigned char *data, size_t size)
{
    for (size_t i = 0; i < size && i < 4096; i++)
        if (data[i] < 0x20 && data[i] != '\t' && data[i] != '\n' && data[i] != '\r')
            return false;
    return size > 0;
}

/* The labels' path: the images' with "labels" for "images" in the file's name, and idx1 for idx3. */
static hwv_status find_labels(hwv_text *labels, const char *path, hwv_error *error)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *images = strstr(name, "images");
    if (images) {
        const char *rest = images + strlen("images"), *idx = strstr(rest, "idx3");
        hwv_text_add(labels, path, (size_t)(images - path));
        hwv_text_puts(labels, "labels");
        hwv_text_add(labels, rest, idx ? (size_t)(idx - rest) : strlen(rest));
        if (idx)
            hwv_text_printf(labels, "idx1%s", idx + strlen("idx3"));
        if (labels->failed)
            return hwv_fail(error, HWV_ERR_MEMORY, "no memory for a path");
        if (hwv_file_exists(labels->data))
            return HWV_OK;
    }
    return hwv_fail(error, HWV_ERR_ARGUMENT,
                    "%s: IDX data whose other half is not beside it: give both as idx:IMAGES,LABELS", path);
}

hwv_status hwv_guess_bytes(hwv_guess *guess, const char *path, const unsigned char *data, size_t size, hwv_error *error)
{
    *guess = HWV_GUESS_IDX;
    if (size >= 4 && data[0] == 0 && data[1] == 0 && data[2] == 0x08 && data[3] >= 1 && data[3] <= 4)
        return HWV_OK;
    *guess = HWV_GUESS_NPY;
    if (size >= 6 && memcmp(data, "\x93NUMPY", 6) == 0)
        return HWV_OK;
    *guess = HWV_GUESS_NPZ;
    if (size >= 4 && memcmp(data, "PK\3\4", 4) == 0)
        return HWV_OK;
    *guess = HWV_GUESS_CSV;
    if (is_text(data, size))
        return HWV_OK;
    if (size == 0)
        return hwv_fail(error, HWV_ERR_FORMAT, "%s: offset 0: the file is empty", path);
    return hwv_fail(error, HWV_ERR_FORMAT,
                    "%s: offset 0: neither IDX nor .npy nor .npz nor text (CSV), .gz or not; a folder of IDX files or "
                    "CIFAR-10's binary files is accepted too",
                    path);
}

static hwv_status guess_file(hwv_guess *guess, hwv_text *labels, const char *path, const hwv_file *file,
                             hwv_error *error)
{
    HWV_TRY(hwv_guess_bytes(guess, path, file->data, file->size, error));
    return *guess == HWV_GUESS_IDX && labels ? find_labels(labels, path, error) : HWV_OK;
}

hwv_status hwv_guess_content(hwv_guess *guess, hwv_text *labels, const char *path, hwv_error *error)
{
    if (hwv_file_is_folder(path)) {
        bool cifar;
        HWV_TRY(hwv_cifar10_is(&cifar, path, error));
        *guess = cifar ? HWV_GUESS_CIFAR10 : HWV_GUESS_MNIST;
        return HWV_OK;
    }
    hwv_file file = {0};
    HWV_TRY(read_beginning(&file, path, error));
    hwv_status status = guess_file(guess, labels, path, &file, error);
    hwv_file_free(&file);
    if (status != HWV_OK && labels)
        hwv_text_free(labels);
    return status;
}
