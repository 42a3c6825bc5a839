/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Statistics files, written. */
#include <math.h>

#include "check/columns.h"
#include "halfwave/json.h"
#include "io/file.h"

/* What JSON has no number for is a string. */
static void number_write(hwv_json_writer *json, double value)
{
    if (isnan(value))
        hwv_json_string(json, "nan");
    else if (isinf(value))
        hwv_json_string(json, value > 0 ? "inf" : "-inf");
    else
        hwv_json_number(json, value);
}

static void unit_write(hwv_json_writer *json, const hwv_column *column, const hwv_unit_tally *unit)
{
    const char *at = (const char *)unit + column->offset;
    if (column->type == HWV_COLUMN_COUNT)
        hwv_json_integer(json, (int64_t) * (const uint64_t *)(const void *)at);
    else if (column->type == HWV_COLUMN_SUM)
        number_write(json, *(const double *)(const void *)at);
    else if (unit->min > unit->max)
        hwv_json_null(json); /* no number was seen */
    else if (isinf(*(const float *)(const void *)at))
        number_write(json, (double)*(const float *)(const void *)at);
    else
        hwv_json_float(json, *(const float *)(const void *)at);
}

static void count_write(hwv_json_writer *json, const char *key, uint64_t count)
{
    hwv_json_key(json, key);
    hwv_json_integer(json, (int64_t)count);
}

static void text_write(hwv_json_writer *json, const char *key, const char *text)
{
    hwv_json_key(json, key);
    hwv_json_string(json, text);
}

static void input_write(hwv_json_writer *json, const hwv_layer_tally *layer)
{
    hwv_json_key(json, "input");
    hwv_json_begin_object(json);
    count_write(json, "looks", layer->input_looks);
    for (size_t c = 0; c < 4; c++) {
        const hwv_input_column *column = &hwv_input_columns[c];
        const hwv_sum2 *sums = layer->input, square = layer->input_square;
        hwv_json_key(json, column->name);
        if (column->square) {
            number_write(json, column->low ? square.lo : square.hi);
            continue;
        }
        hwv_json_begin_array(json);
        for (size_t f = 0; f < layer->features; f++)
            number_write(json, column->low ? sums[f].lo : sums[f].hi);
        hwv_json_end(json);
    }
    hwv_json_end(json);
}

static void picture_write(hwv_json_writer *json, const hwv_layer_tally *layer)
{
    hwv_json_key(json, "picture");
    hwv_json_begin_array(json);
    for (size_t s = 0; s < layer->picture_samples; s++) {
        hwv_json_begin_array(json);
        for (size_t u = 0; u < layer->units; u++)
            hwv_json_integer(json, layer->picture[s * layer->units + u]);
        hwv_json_end(json);
    }
    hwv_json_end(json);
}

static void layer_write(hwv_json_writer *json, const hwv_layer_tally *layer)
{
    const hwv_op_info *info = hwv_op_row(layer->act.op);
    hwv_json_begin_object(json);
    text_write(json, "name", layer->name);
    text_write(json, "op", layer->op);
    text_write(json, "act", info->name);
    hwv_json_key(json, "params");
    hwv_json_begin_object(json);
    for (size_t p = 0; p < HWV_ACT_PARAMS && info->param[p].name; p++) {
        hwv_json_key(json, info->param[p].name);
        hwv_json_float(json, layer->act.param[p]);
    }
    hwv_json_end(json);
    count_write(json, "looks", layer->looks);
    count_write(json, "samples", layer->samples);
    for (size_t c = 0; c < hwv_unit_column_count; c++) {
        hwv_json_key(json, hwv_unit_columns[c].name);
        hwv_json_begin_array(json);
        for (size_t u = 0; u < layer->units; u++)
            unit_write(json, &hwv_unit_columns[c], &layer->unit[u]);
        hwv_json_end(json);
    }
    if (layer->features)
        input_write(json, layer);
    if (layer->picture_samples && layer->picture)
        picture_write(json, layer);
    hwv_json_end(json);
}

hwv_status hwv_tally_save(const hwv_tally *tally, const char *path, hwv_error *error)
{
    hwv_text text = {0};
    hwv_json_writer json = hwv_json_writer_make(&text, 1);
    hwv_json_begin_object(&json);
    count_write(&json, "schema", HWV_STATISTICS_SCHEMA);
    text_write(&json, "kind", HWV_STATISTICS_KIND);
    text_write(&json, "model", tally->model ? tally->model : "");
    count_write(&json, "group", tally->group);
    count_write(&json, "rows", tally->rows);
    count_write(&json, "samples", tally->samples);
    hwv_json_key(&json, "layers");
    hwv_json_begin_array(&json);
    for (size_t l = 0; l < tally->layer_count; l++)
        layer_write(&json, &tally->layers[l]);
    hwv_json_end(&json);
    hwv_json_end(&json);
    hwv_status status = hwv_json_finish(&json, error);
    if (status == HWV_OK)
        status = hwv_file_write(path, text.data, text.length, error);
    hwv_text_free(&text);
    return status;
}
