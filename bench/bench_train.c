/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A training step of whole networks, beside other frameworks' in processes of their own that take turns with ours.
 *     bench_train [--threads N] [--peer PROGRAM SCRIPT]... [--neighbours] [--write FOLDER] [MODEL...]
 *     bench_train --worker MODEL THREADS SET CONVOLUTION
 * Models: lenet, vgg-small, mlp, char-gpt. Gathering the batch and the update are part of a step. One thread, then two,
 * unless --threads says which; all processes are kept on as many of the last CPUs as there are threads. --neighbours: two or
 * more threads also beside as many shells that spin, at the same nice level. Peers: bench/train_peer.py. --write: the page
 * FOLDER/train.md of all models, else one of its own, such as train-lenet.md. */
#define _GNU_SOURCE /* sched_setaffinity */
#include <sched.h>

#include "halfwave/clock.h"
#include "halfwave/isa.h"
#include "halfwave/memory.h"
#include "halfwave/random.h"
#include "halfwave/train.h"
#include "machine.h"
#include "turns.h"

#define ROUNDS        11
#define ROUND_SECONDS 0.4
#define SAMPLES       ((size_t)2048)
/* As many as the training part of tinyshakespeare has, of as many characters. */
#define TOKENS     ((size_t)1003854)
#define CHARACTERS ((size_t)65)

/* asked: how many times our time a peer's is to be, with one thread and with two; of two threads, how many times as fast as
 * one; ms, direct: milliseconds at most with one thread and with two, of direct convolution too. 0: nothing is asked. */
typedef struct subject {
    const char *name, *notation;
    size_t side, channels, batch; /* side 0: samples of `channels` features; channels 0: blocks of 64 tokens */
    double asked[2], scaling, ms[2], direct[2];
} subject;

static const subject subjects[] = {
    {"lenet", "lenet", 28, 1, 64, {1.7, 2.2}, 0, {31, 18}, {43, 23}},
    {"vgg-small", "vgg-small", 32, 3, 128, {2.5, 2.7}, 1.8, {125, 68}, {265, 140}},
    {"mlp", "fc 32; act; fc 10", 0, 64, 32, {18, 18}, 0, {0.010, 0.010}, {0, 0}},
    {"char-gpt", "char-gpt", 0, 0, 12, {1.35, 1.7}, 0, {46, 28}, {0, 0}},
};
enum { SUBJECTS = sizeof subjects / sizeof subjects[0] };

static const subject *find(const char *name)
{
    for (size_t i = 0; i < SUBJECTS; i++)
        if (strcmp(subjects[i].name, name) == 0)
            return &subjects[i];
    turns_die(name, "no such model; known: lenet, vgg-small, mlp, char-gpt");
    return NULL;
}

/* ---- the worker ---- */

/* What a worker's data points to. */
typedef struct arrays {
    uint8_t *bytes;
    uint16_t *tokens;
    int32_t *labels;
} arrays;

static uint32_t drawn(size_t i)
{
    uint32_t r[4];
    hwv_philox(1, 0, 0, i / 4, r);
    return r[i % 4];
}

static void images_make(hwv_data *data, const subject *s, arrays *a)
{
    *data = (hwv_data){.name = "random", .rank = 3, .dims = {s->side, s->side, s->channels}, .classes = 10};
    if (s->side == 0) {
        data->rank = 1;
        data->dims[0] = s->channels;
    }
    data->features = s->side > 0 ? s->side * s->side * s->channels : s->channels;
    data->scale = 1.0f / 255.0f;
    a->bytes = hwv_calloc(SAMPLES * data->features, 1);
    a->labels = hwv_calloc(SAMPLES, sizeof *a->labels);
    if (a->bytes == NULL || a->labels == NULL)
        turns_die("images", "out of memory");
    for (size_t i = 0; i < SAMPLES * data->features; i++)
        a->bytes[i] = (uint8_t)(drawn(i) >> 24);
    for (size_t i = 0; i < SAMPLES; i++)
        a->labels[i] = (int32_t)(a->bytes[i * data->features] % 10);
    data->train = (hwv_data_part){.count = SAMPLES, .bytes = a->bytes, .labels = a->labels};
}

static void text_make(hwv_data *data, arrays *a)
{
    *data = (hwv_data){.name = "random",
                       .rank = 1,
                       .dims = {HWV_BLOCK},
                       .features = HWV_BLOCK,
                       .block = HWV_BLOCK,
                       .classes = CHARACTERS};
    a->tokens = hwv_calloc(TOKENS, sizeof *a->tokens);
    if (a->tokens == NULL)
        turns_die("tokens", "out of memory");
    for (size_t i = 0; i < TOKENS; i++)
        a->tokens[i] = (uint16_t)(drawn(i) % CHARACTERS);
    data->train = (hwv_data_part){.count = TOKENS - HWV_BLOCK, .tokens = a->tokens, .stride = 1};
}

