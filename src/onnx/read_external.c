/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Weights in files beside the model. Where they are is said by the file, which may come from anywhere: only regular
 * files inside the model's folder are opened, and no symbolic link is followed to them. */
#include <string.h>
#include <sys/stat.h>

#include "halfwave/memory.h"
#include "onnx/read.h"

enum { TENSOR_EXTERNAL = 13 };
enum { ENTRY_KEY = 1, ENTRY_VALUE = 2 };

typedef struct place {
    const char *location, *offset, *length;
} place;

static hwv_status refuse(const hwv_onnx_reader *reader, const hwv_onnx_tensor *tensor, hwv_status status,
                         const char *location, const char *what)
{
    return hwv_fail(reader->error, status, "offset %zu: tensor '%.80s': external data '%.120s' %s", tensor->offset,
                    tensor->name, location, what);
}

/* ---- what the file says -------------------------------------------------------------------------- */

static hwv_status read_entry(hwv_onnx_reader *reader, hwv_proto message, place *where)
{
    const char *key = "", *value = "";
    while (message.at < message.end) {
        hwv_proto_field field;
        HWV_TRY(hwv_proto_next(&message, &field));
        if (field.number == ENTRY_KEY)
            HWV_TRY(hwv_onnx_read_text(reader, &message, &field, "a key of external data", &key));
        else if (field.number == ENTRY_VALUE)
            HWV_TRY(hwv_onnx_read_text(reader, &message, &field, "a value of external data", &value));
    }
    if (strcmp(key, "location") == 0)
        where->location = value;
    else if (strcmp(key, "offset") == 0)
        where->offset = value;
    else if (strcmp(key, "length") == 0)
        where->length = value;
    return HWV_OK;
}

static hwv_status read_place(hwv_onnx_reader *reader, hwv_proto message, place *where)
{
    while (message.at < message.end) {
        hwv_proto_field field;
        hwv_proto entry;
        HWV_TRY(hwv_proto_next(&message, &field));
        if (field.number != TENSOR_EXTERNAL)
            continue;
        HWV_TRY(hwv_proto_enter(&message, &field, "external data", &entry));
        HWV_TRY(read_entry(reader, entry, where));
    }
    return HWV_OK;
}

/* Decimal digits; false for anything else and for numbers that do not fit. */
static bool parse_size(const char *text, size_t *size)
{
    size_t sum = 0;
    if (*text == 0)
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9' || !hwv_size_mul(sum, 10, &sum) ||
            !hwv_size_add(sum, (size_t)(*text - '0'), &sum))
            return false;
    }
    *size = sum;
    return true;
}

/* ---- where that is ------------------------------------------------------------------------------- */

/* Bytes of a path up to and with the last slash. */
static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* Appends the parts of a location to path[], `.` and empty ones left out, so that equal files have equal paths. Each
 * part must be there and be no symbolic link, the last a regular file. NULL or what is wrong. */
static const char *walk(char *path, const char *location, hwv_status *status)
{
    char *end = path + strlen(path);
    struct stat info = {0};
    *status = HWV_ERR_UNSUPPORTED;
    if (location[0] == '/')
        return "is an absolute path; it must lie in the model's folder";
    for (const char *part = location; *part;) {
        size_t n = strcspn(part, "/");
        if (n == 2 && part[0] == '.' && part[1] == '.')
            return "has '..' in its path; it must lie in the model's folder";
        if (n > 0 && !(n == 1 && part[0] == '.')) {
            if (info.st_mode)
                *end++ = '/';
            memcpy(end, part, n);
            *(end += n) = 0;
            if (lstat(path, &info) != 0) {
                *status = HWV_ERR_IO;
                return "is not there";
            }
            if (S_ISLNK(info.st_mode))
                return "is reached through a symbolic link, which is not followed";
        }
        part += n + (part[n] == '/');
    }
    return S_ISREG(info.st_mode) ? NULL : "is no regular file";
}

static hwv_status find_path(hwv_onnx_reader *reader, const hwv_onnx_tensor *tensor, const char *location, char **path)
{
    size_t folder = folder_length(reader->model->path), size = folder + strlen(location) + 1;
    hwv_status status;
    *path = hwv_calloc(size, 1);
    if (!*path)
        return hwv_fail(reader->error, HWV_ERR_MEMORY, "no memory for a path of %zu bytes", size);
    memcpy(*path, reader->model->path, folder);
    const char *wrong = walk(*path, location, &status);
    if (!wrong)
        return HWV_OK;
    hwv_free(*path);
    *path = NULL;
    return refuse(reader, tensor, status, location, wrong);
}

/* ---- opening it once ----------------------------------------------------------------------------- */

static hwv_status open_external(hwv_onnx_reader *reader, char *path, const hwv_file **file)
{
    hwv_onnx_external *external;
    for (external = reader->storage->external; external; external = external->next)
        if (strcmp(external->path, path) == 0) {
            hwv_free(path);
            *file = &external->file;
            return HWV_OK;
        }
    external = hwv_calloc(1, sizeof *external);
    if (!external) {
        hwv_free(path);
        return hwv_fail(reader->error, HWV_ERR_MEMORY, "no memory for its external data");
    }
    external->path = path;
    external->next = reader->storage->external;
    reader->storage->external = external;
    HWV_TRY(hwv_file_map(&external->file, path, 0, reader->error));
    reader->model->external_bytes += external->file.size;
    *file = &external->file;
    return HWV_OK;
}

hwv_status hwv_onnx_read_external(hwv_onnx_reader *reader, hwv_proto message, hwv_onnx_tensor *tensor, size_t bytes)
{
    place where = {0};
    const hwv_file *file = NULL;
    char *path;
    size_t offset = 0, length = bytes;
    HWV_TRY(read_place(reader, message, &where));
    if (!where.location || where.location[0] == 0)
        return refuse(reader, tensor, HWV_ERR_FORMAT, "", "has no location");
    if (!reader->beside)
        return refuse(reader, tensor, HWV_ERR_UNSUPPORTED, where.location,
                      "beside a model that is not read from a file");
    if ((where.offset && !parse_size(where.offset, &offset)) || (where.length && !parse_size(where.length, &length)))
        return refuse(reader, tensor, HWV_ERR_FORMAT, where.location, "has an offset or a length that is no number");
    HWV_TRY(find_path(reader, tensor, where.location, &path));
    HWV_TRY(open_external(reader, path, &file));
    if (length != bytes || offset > file->size || length > file->size - offset)
        return hwv_fail(
            reader->error, HWV_ERR_FORMAT,
            "offset %zu: tensor '%.80s' takes %zu bytes, external data '%.120s' of %zu bytes give %zu at %zu",
            tensor->offset, tensor->name, bytes, where.location, file->size, length, offset);
    tensor->data = file->data + offset;
    return HWV_OK;
}
