/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The metadata of checkpoints: tables of fields that say how each is written, read and compared. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "halfwave/memory.h"
#include "train/checkpoint.h"

typedef enum field_kind {
    FIELD_SIZE,      /* size_t */
    FIELD_SIZES,     /* size_t[HWV_MILESTONES] */
    FIELD_SEED,      /* uint64_t, as text: JSON integers end at 2^63 */
    FIELD_NUMBER,    /* double, finite */
    FIELD_FLOAT,     /* float, finite */
    FIELD_FLAG,      /* bool */
    FIELD_TEXT,      /* char[size] */
    FIELD_OPTIMIZER, /* from here on enumerations, written by name */
    FIELD_SCHEDULE,
    FIELD_INIT,
    FIELD_CURE,
    FIELD_CONVOLUTION,
    FIELD_NORM
} field_kind;

typedef struct field {
    const char *name;
    field_kind kind;
    size_t offset, size; /* size: of a text; of a newer number or enumeration what older files mean */
    bool loose;          /* may differ when a run is resumed */
    bool newer;          /* older files lack it: a number or an enumeration, or a flag that is false then */
} field;

/* ---- enumerations --------------------------------------------------------------------------------- */

/* Name i, NULL behind the last. */
#define NAMES(type, COUNT)                                                                                             \
    static const char *type##_at(size_t i)                                                                             \
    {                                                                                                                  \
        return i < COUNT ? hwv_##type##_name((hwv_##type)i) : NULL;                                                    \
    }                                                                                                                  \
    _Static_assert(sizeof(hwv_##type) == sizeof(int), "enumerations are kept as int");
NAMES(optimizer, HWV_OPTIMIZER_COUNT)
NAMES(schedule, HWV_SCHEDULE_COUNT)
NAMES(init, HWV_INIT_COUNT)
NAMES(cure, HWV_CURE_COUNT)
NAMES(convolution, HWV_CONVOLUTION_COUNT)
NAMES(norm, HWV_NORM_COUNT)

static const char *(*const names[])(size_t i) = {
    [FIELD_OPTIMIZER] = optimizer_at, [FIELD_SCHEDULE] = schedule_at,       [FIELD_INIT] = init_at,
    [FIELD_CURE] = cure_at,           [FIELD_CONVOLUTION] = convolution_at, [FIELD_NORM] = norm_at};

static const char *enum_name(const field *f, const void *at)
{
    int value;
    memcpy(&value, at, sizeof value);
    const char *name = names[f->kind]((size_t)value);
    return name ? name : "unknown";
}

static void enum_set(void *at, size_t value)
{
    const int number = (int)value;
    memcpy(at, &number, sizeof number);
}

static bool enum_read(const field *f, void *at, const char *name)
{
    for (size_t i = 0; names[f->kind](i); i++)
        if (strcmp(names[f->kind](i), name) == 0) {
            enum_set(at, i);
            return true;
        }
    return false;
}

/* ---- one field ----------------------------------------------------------------------------------- */

static void field_write(hwv_json_writer *json, const field *f, const void *structure)
{
    const void *at = (const char *)structure + f->offset;
    char text[24];
    hwv_json_key(json, f->name);
    switch (f->kind) {
    case FIELD_SIZE:
        hwv_json_integer(json, (int64_t) * (const size_t *)at);
        break;
    case FIELD_SIZES:
        hwv_json_begin_array(json);
        for (size_t i = 0; i < HWV_MILESTONES; i++)
            hwv_json_integer(json, (int64_t)((const size_t *)at)[i]);
        hwv_json_end(json);
        break;
    case FIELD_SEED:
        snprintf(text, sizeof text, "%" PRIu64, *(const uint64_t *)at);
        hwv_json_string(json, text);
        break;
    case FIELD_NUMBER:
        hwv_json_number(json, *(const double *)at);
        break;
    case FIELD_FLOAT:
        hwv_json_float(json, *(const float *)at);
        break;
    case FIELD_FLAG:
        hwv_json_bool(json, *(const bool *)at);
        break;
    case FIELD_TEXT:
        hwv_json_string(json, at);
        break;
    case FIELD_OPTIMIZER:
    case FIELD_SCHEDULE:
    case FIELD_INIT:
    case FIELD_CURE:
    case FIELD_CONVOLUTION:
    case FIELD_NORM:
        hwv_json_string(json, enum_name(f, at));
        break;
    }
}

static bool seed_read(uint64_t *seed, const char *text)
{
    uint64_t value = 0;
    if (*text == '\0')
        return false;
    for (; *text; text++) {
        unsigned digit = (unsigned)(*text - '0');
        if (digit > 9 || value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *seed = value;
    return true;
}

static bool text_read(char *out, size_t size, const hwv_json_value *value)
{
    if (value->type != HWV_JSON_STRING || value->count >= size)
        return false;
    memcpy(out, value->string, value->count + 1);
    return true;
}

static bool size_read(size_t *size, const hwv_json_value *value)
{
    if (value->type != HWV_JSON_NUMBER || !value->integral || value->integer < 0 || (uint64_t)value->integer > SIZE_MAX)
        return false;
    *size = (size_t)value->integer;
    return true;
}

static bool sizes_read(size_t *sizes, const hwv_json_value *value)
{
    if (value->type != HWV_JSON_ARRAY || value->count != HWV_MILESTONES)
        return false;
    bool good = true;
    for (const hwv_json_value *v = value->first; v; v = v->next)
        good = good && size_read(sizes++, v);
    return good;
}

static bool field_read(const field *f, void *structure, const hwv_json_value *value)
{
    void *at = (char *)structure + f->offset;
    const bool string = value->type == HWV_JSON_STRING, number = value->type == HWV_JSON_NUMBER;
    switch (f->kind) {
    case FIELD_SIZE:
        return size_read(at, value);
    case FIELD_SIZES:
        return sizes_read(at, value);
    case FIELD_SEED:
        return string && seed_read(at, value->string);
    case FIELD_NUMBER:
        *(double *)at = value->number;
        return number;
    case FIELD_FLOAT:
        *(float *)at = (float)value->number;
        return number && fabs(value->number) < 1e38;
    case FIELD_FLAG:
        *(bool *)at = value->boolean;
        return value->type == HWV_JSON_BOOL;
    case FIELD_TEXT:
        return text_read(at, f->size, value);
    case FIELD_OPTIMIZER:
    case FIELD_SCHEDULE:
    case FIELD_INIT:
    case FIELD_CURE:
    case FIELD_CONVOLUTION:
    case FIELD_NORM:
    default:
        return string && enum_read(f, at, value->string);
    }
}

static void fields_write(hwv_json_writer *json, const field *fields, size_t count, const void *structure)
{
    for (size_t i = 0; i < count; i++)
        field_write(json, &fields[i], structure);
}

static void field_clear(const field *f, void *structure)
{
    void *at = (char *)structure + f->offset;
    if (f->kind == FIELD_FLAG)
        *(bool *)at = false;
    else if (f->kind >= FIELD_OPTIMIZER)
        enum_set(at, f->size);
    else
        *(size_t *)at = f->size;
}

static hwv_status fields_read(const field *fields, size_t count, void *structure, const hwv_json_value *object,
                              const char *what, hwv_error *error)
{
    for (size_t i = 0; i < count; i++) {
        const hwv_json_value *value = hwv_json_get(object, fields[i].name);
        if (!value && fields[i].newer) {
            field_clear(&fields[i], structure);
            continue;
        }
        if (!value || !field_read(&fields[i], structure, value))
            return hwv_fail(error, HWV_ERR_FORMAT, "metadata '%s': %s %s", what, fields[i].name,
                            value ? "has a value that cannot be used" : "is missing");
    }
    return HWV_OK;
}

/* ---- options ------------------------------------------------------------------------------------- */

#define OPTION(member, name, kind, loose)                                                                              \
    {                                                                                                                  \
        name, kind, offsetof(hwv_train_options, member), 0, loose, false                                               \
    }
#define NEWER_OPTION(member, name, kind)                                                                               \
    {                                                                                                                  \
        name, kind, offsetof(hwv_train_options, member), 0, false, true                                                \
    }

static const field options_fields[] = {
    OPTION(optimizer.optimizer, "optimizer", FIELD_OPTIMIZER, false),
    OPTION(optimizer.lr, "lr", FIELD_NUMBER, false),
    OPTION(optimizer.momentum, "momentum", FIELD_NUMBER, false),
    OPTION(optimizer.nesterov, "nesterov", FIELD_FLAG, false),
    OPTION(optimizer.weight_decay, "weight_decay", FIELD_NUMBER, false),
    NEWER_OPTION(optimizer.decay_all, "decay_all", FIELD_FLAG),
    OPTION(optimizer.beta1, "beta1", FIELD_NUMBER, false),
    OPTION(optimizer.beta2, "beta2", FIELD_NUMBER, false),
    OPTION(optimizer.eps, "eps", FIELD_NUMBER, false),
    OPTION(optimizer.clip, "clip", FIELD_NUMBER, false),
    OPTION(optimizer.schedule, "schedule", FIELD_SCHEDULE, false),
    OPTION(optimizer.warmup, "warmup", FIELD_SIZE, false),
    OPTION(optimizer.warmup_from_zero, "warmup_from_zero", FIELD_FLAG, false),
    OPTION(optimizer.milestones, "milestones", FIELD_SIZES, false),
    OPTION(optimizer.step_every, "step_every", FIELD_SIZE, false),
    OPTION(optimizer.gamma, "gamma", FIELD_NUMBER, false),
    OPTION(optimizer.lr_min, "lr_min", FIELD_NUMBER, false),
    OPTION(init, "init", FIELD_INIT, false),
    OPTION(batch, "batch", FIELD_SIZE, false),
    {"accumulate", FIELD_SIZE, offsetof(hwv_train_options, accumulate), 1, false, true},
    OPTION(seed, "seed", FIELD_SEED, false),
    NEWER_OPTION(augment.shift, "shift", FIELD_SIZE),
    NEWER_OPTION(augment.flip, "flip", FIELD_FLAG),
    NEWER_OPTION(augment.cutout, "cutout", FIELD_SIZE),
    NEWER_OPTION(cure, "cure", FIELD_CURE),
    {"conv", FIELD_CONVOLUTION, offsetof(hwv_train_options, convolution), HWV_CONVOLUTION_DIRECT, false, true},
    NEWER_OPTION(eval_every, "eval_every", FIELD_SIZE),
    OPTION(epochs, "epochs", FIELD_SIZE, true),
    OPTION(max_steps, "max_steps", FIELD_SIZE, true),
    OPTION(until_train_error, "until_train_error", FIELD_NUMBER, true),
};
#define OPTIONS (sizeof options_fields / sizeof options_fields[0])

void hwv_fields_write_options(hwv_json_writer *json, const hwv_train_options *options)
{
    hwv_json_begin_object(json);
    fields_write(json, options_fields, OPTIONS, options);
    hwv_json_end(json);
}

hwv_status hwv_fields_read_options(hwv_train_options *options, const hwv_json_value *object, hwv_error *error)
{
    HWV_TRY(fields_read(options_fields, OPTIONS, options, object, "options", error));
    if (options->batch == 0 || options->accumulate == 0) /* who goes on divides by them */
        return hwv_fail(error, HWV_ERR_FORMAT, "metadata 'options': %s has a value that cannot be used",
                        options->batch == 0 ? "batch" : "accumulate");
    return HWV_OK;
}

static void value_print(char *text, size_t size, const field *f, const void *structure)
{
    const void *at = (const char *)structure + f->offset;
    switch (f->kind) {
    case FIELD_SIZE:
        snprintf(text, size, "%zu", *(const size_t *)at);
        break;
    case FIELD_SIZES:
        for (size_t i = 0, used = 0; i < HWV_MILESTONES && used < size; i++)
            used += (size_t)snprintf(text + used, size - used, "%s%zu", i > 0 ? "," : "", ((const size_t *)at)[i]);
        break;
    case FIELD_SEED:
        snprintf(text, size, "%" PRIu64, *(const uint64_t *)at);
        break;
    case FIELD_NUMBER:
        snprintf(text, size, "%.10g", *(const double *)at);
        break;
    case FIELD_FLAG:
        snprintf(text, size, "%s", *(const bool *)at ? "on" : "off");
        break;
    case FIELD_OPTIMIZER:
    case FIELD_SCHEDULE:
    case FIELD_INIT:
    case FIELD_CURE:
    case FIELD_CONVOLUTION:
    case FIELD_NORM:
        snprintf(text, size, "%s", enum_name(f, at));
        break;
    case FIELD_FLOAT:
    case FIELD_TEXT:
    default:
        text[0] = '\0';
    }
}

static bool same(const field *f, const void *a, const void *b)
{
    const char *x = (const char *)a + f->offset, *y = (const char *)b + f->offset;
    switch (f->kind) {
    case FIELD_SIZE:
        return *(const size_t *)(const void *)x == *(const size_t *)(const void *)y;
    case FIELD_SEED:
        return *(const uint64_t *)(const void *)x == *(const uint64_t *)(const void *)y;
    case FIELD_NUMBER:
        return *(const double *)(const void *)x == *(const double *)(const void *)y;
    case FIELD_FLAG:
        return *(const bool *)(const void *)x == *(const bool *)(const void *)y;
    default: { /* their text tells the values of enumerations and lists apart */
        char left[200], right[200];
        value_print(left, sizeof left, f, a);
        value_print(right, sizeof right, f, b);
        return strcmp(left, right) == 0;
    }
    }
}

hwv_status hwv_fields_compare_options(const hwv_train_options *saved, const hwv_train_options *given, hwv_error *error)
{
    for (size_t i = 0; i < OPTIONS; i++) {
        const field *f = &options_fields[i];
        if (f->loose || same(f, saved, given))
            continue;
        char was[200], is[200];
        value_print(was, sizeof was, f, saved);
        value_print(is, sizeof is, f, given);
        return hwv_fail(error, HWV_ERR_MISMATCH, "the checkpoint was made with %s %s, given is %s", f->name, was, is);
    }
    return HWV_OK;
}

/* ---- progress and data --------------------------------------------------------------------------- */

static const field progress_fields[] = {
    {"step", FIELD_SIZE, offsetof(hwv_progress, step), 0, false, false},
    {"epoch_loss", FIELD_NUMBER, offsetof(hwv_progress, epoch_loss), 0, false, false},
    {"epoch_wrong", FIELD_SIZE, offsetof(hwv_progress, epoch_wrong), 0, false, false},
    {"epoch_steps", FIELD_SIZE, offsetof(hwv_progress, epoch_steps), 0, false, false},
};
#define PROGRESS (sizeof progress_fields / sizeof progress_fields[0])

void hwv_fields_write_progress(hwv_json_writer *json, const hwv_progress *progress)
{
    hwv_json_begin_object(json);
    fields_write(json, progress_fields, PROGRESS, progress);
    hwv_json_key(json, "isa");
    hwv_json_string(json, hwv_isa_name(hwv_isa_current()));
    hwv_json_end(json);
}

hwv_status hwv_fields_read_progress(hwv_progress *progress, const hwv_json_value *object, hwv_error *error)
{
    return fields_read(progress_fields, PROGRESS, progress, object, "progress", error);
}

static const field data_fields[] = {
    {"name", FIELD_TEXT, offsetof(hwv_data_identity, name), sizeof((hwv_data_identity *)0)->name, false, false},
    {"train", FIELD_SIZE, offsetof(hwv_data_identity, train), 0, false, false},
    {"test", FIELD_SIZE, offsetof(hwv_data_identity, test), 0, false, false},
    {"features", FIELD_SIZE, offsetof(hwv_data_identity, features), 0, false, false},
    {"classes", FIELD_SIZE, offsetof(hwv_data_identity, classes), 0, false, false},
    {"block", FIELD_SIZE, offsetof(hwv_data_identity, block), 0, false, true},
    {"bytes", FIELD_FLAG, offsetof(hwv_data_identity, bytes), 0, false, true},
    {"sha256", FIELD_TEXT, offsetof(hwv_data_identity, sha256), sizeof((hwv_data_identity *)0)->sha256, false, false},
};
#define DATA (sizeof data_fields / sizeof data_fields[0])

void hwv_fields_write_data(hwv_json_writer *json, const hwv_data_identity *data)
{
    hwv_json_begin_object(json);
    fields_write(json, data_fields, DATA, data);
    hwv_json_end(json);
}

hwv_status hwv_fields_read_data(hwv_data_identity *data, const hwv_json_value *object, hwv_error *error)
{
    return fields_read(data_fields, DATA, data, object, "data", error);
}

/* ---- the model ----------------------------------------------------------------------------------- */

/* What a model's JSON object says, beside the notation. */
typedef struct model_fields {
    char op[32];
    hwv_norm norm;
    size_t classes;
    float smoothing;
} model_fields;

static const field model_table[] = {
    {"op", FIELD_TEXT, offsetof(model_fields, op), sizeof((model_fields *)0)->op, false, false},
    {"norm", FIELD_NORM, offsetof(model_fields, norm), HWV_NORM_LAYER, false, true},
    {"classes", FIELD_SIZE, offsetof(model_fields, classes), 0, false, false},
    {"smoothing", FIELD_FLOAT, offsetof(model_fields, smoothing), 0, false, false},
};
#define MODEL (sizeof model_table / sizeof model_table[0])

void hwv_fields_write_model(hwv_json_writer *json, const hwv_model *model)
{
    const hwv_model_options *o = &model->options;
    model_fields m = {.classes = o->classes, .smoothing = o->smoothing, .norm = o->norm};
    snprintf(m.op, sizeof m.op, "%s", hwv_model_act_name(&o->act));
    hwv_json_begin_object(json);
    hwv_json_key(json, "notation");
    hwv_json_string(json, model->notation);
    fields_write(json, model_table, MODEL, &m);
    hwv_json_key(json, "params");
    hwv_json_begin_array(json);
    for (size_t i = 0; i < HWV_ACT_PARAMS; i++)
        hwv_json_float(json, o->act.act.param[i]);
    hwv_json_end(json);
    hwv_json_key(json, "shape");
    hwv_json_begin_array(json);
    for (size_t i = 0; i < o->rank; i++)
        hwv_json_integer(json, (int64_t)o->dims[i]);
    hwv_json_end(json);
    hwv_json_end(json);
}

static bool array_is(const hwv_json_value *value, size_t least, size_t most)
{
    return value && value->type == HWV_JSON_ARRAY && value->count >= least && value->count <= most;
}

static hwv_status shape_read(hwv_model_options *o, const hwv_json_value *shape, hwv_error *error)
{
    const field dimension = {"", FIELD_SIZE, 0, 0, false, false};
    if (!array_is(shape, 1, 3))
        return hwv_fail(error, HWV_ERR_FORMAT, "metadata 'model': shape is not a list of 1 to 3 sizes");
    o->rank = 0;
    for (const hwv_json_value *v = shape->first; v; v = v->next)
        if (!field_read(&dimension, &o->dims[o->rank++], v))
            return hwv_fail(error, HWV_ERR_FORMAT, "metadata 'model': shape is not a list of 1 to 3 sizes");
    return HWV_OK;
}

static hwv_status act_read(hwv_model_act *act, const char *op, const hwv_json_value *params, hwv_error *error)
{
    const field number = {"", FIELD_FLOAT, 0, 0, false, false};
    HWV_TRY(hwv_model_act_parse(act, op, error));
    if (!array_is(params, HWV_ACT_PARAMS, HWV_ACT_PARAMS))
        return hwv_fail(error, HWV_ERR_FORMAT, "params is not a list of %d numbers", HWV_ACT_PARAMS);
    size_t i = 0;
    for (const hwv_json_value *v = params->first; v; v = v->next)
        if (!field_read(&number, &act->act.param[i++], v))
            return hwv_fail(error, HWV_ERR_FORMAT, "params is not a list of %d numbers", HWV_ACT_PARAMS);
    return hwv_model_act_check(act, error);
}

hwv_status hwv_fields_read_model(char **notation, hwv_model_options *o, const hwv_json_value *object, hwv_error *error)
{
    model_fields m;
    const hwv_json_value *text = hwv_json_get(object, "notation");
    *notation = NULL;
    memset(o, 0, sizeof *o);
    if (!text || text->type != HWV_JSON_STRING)
        return hwv_fail(error, HWV_ERR_FORMAT, "metadata 'model': notation is missing");
    HWV_TRY(fields_read(model_table, MODEL, &m, object, "model", error));
    HWV_TRY(shape_read(o, hwv_json_get(object, "shape"), error));
    hwv_error inner;
    if (act_read(&o->act, m.op, hwv_json_get(object, "params"), &inner) != HWV_OK)
        return hwv_fail(error, HWV_ERR_FORMAT, "metadata 'model': %s", inner.text);
    o->classes = m.classes;
    o->smoothing = m.smoothing;
    o->norm = m.norm;
    *notation = hwv_strdup(text->string);
    return *notation ? HWV_OK : hwv_fail(error, HWV_ERR_MEMORY, "no memory for a notation");
}

hwv_status hwv_fields_end(hwv_json_writer *json, hwv_error *error)
{
    HWV_TRY(hwv_json_finish(json, error));
    json->text->data[--json->text->length] = '\0';
    return HWV_OK;
}

/* ---- history ------------------------------------------------------------------------------------- */

void hwv_history_pack(double row[HWV_HISTORY_COLUMNS], const hwv_epoch_stats *s)
{
    const double values[HWV_HISTORY_COLUMNS] = {
        (double)s->epoch, (double)s->steps, s->train_loss,    s->train_error, s->test_error, s->lr,
        s->grad_norm,     (double)s->dead,  (double)s->units, s->seconds,     s->test_loss};
    memcpy(row, values, sizeof values);
}

static size_t whole(double x)
{
    return x >= 0 && x < 9007199254740992.0 ? (size_t)x : 0;
}

void hwv_history_unpack(hwv_epoch_stats *s, const double *row, size_t columns)
{
    *s = (hwv_epoch_stats){.epoch = whole(row[0]),
                           .steps = whole(row[1]),
                           .train_loss = row[2],
                           .train_error = row[3],
                           .test_error = row[4],
                           .lr = row[5],
                           .grad_norm = row[6],
                           .dead = whole(row[7]),
                           .units = whole(row[8]),
                           .seconds = row[9],
                           .test_loss = columns > HWV_HISTORY_OLDER ? row[10] : (double)NAN};
}
