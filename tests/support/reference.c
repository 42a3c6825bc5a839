/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A small reader of .npy and of single values in case.json. */
#include "reference.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#ifndef HWV_REFERENCE
#error "HWV_REFERENCE is the folder of the reference vectors"
#endif

bool reference_missing(void)
{
    struct stat folder;
    if (stat(HWV_REFERENCE, &folder) == 0)
        return false;
    fprintf(stderr, "skipped: the reference vectors (%s) are not here\n", HWV_REFERENCE);
    return true;
}

static bool complain(const char *path, const char *what)
{
    fprintf(stderr, "%s: %s\n", path, what);
    return false;
}

/* The whole file with a terminating zero byte; NULL when it cannot be read. */
static char *read_all(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    char *bytes = NULL;
    size_t used = 0, room = 0;
    do {
        room = room ? room * 2 : 65536;
        char *more = realloc(bytes, room + 1);
        if (more == NULL) {
            free(bytes);
            fclose(file);
            return NULL;
        }
        bytes = more;
        used += fread(bytes + used, 1, room - used, file);
    } while (used == room);
    fclose(file);
    bytes[used] = '\0';
    *size = used;
    return bytes;
}

static bool convert(reference_array *array, const char *path, char type, const unsigned char *data, size_t bytes)
{
    size_t n = array->count, width = type == 'f' ? 4 : type == 'b' ? 1 : 8;
    if (bytes != n * width)
        return complain(path, "its length does not fit its shape");
    array->values = malloc((n + 1) * sizeof *array->values);
    array->f32 = type == 'f' ? malloc((n + 1) * sizeof *array->f32) : NULL;
    array->i64 = type == 'i' ? malloc((n + 1) * sizeof *array->i64) : NULL;
    if (array->values == NULL || (type == 'f' && array->f32 == NULL) || (type == 'i' && array->i64 == NULL))
        return complain(path, "out of memory");
    if (type == 'd')
        memcpy(array->values, data, bytes);
    if (type == 'f')
        memcpy(array->f32, data, bytes);
    if (type == 'i')
        memcpy(array->i64, data, bytes);
    for (size_t i = 0; i < n && type != 'd'; i++)
        array->values[i] = type == 'f' ? (double)array->f32[i] : type == 'i' ? (double)array->i64[i] : (double)data[i];
    return true;
}

/* "(3, 8, 7)" */
static bool read_shape(reference_array *array, const char *text)
{
    array->count = 1;
    for (text++; *text != ')'; text += strspn(text, ", ")) {
        char *end;
        unsigned long long extent = strtoull(text, &end, 10);
        if (end == text || array->dims == REFERENCE_MAX_DIMS || extent > SIZE_MAX / 16 / array->count)
            return false;
        array->shape[array->dims++] = (size_t)extent;
        array->count *= (size_t)extent;
        if (array->count == 0)
            return false;
        text = end;
    }
    return true;
}

static bool parse_npy(reference_array *array, const char *path, const char *bytes, size_t size)
{
    if (size < 12 || memcmp(bytes, "\x93NUMPY", 6) != 0)
        return complain(path, "not a .npy file");
    const unsigned char *u = (const unsigned char *)bytes;
    size_t start = u[6] == 1 ? 10 : 12, header = (size_t)u[8] | (size_t)u[9] << 8;
    if (u[6] != 1)
        header |= (size_t)u[10] << 16 | (size_t)u[11] << 24;
    if (header > size - start)
        return complain(path, "shorter than its header");
    char text[512];
    snprintf(text, sizeof text, "%.*s", (int)(header < 500 ? header : 500), bytes + start);
    const char *descr = strstr(text, "'descr': '"), *shape = strstr(text, "'shape': (");
    if (descr == NULL || shape == NULL || strstr(text, "'fortran_order': False") == NULL)
        return complain(path, "its header is not understood");
    descr += strlen("'descr': '");
    char type = !strncmp(descr, "<f4", 3)                                ? 'f'
                : !strncmp(descr, "<f8", 3)                              ? 'd'
                : !strncmp(descr, "<i8", 3)                              ? 'i'
                : !strncmp(descr, "|u1", 3) || !strncmp(descr, "|b1", 3) ? 'b'
                                                                         : '?';
    if (type == '?')
        return complain(path, "its type is not f4, f8, i8 or u1");
    if (!read_shape(array, shape + strlen("'shape': ")))
        return complain(path, "its shape is not understood");
    return convert(array, path, type, u + start + header, size - start - header);
}

