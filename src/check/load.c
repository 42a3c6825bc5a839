/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Statistics files, read: strictly, for they may come from anywhere. */
#include <math.h>
#include <string.h>

#include "check/columns.h"
#include "check/tally.h"
#include "halfwave/json.h"
#include "halfwave/memory.h"
#include "io/file.h"

#define LIMIT ((size_t)1 << 30)
/* Counts are doubles in many languages. */
#define LARGEST_COUNT ((int64_t)1 << 53)

typedef struct loading {
    const char *path;
    const char *layer; /* NULL: outside of layers */
    uint64_t schema;
    hwv_error *error;
} loading;

static hwv_status refuse(const loading *in, const hwv_json_value *at, const char *what, const char *accepted)
{
    return hwv_fail(in->error, HWV_ERR_FORMAT, "%s: offset %zu: %s%s%s%s: %s is expected", in->path, at->offset,
                    in->layer ? "layer " : "", in->layer ? in->layer : "", in->layer ? ": " : "", what, accepted);
}

static hwv_status member(const loading *in, const hwv_json_value *object, const char *key, hwv_json_type type,
                         const hwv_json_value **value)
{
    *value = hwv_json_get(object, key);
    if (*value == NULL)
        return refuse(in, object, key, "a member of this name");
    return (*value)->type == type ? HWV_OK : refuse(in, *value, key, hwv_json_type_name(type));
}

static hwv_status count_read(const loading *in, const hwv_json_value *value, const char *what, uint64_t most,
                             uint64_t *count)
{
    if (value->type != HWV_JSON_NUMBER || !value->integral || value->integer < 0 || value->integer > LARGEST_COUNT ||
        (uint64_t)value->integer > most)
        return refuse(in, value, what,
                      most < (uint64_t)LARGEST_COUNT ? "a whole number not above looks or samples"
                                                     : "a whole number from 0 to 2^53");
    *count = (uint64_t)value->integer;
    return HWV_OK;
}

static hwv_status member_count(const loading *in, const hwv_json_value *object, const char *key, uint64_t *count)
{
    const hwv_json_value *value;
    HWV_TRY(member(in, object, key, HWV_JSON_NUMBER, &value));
    return count_read(in, value, key, (uint64_t)LARGEST_COUNT, count);
}

static bool number_read(const hwv_json_value *value, double *number)
{
    static const struct {
        const char *text;
        double value;
    } words[] = {{"nan", (double)NAN}, {"inf", (double)INFINITY}, {"-inf", -(double)INFINITY}};
    *number = value->number;
    for (size_t i = 0; value->type == HWV_JSON_STRING && i < sizeof words / sizeof words[0]; i++)
        if (strcmp(value->string, words[i].text) == 0) {
            *number = words[i].value;
            return true;
        }
    return value->type == HWV_JSON_NUMBER;
}

static hwv_status unit_read(const loading *in, const hwv_column *column, const hwv_json_value *value,
                            const hwv_layer_tally *layer, hwv_unit_tally *unit)
{
    char *at = (char *)unit + column->offset;
    double number;
    if (column->type == HWV_COLUMN_COUNT)
        return count_read(in, value, column->name, column->of_samples ? layer->samples : layer->looks,
                          (uint64_t *)(void *)at);
    if (column->type == HWV_COLUMN_EXTREME && value->type == HWV_JSON_NULL)
        number = column->largest ? -(double)INFINITY : (double)INFINITY;
    else if (!number_read(value, &number))
        return refuse(in, value, column->name, "a number, \"inf\", \"-inf\" or \"nan\"");
    if (column->type == HWV_COLUMN_SUM)
        *(double *)(void *)at = number;
    else
        *(float *)(void *)at = (float)number;
    return HWV_OK;
}