/* At random: a step's time does not depend on what the images show. */
static void data_make(hwv_data *data, const subject *s, arrays *a)
{
    *a = (arrays){NULL, NULL, NULL};
    if (s->channels == 0)
        text_make(data, a);
    else
        images_make(data, s, a);
}

static hwv_optimizer_options optimizer_of(const subject *s, hwv_optimizer_options o)
{
    o.lr = 0.01;
    if (s->channels == 0) {
        o.optimizer = HWV_OPTIMIZER_ADAMW;
        o.lr = 0.001;
        o.beta2 = 0.99;
        o.weight_decay = 0.1;
        o.clip = 1;
    }
    return o;
}

static void step(void *trainer)
{
    double loss;
    hwv_error error;
    if (hwv_trainer_step(trainer, &loss, &error) != HWV_OK)
        turns_die("a step", error.text);
}

static void work(const subject *s, size_t threads, const char *isa, bool direct)
{
    hwv_error error;
    if (hwv_isa_force(isa, &error) != HWV_OK)
        turns_die(isa, error.text);
    hwv_data data;
    hwv_model model;
    hwv_pool *pool = NULL;
    hwv_trainer *trainer;
    arrays a;
    data_make(&data, s, &a);
    hwv_model_options options = {.act = {.act = hwv_act_make(HWV_OP_RELU)}, .rank = data.rank, .classes = data.classes};
    memcpy(options.dims, data.dims, sizeof options.dims);
    if (hwv_model_build(&model, s->notation, &options, &error) != HWV_OK)
        turns_die(s->name, error.text);
    hwv_train_options train = hwv_train_defaults();
    train.optimizer = optimizer_of(s, train.optimizer);
    train.batch = s->batch;
    if (direct)
        train.convolution = HWV_CONVOLUTION_DIRECT;
    if (threads > 1 && hwv_pool_create(&pool, threads, &error) != HWV_OK)
        turns_die("threads", error.text);
    train.executor = pool != NULL ? hwv_pool_executor(pool) : NULL;
    if (hwv_trainer_create(&trainer, &model, &data, &train, NULL, &error) != HWV_OK)
        turns_die(s->name, error.text);
    char who[80];
    snprintf(who, sizeof who, "halfwave, %s%s%s", isa, direct ? ", direct" : "", threads == 1 ? ", one thread" : "");
    turns_serve(who, step, trainer);
    hwv_trainer_destroy(trainer);
    hwv_pool_destroy(pool);
    hwv_model_free(&model);
    hwv_free(a.bytes);
    hwv_free(a.tokens);
    hwv_free(a.labels);
}

/* ---- the driver ---- */

enum { PEERS = 3, NEIGHBOURS = 8, ROWS = 4 + PEERS };

typedef struct bench {
    const char *self, *peer[PEERS][2];
    size_t peers, threads; /* threads: 0, one and then two */
    bool neighbours;
    cpu_set_t cpus; /* that this process was given */
    FILE *out;
} bench;

/* A process that takes part; row 0 is what the others are compared with. */
typedef struct row {
    turns_worker worker;
    char threads[24];
    double seconds[ROUNDS], beside[ROUNDS], peak;
    size_t times, least; /* steps of a round, and beside neighbours */
    double asked;        /* times row 0's time */
    double asked_ms;     /* at most; 0: none */
    bool most;           /* no more than that, else no less */
    bool peer;
} row;

/* The last `count` of the CPUs: for this process and those that it starts. */
static void cpus_take(const bench *b, size_t count)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    for (size_t cpu = CPU_SETSIZE; cpu-- > 0 && count > 0;)
        if (CPU_ISSET(cpu, &b->cpus)) {
            CPU_SET(cpu, &set);
            count--;
        }
    if (sched_setaffinity(0, sizeof set, &set) != 0)
        fprintf(stderr, "not kept on its own CPUs: %s\n", strerror(errno));
}

static bool row_start(row *r, const char *const *words, size_t threads)
{
    if (!turns_start(&r->worker, words))
        return false;
    r->times = turns_round(&r->worker, threads, ROUND_SECONDS);
    r->least = r->times > 4 ? r->times / 4 : 1;
    return true;
}

