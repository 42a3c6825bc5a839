/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Inference over a set of inputs: plain, with the statistics of a check, and by ONNX Runtime in a process of its own; the
 * three take turns.
 *     bench_infer [--threads N] [--data FOLDER] [--peer PROGRAM SCRIPT] [--write FOLDER] [MODEL...]
 *     bench_infer --worker FILE.onnx INPUTS THREADS plain|check
 * Models: alexa and ocr-cls, from FOLDER (left out where that is missing), and vgg-small, our own, exported, also at 128
 * samples and at one. INPUTS is a .npy file, or a number of drawn samples. Inputs lie in memory as the file gives them, for
 * both. Plans are kept, as ONNX Runtime keeps its session. */
#include "halfwave/check.h"
#include "halfwave/clock.h"
#include "halfwave/inputs.h"
#include "halfwave/isa.h"
#include "halfwave/memory.h"
#include "halfwave/onnx.h"
#include "halfwave/random.h"
#include "machine.h"
#include "turns.h"

#define ROUNDS        15
#define ROUND_SECONDS 0.4
#define SAMPLES       "512" /* drawn, of vgg-small */
#define PATH          512

typedef struct subject {
    const char *name, *model, *file, *inputs; /* model: of the zoo, where there is no file */
    bool plain;                               /* without statistics */
} subject;

static const subject subjects[] = {
    {"alexa", NULL, "wakeword/alexa_v0.1.onnx", "wakeword/alexa_inputs.npy", false},
    {"ocr-cls", NULL, "ocr-cls/ch_ppocr_mobile_v2.0_cls_infer.onnx", "ocr-cls/cls_inputs.npy", false},
    {"vgg-small", "vgg-small", NULL, SAMPLES, false},
    {"vgg-small-128", "vgg-small", NULL, "128", true},
    {"vgg-small-1", "vgg-small", NULL, "1", true},
};
enum { SUBJECTS = sizeof subjects / sizeof subjects[0] };

static const subject *find(const char *name)
{
    for (size_t i = 0; i < SUBJECTS; i++)
        if (strcmp(subjects[i].name, name) == 0)
            return &subjects[i];
    turns_die(name, "no such model; known: alexa, ocr-cls, vgg-small, vgg-small-128, vgg-small-1");
    return NULL;
}

/* ---- the worker ---- */

typedef struct runner {
    hwv_network network;
    hwv_counter *counter;
    hwv_pool *pool;
    hwv_session *session;
    hwv_plan *plan; /* of one sample */
    float *samples;
    size_t count, each, next;
} runner;

static void check(hwv_status status, const char *what, const hwv_error *error)
{
    if (status != HWV_OK)
        turns_die(what, error->text);
}

static void samples_read(runner *r, const char *path, const char *name)
{
    hwv_inputs *inputs;
    hwv_error error;
    check(hwv_inputs_open(&inputs, &path, 1, &name, 1, NULL, &error), path, &error);
    r->count = hwv_inputs_count(inputs);
    r->samples = hwv_calloc(r->count * r->each, sizeof(float));
    if (!r->samples)
        turns_die(path, "out of memory");
    void *into[] = {r->samples};
    const bool integers[] = {false};
    size_t got;
    check(hwv_inputs_read(inputs, r->count, into, integers, &got, &error), path, &error);
    hwv_inputs_close(inputs);
}

static void samples_draw(runner *r, size_t count)
{
    uint32_t drawn[4] = {0};
    r->count = count;
    r->samples = hwv_calloc(count * r->each, sizeof(float));
    if (!r->samples)
        turns_die("samples", "out of memory");
    for (size_t i = 0; i < count * r->each; i++) {
        if (i % 4 == 0)
            hwv_philox(1, 0, 0, i / 4, drawn);
        r->samples[i] = (float)(drawn[i % 4] >> 8) * 0x1p-24f;
    }
}

/* All samples are lent. */
static hwv_status feed_next(void *self, size_t rows, void *const *into, size_t *got, hwv_error *error)
{
    (void)self, (void)rows, (void)into, (void)error;
    *got = 0;
    return HWV_OK;
}

static hwv_status feed_lend(void *self, size_t rows, const void **from, size_t *got, hwv_error *error)
{
    runner *r = self;
    (void)error;
    *got = r->count - r->next < rows ? r->count - r->next : rows;
    from[0] = r->samples + r->next * r->each;
    r->next += *got;
    return HWV_OK;
}

static bool feed_more(void *self)
{
    (void)self;
    return false;
}

