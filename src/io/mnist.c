/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * MNIST and its relatives: four IDX files in a folder, for training and test ("t10k") images and labels. */
#include <string.h>

#include "halfwave/text.h"
#include "io/file.h"
#include "io/parts.h"
#include "io/sources.h"

/* Of every set that goes by these file names. */
enum { CLASSES = 10 };

/* The path of FOLDER/PART-KIND-idxN-ubyte, also with a dot before idx, also .gz, whichever exists. */
static hwv_status find_file(hwv_text *path, const char *folder, const char *part, const char *kind, int dims,
                            hwv_error *error)
{
    static const char *const joints[] = {"-", "."}, *const ends[] = {"", ".gz"};
    for (size_t i = 0; i < 4; i++) {
        hwv_text_free(path);
        hwv_text_printf(path, "%s/%s-%s%sidx%d-ubyte%s", folder, part, kind, joints[i / 2], dims, ends[i % 2]);
        if (path->failed)
            return hwv_fail(error, HWV_ERR_MEMORY, "no memory for a path");
        if (hwv_file_exists(path->data))
            return HWV_OK;
    }
    return hwv_fail(
        error, HWV_ERR_IO,
        "%s: has no %s-%s-idx%d-ubyte, with or without .gz (expected are train- and t10k-images and -labels)", folder,
        part, kind, dims);
}

/* One pair of a folder's files: "train" or "t10k". */
static hwv_status read_pair(hwv_samples *s, const char *folder, const char *part, hwv_error *error)
{
    hwv_text images = {0}, labels = {0};
    hwv_status status = find_file(&images, folder, part, "images", 3, error);
    if (status == HWV_OK)
        status = find_file(&labels, folder, part, "labels", 1, error);
    if (status == HWV_OK)
        status = hwv_samples_idx(s, images.data, labels.data, error);
    hwv_text_free(&images);
    hwv_text_free(&labels);
    HWV_TRY(status);
    HWV_TRY(hwv_samples_check_labels(s, CLASSES, error));
    s->classes = CLASSES;
    return HWV_OK;
}

static hwv_status open_folder(hwv_data *data, const char *name, const char *folder, hwv_error *error)
{
    hwv_data_owner *own;
    HWV_TRY(hwv_file_need_folder(folder, error));
    HWV_TRY(hwv_data_own(data, &own, error));
    HWV_TRY(read_pair(&own->whole, folder, "train", error));
    HWV_TRY(read_pair(&own->test, folder, "t10k", error));
    return hwv_data_join(data, name, folder, &own->whole, &own->test, error);
}

hwv_status hwv_open_mnist(hwv_data *data, const char *folder, hwv_error *error)
{
    return open_folder(data, "mnist", folder, error);
}

const char *hwv_first_folder(const char *const *folders)
{
    while (*folders && !hwv_file_is_folder(*folders))
        folders++;
    return *folders;
}

hwv_status hwv_open_fashion_mnist(hwv_data *data, const char *folder, hwv_error *error)
{
    static const char *const usual[] = {"/usr/share/datasets/fashion-mnist", "/usr/local/share/datasets/fashion-mnist",
                                        "/opt/share/datasets/fashion-mnist", NULL};
    if (!folder)
        folder = hwv_first_folder(usual);
    if (!folder)
        return hwv_fail(error, HWV_ERR_IO,
                        "fashion-mnist: not on this machine (looked for %s): install the Debian package "
                        "dataset-fashion-mnist, or give the folder of its four files as mnist:DIR",
                        usual[0]);
    return open_folder(data, "fashion-mnist", folder, error);
}