static hwv_status column_read(const loading *in, const hwv_column *column, const hwv_json_value *object,
                              hwv_layer_tally *layer)
{
    const hwv_json_value *array = hwv_json_get(object, column->name);
    if (array == NULL && !column->required)
        return HWV_OK;
    HWV_TRY(member(in, object, column->name, HWV_JSON_ARRAY, &array));
    if (array->count != layer->units)
        return refuse(in, array, column->name, "as many elements as \"fired\" has");
    hwv_unit_tally *unit = layer->unit;
    for (const hwv_json_value *value = array->first; value; value = value->next)
        HWV_TRY(unit_read(in, column, value, layer, unit++));
    return HWV_OK;
}

static hwv_status input_number_read(const loading *in, const hwv_input_column *column, const hwv_json_value *value,
                                    hwv_sum2 *sum)
{
    return number_read(value, column->low ? &sum->lo : &sum->hi)
               ? HWV_OK
               : refuse(in, value, column->name, "a number, \"inf\", \"-inf\" or \"nan\"");
}

static hwv_status input_read(const loading *in, const hwv_json_value *object, hwv_layer_tally *layer)
{
    HWV_TRY(member_count(in, object, "looks", &layer->input_looks));
    for (size_t c = 0; c < 4; c++) {
        const hwv_input_column *column = &hwv_input_columns[c];
        const hwv_json_value *found = hwv_json_get(object, column->name);
        if (found == NULL && column->low)
            continue;
        if (found == NULL)
            return refuse(in, object, column->name, "a member of this name");
        if (column->square) {
            HWV_TRY(input_number_read(in, column, found, &layer->input_square));
            continue;
        }
        HWV_TRY(member(in, object, column->name, HWV_JSON_ARRAY, &found));
        if (found->count != layer->features)
            return refuse(in, found, column->name, "as many elements as the input's \"sum\" has");
        hwv_sum2 *sum = layer->input;
        for (const hwv_json_value *value = found->first; value; value = value->next)
            HWV_TRY(input_number_read(in, column, value, sum++));
    }
    return HWV_OK;
}

static hwv_status picture_read(const loading *in, const hwv_json_value *array, hwv_layer_tally *layer)
{
    if (array->type != HWV_JSON_ARRAY || array->count > HWV_PICTURE_SAMPLES || layer->units > HWV_PICTURE_UNITS)
        return refuse(in, array, "picture", "at most 64 samples of at most 512 units");
    layer->picture = hwv_calloc(HWV_PICTURE_SAMPLES, layer->units);
    if (layer->picture == NULL)
        return hwv_fail(in->error, HWV_ERR_MEMORY, "%s: no memory for its pictures", in->path);
    uint8_t *pixel = layer->picture;
    for (const hwv_json_value *row = array->first; row; row = row->next) {
        if (row->type != HWV_JSON_ARRAY || row->count != layer->units)
            return refuse(in, row, "picture", "an array of as many elements as \"fired\" has");
        for (const hwv_json_value *value = row->first; value; value = value->next) {
            uint64_t share = 0;
            HWV_TRY(count_read(in, value, "picture", 255, &share));
            *pixel++ = (uint8_t)share;
        }
        layer->picture_samples++;
    }
    return HWV_OK;
}

static hwv_status params_read(const loading *in, const hwv_json_value *params, hwv_act *act)
{
    const hwv_op_info *info = hwv_op_row(act->op);
    if (params->type != HWV_JSON_OBJECT)
        return refuse(in, params, "params", "an object");
    for (const hwv_json_value *value = params->first; value; value = value->next) {
        size_t p = 0;
        while (p < HWV_ACT_PARAMS && info->param[p].name && strcmp(info->param[p].name, value->key) != 0)
            p++;
        if (p == HWV_ACT_PARAMS || info->param[p].name == NULL)
            return refuse(in, value, value->key, "a parameter that this activation has");
        if (value->type != HWV_JSON_NUMBER)
            return refuse(in, value, value->key, "a number");
        act->param[p] = (float)value->number;
    }
    return HWV_OK;
}

