/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Creation of a trainer. */
#include "train/trainer.h"

#include <math.h>
#include <string.h>

#include "train/clip.h"

/* Rounds of history that are made room for at the start; longer runs make more room between rounds. */
#define HISTORY ((size_t)1024)

static hwv_status options_check(const hwv_train_options *o, const hwv_model *model, const hwv_data *data,
                                hwv_error *error)
{
    size_t samples = data->train.count;
    HWV_TRY(hwv_optimizer_check(&o->optimizer, error));
    if ((size_t)o->init >= HWV_INIT_COUNT)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "there is no initialiser %d", (int)o->init);
    if ((size_t)o->convolution >= HWV_CONVOLUTION_COUNT)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "there is no way %d to convolve", (int)o->convolution);
    if (data->block > 0 && data->classes < 2)
        return hwv_fail(error, HWV_ERR_FORMAT, "%s: all %s are the same: there is nothing to foretell", data->name,
                        data->vocabulary.bytes ? "bytes" : "characters");
    if (o->batch == 0 || o->batch > samples)
        return hwv_fail(error, HWV_ERR_ARGUMENT,
                        "the batch is %zu, the training set (%s) has %zu sample%s; 1 to %zu is accepted", o->batch,
                        data->name, samples, samples == 1 ? "" : "s", samples);
    if (o->accumulate > samples / o->batch)
        return hwv_fail(error, HWV_ERR_ARGUMENT,
                        "a step of %zu batches of %zu, the training set (%s) has %zu samples; 1 to %zu are accepted",
                        o->accumulate, o->batch, data->name, samples, samples / o->batch);
    if (samples > UINT32_MAX)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED, "%zu training samples; %lu is the most", samples,
                        (unsigned long)UINT32_MAX);
    if (o->epochs == 0 && o->max_steps == 0)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "0 epochs and no limit of steps: one of them must be given");
    if (!(o->until_train_error >= 0 && o->until_train_error <= 1))
        return hwv_fail(error, HWV_ERR_ARGUMENT, "the training error to stop at is %g; a share of 0 to 1 is accepted",
                        o->until_train_error);
    HWV_TRY(hwv_augment_check(&o->augment, data, error));
    if (o->checkpoint && model->of_network && !model->file)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "a network without its file cannot be saved as a checkpoint");
    return o->checkpoint ? hwv_checkpoint_check_path(o->checkpoint, error) : HWV_OK;
}

/* How far the run goes. max_steps only cuts it: the schedule is made for all epochs, so that a run that was cut
 * goes on as if it had not been. */
static void lengths_set(hwv_trainer *t)
{
    const hwv_train_options *o = &t->options;
    t->batches = o->accumulate;
    t->steps_per_epoch = t->data->train.count / o->batch / t->batches;
    if (o->epochs == 0 || !hwv_size_mul(o->epochs, t->steps_per_epoch, &t->total))
        t->total = o->epochs == 0 ? o->max_steps : SIZE_MAX;
    t->limit = o->max_steps > 0 && o->max_steps < t->total ? o->max_steps : t->total;
    t->round_steps = o->eval_every > 0 ? o->eval_every : t->steps_per_epoch;
    size_t blocks;
    if (!hwv_size_mul(t->round_steps, o->batch * t->batches, &blocks)) /* at most the samples there are: it fits */
        blocks = SIZE_MAX;
    blocks /= HWV_TRAIN_ESTIMATE;
    t->estimate = hwv_data_some(t->data, &t->data->test, blocks > 0 ? blocks : 1);
}

/* Runs of parameters with one rule. Without weight decay all parameters share one. */
static hwv_status spans_init(hwv_trainer *t, hwv_error *error)
{
    const hwv_graph *graph = t->model->graph;
    size_t values = hwv_graph_value_count(graph);
    const hwv_optimizer_options *o = &t->options.optimizer;
    const bool all_alike = o->weight_decay == 0, matrices = o->optimizer == HWV_OPTIMIZER_ADAMW && !o->decay_all;
    t->spans = hwv_calloc(values, sizeof *t->spans);
    if (!t->spans)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for the list of parameters");
    hwv_span *open = NULL;
    for (size_t v = 0; v < values; v++) {
        const hwv_value *value = hwv_graph_value(graph, (hwv_id)v);
        size_t offset = hwv_weights_offset(t->model->weights, (hwv_id)v);
        if (offset == SIZE_MAX)
            continue;
        /* A run ends where the next array begins: the padding between arrays is 0 and stays 0. */
        if (open)
            open->count = offset - open->first;
        if (value->role != HWV_ROLE_PARAMETER) {
            open = NULL;
            continue;
        }
        bool decay = value->decay && !all_alike && (!matrices || value->shape.rank > 1);
        if (!open || open->decay != decay) {
            open = &t->spans[t->span_count++];
            *open = (hwv_span){.first = offset, .decay = decay};
        }
    }
    if (open)
        open->count = t->elements - open->first;
    for (size_t s = 0; s < t->span_count; s++) {
        t->spans[s].piece = t->piece_count;
        t->piece_count += hwv_piece_count(t->spans[s].count);
    }
    return HWV_OK;
}

static hwv_status moments_init(hwv_trainer *t, hwv_error *error)
{
    size_t count = hwv_optimizer_moments(&t->options.optimizer), bytes = t->elements * sizeof(float), all;
    if (!hwv_size_mul(bytes, count, &all))
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for the optimiser");
    HWV_TRY(hwv_arena_init(&t->moments, all, error));
    for (size_t m = 0; m < count; m++)
        t->moment[m] = hwv_arena_take(&t->moments, bytes);
    return HWV_OK;
}

