/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What a network is run on: the files or the data set of --data, brought into the shapes of its inputs, piece by
 * piece. */
#ifndef HWV_CLI_SAMPLES_H
#define HWV_CLI_SAMPLES_H

#include "cli.h"

#include "halfwave/check.h"
#include "halfwave/data.h"
#include "halfwave/inputs.h"
#include "halfwave/network.h"
#include "halfwave/onnx.h"

/* Owns what it opens. Zero-initialise; free with hwv_cli_samples_close. */
typedef struct hwv_cli_samples {
    hwv_cli *cli;
    const char **paths;
    size_t path_count;
    hwv_inputs *inputs; /* NULL: a data set */
    hwv_data data;
    const hwv_data_part *part;
    size_t count;          /* samples */
    char description[500]; /* for people: "x.npy: 2877 samples of 16 x 96" */
    char source[120];      /* "x.npy and 2 more", "digits (test part)" */
    int32_t *labels;       /* NULL: there are none */
    /* Of the checkpoint that takes them: its samples are normalised as in training. */
    hwv_data normal;
    const char *checkpoint;
    const hwv_network *network;
    bool *integers; /* which inputs take numbers of 32 bits */
    size_t *tables; /* rows of the table that an input's numbers choose from; 0: none */
    bool to_channels_first;
    float *scratch; /* one sample, to be turned around */
    size_t shard, left, done;
    bool paused; /* the end of a shard was told */
} hwv_cli_samples;

/* A model's file and what it runs on. Owns both. */
typedef struct hwv_cli_subject {
    hwv_network network;
    hwv_cli_samples samples;
    char *notation;  /* of a checkpoint; NULL: an ONNX file */
    bool classifier; /* a checkpoint: its outputs are logits of classes */
} hwv_cli_subject;

typedef enum hwv_cli_file {
    HWV_CLI_FILE_ONNX,
    HWV_CLI_FILE_CHECKPOINT,
    HWV_CLI_FILE_DUMP,      /* .npy, .npz */
    HWV_CLI_FILE_STATISTICS /* of a check */
} hwv_cli_file;

/* By content: the first bytes. HWV_ERR_IO. */
hwv_status hwv_cli_file_kind(hwv_cli_file *kind, const char *path, hwv_error *error);

/* Opens the model at `path` and, as its samples, `files`[count]: a data set's name, or files that are shards; then
 * --labels. partial: unsupported nodes of an ONNX file are left out where the rest still says something. */
hwv_status hwv_cli_subject_open(hwv_cli *cli, hwv_cli_subject *subject, const char *path, hwv_cli_file kind,
                                const char *const *files, size_t count, bool partial, hwv_error *error);
/* Accepts a zero struct. */
void hwv_cli_subject_close(hwv_cli_subject *subject);

/* A feed of them from the beginning; `samples` is its self. Its `outputs` is NULL. */
hwv_status hwv_cli_samples_feed(hwv_cli_samples *samples, hwv_feed *feed, hwv_error *error);

/* Numbers of a list "0.5,0.5,0.5"; free with hwv_free. HWV_ERR_ARGUMENT names the option. */
hwv_status hwv_cli_numbers_list(double **numbers, size_t *count, const char *option, const char *list,
                                hwv_error *error);

#endif