/* The message stands, with the place in front; whatever it was, it is the file's fault. */
static hwv_status refuse_act(const loading *in, const hwv_json_value *at)
{
    (void)hwv_fail_prefix(in->error, HWV_ERR_FORMAT, "%s: offset %zu: ", in->path, at->offset);
    if (in->error)
        in->error->status = HWV_ERR_FORMAT;
    return HWV_ERR_FORMAT;
}

static hwv_status act_read(const loading *in, const hwv_json_value *object, hwv_act *act)
{
    const hwv_json_value *name, *params = hwv_json_get(object, "params");
    hwv_op op;
    HWV_TRY(member(in, object, "act", HWV_JSON_STRING, &name));
    hwv_status status = hwv_op_find(&op, name->string, in->error);
    if (status != HWV_OK)
        return refuse_act(in, name);
    *act = hwv_act_make(op);
    if (params)
        HWV_TRY(params_read(in, params, act));
    return hwv_act_check(act, in->error) == HWV_OK ? HWV_OK : refuse_act(in, name);
}

/* all: the file says nothing of it, sums are over all looks that were numbers. */
static hwv_status summed_check(const loading *in, const hwv_json_value *object, bool all, const hwv_layer_tally *layer,
                               hwv_unit_tally *unit)
{
    const uint64_t numbers = layer->looks - unit->nans;
    if (all)
        unit->summed = numbers;
    /* Summed over all numbers: as many as are behind the other sums have this share of it. */
    if (in->schema <= 3 && unit->summed < numbers) {
        const double share = (double)unit->summed / (double)numbers;
        unit->magnitude = (hwv_sum2){share * unit->magnitude.hi, share * unit->magnitude.lo};
    }
    return unit->summed <= numbers
               ? HWV_OK
               : refuse(in, hwv_json_get(object, "summed"), "summed", "at most \"looks\" less \"nans\"");
}

static hwv_status layer_fill(const loading *in, const hwv_json_value *object, hwv_layer_tally *layer)
{
    const hwv_json_value *input = hwv_json_get(object, "input"), *picture = hwv_json_get(object, "picture");
    HWV_TRY(member_count(in, object, "looks", &layer->looks));
    HWV_TRY(member_count(in, object, "samples", &layer->samples));
    if (layer->looks < layer->samples)
        return refuse(in, hwv_json_get(object, "looks"), "looks", "at least as many as \"samples\"");
    for (size_t c = 0; c < hwv_unit_column_count; c++)
        HWV_TRY(column_read(in, &hwv_unit_columns[c], object, layer));
    const bool all = hwv_json_get(object, "summed") == NULL;
    for (size_t u = 0; u < layer->units; u++)
        HWV_TRY(summed_check(in, object, all, layer, &layer->unit[u]));
    for (size_t u = 0; u < layer->units; u++)
        if ((layer->unit[u].fired == 0) != (layer->unit[u].fired_samples == 0) ||
            layer->unit[u].fired_samples > layer->unit[u].fired)
            return refuse(in, object, "fired_samples", "at most \"fired\", and 0 only together with it,");
    if (input)
        HWV_TRY(input_read(in, input, layer));
    return picture ? picture_read(in, picture, layer) : HWV_OK;
}