static void row_ours(row *r, const bench *b, const subject *s, size_t threads, size_t own, hwv_isa isa, bool direct)
{
    snprintf(r->threads, sizeof r->threads, "%zu", own);
    const char *const words[] = {
        b->self, "--worker", s->name, r->threads, hwv_isa_name(isa), direct ? "direct" : "auto", NULL};
    if (!row_start(r, words, threads))
        turns_die(s->name, "our own worker did not start");
}

/* Ours, by direct convolution, on the next narrower set, on one thread of several, and the peers that start. */
static size_t rows_start(row rows[ROWS], const bench *b, const subject *s, size_t threads)
{
    size_t count = 0;
    rows[count].asked_ms = threads <= 2 ? s->ms[threads - 1] : 0;
    row_ours(&rows[count++], b, s, threads, threads, hwv_isa_get(0), false);
    if (s->direct[0] > 0) {
        rows[count].asked_ms = threads <= 2 ? s->direct[threads - 1] : 0;
        row_ours(&rows[count++], b, s, threads, threads, hwv_isa_get(0), true);
    }
    if (hwv_isa_get(0) == HWV_ISA_avx512) {
        rows[count].asked = 1.15;
        rows[count].most = true;
        row_ours(&rows[count++], b, s, threads, threads, HWV_ISA_avx2, false);
    }
    if (threads > 1) {
        rows[count].asked = threads == 2 ? s->scaling : 0;
        row_ours(&rows[count++], b, s, threads, 1, hwv_isa_get(0), false);
    }
    for (size_t p = 0; p < b->peers; p++) {
        row *r = &rows[count];
        snprintf(r->threads, sizeof r->threads, "%zu", threads);
        const char *const words[] = {b->peer[p][0], b->peer[p][1], s->name, r->threads, NULL};
        r->peer = true;
        r->asked = threads <= 2 ? s->asked[threads - 1] : 0;
        if (row_start(r, words, threads))
            count++;
        else
            fprintf(stderr, "%s did not start: what it said is above\n", b->peer[p][0]);
    }
    return count;
}

static void shells_start(pid_t shells[NEIGHBOURS], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        shells[i] = fork();
        if (shells[i] < 0)
            turns_die("fork", strerror(errno));
        if (shells[i] == 0) {
            turns_end_with_parent();
            execlp("sh", "sh", "-c", "kill -s STOP $$; while :; do :; done", (char *)NULL);
            _exit(127);
        }
        waitpid(shells[i], NULL, WUNTRACED);
    }
}

static void shells_signal(const pid_t shells[NEIGHBOURS], size_t count, int signal)
{
    for (size_t i = 0; i < count; i++)
        kill(shells[i], signal);
}

static void rounds_run(row rows[ROWS], size_t count, size_t threads, size_t shell_count)
{
    pid_t shells[NEIGHBOURS];
    shells_start(shells, shell_count);
    for (size_t round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < count; i++)
            rows[i].seconds[round] = turns_go(&rows[i].worker, rows[i].times, threads);
        shells_signal(shells, shell_count, SIGCONT);
        for (size_t i = 0; i < count && shell_count > 0; i++)
            rows[i].beside[round] = turns_go(&rows[i].worker, rows[i].least, threads);
        shells_signal(shells, shell_count, SIGSTOP);
    }
    shells_signal(shells, shell_count, SIGKILL);
    for (size_t i = 0; i < shell_count; i++)
        waitpid(shells[i], NULL, 0);
    for (size_t i = 0; i < count; i++)
        rows[i].peak = turns_peak(&rows[i].worker);
}

static void row_print(const bench *b, const char *name, const row *r, const row *ours, bool beside)
{
    FILE *out = b->out;
    fprintf(out, "| %s | %s |", name, r->worker.who);
    turns_print_ms(out, r->seconds, ROUNDS);
    turns_print_ratio(out, r == ours ? NULL : r->seconds, ours->seconds, ROUNDS);
    if (r->asked_ms > 0)
        fprintf(out, " at most %g ms |", r->asked_ms);
    else if (r->asked > 0)
        fprintf(out, " %s %g |", r->most ? "at most" : "at least", r->asked);
    else
        fprintf(out, " |");
    fprintf(out, " %.0f |", r->peak / 1e6);
    if (r->peer && r->peak > 0)
        fprintf(out, " %.2f |", ours->peak / r->peak);
    else
        fprintf(out, " |");
    if (beside)
        turns_print_ratio(out, r->beside, r->seconds, ROUNDS);
    fprintf(out, "\n");
}

