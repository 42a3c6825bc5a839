/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A training step of whole networks, beside another framework's in a process of its own that takes turns with ours.
 *     bench_train [--threads N] [--peer PROGRAM SCRIPT] [MODEL...]
 *     bench_train --worker MODEL THREADS
 * Pin it, the peer (bench/train_peer.py) inherits that: taskset -c 1 bench_train. Models: lenet, vgg-small. Gathering the
 * batch and the update are part of a step. */
#include <signal.h>

#include "halfwave/clock.h"
#include "halfwave/isa.h"
#include "halfwave/memory.h"
#include "halfwave/random.h"
#include "halfwave/train.h"
#include "turns.h"

#define ROUNDS        11
#define ROUND_SECONDS 0.5
#define SAMPLES       ((size_t)2048)

typedef struct subject {
    const char *name, *notation;
    size_t side, channels, batch;
} subject;

static const subject subjects[] = {
    {"lenet", "lenet", 28, 1, 64},
    {"vgg-small", "vgg-small", 32, 3, 128},
};
enum { SUBJECTS = sizeof subjects / sizeof subjects[0] };

static const subject *find(const char *name)
{
    for (size_t i = 0; i < SUBJECTS; i++)
        if (strcmp(subjects[i].name, name) == 0)
            return &subjects[i];
    turns_die(name, "no such model; known: lenet, vgg-small");
    return NULL;
}

/* ---- the worker ---- */

/* Bytes at random: a step's time does not depend on what the images show. */
static void data_make(hwv_data *data, const subject *s, uint8_t *bytes, int32_t *labels)
{
    *data = (hwv_data){.name = "random", .rank = 3, .dims = {s->side, s->side, s->channels}, .classes = 10};
    data->features = s->side * s->side * s->channels;
    data->scale = 1.0f / 255.0f;
    uint32_t r[4];
    for (size_t i = 0; i < SAMPLES * data->features; i++) {
        if (i % 4 == 0)
            hwv_philox(1, 0, 0, i / 4, r);
        bytes[i] = (uint8_t)(r[i % 4] >> 24);
    }
    for (size_t i = 0; i < SAMPLES; i++)
        labels[i] = (int32_t)(bytes[i * data->features] % 10);
    data->train = (hwv_data_part){.count = SAMPLES, .bytes = bytes, .labels = labels};
}

static void step(void *trainer)
{
    double loss;
    hwv_error error;
    if (hwv_trainer_step(trainer, &loss, &error) != HWV_OK)
        turns_die("a step", error.text);
}

static void work(const subject *s, size_t threads)
{
    hwv_error error;
    hwv_data data;
    hwv_model model;
    hwv_pool *pool = NULL;
    hwv_trainer *trainer;
    uint8_t *bytes = hwv_calloc(SAMPLES * s->side * s->side * s->channels, 1);
    int32_t *labels = hwv_calloc(SAMPLES, sizeof *labels);
    if (bytes == NULL || labels == NULL)
        turns_die("images", "out of memory");
    data_make(&data, s, bytes, labels);
    hwv_model_options options = {.act = hwv_act_make(HWV_OP_RELU), .rank = data.rank, .classes = data.classes};
    memcpy(options.dims, data.dims, sizeof options.dims);
    if (hwv_model_build(&model, s->notation, &options, &error) != HWV_OK)
        turns_die(s->name, error.text);
    hwv_train_options train = hwv_train_defaults();
    train.optimizer.lr = 0.01;
    train.batch = s->batch;
    if (threads > 1 && hwv_pool_create(&pool, threads, &error) != HWV_OK)
        turns_die("threads", error.text);
    train.executor = pool != NULL ? hwv_pool_executor(pool) : NULL;
    if (hwv_trainer_create(&trainer, &model, &data, &train, NULL, &error) != HWV_OK)
        turns_die(s->name, error.text);
    char who[80];
    snprintf(who, sizeof who, "halfwave, %s", hwv_isa_name(hwv_isa_current()));
    turns_serve(who, step, trainer);
    hwv_trainer_destroy(trainer);
    hwv_pool_destroy(pool);
    hwv_model_free(&model);
    hwv_free(bytes);
    hwv_free(labels);
}

/* ---- the driver ---- */

static void print_one(const char *name, const turns_worker *w, double *seconds)
{
    double low, high, median = hwv_median_interval(seconds, ROUNDS, &low, &high);
    printf("%-10s %8.2f ms a step (%.2f to %.2f)   %s\n", name, 1e3 * median, 1e3 * low, 1e3 * high, w->who);
}

static void compare(const subject *s, size_t threads, const char *self, const char *const peer[2])
{
    char count[24];
    snprintf(count, sizeof count, "%zu", threads);
    const char *const own[] = {self, "--worker", s->name, count, NULL};
    const char *const other[] = {peer[0], peer[1], s->name, count, NULL};
    turns_worker ours, theirs;
    if (!turns_start(&ours, own))
        turns_die(s->name, "our own worker did not start");
    bool both = peer[0] != NULL && turns_start(&theirs, other);
    size_t our_steps = turns_round(&ours, threads, ROUND_SECONDS),
           their_steps = both ? turns_round(&theirs, threads, ROUND_SECONDS) : 0;
    double a[ROUNDS], b[ROUNDS], ratios[ROUNDS], low, high;
    for (size_t r = 0; r < ROUNDS; r++) {
        a[r] = turns_go(&ours, our_steps, threads);
        b[r] = both ? turns_go(&theirs, their_steps, threads) : 0;
        ratios[r] = b[r] / a[r];
    }
    print_one(s->name, &ours, a);
    if (both) {
        print_one("", &theirs, b);
        double ratio = hwv_median_interval(ratios, ROUNDS, &low, &high);
        printf("%-10s %8.2f times our time, median of %d rounds in turn, 90 %% interval %.2f to %.2f\n", "", ratio,
               ROUNDS, low, high);
        turns_end(&theirs);
    } else if (peer[0] != NULL) {
        printf("%-10s the peer did not start: what it said is above\n", "");
    }
    turns_end(&ours);
    fflush(stdout);
}

int main(int count, char **words)
{
    const char *peer[2] = {NULL, NULL};
    size_t threads = 1, models = 0;
    if (count == 4 && strcmp(words[1], "--worker") == 0) {
        work(find(words[2]), turns_threads(words[3]));
        return 0;
    }
    const subject *chosen[SUBJECTS];
    for (int i = 1; i < count; i++) {
        if (strcmp(words[i], "--threads") == 0 && i + 1 < count) {
            threads = turns_threads(words[++i]);
        } else if (strcmp(words[i], "--peer") == 0 && i + 2 < count) {
            peer[0] = words[++i];
            peer[1] = words[++i];
        } else if (models < SUBJECTS) {
            chosen[models++] = find(words[i]);
        }
    }
    if (models == 0)
        for (; models < SUBJECTS; models++)
            chosen[models] = &subjects[models];
    signal(SIGPIPE, SIG_IGN);
    printf("%zu thread%s, %s; gathering and update included, medians of %d rounds (90 %% interval)\n", threads,
           threads == 1 ? "" : "s", threads == 1 ? "CPU time" : "wall clock", ROUNDS);
    fflush(stdout);
    for (size_t i = 0; i < models; i++)
        compare(chosen[i], threads, words[0], peer);
    return 0;
}
