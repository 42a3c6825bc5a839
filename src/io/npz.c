/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * .npz, NumPy's format for several arrays: a ZIP archive whose members are NAME.npy. */
#include <string.h>

#include "halfwave/text.h"
#include "io/npy.h"
#include "io/parts.h"
#include "io/sources.h"
#include "io/zip.h"

/* What the arrays may be called: by us, Keras, scikit-learn, MedMNIST. The first is the one that messages name. */
static const char *const samples[] = {"x_train", "X_train", "train_images", "x", "X", "images", "data", NULL},
                         *const labels[] = {"y_train", "train_labels", "y", "labels", "target", NULL},
                         *const test_samples[] = {"x_test", "X_test", "test_images", NULL},
                         *const test_labels[] = {"y_test", "test_labels", NULL};

typedef struct archive {
    const char *path;
    hwv_file file;
    hwv_zip zip;
} archive;

static bool is_called(const hwv_zip_member *m, const char *name)
{
    size_t n = strlen(name);
    return m->name_length == n + 4 && memcmp(m->name, name, n) == 0 && memcmp(m->name + n, ".npy", 4) == 0;
}

/* The member that has one of these names, NULL when there is none. */
static hwv_status find(const hwv_zip_member **found, const archive *a, const char *const *names, hwv_error *error)
{
    *found = NULL;
    for (size_t i = 0; i < a->zip.count; i++) {
        const hwv_zip_member *m = &a->zip.members[i];
        for (const char *const *name = names; *name; name++) {
            if (!is_called(m, *name))
                continue;
            if (*found)
                return hwv_fail(error, HWV_ERR_FORMAT, "%s: offset %zu: %.*s and %.*s: one of them is expected",
                                a->path, m->at, (int)(*found)->name_length, (*found)->name, (int)m->name_length,
                                m->name);
            *found = m;
        }
    }
    return HWV_OK;
}

static void list_names(hwv_text *text, const char *const *names)
{
    for (size_t i = 0; names[i]; i++)
        hwv_text_printf(text, "%s%s", i ? ", " : "", names[i]);
}

static hwv_status fail_missing(const archive *a, const char *what, const char *const *names, hwv_error *error)
{
    hwv_text text = {0};
    hwv_text_printf(&text, "no array of %s; accepted are ", what);
    list_names(&text, names);
    hwv_text_puts(&text, "; the file has ");
    for (size_t i = 0; i < a->zip.count && text.length < 300; i++)
        hwv_text_printf(&text, "%s%.*s", i ? ", " : "", (int)a->zip.members[i].name_length, a->zip.members[i].name);
    hwv_text_puts(&text, a->zip.count == 0 ? "none" : "");
    hwv_status status = text.failed ? HWV_ERR_MEMORY : HWV_ERR_FORMAT;
    hwv_fail(error, status, "%s: %s", a->path, text.failed ? "no memory for a message" : text.data);
    hwv_text_free(&text);
    return status;
}

/* "FILE: x.npy" */
static hwv_status name_array(hwv_text *name, const archive *a, const hwv_zip_member *m, hwv_error *error)
{
    hwv_text_free(name);
    hwv_text_printf(name, "%s: %.*s", a->path, (int)m->name_length, m->name);
    return name->failed ? hwv_fail(error, HWV_ERR_MEMORY, "no memory for a name") : HWV_OK;
}

static hwv_status read_array(hwv_file *content, hwv_npy *array, hwv_text *name, const archive *a,
                             const hwv_zip_member *m, hwv_error *error)
{
    HWV_TRY(name_array(name, a, m, error));
    hwv_status status = hwv_zip_read(content, &a->zip, m, error);
    if (status == HWV_OK)
        status = hwv_npy_parse(array, content->data, content->size, error);
    return status == HWV_OK ? HWV_OK : hwv_fail_prefix(error, status, "%s: ", name->data);
}