bool reference_load_file(reference_array *array, const char *path)
{
    size_t size;
    memset(array, 0, sizeof *array);
    char *bytes = read_all(path, &size);
    if (bytes == NULL)
        return complain(path, "cannot be read");
    bool good = parse_npy(array, path, bytes, size);
    free(bytes);
    if (!good)
        reference_free(array);
    return good;
}

bool reference_load(reference_array *array, const char *case_name, const char *array_name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s/%s.npy", HWV_REFERENCE, case_name, array_name);
    return reference_load_file(array, path);
}

void reference_free(reference_array *array)
{
    free(array->values);
    free(array->f32);
    free(array->i64);
    memset(array, 0, sizeof *array);
}

static const char *skip_space(const char *at)
{
    return at + strspn(at, " \t\r\n");
}

static const char *skip_string(const char *at)
{
    for (at++; *at != '\0' && *at != '"'; at++)
        if (*at == '\\' && at[1] != '\0')
            at++;
    return *at == '"' ? at + 1 : at;
}

/* Behind the value that starts here: brackets are counted, strings jumped over. */
static const char *skip_value(const char *at)
{
    int depth = 0;
    do {
        if (*at == '"')
            at = skip_string(at);
        else if (*at == '{' || *at == '[')
            depth++, at++;
        else if (*at == '}' || *at == ']')
            depth--, at++;
        else
            at += strcspn(at + 1, "\"{}[],") + 1;
        if (depth > 0)
            at += strspn(at, ", \t\r\n:");
    } while (depth > 0 && *at != '\0');
    return at;
}

/* The value of one member or position of the object or array at `at`; NULL when there is none. */
static const char *member(const char *at, const char *key, size_t length)
{
    bool object = *at == '{';
    if (!object && *at != '[')
        return NULL;
    char *end;
    unsigned long position = object ? 0 : strtoul(key, &end, 10);
    if (!object && end != key + length)
        return NULL;
    for (at = skip_space(at + 1); *at != '\0' && *at != '}' && *at != ']'; at = skip_space(at)) {
        bool found = object ? !strncmp(at + 1, key, length) && at[length + 1] == '"' : position-- == 0;
        if (object) {
            at = skip_space(skip_string(at));
            at = skip_space(*at == ':' ? at + 1 : at);
        }
        if (found)
            return at;
        at = skip_space(skip_value(at));
        if (*at == ',')
            at++;
    }
    return NULL;
}

static bool find(const char *case_name, const char *path, char *value, size_t size)
{
    char file[1024];
    size_t bytes;
    snprintf(file, sizeof file, "%s/%s/case.json", HWV_REFERENCE, case_name);
    char *text = read_all(file, &bytes);
    if (text == NULL)
        return complain(file, "cannot be read");
    const char *at = skip_space(text), *key = path;
    while (at != NULL && *key != '\0') {
        size_t length = strcspn(key, "/");
        at = member(at, key, length);
        key += length + (key[length] == '/');
    }
    if (at != NULL) {
        const char *end = skip_value(at);
        if (*at == '"')
            at++, end--;
        snprintf(value, size, "%.*s", (int)(end - at), at);
    } else {
        fprintf(stderr, "%s: no value at %s\n", file, path);
    }
    free(text);
    return at != NULL;
}

bool reference_string(const char *case_name, const char *path, char *text, size_t size)
{
    return find(case_name, path, text, size);
}

bool reference_number(const char *case_name, const char *path, double *number)
{
    char value[64], *end;
    if (!find(case_name, path, value, sizeof value))
        return false;
    if (!strncmp(value, "true", 4) || !strncmp(value, "false", 5)) {
        *number = value[0] == 't';
        return true;
    }
    *number = strtod(value, &end);
    if (end == value)
        fprintf(stderr, "%s: %s is not a number: %s\n", case_name, path, value);
    return end != value;
}

double reference_limit(const char *case_name, const char *array_name)
{
    char path[256];
    double limit;
    snprintf(path, sizeof path, "tolerance/arrays/%s/limit", array_name);
    return reference_number(case_name, path, &limit) ? limit : (double)NAN;
}
