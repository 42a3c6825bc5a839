/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Texts as data sets: blocks of tokens, each with the tokens that follow. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "halfwave/memory.h"
#include "io/codes.h"
#include "io/file.h"
#include "io/parts.h"
#include "io/sources.h"

/* As of CSV: nothing in a text bounds what a compressed one inflates to. */
#define LIMIT ((size_t)1 << 31)

/* The test part, the last 10 %, rounded up, must have a block and the token behind it. */
#define SHARE 10

static void describe(hwv_data *data, const hwv_data_owner *own)
{
    const char *dots, *end = hwv_path_end(own->path, &dots), *unit = own->text.vocabulary.bytes ? "byte" : "character";
    (void)snprintf(data->description, sizeof data->description,
                   "%s%s: %zu %ss, %zu + %zu samples of %zu (training + test), vocabulary of %zu; the last 10 %% are "
                   "the test part%s",
                   dots, end, own->text.count, unit, data->train.count, data->test.count, data->block, data->classes,
                   own->guessed ? "; guessed to be text" : "");
}

/* Samples of a stretch of tokens that begin every `stride` ones. */
static hwv_data_part part_of(const uint16_t *tokens, size_t count, size_t block, size_t stride)
{
    return (hwv_data_part){.count = (count - block - 1) / stride + 1, .tokens = tokens, .stride = stride};
}

static hwv_status cut(hwv_data *data, size_t block, hwv_status otherwise, hwv_error *error)
{
    const hwv_data_owner *own = data->owner;
    const size_t count = own->text.count, test = (count - 1) / SHARE + 1;
    if (block == 0)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "%s: blocks of 0 tokens; 1 to %zu are accepted", data->name,
                        (count - 1) / SHARE);
    if ((count - 1) / SHARE < block)
        return hwv_fail(error, otherwise,
                        "%s: a text of %zu %s%s; blocks of %zu need %zu, so that the last 10 %% have one and the token "
                        "behind it",
                        own->path, count, own->text.vocabulary.bytes ? "byte" : "character", count == 1 ? "" : "s",
                        block, block <= (SIZE_MAX - 1) / SHARE ? SHARE * block + 1 : SIZE_MAX);
    data->block = data->features = data->dims[0] = block;
    data->train = part_of(own->text.tokens, count - test, block, 1);
    data->test = part_of(own->text.tokens + (count - test), test, block, block);
    describe(data, own);
    return HWV_OK;
}

static hwv_status need_text(const hwv_data *data, hwv_error *error)
{
    return data->block > 0 ? HWV_OK : hwv_fail(error, HWV_ERR_ARGUMENT, "%s is no text: it has no tokens", data->name);
}

hwv_status hwv_data_block_set(hwv_data *data, size_t block, hwv_error *error)
{
    HWV_TRY(need_text(data, error));
    return cut(data, block, HWV_ERR_ARGUMENT, error);
}

/* ---- opening ----------------------------------------------------------------------------------------- */

static hwv_status read_text(hwv_tokens *text, const char *path, bool bytes, hwv_error *error)
{
    hwv_file file;
    HWV_TRY(hwv_file_read(&file, path, LIMIT, NULL, error));
    hwv_status status = bytes ? hwv_tokens_of_bytes(text, file.data, file.size, error)
                              : hwv_tokens_of_characters(text, file.data, file.size, error);
    hwv_file_free(&file);
    return status == HWV_OK ? HWV_OK : hwv_fail_prefix(error, status, "%s: ", path);
}

static hwv_status open_text(hwv_data *data, const char *path, bool bytes, bool guessed, hwv_error *error)
{
    hwv_data_owner *own;
    HWV_TRY(hwv_data_own(data, &own, error));
    HWV_TRY(read_text(&own->text, path, bytes, error));
    own->guessed = guessed;
    own->path = hwv_strdup(path);
    if (!own->path)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for a path");
    (void)snprintf(data->name, sizeof data->name, "%s", bytes ? "text-bytes" : "text");
    data->rank = 1;
    data->dims[1] = data->dims[2] = 1;
    data->scale = 1;
    data->vocabulary = own->text.vocabulary;
    data->classes = data->vocabulary.size;
    const size_t longest = (own->text.count - 1) / SHARE, block = longest < HWV_BLOCK ? longest : HWV_BLOCK;
    return cut(data, block > 0 ? block : 1, HWV_ERR_FORMAT, error);
}

hwv_status hwv_open_text(hwv_data *data, const char *path, hwv_error *error)
{
    static const char usual[] = "/usr/share/doc/jargon-text/jargon.txt.gz";
    if (path)
        return open_text(data, path, false, false, error);
    if (!hwv_file_exists(usual))
        return hwv_fail(error, HWV_ERR_IO,
                        "text: not on this machine (looked for %s): install the Debian package jargon-text, or give a "
                        "file as text:FILE",
                        usual);
    return open_text(data, usual, false, false, error);
}