static hwv_status take_pair(hwv_samples *s, const archive *a, const hwv_zip_member *x, const hwv_zip_member *y,
                            hwv_file *content, hwv_text *name, hwv_error *error)
{
    hwv_npy array;
    HWV_TRY(read_array(content, &array, name, a, x, error));
    HWV_TRY(hwv_samples_take_x(s, content, &array, name->data, error));
    if (!y)
        return HWV_OK;
    hwv_file_free(content);
    HWV_TRY(read_array(content, &array, name, a, y, error));
    return hwv_samples_take_labels(s, &array, name->data, error);
}

static hwv_status read_pair(hwv_samples *s, const archive *a, const hwv_zip_member *x, const hwv_zip_member *y,
                            hwv_error *error)
{
    hwv_file content = {0};
    hwv_text name = {0};
    hwv_status status = take_pair(s, a, x, y, &content, &name, error);
    hwv_file_free(&content);
    hwv_text_free(&name);
    return status;
}

/* The array of samples where there are no labels. */
static hwv_status find_alone(const hwv_zip_member **x, const archive *a, hwv_error *error)
{
    static const char *const name[] = {"x", NULL};
    HWV_TRY(find(x, a, name, error));
    if (!*x && a->zip.count == 1)
        *x = &a->zip.members[0];
    return *x ? HWV_OK : fail_missing(a, "samples (or a single array of any name)", name, error);
}

static hwv_status read_alone(hwv_samples *s, const archive *a, hwv_error *error)
{
    const hwv_zip_member *x;
    HWV_TRY(find_alone(&x, a, error));
    return read_pair(s, a, x, NULL, error);
}

static hwv_status open_arrays(hwv_data *data, const archive *a, hwv_error *error)
{
    const hwv_zip_member *x, *y, *test_x, *test_y;
    hwv_data_owner *own;
    HWV_TRY(find(&x, a, samples, error));
    HWV_TRY(find(&y, a, labels, error));
    HWV_TRY(find(&test_x, a, test_samples, error));
    HWV_TRY(find(&test_y, a, test_labels, error));
    if (!x || !y)
        return fail_missing(a, x ? "labels" : "samples", x ? labels : samples, error);
    if (!test_x != !test_y)
        return fail_missing(a, test_x ? "test labels" : "test samples", test_x ? test_labels : test_samples, error);
    HWV_TRY(hwv_data_own(data, &own, error));
    HWV_TRY(read_pair(&own->whole, a, x, y, error));
    if (!test_x)
        return hwv_data_split_fifth(data, "npz", a->path, &own->whole, error);
    HWV_TRY(read_pair(&own->test, a, test_x, test_y, error));
    return hwv_data_join(data, "npz", a->path, &own->whole, &own->test, error);
}

static hwv_status archive_open(archive *a, const char *path, hwv_error *error)
{
    *a = (archive){.path = path};
    HWV_TRY(hwv_file_map(&a->file, path, 0, error));
    hwv_status status = hwv_zip_parse(&a->zip, a->file.data, a->file.size, error);
    if (status == HWV_OK)
        return HWV_OK;
    hwv_file_free(&a->file);
    return hwv_fail_prefix(error, status, "%s: ", path);
}

static void archive_close(archive *a)
{
    hwv_zip_free(&a->zip);
    hwv_file_free(&a->file);
}

hwv_status hwv_open_npz(hwv_data *data, const char *path, hwv_error *error)
{
    archive a;
    HWV_TRY(archive_open(&a, path, error));
    hwv_status status = open_arrays(data, &a, error);
    archive_close(&a);
    return status;
}

hwv_status hwv_samples_npz(hwv_samples *s, const char *path, hwv_error *error)
{
    archive a;
    *s = (hwv_samples){0};
    HWV_TRY(archive_open(&a, path, error));
    hwv_status status = read_alone(s, &a, error);
    archive_close(&a);
    if (status != HWV_OK)
        hwv_samples_free(s);
    return status;
}