static hwv_status plan_init(hwv_trainer *t, hwv_error *error)
{
    hwv_model *model = t->model;
    unsigned without = t->options.convolution == HWV_CONVOLUTION_DIRECT ? HWV_PASS_WINOGRAD : 0;
    if (t->hooks.observer) /* it sees every activation; the bits are the same */
        without |= HWV_PASS_BRIDGE;
    hwv_plan_options options = {.batch = t->options.batch,
                                .training = true,
                                .passes = t->options.passes & ~without,
                                .executor = t->options.executor};
    HWV_TRY(hwv_plan_create(&t->plan, model->graph, model->weights, model->loss, &options, error));
    t->x = hwv_plan_data(t->plan, model->input);
    t->labels = hwv_plan_data(t->plan, model->labels);
    t->loss_value = hwv_plan_data(t->plan, model->loss);
    t->logits = hwv_plan_data(t->plan, model->logits);
    t->weights = hwv_weights_block(model->weights, &t->elements);
    t->gradients = hwv_plan_parameter_gradients(t->plan, &t->elements);
    if (!t->x || !t->labels || !t->loss_value || !t->logits)
        return hwv_fail(error, HWV_ERR_INTERNAL, "a plan lacks its input, labels, logits or loss");
    return t->hooks.observer ? hwv_plan_observe(t->plan, t->hooks.observer, error) : HWV_OK;
}

hwv_status hwv_trainer_reserve(hwv_trainer *t, size_t count, hwv_error *error)
{
    if (count <= t->history_capacity)
        return HWV_OK;
    size_t capacity = t->history_capacity <= SIZE_MAX / 2 ? 2 * t->history_capacity : count;
    capacity = capacity > count ? capacity : count;
    hwv_epoch_stats *history = hwv_realloc(t->history, capacity, sizeof *history);
    if (!history)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for the history of %zu rounds", capacity);
    t->history = history;
    t->history_capacity = capacity;
    return HWV_OK;
}

static hwv_status init(hwv_trainer *t, hwv_error *error)
{
    const hwv_data *data = t->data;
    HWV_TRY(hwv_model_accepts(t->model, data, error));
    HWV_TRY(options_check(&t->options, t->model, data, error));
    lengths_set(t);
    HWV_TRY(plan_init(t, error));
    HWV_TRY(moments_init(t, error));
    HWV_TRY(spans_init(t, error));
    size_t most = data->train.count > data->test.count ? data->train.count : data->test.count;
    HWV_TRY(hwv_evaluator_init(&t->evaluator, t->model, data, most, t->options.executor, error));
    HWV_TRY(hwv_meter_init(&t->meter, t->round_steps, error));
    const size_t pieces = hwv_piece_count(t->elements);
    t->sums = hwv_calloc(pieces > t->piece_count ? pieces : t->piece_count, sizeof *t->sums);
    t->order = hwv_calloc(data->train.count, sizeof *t->order);
    t->batch_labels = t->options.batch * hwv_data_labels(data); /* the plan has them: it fits */
    if (!hwv_size_mul(t->batch_labels, t->batches, &t->outcomes))
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory to train");
    t->wrong = hwv_calloc(t->outcomes, sizeof *t->wrong);
    bool augment = hwv_augment_on(&t->options.augment);
    t->scratch = augment ? hwv_calloc(data->features, sizeof *t->scratch) : NULL;
    if (!t->sums || !t->order || !t->wrong || (augment && !t->scratch))
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory to train");
    size_t rounds = t->limit / t->round_steps;
    HWV_TRY(hwv_trainer_reserve(t, rounds < HISTORY ? rounds + 1 : HISTORY, error));
    t->ordered = SIZE_MAX;
    t->loss = t->rate = t->norm = (double)NAN;
    bool ahead = hwv_prefetch_pays(hwv_executor_workers(t->options.executor), hwv_cpu_count(),
                                   t->options.batch * data->features);
    return ahead ? hwv_prefetch_start(&t->prefetch, t, error) : HWV_OK;
}

hwv_status hwv_trainer_create(hwv_trainer **out, hwv_model *model, const hwv_data *data,
                              const hwv_train_options *options, const hwv_train_hooks *hooks, hwv_error *error)
{
    *out = NULL;
    hwv_trainer *trainer = hwv_calloc(1, sizeof *trainer);
    if (!trainer)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for a trainer");
    trainer->model = model;
    trainer->data = data;
    trainer->options = *options;
    trainer->options.accumulate = options->accumulate > 0 ? options->accumulate : 1;
    trainer->options.optimizer.lr_min = hwv_schedule_least(&options->optimizer); /* as checkpoints keep it */
    if (hooks)
        trainer->hooks = *hooks;
    hwv_status status = init(trainer, error);
    if (status != HWV_OK) {
        hwv_trainer_destroy(trainer);
        return status;
    }
    if (!model->of_network)
        hwv_model_initialise(model, options->init, options->seed);
    *out = trainer;
    return HWV_OK;
}

void hwv_trainer_destroy(hwv_trainer *t)
{
    if (t == NULL)
        return;
    hwv_prefetch_stop(t->prefetch);
    (void)hwv_log_close(&t->log, NULL);
    hwv_plan_destroy(t->plan);
    hwv_arena_free(&t->moments);
    hwv_evaluator_free(&t->evaluator);
    hwv_meter_free(&t->meter);
    hwv_free(t->spans);
    hwv_free(t->sums);
    hwv_free(t->order);
    hwv_free(t->scratch);
    hwv_free(t->wrong);
    hwv_free(t->history);
    hwv_free(t);
}
