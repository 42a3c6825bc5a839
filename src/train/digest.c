/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Fingerprints of weights and of data sets. */
#include "graph/structure.h"
#include "io/bytes.h"
#include "io/sha256.h"
#include "train/checkpoint.h"
#include "train/trainer.h"

/* Samples of each part that enter a data set's fingerprint, evenly spread. */
#define SAMPLES ((size_t)256)

/* `count` elements of 4 bytes, little-endian whatever the machine. */
static void add_words(hwv_sha256 *sum, const void *words, size_t count)
{
    const unsigned char *bytes = words;
    if (hwv_host_is_little()) {
        hwv_sha256_add(sum, bytes, 4 * count);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const unsigned char turned[4] = {bytes[4 * i + 3], bytes[4 * i + 2], bytes[4 * i + 1], bytes[4 * i]};
        hwv_sha256_add(sum, turned, 4);
    }
}

void hwv_weights_sha256(const hwv_model *model, char hex[65])
{
    hwv_sha256 sum;
    hwv_sha256_begin(&sum);
    for (size_t v = 0; v < hwv_graph_value_count(model->graph); v++) {
        const float *data = hwv_weights_data(model->weights, (hwv_id)v);
        size_t elements;
        if (data && hwv_shape_elements(&hwv_graph_value(model->graph, (hwv_id)v)->shape, 1, &elements))
            add_words(&sum, data, elements);
    }
    hwv_sha256_end(&sum, hex);
}

void hwv_tensors_sha256(const hwv_tensor_entry *tensors, size_t count, char hex[65])
{
    hwv_sha256 sum;
    hwv_sha256_begin(&sum);
    for (size_t i = 0; i < count; i++) {
        /* By the shape: entries to be written need not say their bytes. */
        size_t bytes = hwv_tensor_type_bytes(tensors[i].type);
        for (size_t d = 0; d < tensors[i].rank; d++)
            bytes *= tensors[i].shape[d];
        if (bytes > 0)
            hwv_sha256_add(&sum, tensors[i].data, bytes);
    }
    hwv_sha256_end(&sum, hex);
}

static void add_size(hwv_sha256 *sum, size_t value)
{
    unsigned char bytes[8];
    hwv_store_le64(bytes, value);
    hwv_sha256_add(sum, bytes, sizeof bytes);
}

/* All of a part: they are its labels too. */
static void add_tokens(hwv_sha256 *sum, const hwv_data *data, const hwv_data_part *part)
{
    enum { PIECE = 2048 };
    unsigned char bytes[2 * PIECE];
    size_t count = part->count > 0 ? (part->count - 1) * part->stride + data->block + 1 : 0;
    add_size(sum, part->count);
    for (size_t first = 0; first < count; first += PIECE) {
        size_t n = count - first < PIECE ? count - first : PIECE;
        for (size_t i = 0; i < n; i++) {
            bytes[2 * i] = (unsigned char)(part->tokens[first + i] & 0xff);
            bytes[2 * i + 1] = (unsigned char)(part->tokens[first + i] >> 8);
        }
        hwv_sha256_add(sum, bytes, 2 * n);
    }
}

static void add_part(hwv_sha256 *sum, const hwv_data *data, const hwv_data_part *part)
{
    if (part->tokens) {
        add_tokens(sum, data, part);
        return;
    }
    size_t every = part->count / SAMPLES + 1;
    add_size(sum, part->count);
    add_words(sum, part->labels, part->count);
    for (size_t i = 0; i < part->count; i += every) {
        if (part->bytes)
            hwv_sha256_add(sum, part->bytes + i * data->features, data->features);
        else
            add_words(sum, part->floats + i * data->features, data->features);
    }
}

void hwv_data_sha256(const hwv_data *data, char hex[65])
{
    hwv_sha256 sum;
    hwv_sha256_begin(&sum);
    add_size(&sum, data->rank);
    for (size_t d = 0; d < data->rank; d++)
        add_size(&sum, data->dims[d]);
    add_size(&sum, data->classes);
    add_words(&sum, &data->scale, 1);
    if (data->block > 0) {
        add_size(&sum, data->vocabulary.bytes);
        add_words(&sum, data->vocabulary.codes, data->vocabulary.size);
    }
    add_part(&sum, data, &data->train);
    add_part(&sum, data, &data->test);
    hwv_sha256_end(&sum, hex);
}
