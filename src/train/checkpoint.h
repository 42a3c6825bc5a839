/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Checkpoints: a safetensors file. Tensors:
 *
 *     NAME                   every parameter and state under its own name: fc1.weight [out,in]
 *     optimizer.momentK.NAME what the optimiser keeps of it
 *     model.onnx             U8: the file that the model is of, if it is; then weights have "weights." in front of their
 *                            names, which are the file's
 *     train.wrong            U8: for the last samples, oldest first, whether each was wrong
 *     train.losses           F64: losses of the last steps, oldest first
 *     train.history          F64 [rounds, 11]: one hwv_epoch_stats a row (10 in older files: without test_loss)
 *     train.hooks            U8: what the hooks keep between steps, if anything; not in one that was changed
 *     data.mean              F64 [channels], with data.deviation: what the data was normalised by, if it was
 *     data.vocabulary        I32 [size]: the code points of the tokens of a text of characters
 *
 * Metadata, all strings; those marked * are JSON objects:
 *
 *     format   "halfwave checkpoint"
 *     version  "1"
 *     model*   notation (or name of the file), shape, classes, smoothing, op and its params
 *     options* everything of hwv_train_options that the numbers depend on
 *     progress* step, sums of the round, and the instruction set it was made with
 *     data*    name, counts and fingerprint of the data set
 *     sha256   of the bytes of all tensors in the order of the file: a flipped bit is not trained on
 *
 * The order of samples and the initial weights are functions of the seed: no generator has a state. */
#ifndef HWV_TRAIN_CHECKPOINT_H
#define HWV_TRAIN_CHECKPOINT_H

#include "halfwave/json.h"
#include "halfwave/train.h"
#include "io/safetensors.h"

#define HWV_CHECKPOINT_FORMAT  "halfwave checkpoint"
#define HWV_CHECKPOINT_VERSION "1"
#define HWV_DATA_MEAN          "data.mean"
#define HWV_DATA_DEVIATION     "data.deviation"
#define HWV_DATA_VOCABULARY    "data.vocabulary"
#define HWV_TRAIN_HOOKS        "train.hooks"
/* Numbers of a row of train.history. */
#define HWV_HISTORY_COLUMNS ((size_t)11)
#define HWV_HISTORY_OLDER   ((size_t)10)

/* Where things stand in a run. */
typedef struct hwv_progress {
    size_t step;
    double epoch_loss;
    size_t epoch_wrong, epoch_steps;
} hwv_progress;

typedef struct hwv_data_identity {
    char name[64];
    size_t train, test, features, classes;
    size_t block; /* of a text, else 0; its vocabulary is a tensor, or bytes */
    bool bytes;
    char sha256[65];
} hwv_data_identity;

/* ---- metadata (checkpoint_fields.c) ---------------------------------------------------------------- */

void hwv_fields_write_options(hwv_json_writer *json, const hwv_train_options *options);
/* All must be there: HWV_ERR_FORMAT names the one that is missing or wrong. Fields that are no part of the file are
 * left alone. */
hwv_status hwv_fields_read_options(hwv_train_options *options, const hwv_json_value *object, hwv_error *error);
/* HWV_ERR_MISMATCH: the first option that differs, the checkpoint's value, the given one. epochs, max_steps and
 * until_train_error, which only say where a run ends, may differ. */
hwv_status hwv_fields_compare_options(const hwv_train_options *saved, const hwv_train_options *given, hwv_error *error);

void hwv_fields_write_progress(hwv_json_writer *json, const hwv_progress *progress);
hwv_status hwv_fields_read_progress(hwv_progress *progress, const hwv_json_value *object, hwv_error *error);

void hwv_fields_write_data(hwv_json_writer *json, const hwv_data_identity *data);
hwv_status hwv_fields_read_data(hwv_data_identity *data, const hwv_json_value *object, hwv_error *error);

/* The notation is allocated by the reader: hwv_free. */
void hwv_fields_write_model(hwv_json_writer *json, const hwv_model *model);
hwv_status hwv_fields_read_model(char **notation, hwv_model_options *options, const hwv_json_value *object,
                                 hwv_error *error);

/* Ends the document: those of the metadata have no line feed behind them. HWV_ERR_MEMORY. */
hwv_status hwv_fields_end(hwv_json_writer *json, hwv_error *error);

/* A row of train.history. */
void hwv_history_pack(double row[HWV_HISTORY_COLUMNS], const hwv_epoch_stats *stats);
void hwv_history_unpack(hwv_epoch_stats *stats, const double *row, size_t columns);

