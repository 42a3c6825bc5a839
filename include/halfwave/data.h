/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Data sets: samples with class labels, split into training and test part. Images stay 8-bit in
 * memory and are scaled when a batch is gathered. A text is a data set too: a sample is a block of its tokens, and the
 * labels are the tokens that follow each of them. */
#ifndef HALFWAVE_DATA_H
#define HALFWAVE_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "halfwave/status.h"
#include "halfwave/vocabulary.h"

HWV_BEGIN

#define HWV_DATA_DIMS 3

/* One part. Exactly one of `bytes`, `floats` and `tokens` is set: count samples of `features` elements, sample
 * after sample; of tokens sample i begins at tokens[i * stride], and one token stands behind the last sample. Owned by the
 * data set. */
typedef struct hwv_data_part {
    size_t count;
    const uint8_t *bytes;
    const float *floats;
    const uint16_t *tokens;
    size_t stride;         /* of tokens; else 0 */
    const int32_t *labels; /* class of each sample, 0 .. classes-1; NULL for tokens */
} hwv_data_part;

typedef struct hwv_data {
    char name[64];         /* "digits", "mnist", "csv" */
    char description[256]; /* one line for people: what, from where, how many, the split, any guess made */
    size_t rank;           /* dimensions of one sample: 1 (features, or tokens) or 3 (height, width, channels) */
    size_t dims[HWV_DATA_DIMS];
    size_t features; /* their product */
    size_t classes;  /* of text the size of its vocabulary */
    float scale;     /* element = byte * scale for u8 data */
    hwv_data_part train, test;
    size_t block;                   /* tokens of a sample of text; else 0 */
    hwv_vocabulary vocabulary;      /* of text; else zero */
    const double *mean, *deviation; /* of each channel, after hwv_data_normalize; else NULL. Owned by the data set */
    void *owner, *normal;           /* private */
} hwv_data;

/* Opens a data set by name or path:
 *
 *     digits              embedded; the last 360 samples are the test part
 *     fashion-mnist       from the Debian package dataset-fashion-mnist; fashion-mnist:DIR from a folder
 *     mnist:DIR           the four files of MNIST and its relatives (10 classes)
 *     cifar10:DIR         CIFAR-10's binary version: those of data_batch_1.bin to data_batch_5.bin that are there,
 *                         and test_batch.bin; 32 x 32 x 3, channels last
 *     idx:IMAGES,LABELS   unsigned bytes, scaled by 1/255
 *     csv:FILE            numbers as they are, the label last; a first line without numbers is a header
 *     npy:X,LABELS        unsigned bytes scaled by 1/255, other types as they are; channels last
 *     npz:FILE            the same from the arrays of one file, by name: samples x_train, X_train, train_images, x, X,
 *                         images or data; labels y_train, train_labels, y, labels or target; perhaps a test part
 *                         x_test, X_test or test_images with y_test or test_labels
 *     text                the Jargon File, in the public domain, from the Debian package jargon-text; text:FILE another
 *                         text: UTF-8, its tokens are the characters that occur in it, in the order of Unicode
 *     text-bytes:FILE     any file; its tokens are the 256 bytes
 *     PATH                a text (.txt or .txt.gz), a CSV, IDX or .npz file, a folder of MNIST's or CIFAR-10's, guessed by content; the description says so
 *
 * each .gz or not. Without a test file the last 20 % (rounded up) are the test part, of a text the last 10 % of its
 * tokens. A sample of text is a block of HWV_BLOCK tokens, fewer where it is too short for that (hwv_data_block_set); in
 * the training part one begins at each token, in the test part they do not overlap. What has a slash or a known
 * extension is a path (missing: HWV_ERR_IO), other words are names (unknown: HWV_ERR_NAME, with the nearest and
 * the list; HWV_ERR_ARGUMENT: its files are missing in the text). HWV_ERR_FORMAT gives file and offset or line:
 * damage, labels that are no whole numbers below 65536, NaN or infinity, no UTF-8, a text of less than 11
 * characters. HWV_ERR_UNSUPPORTED: another type of
 * elements, or compressed in a build without zlib. HWV_ERR_MEMORY. Free with hwv_data_close; on failure *data is
 * zero. */
HWV_API hwv_status hwv_data_open(hwv_data *data, const char *spec, hwv_error *error);
HWV_API void hwv_data_close(hwv_data *data);
/* Samples without labels from a file (.gz or not) that is IDX, .npy, .npz (the array x, or the only one) or CSV
 * without a label column, guessed by content: all in the test part, labels NULL, 0 classes. Elements as
 * hwv_data_open gives them. The same errors, but for HWV_ERR_NAME. */
HWV_API hwv_status hwv_data_open_unlabelled(hwv_data *data, const char *path, hwv_error *error);
/* Names that hwv_data_open knows, for lists: i < hwv_data_name_count(). */
HWV_API size_t hwv_data_name_count(void);
HWV_API const char *hwv_data_name(size_t i);