static hwv_status layer_read(loading *in, const hwv_json_value *object, hwv_tally *tally)
{
    const hwv_json_value *name, *fired, *op = NULL, *input = hwv_json_get(object, "input"), *sum = NULL;
    hwv_act act;
    if (object->type != HWV_JSON_OBJECT)
        return refuse(in, object, "layers", "an object");
    HWV_TRY(member(in, object, "name", HWV_JSON_STRING, &name));
    in->layer = name->string;
    HWV_TRY(act_read(in, object, &act));
    HWV_TRY(member(in, object, "fired", HWV_JSON_ARRAY, &fired));
    if (fired->count == 0)
        return refuse(in, fired, "fired", "at least one unit");
    if (hwv_json_get(object, "op"))
        HWV_TRY(member(in, object, "op", HWV_JSON_STRING, &op));
    if (input) {
        if (input->type != HWV_JSON_OBJECT)
            return refuse(in, input, "input", "an object");
        HWV_TRY(member(in, input, "sum", HWV_JSON_ARRAY, &sum));
    }
    hwv_layer_tally *layer = &tally->layers[tally->layer_count];
    HWV_TRY(hwv_layer_tally_init(layer, name->string, op ? op->string : hwv_act_onnx(&act), &act, fired->count,
                                 sum ? sum->count : 0, in->error));
    tally->layer_count++;
    HWV_TRY(layer_fill(in, object, layer));
    in->layer = NULL;
    return HWV_OK;
}

static hwv_status tally_read(loading *in, const hwv_json_value *root, hwv_tally *tally)
{
    const hwv_json_value *kind, *layers, *model = hwv_json_get(root, "model");
    uint64_t group;
    if (root->type != HWV_JSON_OBJECT)
        return refuse(in, root, "the file", "an object");
    HWV_TRY(member(in, root, "kind", HWV_JSON_STRING, &kind));
    if (strcmp(kind->string, HWV_STATISTICS_KIND) != 0)
        return refuse(in, kind, "kind", "\"" HWV_STATISTICS_KIND "\"");
    HWV_TRY(member_count(in, root, "schema", &in->schema));
    if (in->schema < HWV_STATISTICS_OLDEST || in->schema > HWV_STATISTICS_SCHEMA)
        return hwv_fail(in->error, HWV_ERR_UNSUPPORTED, "%s: schema %llu; this version reads %d to %d", in->path,
                        (unsigned long long)in->schema, HWV_STATISTICS_OLDEST, HWV_STATISTICS_SCHEMA);
    HWV_TRY(member_count(in, root, "group", &group));
    HWV_TRY(member_count(in, root, "rows", &tally->rows));
    HWV_TRY(member_count(in, root, "samples", &tally->samples));
    if (group == 0 || group > SIZE_MAX)
        return refuse(in, root, "group", "a whole number from 1");
    tally->group = (size_t)group;
    HWV_TRY(member(in, root, "layers", HWV_JSON_ARRAY, &layers));
    tally->model = hwv_strdup(model && model->type == HWV_JSON_STRING ? model->string : "");
    tally->layers = hwv_calloc(layers->count ? layers->count : 1, sizeof *tally->layers);
    if (!tally->model || !tally->layers)
        return hwv_fail(in->error, HWV_ERR_MEMORY, "%s: no memory for %zu layers", in->path, layers->count);
    for (const hwv_json_value *layer = layers->first; layer; layer = layer->next)
        HWV_TRY(layer_read(in, layer, tally));
    return HWV_OK;
}

hwv_status hwv_tally_parse(hwv_tally *tally, const char *name, const void *bytes, size_t size, hwv_error *error)
{
    loading in = {.path = name, .error = error};
    hwv_json_value *root;
    *tally = (hwv_tally){0};
    hwv_status status = hwv_json_parse(&root, bytes, size, error);
    if (status != HWV_OK)
        return hwv_fail_prefix(error, status, "%s: ", name);
    status = tally_read(&in, root, tally);
    if (status != HWV_OK)
        hwv_tally_free(tally);
    hwv_json_free(root);
    return status;
}

hwv_status hwv_tally_load(hwv_tally *tally, const char *path, hwv_error *error)
{
    hwv_file file = {0};
    *tally = (hwv_tally){0};
    HWV_TRY(hwv_file_read(&file, path, LIMIT, NULL, error));
    hwv_status status = hwv_tally_parse(tally, path, file.data, file.size, error);
    hwv_file_free(&file);
    return status;
}
