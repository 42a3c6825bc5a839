/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What the files around samples share. */
#ifndef HWV_CLI_SAMPLES_PARTS_H
#define HWV_CLI_SAMPLES_PARTS_H

#include "samples.h"

/* ---- samples_shape.c ---- */
/* "16 x 96", "4 values", "one number" of the axes behind the first. */
void hwv_cli_sample_text(char *out, size_t size, const size_t *dim, size_t rank);
/* Their product, SIZE_MAX where it does not fit. */
size_t hwv_cli_sample_numbers(const size_t *dim, size_t rank);
/* Shapes of the inputs of a file that suit the samples and --shape. HWV_ERR_FORMAT: they do not fit. */
hwv_status hwv_cli_samples_fit(hwv_cli_samples *samples, const hwv_onnx *file, hwv_shape *shapes, hwv_error *error);
/* Do they fit a checkpoint's input? Images for rows and rows for images, but no other order. */
hwv_status hwv_cli_samples_fit_port(const hwv_cli_samples *samples, const hwv_port *input, hwv_error *error);
/* Once the network is known: does a sample have as many numbers as each input takes? */
hwv_status hwv_cli_samples_check(const hwv_cli_samples *samples, const hwv_network *network, hwv_error *error);

/* ---- samples_text.c ---- */
/* What the model says of its tokens, before the samples are opened; nothing of a model of numbers. */
hwv_status hwv_cli_samples_of_file(hwv_cli_samples *samples, const hwv_onnx *file, hwv_error *error);
hwv_status hwv_cli_samples_of_checkpoint(hwv_cli_samples *samples, const char *path, hwv_error *error);
/* Whether a path is that of a text for such a model. */
bool hwv_cli_samples_is_text(const hwv_cli_samples *samples, const char *path);
/* Gives the text of samples->data the model's blocks and vocabulary. HWV_ERR_FORMAT, HWV_ERR_MISMATCH: it does not fit. */
hwv_status hwv_cli_samples_adapt(hwv_cli_samples *samples, hwv_error *error);
/* Whether a data set is of what the network's input takes. */
hwv_status hwv_cli_samples_check_tokens(const hwv_cli_samples *samples, hwv_error *error);

/* ---- samples_open.c ---- */
/* Opens the files or the data set of samples->paths for these inputs. */
hwv_status hwv_cli_samples_open(hwv_cli_samples *samples, const char *const *names, size_t count, hwv_error *error);
/* --mean and --std of a data set. */
hwv_status hwv_cli_samples_normalise_set(hwv_cli_samples *samples, hwv_error *error);
/* For this network, with --labels. */
hwv_status hwv_cli_samples_start(hwv_cli_samples *samples, const hwv_network *network, hwv_error *error);

#endif