static void compare(const bench *b, const subject *s, size_t threads)
{
    row rows[ROWS] = {0};
    const size_t shells = b->neighbours && threads > 1 ? (threads < NEIGHBOURS ? threads : NEIGHBOURS) : 0;
    const size_t count = rows_start(rows, b, s, threads);
    rounds_run(rows, count, threads, shells);
    for (size_t i = 0; i < count; i++)
        row_print(b, i == 0 ? s->name : "", &rows[i], &rows[0], shells > 0);
    fflush(b->out);
    for (size_t i = 0; i < count; i++)
        turns_end(&rows[i].worker);
}

static void table(const bench *b, size_t threads, const subject *const *chosen, size_t models)
{
    const bool beside = b->neighbours && threads > 1;
    cpus_take(b, threads);
    fprintf(b->out,
            "\n## %zu thread%s, %s\n\n| network | | ms a step | its time / ours | asked | MB | ours / its |%s\n",
            threads, threads == 1 ? "" : "s", threads == 1 ? "CPU time" : "wall clock",
            beside ? " beside spinning shells / alone |" : "");
    fprintf(b->out, "| --- | --- | --- | --- | --- | --- | --- |%s\n", beside ? " --- |" : "");
    for (size_t i = 0; i < models; i++)
        compare(b, chosen[i], threads);
}

/* The models behind a word, a mark in front of each: "train-lenet-mlp". */
static void named(char *text, size_t size, const char *word, char mark, const subject *const *chosen, size_t models)
{
    size_t at = (size_t)snprintf(text, size, "%s", word);
    for (size_t i = 0; i < models && at < size; i++)
        at += (size_t)snprintf(text + at, size - at, "%c%s", mark, chosen[i]->name);
}

static void intro(const bench *b, const char *command)
{
    machine_heading_of(b->out, "A training step beside PyTorch", command, b->threads);
    fprintf(
        b->out,
        "\nGathering the batch and the update are part of a step. Medians of %d rounds in turn (90 %% interval), and "
        "the\n"
        "median of the rounds' ratios to the first row of each network. Asked of a peer: at least so many times our\n"
        "time; of ours, direct convolution too: so many milliseconds at most; of the narrower set: so many times at "
        "most;\n"
        "of one thread beside two: how well two threads scale. MB: the most memory that the process held; ours is to "
        "be at\n"
        "most a quarter (0.25) of a peer's.%s\n",
        ROUNDS,
        b->neighbours ? " Spinning shells: as many as threads,\non the same CPUs and of the same nice level; at most 3 "
                        "is asked of ours."
                      : "");
}

int main(int count, char **words)
{
    bench b = {.self = words[0]};
    const char *folder = NULL;
    const subject *chosen[SUBJECTS] = {NULL};
    char page[80], file[88], command[80];
    size_t models = 0;
    if (count == 6 && strcmp(words[1], "--worker") == 0) {
        work(find(words[2]), turns_threads(words[3]), words[4], strcmp(words[5], "direct") == 0);
        return 0;
    }
    for (int i = 1; i < count; i++) {
        if (strcmp(words[i], "--threads") == 0 && i + 1 < count) {
            b.threads = turns_threads(words[++i]);
        } else if (strcmp(words[i], "--write") == 0 && i + 1 < count) {
            folder = words[++i];
        } else if (strcmp(words[i], "--neighbours") == 0) {
            b.neighbours = true;
        } else if (strcmp(words[i], "--peer") == 0 && i + 2 < count && b.peers < PEERS) {
            b.peer[b.peers][0] = words[++i];
            b.peer[b.peers++][1] = words[++i];
        } else if (models < SUBJECTS) {
            chosen[models++] = find(words[i]);
        }
    }
    named(page, sizeof page, "train", '-', chosen, models);
    named(command, sizeof command, "./run bench train", ' ', chosen, models);
    snprintf(file, sizeof file, "%s.md", page);
    if (models == 0)
        for (; models < SUBJECTS; models++)
            chosen[models] = &subjects[models];
    signal(SIGPIPE, SIG_IGN);
    if (sched_getaffinity(0, sizeof b.cpus, &b.cpus) != 0)
        turns_die("CPUs", strerror(errno));
    b.out = machine_page(folder, file);
    if (!b.out)
        return 4;
    intro(&b, command);
    if (b.threads != 0) {
        table(&b, b.threads, chosen, models);
    } else {
        table(&b, 1, chosen, models);
        if (CPU_COUNT(&b.cpus) > 1)
            table(&b, 2, chosen, models);
    }
    return fclose(b.out) == 0 ? 0 : 4;
}
