/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Reading layer notation: blanks, words and sizes, with positions for messages.
 *
 *     notation = layer { ";" layer } [ ";" ]
 *     layer    = word { argument }        as the table in layers.c says
 *              | "res" "{" notation "}" */
#include "model/notation.h"
#include "halfwave/text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.';
}

static hwv_status fail_at(hwv_error *error, hwv_status status, size_t layer, size_t at, const char *format,
                          va_list arguments)
{
    char text[sizeof error->text];
    vsnprintf(text, sizeof text, format, arguments);
    return hwv_fail(error, status, "model: layer %zu, column %zu: %s", layer, at + 1, text);
}

hwv_status hwv_builder_fail(const hwv_builder *builder, hwv_status status, size_t at, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    status = fail_at(builder->error, status, builder->layer, at, format, arguments);
    va_end(arguments);
    return status;
}

hwv_status hwv_place_fail(const hwv_layer_place *place, hwv_error *error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    hwv_status status = fail_at(error, HWV_ERR_UNSUPPORTED, place->layer, place->words.at, format, arguments);
    va_end(arguments);
    return status;
}

static void blanks_skip(hwv_builder *builder)
{
    while (hwv_blank(builder->text[builder->at]))
        builder->at++;
}

size_t hwv_builder_peek(hwv_builder *builder, const char **word)
{
    size_t length = 0;
    blanks_skip(builder);
    *word = builder->text + builder->at;
    while (is_word((*word)[length]))
        length++;
    return length;
}

hwv_words hwv_builder_words(hwv_builder *builder)
{
    const char *word;
    size_t length = hwv_builder_peek(builder, &word);
    return (hwv_words){builder->at, length};
}

void hwv_builder_skip(hwv_builder *builder)
{
    const char *word;
    size_t length = hwv_builder_peek(builder, &word);
    builder->at += length;
}

static bool same(const char *word, size_t length, const char *other)
{
    return strlen(other) == length && memcmp(word, other, length) == 0;
}

bool hwv_builder_accept(hwv_builder *builder, const char *wanted)
{
    const char *word;
    size_t length = hwv_builder_peek(builder, &word);
    if (!same(word, length, wanted))
        return false;
    builder->at += length;
    return true;
}

/* What stands at the cursor, for a message: a word, a character, or the end. */
static void found_print(hwv_builder *builder, char *text, size_t size)
{
    const char *word;
    size_t length = hwv_builder_peek(builder, &word);
    if (length > 0)
        snprintf(text, size, "'%.*s'", length > 40 ? 40 : (int)length, word);
    else if (*word == '\0' || *word == ';' || *word == '}')
        snprintf(text, size, "the end of the layer");
    else
        snprintf(text, size, "'%c'", *word);
}

/* A whole number, 1 or more; `or_else` is what the message says is accepted too. */
static hwv_status number_read(hwv_builder *builder, const char *what, const char *or_else, size_t *size)
{
    const char *word;
    char found[64];
    size_t length = hwv_builder_peek(builder, &word), value = 0, digits = 0;
    for (; digits < length && word[digits] >= '0' && word[digits] <= '9'; digits++)
        if (!hwv_size_mul(value, 10, &value) || !hwv_size_add(value, (size_t)(word[digits] - '0'), &value))
            value = SIZE_MAX;
    if (length == 0 || digits != length || value == 0 || value > UINT32_MAX) {
        found_print(builder, found, sizeof found);
        return hwv_builder_fail(builder, HWV_ERR_ARGUMENT, builder->at,
                                "%s is a whole number from 1 to %lu%s; found %s", what, (unsigned long)UINT32_MAX,
                                or_else, found);
    }
    builder->at += length;
    *size = value;
    return HWV_OK;
}

hwv_status hwv_builder_number(hwv_builder *builder, const char *what, size_t *number)
{
    return number_read(builder, what, "", number);
}

hwv_status hwv_builder_size(hwv_builder *builder, const char *what, size_t *size)
{
    builder->place->size = hwv_builder_words(builder);
    if (!hwv_builder_accept(builder, "classes"))
        return number_read(builder, what, ", or the word 'classes'", size);
    *size = builder->options->classes;
    return HWV_OK;
}

/* Digits with at most one point among them; the quotient of two whole numbers, so no locale and no strtod. */
static bool decimal_parse(const char *word, size_t length, double *value)
{
    double digits = 0, scale = 1;
    size_t points = 0;
    for (size_t i = 0; i < length; i++) {
        if (word[i] == '.') {
            points++;
            continue;
        }
        if (word[i] < '0' || word[i] > '9')
            return false;
        digits = 10 * digits + (word[i] - '0');
        scale *= points ? 10 : 1;
    }
    *value = digits / scale;
    return length > points && points <= 1 && length <= 16;
}

hwv_status hwv_builder_share(hwv_builder *builder, const char *what, float *share)
{
    const char *word;
    char found[64];
    double value = 0;
    size_t length = hwv_builder_peek(builder, &word);
    bool percent = word[length] == '%', good = decimal_parse(word, length, &value);
    value /= percent ? 100 : 1;
    if (!good || value >= 1) {
        found_print(builder, found, sizeof found);
        return hwv_builder_fail(builder, HWV_ERR_ARGUMENT, builder->at,
                                "%s is a number from 0 to below 1, or percent; found %s", what, found);
    }
    builder->at += length + percent;
    *share = (float)value;
    return HWV_OK;
}

