/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Using a trained model: error, loss, units. */
#include <string.h>

#include "train/evaluator.h"

hwv_status hwv_evaluate(hwv_model *model, const hwv_data *data, const hwv_data_part *part, const hwv_executor *executor,
                        hwv_evaluation *evaluation, hwv_error *error)
{
    hwv_evaluator e;
    HWV_TRY(hwv_model_accepts(model, data, error));
    HWV_TRY(hwv_evaluator_init(&e, model, data, part->count, executor, error));
    size_t classes = model->options.classes;
    if (evaluation->confusion)
        memset(evaluation->confusion, 0, classes * classes * sizeof *evaluation->confusion);
    hwv_pass_result result = hwv_evaluator_run(&e, part, false, evaluation->confusion);
    evaluation->error = result.error;
    evaluation->loss = result.loss;
    evaluation->samples = hwv_data_apart(data, part).count;
    hwv_evaluator_free(&e);
    return HWV_OK;
}

hwv_status hwv_count_units(hwv_model *model, const hwv_data *data, const hwv_data_part *part,
                           const hwv_executor *executor, hwv_layer_stats **layers, size_t *layer_count,
                           hwv_error *error)
{
    hwv_evaluator e;
    *layers = NULL;
    *layer_count = 0;
    HWV_TRY(hwv_model_accepts(model, data, error));
    HWV_TRY(hwv_evaluator_init(&e, model, data, part->count, executor, error));
    (void)hwv_evaluator_run(&e, part, true, NULL);
    hwv_status status = hwv_evaluator_layers(&e, layers, layer_count, error);
    hwv_evaluator_free(&e);
    return status;
}
