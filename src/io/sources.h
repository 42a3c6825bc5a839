/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Data sets that come in files of their own layout. Each opens into a zero *data; what it owns after a failure is freed
 * by hwv_data_close. Errors as hwv_data_open. */
#ifndef HWV_IO_SOURCES_H
#define HWV_IO_SOURCES_H

#include <stdbool.h>

#include "halfwave/data.h"

/* mnist.c: a folder of MNIST's four IDX files. */
hwv_status hwv_open_mnist(hwv_data *data, const char *folder, hwv_error *error);
/* The same files of Fashion-MNIST; folder NULL: where packages put them. */
hwv_status hwv_open_fashion_mnist(hwv_data *data, const char *folder, hwv_error *error);
/* The first folder of a list ended by NULL that exists; NULL when none does. */
const char *hwv_first_folder(const char *const *folders);

/* cifar.c: CIFAR-10's binary version. */
hwv_status hwv_open_cifar10(hwv_data *data, const char *folder, hwv_error *error);
/* Does a folder have a training file of it? HWV_ERR_MEMORY. */
hwv_status hwv_cifar10_is(bool *is, const char *folder, hwv_error *error);

/* npz.c: samples and labels from the arrays of an .npz file, by their names. */
hwv_status hwv_open_npz(hwv_data *data, const char *path, hwv_error *error);

/* blocks.c: a text of characters, by name (path NULL: where the package puts it) or because its path says so, or bytes. */
hwv_status hwv_open_text(hwv_data *data, const char *path, hwv_error *error);
hwv_status hwv_open_text_guessed(hwv_data *data, const char *path, hwv_error *error);
hwv_status hwv_open_text_bytes(hwv_data *data, const char *path, hwv_error *error);

#endif