bool hwv_builder_character(hwv_builder *builder, char character)
{
    blanks_skip(builder);
    bool there = builder->text[builder->at] == character;
    builder->at += there;
    return there;
}

size_t hwv_builder_next_layer(const hwv_builder *builder, const char **word)
{
    hwv_builder cursor = *builder;
    (void)hwv_builder_rest(&cursor, word);
    if (!hwv_builder_character(&cursor, ';'))
        return 0;
    return hwv_builder_peek(&cursor, word);
}

size_t hwv_builder_rest(hwv_builder *builder, const char **rest)
{
    size_t length = 0;
    blanks_skip(builder);
    *rest = builder->text + builder->at;
    while ((*rest)[length] != '\0' && (*rest)[length] != ';' && (*rest)[length] != '}')
        length++;
    builder->at += length;
    while (length > 0 && hwv_blank((*rest)[length - 1]))
        length--;
    return length;
}

/* ---- layers -------------------------------------------------------------------------------------- */

/* The list of words for a message, with the nearest one to a wrong word (given as a terminated string). */
static hwv_status layer_unknown(hwv_builder *builder, const char *wrong)
{
    const char *names[HWV_WORDS_MAX];
    char words[160] = "";
    size_t count = hwv_layer_count(), used = 0;
    for (size_t i = 0; i < count; i++) {
        names[i] = hwv_layer_get(i)->word;
        used += (size_t)snprintf(words + used, sizeof words - used, "%s%s", i ? ", " : "", names[i]);
        if (used >= sizeof words)
            used = sizeof words - 1;
    }
    return hwv_builder_fail(builder, HWV_ERR_NAME, builder->at, "unknown layer '%s'%s; layers are: %s", wrong,
                            hwv_name_hint(wrong, names, count).text, words);
}

void hwv_layer_places_free(hwv_layer_places *places)
{
    hwv_free(places->place);
    *places = (hwv_layer_places){0};
}

static hwv_status place_add(hwv_builder *builder, const hwv_layer_place *place)
{
    hwv_layer_places *places = builder->places;
    if (places->count == places->capacity) {
        size_t capacity = 2 * places->capacity + 16;
        hwv_layer_place *larger = hwv_realloc(places->place, capacity, sizeof *larger);
        if (larger == NULL)
            return hwv_fail(builder->error, HWV_ERR_MEMORY, "no memory for the layers of a model");
        places->place = larger;
        places->capacity = capacity;
    }
    places->place[places->count++] = *place;
    return HWV_OK;
}

/* What follows the word of a layer; notes where it stands. Nodes since the end of the layer before are its own: layers
 * within it ended before. */
static hwv_status layer_parse(hwv_builder *builder, const hwv_layer *layer, hwv_words word)
{
    hwv_layer_place place = {.layer = builder->layer, .words = word}, *outer = builder->place;
    builder->place = &place;
    hwv_status status = layer->parse(builder);
    builder->place = outer;
    if (status != HWV_OK || builder->places == NULL)
        return status;
    size_t end = builder->at, count = builder->places->count;
    while (hwv_blank(builder->text[end - 1]))
        end--;
    place.words.length = end - word.at;
    place.first_node = count > 0 ? builder->places->place[count - 1].end_node : 0;
    place.end_node = (hwv_id)hwv_graph_node_count(builder->model->graph);
    return place_add(builder, &place);
}

/* Reads one layer; *usage is how it is written. */
static hwv_status layer_read(hwv_builder *builder, const char **usage)
{
    const char *word;
    char wrong[48], found[64];
    size_t length = hwv_builder_peek(builder, &word);
    if (length == 0) {
        found_print(builder, found, sizeof found);
        return hwv_builder_fail(builder, HWV_ERR_ARGUMENT, builder->at, "a layer starts with a word; found %s", found);
    }
    for (size_t i = 0; i < hwv_layer_count(); i++)
        if (same(word, length, hwv_layer_get(i)->word)) {
            hwv_words name = {builder->at, length};
            builder->at += length;
            *usage = hwv_layer_get(i)->usage;
            return layer_parse(builder, hwv_layer_get(i), name);
        }
    snprintf(wrong, sizeof wrong, "%.*s", length > 40 ? 40 : (int)length, word);
    return layer_unknown(builder, wrong);
}

/* At the end of the text or of a block. */
static bool at_end(const hwv_builder *builder)
{
    return builder->text[builder->at] == '\0' || builder->text[builder->at] == '}';
}

hwv_status hwv_notation_read(hwv_builder *builder)
{
    char found[64];
    const char *usage = "";
    for (;;) {
        builder->layer++;
        HWV_TRY(layer_read(builder, &usage));
        blanks_skip(builder);
        if (!at_end(builder) && builder->text[builder->at] != ';') {
            found_print(builder, found, sizeof found);
            return hwv_builder_fail(builder, HWV_ERR_ARGUMENT, builder->at,
                                    "found %s where ';' or the end is expected; usage: %s", found, usage);
        }
        if (builder->text[builder->at] == ';')
            builder->at++;
        blanks_skip(builder);
        if (at_end(builder))
            return HWV_OK;
    }
}

bool hwv_notation_is_name(const char *text)
{
    hwv_builder cursor = {.text = text};
    const char *word;
    size_t length = hwv_builder_peek(&cursor, &word);
    for (size_t i = 0; i < hwv_layer_count(); i++)
        if (same(word, length, hwv_layer_get(i)->word))
            return false;
    cursor.at += length;
    blanks_skip(&cursor);
    return length > 0 && text[cursor.at] == '\0';
}
