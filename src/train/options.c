/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Defaults. */
#include <math.h>

#include "halfwave/train.h"

static hwv_train_options plain(void)
{
    return (hwv_train_options){
        .optimizer = {.optimizer = HWV_OPTIMIZER_SGD,
                      .lr = 0.05,
                      .momentum = 0.9,
                      .beta1 = 0.9,
                      .beta2 = 0.999,
                      .eps = 1e-8,
                      .schedule = HWV_SCHEDULE_CONSTANT,
                      .step_every = 1000,
                      .gamma = 0.1},
        .init = HWV_INIT_AUTO,
        .batch = 32,
        .accumulate = 1,
        .epochs = 20,
        .seed = 1,
        .passes = HWV_PASS_ALL,
        .convolution = HWV_CONVOLUTION_AUTO,
    };
}

hwv_train_options hwv_recipe_options(hwv_recipe recipe)
{
    hwv_train_options options = plain();
    if (recipe == HWV_RECIPE_PLAIN)
        return options;
    hwv_optimizer_options *o = &options.optimizer;
    o->optimizer = HWV_OPTIMIZER_ADAMW;
    o->lr = 1e-3;
    o->beta2 = 0.99;
    o->weight_decay = 0.1;
    o->clip = 1;
    o->schedule = HWV_SCHEDULE_COSINE;
    o->warmup = 100;
    o->lr_min = (double)NAN;
    if (recipe == HWV_RECIPE_TEXT) { /* an epoch would be thousands of steps */
        options.batch = 12;
        options.epochs = 0;
        options.max_steps = 2000;
        options.eval_every = 250;
    }
    return options;
}

hwv_recipe hwv_recipe_of(const hwv_model *model)
{
    if (hwv_graph_value(model->graph, model->input)->element == HWV_ELEMENT_I32)
        return HWV_RECIPE_TEXT;
    for (size_t i = 0; i < hwv_graph_node_count(model->graph); i++)
        if (hwv_graph_node_at(model->graph, (hwv_id)i)->kind == HWV_NODE_ATTENTION)
            return HWV_RECIPE_ATTENTION;
    return HWV_RECIPE_PLAIN;
}

hwv_train_options hwv_train_defaults(void)
{
    return hwv_recipe_options(HWV_RECIPE_PLAIN);
}
