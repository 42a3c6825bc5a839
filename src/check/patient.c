/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Patients: opened, changed, written. */
#include <string.h>
#include <sys/stat.h>

#include "check/cost.h"
#include "halfwave/fix.h"
#include "halfwave/memory.h"
#include "halfwave/train.h"
#include "io/file.h"
#include "onnx/read.h"

struct hwv_patient {
    char *path;     /* of the file it came from: for messages, and for what lies beside it */
    hwv_text text;  /* the bytes, where a change made them; */
    hwv_file file;  /* a checkpoint's file, as it was read */
    hwv_onnx *onnx; /* NULL: a checkpoint */
    const void *bytes;
    size_t size;
    hwv_onnx_trace *trace;
    hwv_onnx_import_options options;
    hwv_shape *shapes; /* of the options */
    hwv_network network;
};

/* ---- opening --------------------------------------------------------------------------------------- */

/* An empty one: of an ONNX file where there are options. */
static hwv_status begin(hwv_patient **patient, const char *path, const hwv_onnx_import_options *options,
                        hwv_error *error)
{
    hwv_patient *made = hwv_calloc(1, sizeof *made);
    *patient = NULL;
    const size_t shapes = options ? options->shape_count : 0;
    if (made) {
        made->path = hwv_strdup(path);
        made->shapes = hwv_calloc(shapes + 1, sizeof *made->shapes);
    }
    if (!made || !made->path || !made->shapes) {
        hwv_patient_close(made);
        return hwv_fail(error, HWV_ERR_MEMORY, "%s: no memory to treat it", path);
    }
    if (shapes > 0)
        memcpy(made->shapes, options->shapes, shapes * sizeof *made->shapes);
    if (options)
        made->options = *options;
    made->options.shapes = made->shapes;
    made->options.trace = &made->trace;
    *patient = made;
    return HWV_OK;
}

static hwv_status onnx_import(hwv_patient *patient, hwv_error *error)
{
    patient->bytes = patient->onnx->bytes;
    patient->size = patient->onnx->size;
    return hwv_onnx_import(&patient->network, patient->onnx, &patient->options, error);
}

static hwv_status checkpoint_parse(hwv_patient *patient, hwv_error *error)
{
    const char *slash = strrchr(patient->path, '/');
    hwv_model model;
    HWV_TRY(hwv_checkpoint_parse(&model, patient->path, patient->bytes, patient->size, error));
    const hwv_status status = hwv_network_of_model(&patient->network, &model, slash ? slash + 1 : patient->path, error);
    hwv_model_free(&model);
    return status;
}

static hwv_status finish(hwv_patient **patient, hwv_status status)
{
    if (status != HWV_OK) {
        hwv_patient_close(*patient);
        *patient = NULL;
    }
    return status;
}

hwv_status hwv_patient_open_onnx(hwv_patient **patient, const char *path, const hwv_onnx_import_options *options,
                                 hwv_error *error)
{
    HWV_TRY(begin(patient, path, options, error));
    hwv_status status = hwv_onnx_open(&(*patient)->onnx, path, error);
    if (status == HWV_OK)
        status = onnx_import(*patient, error);
    return finish(patient, status);
}

hwv_status hwv_patient_open_checkpoint(hwv_patient **patient, const char *path, hwv_error *error)
{
    HWV_TRY(begin(patient, path, NULL, error));
    hwv_status status = hwv_file_map(&(*patient)->file, path, 0, error);
    (*patient)->bytes = (*patient)->file.data;
    (*patient)->size = (*patient)->file.size;
    if (status == HWV_OK)
        status = checkpoint_parse(*patient, error);
    return finish(patient, status);
}

void hwv_patient_close(hwv_patient *patient)
{
    if (patient == NULL)
        return;
    hwv_network_free(&patient->network);
    hwv_onnx_trace_free(patient->trace);
    hwv_onnx_close(patient->onnx);
    hwv_text_free(&patient->text);
    hwv_file_free(&patient->file);
    hwv_free(patient->shapes);
    hwv_free(patient->path);
    hwv_free(patient);
}