/* The last dimension of a sample: the colours of an image, the features of a row. What is normalised by itself. */
HWV_API size_t hwv_data_channels(const hwv_data *data);
/* From now on hwv_data_gather gives (element - mean) / deviation of the element's channel, where element is the
 * scaled one that it gave before; in float: (in memory - mean/scale) * (scale/deviation). mean and deviation have
 * hwv_data_channels numbers, copied; NULL, NULL: those of the training part (the deviation of the whole set, with 1
 * for 0), the same bits everywhere. What is in memory stays as it is. HWV_ERR_ARGUMENT: a number that is not finite,
 * a deviation that is not above 0, a text; HWV_ERR_MEMORY; then nothing is changed. */
HWV_API hwv_status hwv_data_normalize(hwv_data *data, const double *mean, const double *deviation, hwv_error *error);

#define HWV_BLOCK 64
/* Makes blocks of another length of a text; the description changes too. HWV_ERR_ARGUMENT: 0 tokens, more than the text
 * gives, or data that is no text; then nothing is changed. */
HWV_API hwv_status hwv_data_block_set(hwv_data *data, size_t block, hwv_error *error);
/* Gives a text another vocabulary, copied, such as that of the model it is for: its tokens change. HWV_ERR_MISMATCH: a
 * character of the text that is not in it, and where it stands first; or bytes for characters; HWV_ERR_ARGUMENT: data that
 * is no text; HWV_ERR_MEMORY. On failure nothing is changed. */
HWV_API hwv_status hwv_data_vocabulary_set(hwv_data *data, const hwv_vocabulary *vocabulary, hwv_error *error);
/* Labels of a sample: the tokens of a block of text, else 1. */
HWV_API size_t hwv_data_labels(const hwv_data *data);
/* A part whose samples do not overlap, for looking at each token once: of a text its blocks one after the other, else the
 * part itself. */
HWV_API hwv_data_part hwv_data_apart(const hwv_data *data, const hwv_data_part *part);
/* Some of those for an estimate: of a text at most `most` (1 or more) blocks, evenly spread over the part; else the part
 * itself. */
HWV_API hwv_data_part hwv_data_some(const hwv_data *data, const hwv_data_part *part, size_t most);

/* x[count][features] and labels[count] of the samples rows[count] of a part (rows NULL: first ..
 * first+count-1). labels NULL: not wanted. Never fails; rows must be inside the part, and the part not be of text. */
HWV_API void hwv_data_gather(const hwv_data *data, const hwv_data_part *part, const uint32_t *rows, size_t first,
                             size_t count, float *x, int32_t *labels);
/* The same of text: x[count][block], and in labels[count][block] the token behind each of them. */
HWV_API void hwv_data_gather_tokens(const hwv_data *data, const hwv_data_part *part, const uint32_t *rows, size_t first,
                                    size_t count, int32_t *x, int32_t *labels);

/* Random changes of images [height][width][channels], drawn anew for every sample and epoch. */
typedef struct hwv_augment {
    size_t shift;  /* moved by up to so many pixels down or up and right or left; what comes in is 0 in memory, that
                      is before normalisation */
    bool flip;     /* left and right exchanged, for every other sample on average (before the shift) */
    size_t cutout; /* a square of so many pixels a side, its centre anywhere in the image, its outside cut off, is 0 as
                      the model gets it: the mean of normalised data */
} hwv_augment;

/* Is there anything to do? */
HWV_API bool hwv_augment_on(const hwv_augment *augment);
/* HWV_ERR_ARGUMENT: samples that are no images, a shift or cutout that does not fit them. */
HWV_API hwv_status hwv_augment_check(const hwv_augment *augment, const hwv_data *data, hwv_error *error);
/* hwv_data_gather of rows[count] with changes that are a function of (seed, HWV_STREAM_AUGMENT, epoch, row): neither the
 * batch nor its order matter. scratch: room for one sample. `augment` must have passed hwv_augment_check. */
HWV_API void hwv_data_gather_augmented(const hwv_data *data, const hwv_data_part *part, const uint32_t *rows,
                                       size_t count, const hwv_augment *augment, uint64_t seed, uint32_t epoch,
                                       float *scratch, float *x, int32_t *labels);

/* Writes x[rows][columns] as a .npy file of little-endian floats, whole or not at all. HWV_ERR_IO, HWV_ERR_MEMORY. */
HWV_API hwv_status hwv_npy_write(const char *path, const float *x, size_t rows, size_t columns, hwv_error *error);

/* Are all labels below `classes` (a model's outputs)? HWV_ERR_FORMAT: the first that is not, with its file
 * and offset or line. */
HWV_API hwv_status hwv_data_check_labels(const hwv_data *data, size_t classes, hwv_error *error);

HWV_END

#endif