hwv_status hwv_open_text_guessed(hwv_data *data, const char *path, hwv_error *error)
{
    return open_text(data, path, false, true, error);
}

hwv_status hwv_open_text_bytes(hwv_data *data, const char *path, hwv_error *error)
{
    return open_text(data, path, true, false, error);
}

/* ---- another vocabulary ------------------------------------------------------------------------------ */

/* The token there of each token here, -1 where there is none. */
static bool map_make(int32_t **map, const hwv_vocabulary *from, const hwv_vocabulary *to)
{
    *map = hwv_calloc(from->size, sizeof **map);
    for (size_t i = 0; *map && i < from->size; i++)
        (*map)[i] = hwv_vocabulary_find(to, from->codes[i]);
    return *map != NULL;
}

static hwv_status map_check(const hwv_data_owner *own, const int32_t *map, size_t size, hwv_error *error)
{
    const hwv_tokens *text = &own->text;
    for (size_t i = 0; i < text->count; i++) {
        if (map[text->tokens[i]] >= 0)
            continue;
        char name[HWV_CODE_TEXT];
        hwv_code_print(name, text->vocabulary.codes[text->tokens[i]], text->vocabulary.bytes);
        return hwv_fail(error, HWV_ERR_MISMATCH, "%s: character %zu, %s, is not among the %zu of the vocabulary",
                        own->path, i + 1, name, size);
    }
    return HWV_OK;
}

static hwv_status copy_vocabulary(hwv_vocabulary *copy, const hwv_vocabulary *vocabulary, hwv_error *error)
{
    return vocabulary->bytes ? hwv_vocabulary_of_bytes(copy, error)
                             : hwv_vocabulary_of_codes(copy, vocabulary->codes, vocabulary->size, error);
}

hwv_status hwv_data_vocabulary_set(hwv_data *data, const hwv_vocabulary *vocabulary, hwv_error *error)
{
    HWV_TRY(need_text(data, error));
    hwv_data_owner *own = data->owner;
    hwv_tokens *text = &own->text;
    if (text->vocabulary.bytes != vocabulary->bytes)
        return hwv_vocabulary_compare(vocabulary, "the model", &text->vocabulary, own->path, error);
    hwv_vocabulary copy;
    HWV_TRY(copy_vocabulary(&copy, vocabulary, error));
    int32_t *map;
    hwv_status status = map_make(&map, &text->vocabulary, &copy)
                            ? map_check(own, map, copy.size, error)
                            : hwv_fail(error, HWV_ERR_MEMORY, "no memory for a vocabulary of %zu", copy.size);
    if (status != HWV_OK) {
        hwv_free(map);
        hwv_vocabulary_free(&copy);
        return status;
    }
    for (size_t i = 0; i < text->count; i++)
        text->tokens[i] = (uint16_t)map[text->tokens[i]];
    hwv_free(map);
    hwv_vocabulary_free(&text->vocabulary);
    data->vocabulary = text->vocabulary = copy;
    data->classes = copy.size;
    describe(data, own);
    return HWV_OK;
}

/* ---- samples ----------------------------------------------------------------------------------------- */

size_t hwv_data_labels(const hwv_data *data)
{
    return data->block > 0 ? data->block : 1;
}

hwv_data_part hwv_data_apart(const hwv_data *data, const hwv_data_part *part)
{
    hwv_data_part apart = *part;
    if (part->tokens && part->count > 0 && part->stride < data->block) {
        apart.count = (part->count - 1) * part->stride / data->block + 1;
        apart.stride = data->block;
    }
    return apart;
}

hwv_data_part hwv_data_some(const hwv_data *data, const hwv_data_part *part, size_t most)
{
    hwv_data_part some = hwv_data_apart(data, part);
    if (part->tokens && some.count > most) {
        if (most > 1) /* the first and the last are among them */
            some.stride = (part->count - 1) * part->stride / (most - 1);
        some.count = most;
    }
    return some;
}

void hwv_data_gather_tokens(const hwv_data *data, const hwv_data_part *part, const uint32_t *rows, size_t first,
                            size_t count, int32_t *x, int32_t *labels)
{
    const size_t block = data->block;
    assert(part->tokens);
    for (size_t i = 0; i < count; i++) {
        const uint16_t *tokens = part->tokens + (rows ? rows[i] : first + i) * part->stride;
        for (size_t t = 0; t < block; t++)
            x[i * block + t] = tokens[t];
        for (size_t t = 0; labels && t < block; t++)
            labels[i * block + t] = tokens[t + 1];
    }
}