const hwv_network *hwv_patient_network(const hwv_patient *patient)
{
    return &patient->network;
}

/* ---- changing -------------------------------------------------------------------------------------- */

static hwv_status change(hwv_patient *made, const hwv_patient *patient, const hwv_change *what, hwv_error *error)
{
    if (patient->onnx)
        HWV_TRY(hwv_onnx_change(&made->text, patient->onnx, patient->trace, what, false, error));
    else
        HWV_TRY(hwv_checkpoint_change(&made->text, patient->path, patient->bytes, patient->size, what, error));
    if (made->text.failed)
        return hwv_fail(error, HWV_ERR_MEMORY, "%s: no memory for what it becomes", patient->path);
    made->bytes = made->text.data;
    made->size = made->text.length;
    if (!patient->onnx)
        return checkpoint_parse(made, error);
    HWV_TRY(hwv_onnx_parse_beside(&made->onnx, made->path, made->bytes, made->size, error));
    return onnx_import(made, error);
}

hwv_status hwv_patient_change(hwv_patient **changed, const hwv_patient *patient, const hwv_change *what,
                              hwv_error *error)
{
    HWV_TRY(begin(changed, patient->path, &patient->options, error));
    return finish(changed, change(*changed, patient, what, error));
}

/* ---- writing --------------------------------------------------------------------------------------- */

/* Whether two paths lie in one folder; false where that cannot be told. */
static hwv_status same_folder(bool *same, const char *a, const char *b, hwv_error *error)
{
    struct stat info[2];
    const char *const paths[] = {a, b};
    *same = true;
    for (int i = 0; i < 2; i++) {
        const char *slash = strrchr(paths[i], '/');
        char *folder = hwv_strdup(slash ? paths[i] : ".");
        if (folder == NULL)
            return hwv_fail(error, HWV_ERR_MEMORY, "%s: no memory for its path", paths[i]);
        if (slash)
            folder[slash - paths[i] + 1] = '\0';
        *same = stat(folder, &info[i]) == 0 && *same;
        hwv_free(folder);
    }
    *same = *same && info[0].st_dev == info[1].st_dev && info[0].st_ino == info[1].st_ino;
    return HWV_OK;
}

/* The bytes with what lies beside the file in them. */
static hwv_status embed(const hwv_patient *patient, hwv_text *text, hwv_error *error)
{
    hwv_change nothing;
    HWV_TRY(hwv_change_create(&nothing, &patient->network, error));
    hwv_status status = hwv_onnx_change(text, patient->onnx, patient->trace, &nothing, true, error);
    hwv_change_free(&nothing);
    return status == HWV_OK && text->failed
               ? hwv_fail(error, HWV_ERR_MEMORY, "%s: no memory for its external data", patient->path)
               : status;
}

hwv_status hwv_patient_write(const hwv_patient *patient, const char *path, hwv_error *error)
{
    bool same = true;
    hwv_text text = {0};
    if (patient->onnx && patient->onnx->external_bytes > 0)
        HWV_TRY(same_folder(&same, patient->path, path, error));
    if (same)
        return hwv_file_write(path, patient->bytes, patient->size, error);
    hwv_status status = embed(patient, &text, error);
    if (status == HWV_OK)
        status = hwv_file_write(path, text.data, text.length, error);
    hwv_text_free(&text);
    return status;
}

hwv_cost hwv_patient_cost(const hwv_patient *patient)
{
    hwv_cost cost = {.parameters = hwv_network_parameters(&patient->network),
                     .bytes = patient->size,
                     .flops = hwv_network_flops(&patient->network)};
    if (patient->onnx) {
        const hwv_onnx_summary summary = hwv_onnx_summarise(patient->onnx);
        cost.parameters = summary.parameters;
        cost.bytes = summary.bytes;
    }
    return cost;
}