/* ---- sums (digest.c) ------------------------------------------------------------------------------- */

void hwv_tensors_sha256(const hwv_tensor_entry *tensors, size_t count, char hex[65]);

/* ---- the parts of a file (checkpoint_read.c) ------------------------------------------------------- */

/* An opened checkpoint with its metadata read. Zero-initialise; owns all of it. */
typedef struct hwv_checkpoint {
    hwv_safetensors file;
    char *notation;
    hwv_model_options model;
    hwv_train_options options;
    hwv_progress progress;
    hwv_data_identity data;
} hwv_checkpoint;

/* HWV_ERR_IO, HWV_ERR_FORMAT, HWV_ERR_MEMORY; HWV_ERR_MISMATCH: no checkpoint of ours, or another version. All
 * messages begin with the path. */
hwv_status hwv_checkpoint_open(hwv_checkpoint *checkpoint, const char *path, hwv_error *error);
/* The same of bytes, which must stay as long as it is open; `name` stands in messages. */
hwv_status hwv_checkpoint_open_bytes(hwv_checkpoint *checkpoint, const char *name, const void *bytes, size_t size,
                                     hwv_error *error);
void hwv_checkpoint_close(hwv_checkpoint *checkpoint);
/* Builds its model, with its weights. Messages do not begin with the path, here and below. HWV_ERR_FORMAT,
 * HWV_ERR_MEMORY. */
hwv_status hwv_checkpoint_model(const hwv_checkpoint *checkpoint, hwv_model *model, hwv_error *error);
/* Checks (block NULL) or copies arrays into a block with the layout of the model's weights: these, or with `moments` what
 * the optimiser keeps as `moment` (from 0). HWV_ERR_FORMAT. */
hwv_status hwv_checkpoint_block(const hwv_checkpoint *checkpoint, const hwv_model *model, float *block, size_t moment,
                                bool moments, hwv_error *error);

/* ---- texts (checkpoint_text.c): messages do not begin with the path ----------------------------------- */

/* Gives a text the block and the vocabulary of that which a checkpoint was trained on, which must be one too. HWV_ERR_FORMAT:
 * its vocabulary is damaged, or the text is too short for the block; else as hwv_data_vocabulary_set. */
hwv_status hwv_checkpoint_adapt(hwv_data *data, const hwv_checkpoint *checkpoint, hwv_error *error);
/* Has the data the block and the vocabulary that the checkpoint's had, none if none? HWV_ERR_MISMATCH: the first
 * difference; HWV_ERR_FORMAT, HWV_ERR_MEMORY. */
hwv_status hwv_checkpoint_compare_text(const hwv_checkpoint *checkpoint, const hwv_data *data, hwv_error *error);

/* ---- tensors to be written (tensor_list.c) ---------------------------------------------------------- */

#define HWV_TENSOR_NAME    128
#define HWV_MOMENTS_PREFIX "optimizer."
#define HWV_WEIGHTS_PREFIX "weights." /* names of files are of any kind: theirs must not be ours */
#define HWV_MODEL_FILE     "model.onnx"

/* Owns names and entries, not the data. Zero-initialise. */
typedef struct hwv_tensor_list {
    hwv_tensor_entry *entries;
    char (*names)[HWV_TENSOR_NAME];
    size_t count;
} hwv_tensor_list;

/* Room for `capacity` entries; false: no memory (free it all the same). */
bool hwv_tensor_list_make(hwv_tensor_list *list, size_t capacity);
void hwv_tensor_list_free(hwv_tensor_list *list);
/* Rank and shape are the caller's to fill. */
hwv_tensor_entry *hwv_tensor_list_add(hwv_tensor_list *list, const char *name, hwv_tensor_type type, const void *data);
/* Whether a checkpoint keeps a value, or with `moments` what the optimiser keeps of it, and under which name. Constants are
 * the model's file's. */
bool hwv_tensor_kept(char name[HWV_TENSOR_NAME], const hwv_model *model, const hwv_value *value, size_t moment,
                     bool moments);
/* The arrays of a block with the layout of the model's weights, as hwv_checkpoint_block reads them. */
void hwv_tensor_list_add_block(hwv_tensor_list *list, const hwv_model *model, const float *block, size_t moment,
                               bool moments);
/* "optimizer.moment1.fc1.weight" for moment 0. */
void hwv_moment_name(char *text, size_t size, size_t moment, const char *parameter);

#endif