static void run(void *self)
{
    runner *r = self;
    const hwv_feed feed = {.self = r, .next = feed_next, .lend = feed_lend, .more = feed_more};
    hwv_error error;
    r->next = 0;
    check(hwv_session_run(r->session, &feed, &error), "a run", &error);
}

/* What only a check needs may go. */
static void plan_one(runner *r)
{
    hwv_error error;
    const hwv_plan_options options = {.batch = 1,
                                      .passes = HWV_PASS_ALL,
                                      .executor = r->pool ? hwv_pool_executor(r->pool) : NULL,
                                      .fixed_weights = true};
    check(
        hwv_plan_create(&r->plan, r->network.graph, r->network.weights, r->network.outputs[0].value, &options, &error),
        "a plan", &error);
    check(hwv_plan_lend(r->plan, r->network.inputs[0].value, r->samples, &error), "a plan", &error);
}

static void run_one(void *self)
{
    hwv_plan_forward(((runner *)self)->plan);
}

static void work(const char *path, const char *inputs, size_t threads, bool counted)
{
    runner r = {0};
    hwv_onnx *file;
    hwv_error error;
    const hwv_onnx_import_options options = {.batched = true};
    /* A free height and width are those of the inputs that are known here. */
    const hwv_shape shape = {.rank = 4, .dim = {1, 3, 48, 192}};
    hwv_onnx_import_options shaped = options;
    check(hwv_onnx_open(&file, path, &error), path, &error);
    const hwv_onnx_port port = hwv_onnx_input(file, 0);
    if (port.rank == 4 && port.dim[2] < 0) {
        shaped.shapes = &shape;
        shaped.shape_count = 1;
    }
    check(hwv_onnx_import(&r.network, file, &shaped, &error), path, &error);
    hwv_onnx_close(file);
    const hwv_shape *x = &r.network.inputs[0].shape;
    r.each = 1;
    for (size_t i = 1; i < x->rank; i++)
        r.each *= x->dim[i];
    if (strchr(inputs, '.'))
        samples_read(&r, inputs, r.network.inputs[0].name);
    else
        samples_draw(&r, strtoul(inputs, NULL, 10));
    if (threads > 1)
        check(hwv_pool_create(&r.pool, threads, &error), "threads", &error);
    if (counted)
        check(hwv_counter_create(&r.counter, &r.network, 1, r.pool ? hwv_pool_executor(r.pool) : NULL, &error),
              "a counter", &error);
    char who[80];
    snprintf(who, sizeof who, "halfwave, %s", hwv_isa_name(hwv_isa_current()));
    if (r.count == 1 && !counted)
        plan_one(&r);
    else
        check(hwv_session_create(&r.session, &r.network, r.counter, false, r.pool ? hwv_pool_executor(r.pool) : NULL,
                                 &error),
              "a session", &error);
    turns_serve(who, r.plan ? run_one : run, &r);
    hwv_plan_destroy(r.plan);
    hwv_session_destroy(r.session);
    hwv_counter_destroy(r.counter);
    hwv_network_free(&r.network);
    hwv_pool_destroy(r.pool);
    hwv_free(r.samples);
}

/* ---- the driver ---- */

enum { PLAIN, COUNTED, PEER, KINDS };

typedef struct bench {
    const char *self, *data, *peer[2];
    size_t threads;
    FILE *out;
} bench;

/* False where it cannot be had. */
static bool model_find(const bench *b, const subject *s, char file[PATH], char inputs[PATH])
{
    if (s->file) {
        snprintf(file, PATH, "%s/%s", b->data ? b->data : "", s->file);
        snprintf(inputs, PATH, "%s/%s", b->data ? b->data : "", s->inputs);
        return b->data && access(file, R_OK) == 0 && access(inputs, R_OK) == 0;
    }
    hwv_model model;
    hwv_error error;
    const hwv_model_options options = {
        .act = {.act = hwv_act_make(HWV_OP_RELU)}, .rank = 3, .dims = {32, 32, 3}, .classes = 10};
    const char *folder = getenv("TMPDIR");
    snprintf(file, PATH, "%s/bench-infer-%ld.onnx", folder ? folder : "/tmp", (long)getpid());
    snprintf(inputs, PATH, "%s", s->inputs);
    check(hwv_model_build(&model, s->model, &options, &error), s->name, &error);
    check(hwv_onnx_export(&model, NULL, file, &error), s->name, &error);
    hwv_model_free(&model);
    return true;
}

static void print_line(const bench *b, const char *name, const char *what, const double *seconds)
{
    fprintf(b->out, "| %s | %s |", name, what);
    turns_print_ms(b->out, seconds, ROUNDS);
}

