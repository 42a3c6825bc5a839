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
#include "halfwave/fix.h"
#include "halfwave/inputs.h"

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
    int32_t *labels;       /* one a sample; NULL: there are none, or it is a text (hwv_cli_samples_labels) */
    /* Of the model: whether it takes tokens, how many a sample, and what they are; where it says so. */
    bool reads_text;
    size_t block;
    hwv_vocabulary vocabulary;
    hwv_data_part apart; /* of a text: what `part` is */
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
    size_t most; /* feeds end after so many samples; 0: with the last one */
} hwv_cli_samples;

/* A model's file and what it runs on. Owns both. */
typedef struct hwv_cli_subject {
    hwv_patient *patient;
    const hwv_network *network; /* the patient's; both NULL before it is opened */
    hwv_cli_samples samples;
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
/* The same of the first operand, with the files of --data and all other operands. */
hwv_status hwv_cli_subject_open_given(hwv_cli *cli, hwv_cli_subject *subject, hwv_cli_file kind, hwv_error *error);
/* Accepts a zero struct. */
void hwv_cli_subject_close(hwv_cli_subject *subject);

/* A feed of them from the beginning; `samples` is its self. Its `outputs` is NULL. */
hwv_status hwv_cli_samples_feed(hwv_cli_samples *samples, hwv_feed *feed, hwv_error *error);
/* Such feeds, as often as they are wanted; `samples` is its self. */
hwv_source hwv_cli_samples_source(hwv_cli_samples *samples);
/* Labels of a sample: of text its tokens, else 1, or 0 where there are none. */
size_t hwv_cli_samples_label_count(const hwv_cli_samples *samples);
/* Those of samples first .. first+count-1, one sample after the other; free with hwv_free. HWV_ERR_MEMORY. */
hwv_status hwv_cli_samples_labels(const hwv_cli_samples *samples, size_t first, size_t count, int32_t **labels,
                                  hwv_error *error);
/* Counts the units of a network that takes these samples. */
hwv_status hwv_cli_samples_count(hwv_cli_samples *samples, const hwv_network *network, hwv_tally *tally,
                                 hwv_error *error);

/* A layer of a count by its name, or by its number from 1; false: there is no such layer. *layer counts from 0. */
bool hwv_cli_layer_find(const hwv_tally *tally, const char *text, size_t length, size_t *layer);

/* Numbers of a list "0.5,0.5,0.5"; free with hwv_free. HWV_ERR_ARGUMENT names the option. */
hwv_status hwv_cli_numbers_list(double **numbers, size_t *count, const char *option, const char *list,
                                hwv_error *error);

#endif
