/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Memory and names of an import. */
#include "halfwave/memory.h"
#include "onnx/import_state.h"

#include <stdio.h>
#include <string.h>

/* ---- blocks --------------------------------------------------------------------------------------- */

static bool room(void **array, size_t *capacity, size_t count, size_t size)
{
    size_t wanted = *capacity ? *capacity * 2 : 16;
    if (count < *capacity)
        return true;
    void *grown = hwv_realloc(*array, wanted, size);
    if (grown == NULL)
        return false;
    *array = grown;
    *capacity = wanted;
    return true;
}

void *hwv_import_blocks_take(hwv_import_blocks *blocks, size_t count, size_t size)
{
    void *array = blocks->blocks;
    size_t bytes;
    if (!hwv_size_mul(count, size, &bytes) || bytes > blocks->most - blocks->bytes) {
        blocks->over = true;
        return NULL;
    }
    if (!room(&array, &blocks->capacity, blocks->count, sizeof(void *)))
        return NULL;
    blocks->blocks = array;
    void *block = hwv_calloc(count ? count : 1, size);
    if (block) {
        blocks->blocks[blocks->count++] = block;
        blocks->bytes += bytes;
    }
    return block;
}

void hwv_import_blocks_free(hwv_import_blocks *blocks)
{
    for (size_t i = 0; i < blocks->count; i++)
        hwv_free(blocks->blocks[i]);
    hwv_free(blocks->blocks);
    *blocks = (hwv_import_blocks){0};
}

void *hwv_import_take(hwv_import *import, size_t count, size_t size)
{
    return hwv_import_blocks_take(import->state->memory, count, size);
}

/* ---- names ---------------------------------------------------------------------------------------- */

/* FNV-1a. */
static size_t hash(const char *text)
{
    uint64_t h = UINT64_C(14695981039346656037);
    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return (size_t)(h ^ h >> 32);
}

static size_t slot_of(const hwv_import_names *names, const char *text)
{
    size_t slot = hash(text) & (names->slots - 1);
    while (names->text[slot] && strcmp(names->text[slot], text) != 0)
        slot = (slot + 1) & (names->slots - 1);
    return slot;
}

uint32_t hwv_import_names_find(const hwv_import_names *names, const char *text)
{
    if (names->slots == 0)
        return HWV_IMPORT_NO_NAME;
    size_t slot = slot_of(names, text);
    return names->text[slot] ? names->number[slot] : HWV_IMPORT_NO_NAME;
}

static bool rehash(hwv_import_names *names)
{
    hwv_import_names wider = {.slots = names->slots ? names->slots * 2 : 64, .count = names->count};
    wider.text = hwv_calloc(wider.slots, sizeof *wider.text);
    wider.number = hwv_calloc(wider.slots, sizeof *wider.number);
    if (wider.text == NULL || wider.number == NULL) {
        hwv_import_names_free(&wider);
        return false;
    }
    for (size_t i = 0; i < names->slots; i++)
        if (names->text[i]) {
            size_t slot = slot_of(&wider, names->text[i]);
            wider.text[slot] = names->text[i];
            wider.number[slot] = names->number[i];
        }
    hwv_import_names_free(names);
    *names = wider;
    return true;
}

bool hwv_import_names_add(hwv_import_names *names, const char *text, uint32_t number)
{
    if (2 * (names->count + 1) > names->slots && !rehash(names))
        return false;
    size_t slot = slot_of(names, text);
    names->text[slot] = text;
    names->number[slot] = number;
    names->count++;
    return true;
}

void hwv_import_names_free(hwv_import_names *names)
{
    hwv_free(names->text);
    hwv_free(names->number);
    *names = (hwv_import_names){0};
}

/* The end of a long name says more than its beginning: "..encoder/layer.11/act". Cut between characters. */
static void shorten(char *to, size_t size, const char *name)
{
    size_t length = strlen(name);
    if (length < size) {
        memcpy(to, name, length + 1);
        return;
    }
    const char *from = name + length - (size - 3);
    while (((unsigned char)*from & 0xC0) == 0x80)
        from++;
    snprintf(to, size, "..%s", from);
}

hwv_status hwv_import_name(hwv_import_state *state, const char *name, const char *part, char unique[64])
{
    char base[64], tail[40] = "";
    if (part[0])
        snprintf(tail, sizeof tail, ".%.30s", part);
    shorten(base, sizeof base - strlen(tail), name[0] ? name : "unnamed");
    snprintf(unique, 64, "%s%s", base, tail);
    while (hwv_import_names_find(&state->used, unique) != HWV_IMPORT_NO_NAME) {
        char number[32];
        snprintf(number, sizeof number, "~%zu", ++state->serial + 1);
        shorten(base, sizeof base - strlen(tail) - strlen(number), name[0] ? name : "unnamed");
        snprintf(unique, 64, "%s%s%s", base, tail, number);
    }
    char *copy = hwv_import_blocks_take(state->memory, strlen(unique) + 1, 1);
    if (copy == NULL)
        return hwv_fail(state->error, HWV_ERR_MEMORY, "no memory for the names of a graph");
    memcpy(copy, unique, strlen(unique) + 1);
    return hwv_import_names_add(&state->used, copy, 0)
               ? HWV_OK
               : hwv_fail(state->error, HWV_ERR_MEMORY, "no memory for the names of a graph");
}

/* ---- lists of the graph --------------------------------------------------------------------------- */

bool hwv_import_fill_add(hwv_import_state *state, hwv_id id, const void *data, size_t elements)
{
    void *array = state->fills;
    if (!room(&array, &state->fill_capacity, state->fill_count, sizeof *state->fills))
        return false;
    state->fills = array;
    state->fills[state->fill_count++] = (hwv_import_fill){.id = id, .data = data, .elements = elements};
    return true;
}

bool hwv_import_layer_add(hwv_import_state *state, hwv_id node, const char *name, const char *op)
{
    void *array = state->layers;
    if (!room(&array, &state->layer_capacity, state->layer_count, sizeof *state->layers))
        return false;
    state->layers = array;
    state->layers[state->layer_count++] = (hwv_import_layer){.node = node, .name = name, .op = op};
    return true;
}

hwv_status hwv_import_weights(hwv_import_state *state, hwv_weights **weights)
{
    HWV_TRY(hwv_weights_create(weights, state->graph, state->error));
    for (size_t i = 0; i < state->fill_count; i++) {
        const hwv_import_fill *fill = &state->fills[i];
        memcpy(hwv_weights_data(*weights, fill->id), fill->data, fill->elements * sizeof(float));
    }
    return HWV_OK;
}

void hwv_import_state_free(hwv_import_state *state)
{
    hwv_graph_destroy(state->graph);
    state->graph = NULL;
    hwv_import_names_free(&state->used);
    hwv_free(state->fills);
    hwv_free(state->layers);
    state->fills = NULL;
    state->layers = NULL;
}
