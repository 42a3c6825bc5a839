/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Building and training the small networks of the experiments. */
#include "study/run.h"

#include <string.h>

static hwv_model_options model_options(const hwv_study *study, hwv_op op)
{
    hwv_model_options options = {
        .act = {.act = hwv_act_make(op)}, .rank = study->data->rank, .classes = study->data->classes};
    memcpy(options.dims, study->data->dims, sizeof options.dims);
    return options;
}

hwv_status hwv_study_model(const hwv_study *study, const char *notation, hwv_op op, hwv_model *model, hwv_error *error)
{
    hwv_model_options options = model_options(study, op);
    return hwv_model_build(model, notation, &options, error);
}

hwv_status hwv_study_rate(const hwv_study *study, const char *notation, hwv_op op, const hwv_train_options *options,
                          double *rate, hwv_error *error)
{
    hwv_model model;
    hwv_train_options filled = *options;
    filled.executor = study->executor;
    filled.interrupt = study->interrupt;
    hwv_rate_search search;
    HWV_TRY(hwv_study_model(study, notation, op, &model, error));
    hwv_status status = hwv_rate_pick(&search, &model, study->data, &filled, NULL, NULL, error);
    hwv_model_free(&model);
    if (status == HWV_OK)
        *rate = search.rate;
    return status;
}

hwv_status hwv_study_train(const hwv_study *study, const char *notation, hwv_op op, const hwv_train_options *options,
                           const hwv_train_hooks *hooks, hwv_model *model, hwv_train_result *result, hwv_error *error)
{
    hwv_model own = {0};
    hwv_model *used = model != NULL ? model : &own;
    memset(result, 0, sizeof *result);
    HWV_TRY(hwv_study_model(study, notation, op, used, error));
    hwv_train_options filled = *options;
    filled.executor = study->executor;
    filled.interrupt = study->interrupt;
    hwv_trainer *trainer = NULL;
    hwv_status status = hwv_trainer_create(&trainer, used, study->data, &filled, hooks, error);
    if (status == HWV_OK)
        status = hwv_trainer_run(trainer, result, error);
    hwv_trainer_destroy(trainer);
    if (status == HWV_ERR_NUMERIC)
        status = HWV_OK; /* result->diverged says where */
    if (status != HWV_OK)
        hwv_train_result_free(result);
    if (status != HWV_OK || model == NULL)
        hwv_model_free(used);
    return status;
}