static void print_lines(const bench *b, const subject *s, const bool *there, double seconds[KINDS][ROUNDS],
                        const char *peer_who)
{
    const double *peer = there[PEER] ? seconds[PEER] : NULL;
    print_line(b, s->name, "plain", seconds[PLAIN]);
    turns_print_ratio(b->out, peer, seconds[PLAIN], ROUNDS);
    fprintf(b->out, " |\n");
    if (there[COUNTED]) {
        print_line(b, "", "with statistics", seconds[COUNTED]);
        turns_print_ratio(b->out, peer, seconds[COUNTED], ROUNDS);
        turns_print_ratio(b->out, seconds[COUNTED], seconds[PLAIN], ROUNDS);
        fprintf(b->out, "\n");
    }
    if (peer) {
        print_line(b, "", peer_who, peer);
        fprintf(b->out, " | |\n");
    }
    fflush(b->out);
}

static void compare(const bench *b, const subject *s)
{
    char file[PATH], inputs[PATH], threads[24];
    if (!model_find(b, s, file, inputs)) {
        fprintf(stderr, "%s: not in the data folder, left out\n", s->name);
        return;
    }
    snprintf(threads, sizeof threads, "%zu", b->threads);
    const char *const words[KINDS][7] = {{b->self, "--worker", file, inputs, threads, "plain", NULL},
                                         {b->self, "--worker", file, inputs, threads, "check", NULL},
                                         {b->peer[0], b->peer[1], file, inputs, threads, NULL}};
    turns_worker workers[KINDS];
    size_t times[KINDS];
    bool there[KINDS] = {true, !s->plain, b->peer[0] != NULL};
    double seconds[KINDS][ROUNDS];
    for (size_t k = 0; k < KINDS; k++) {
        if (there[k] && !turns_start(&workers[k], words[k])) {
            if (k != PEER)
                turns_die(s->name, "our own worker did not start");
            there[k] = false;
        }
        if (there[k])
            times[k] = turns_round(&workers[k], b->threads, ROUND_SECONDS);
    }
    /* None comes always behind the same one, which leaves its caches. */
    for (size_t r = 0; r < ROUNDS; r++)
        for (size_t i = 0; i < KINDS; i++) {
            const size_t k = r % 2 == 0 ? i : KINDS - 1 - i;
            if (there[k])
                seconds[k][r] = turns_go(&workers[k], times[k], b->threads);
        }
    print_lines(b, s, there, seconds, workers[PEER].who);
    for (size_t k = 0; k < KINDS; k++)
        if (there[k])
            turns_end(&workers[k]);
    if (!s->file)
        unlink(file);
}

int main(int count, char **words)
{
    if (count == 6 && strcmp(words[1], "--worker") == 0) {
        work(words[2], words[3], turns_threads(words[4]), strcmp(words[5], "check") == 0);
        return 0;
    }
    bench b = {.self = words[0], .threads = 2};
    const char *folder = NULL;
    const subject *chosen[SUBJECTS];
    size_t models = 0;
    for (int i = 1; i < count; i++) {
        if (strcmp(words[i], "--threads") == 0 && i + 1 < count) {
            b.threads = turns_threads(words[++i]);
        } else if (strcmp(words[i], "--data") == 0 && i + 1 < count) {
            b.data = words[++i];
        } else if (strcmp(words[i], "--write") == 0 && i + 1 < count) {
            folder = words[++i];
        } else if (strcmp(words[i], "--peer") == 0 && i + 2 < count) {
            b.peer[0] = words[++i];
            b.peer[1] = words[++i];
        } else if (models < SUBJECTS) {
            chosen[models++] = find(words[i]);
        }
    }
    if (models == 0)
        for (; models < SUBJECTS; models++)
            chosen[models] = &subjects[models];
    signal(SIGPIPE, SIG_IGN);
    b.out = machine_page(folder, "infer.md");
    if (!b.out)
        return 4;
    machine_heading_of(b.out, "Inference beside ONNX Runtime", "./run bench infer", b.threads);
    fprintf(
        b.out,
        "\nMilliseconds for all inputs, %s, medians of %d rounds in turn (90 %% interval); and the median of the "
        "rounds'\n"
        "ratios: ONNX Runtime's time in times of ours (above 1 we are faster), with statistics in times of plain.\n\n"
        "| model | | ms | ONNX Runtime / ours | statistics / plain |\n| --- | --- | --- | --- | --- |\n",
        b.threads == 1 ? "CPU time" : "wall clock", ROUNDS);
    for (size_t i = 0; i < models; i++)
        compare(&b, chosen[i]);
    return 0;
}
