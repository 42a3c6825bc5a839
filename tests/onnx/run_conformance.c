/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Every case of ONNX's test data: a model, inputs and the outputs that its operators' definition gives. A case passes
 * (rtol 1e-3, atol 1e-7), or it is refused with a reason; anything else is a failure, and so is a case of
 * conformance.txt that does not pass. Skipped where the data is not installed.
 *
 *     onnx-conformance             judges; one line for what is wrong and the counts
 *     onnx-conformance -v [WORD]   a line for every case (whose name has WORD in it)
 *     onnx-conformance --list      the names of those that pass
 *
 * HALFWAVE_ONNX_DATA: a folder of cases to read instead. */
#include <dirent.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "halfwave/memory.h"
#include "halfwave/onnx.h"
#include "onnx/model.h"
#include "onnx/read.h"

#ifndef HWV_ONNX_DATA
#define HWV_ONNX_DATA ""
#endif

#define RTOL      1e-3
#define ATOL      1e-7
#define PEER_ATOL 1e-5 /* of cases that another library computed: it rounds too */

enum { PASSED, REFUSED, FAILED };

typedef struct counts {
    size_t of[3], listed;
    bool verbose, list;
    const char *only;
} counts;

/* ---- tensors -------------------------------------------------------------------------------------- */

static size_t varint(unsigned char *to, size_t x)
{
    size_t n = 0;
    for (; x >= 128; x >>= 7)
        to[n++] = (unsigned char)(x | 128);
    to[n++] = (unsigned char)x;
    return n;
}

/* A tensor's file becomes the only initialiser of a model. */
typedef struct tensor_file {
    unsigned char *bytes;
    hwv_onnx *file;
} tensor_file;

static bool tensor_open(tensor_file *tensor, const char *path, hwv_error *error)
{
    unsigned char head[24];
    FILE *in = fopen(path, "rb");
    long size;
    *tensor = (tensor_file){0};
    if (in == NULL || fseek(in, 0, SEEK_END) != 0 || (size = ftell(in)) < 0 || fseek(in, 0, SEEK_SET) != 0) {
        hwv_fail(error, HWV_ERR_IO, "%s: cannot be read", path);
        if (in)
            fclose(in);
        return false;
    }
    size_t n = (size_t)size, inner, used;
    inner = 1 + varint(head, n) + n;
    used = 0;
    head[used++] = 7 << 3 | 2;
    used += varint(head + used, inner);
    head[used++] = 5 << 3 | 2;
    used += varint(head + used, n);
    tensor->bytes = malloc(used + n);
    memcpy(tensor->bytes, head, used);
    bool ok = fread(tensor->bytes + used, 1, n, in) == n;
    fclose(in);
    return ok && hwv_onnx_parse(&tensor->file, path, tensor->bytes, used + n, error) == HWV_OK &&
           tensor->file->initialiser_count == 1 &&
           (tensor->file->initialisers[0].data || tensor->file->initialisers[0].elements == 0);
}

static void tensor_close(tensor_file *tensor)
{
    hwv_onnx_close(tensor->file);
    free(tensor->bytes);
}

static const hwv_onnx_tensor *tensor_of(const tensor_file *tensor)
{
    return &tensor->file->initialisers[0];
}

static bool floating(int32_t type)
{
    return type == HWV_ONNX_FLOAT || type == HWV_ONNX_DOUBLE || type == HWV_ONNX_FLOAT16 || type == HWV_ONNX_BFLOAT16;
}

/* ---- one case ------------------------------------------------------------------------------------- */

#define MOST_PORTS 32

typedef struct test_case {
    const char *name, *folder;
    tensor_file inputs[MOST_PORTS];
    size_t input_count;
    char why[600];
} test_case;

static int say(test_case *c, int verdict, const char *text)
{
    snprintf(c->why, sizeof c->why, "%s", text);
    return verdict;
}

/* An element as a number; bfloat16 is stored as its bits. */
static double number(const hwv_onnx_tensor *tensor, size_t i, bool floats)
{
    if (floats && tensor->type == HWV_ONNX_UINT16) {
        uint32_t bits = (uint32_t)hwv_onnx_tensor_integer(tensor, i) << 16;
        float x;
        memcpy(&x, &bits, sizeof x);
        return (double)x;
    }
    return floating(tensor->type) ? hwv_onnx_tensor_number(tensor, i) : (double)hwv_onnx_tensor_integer(tensor, i);
}

/* false: a number that does not fit 32 bits. */
static bool input_write(const hwv_network *network, hwv_plan *plan, hwv_id id, const hwv_onnx_tensor *tensor)
{
    void *to = hwv_plan_data(plan, id);
    bool floats = hwv_graph_value(network->graph, id)->element == HWV_ELEMENT_F32;
    for (size_t i = 0; to && i < tensor->elements; i++) {
        if (floats) {
            double y = number(tensor, i, true);
            if (isfinite(y) && fabs(y) > (double)FLT_MAX)
                return false;
            ((float *)to)[i] = (float)y;
            continue;
        }
        int64_t x = hwv_onnx_tensor_integer(tensor, i);
        if (x < INT32_MIN || x > INT32_MAX)
            return false;
        ((int32_t *)to)[i] = (int32_t)x;
    }
    return true;
}

static bool close_enough(double got, double expected)
{
    if (isnan(expected) || isnan(got))
        return isnan(expected) && isnan(got);
    return got == expected ||
           fabs(got - expected) <= (getenv("HALFWAVE_ONNX_DATA") ? PEER_ATOL : ATOL) + RTOL * fabs(expected);
}

static int output_compare(test_case *c, const hwv_network *network, hwv_plan *plan, size_t rows, size_t o)
{
    char path[1200], text[400];
    tensor_file file;
    hwv_error error = {0};
    int verdict = PASSED;
    const hwv_port *port = &network->outputs[o];
    hwv_shape shape = port->shape;
    if (shape.rank && shape.dim[0] == HWV_BATCH)
        shape.dim[0] = rows;
    snprintf(path, sizeof path, "%s/test_data_set_0/output_%zu.pb", c->folder, o);
    if (!tensor_open(&file, path, &error)) {
        tensor_close(&file);
        return say(c, FAILED, error.text[0] ? error.text : "an output's file cannot be read");
    }
    const hwv_onnx_tensor *expected = tensor_of(&file);
    const void *got = port->value == HWV_NO_ID ? NULL : hwv_plan_data(plan, port->value);
    if (got == NULL) {
        verdict = say(c, FAILED, "an output is not there");
    } else if (expected->rank != shape.rank ||
               memcmp(expected->dim, shape.dim, expected->rank * sizeof expected->dim[0]) != 0) {
        snprintf(text, sizeof text, "output %zu: rank %zu [%zu, %zu ..], expected %zu [%zu, %zu ..]", o, shape.rank,
                 shape.dim[0], shape.dim[1], expected->rank, expected->dim[0], expected->dim[1]);
        verdict = say(c, FAILED, text);
    } else {
        bool floats = hwv_graph_value(network->graph, port->value)->element == HWV_ELEMENT_F32;
        for (size_t i = 0; i < expected->elements && verdict == PASSED; i++) {
            double x = floats ? (double)((const float *)got)[i] : (double)((const int32_t *)got)[i];
            double y = number(expected, i, floats);
            bool same = floats == floating(expected->type) || (floats && expected->type == HWV_ONNX_UINT16);
            if (close_enough(x, y) && same)
                continue;
            snprintf(text, sizeof text, "output %zu, element %zu: %.9g, expected %.9g", o, i, x, y);
            verdict = say(c, FAILED, text);
        }
    }
    tensor_close(&file);
    return verdict;
}

static int run_plan(test_case *c, const hwv_network *network, hwv_plan *plan, size_t rows)
{
    for (size_t i = 0; i < network->input_count; i++) {
        if (i >= c->input_count)
            return say(c, FAILED, "there is no file for an input");
        if (!input_write(network, plan, network->inputs[i].value, tensor_of(&c->inputs[i])))
            return say(c, REFUSED, "an input has numbers that 32 bits do not hold");
    }
    hwv_plan_forward(plan);
    for (size_t o = 0; o < network->output_count; o++) {
        int verdict = output_compare(c, network, plan, rows, o);
        if (verdict != PASSED)
            return verdict;
    }
    return PASSED;
}

static int run_network(test_case *c, const hwv_network *network, unsigned passes, size_t rows)
{
    hwv_id keep[MOST_PORTS];
    hwv_plan *plan;
    hwv_error error = {0};
    if (network->output_count == 0 || network->output_count > MOST_PORTS)
        return say(c, REFUSED, "no outputs, or too many");
    for (size_t o = 0; o < network->output_count; o++)
        keep[o] = network->outputs[o].value;
    hwv_plan_options options = {.batch = rows, .passes = passes, .keep = keep, .keep_count = network->output_count};
    if (hwv_plan_create(&plan, network->graph, network->weights, keep[0], &options, &error) != HWV_OK)
        return say(c, FAILED, error.text);
    int verdict = run_plan(c, network, plan, rows);
    hwv_plan_destroy(plan);
    return verdict;
}

/* What passed with one run for all must pass with the first dimension of the inputs as the batch, where they have one. */
static int run_batched(test_case *c, const hwv_onnx *file, const hwv_shape *shapes)
{
    hwv_error error = {0};
    hwv_network network;
    size_t rows = c->input_count && shapes[0].rank ? shapes[0].dim[0] : 1;
    for (size_t i = 0; i < c->input_count; i++)
        if (shapes[i].rank == 0 || shapes[i].dim[0] != rows)
            return PASSED;
    hwv_onnx_import_options options = {.shapes = shapes, .shape_count = c->input_count, .batched = true};
    if (hwv_onnx_import(&network, file, &options, &error) != HWV_OK)
        return say(c, FAILED, error.text);
    int verdict = network.batched ? run_network(c, &network, HWV_PASS_ALL, rows) : PASSED;
    hwv_network_free(&network);
    return verdict;
}

static int run_file(test_case *c, const hwv_onnx *file)
{
    hwv_shape shapes[MOST_PORTS] = {{0}};
    hwv_error error = {0};
    hwv_network network;
    for (size_t i = 0; i < c->input_count; i++) {
        const hwv_onnx_tensor *tensor = c->inputs[i].file ? tensor_of(&c->inputs[i]) : NULL;
        if (tensor == NULL || tensor->rank > HWV_MAX_RANK)
            continue;
        shapes[i].rank = tensor->rank;
        memcpy(shapes[i].dim, tensor->dim, tensor->rank * sizeof tensor->dim[0]);
    }
    hwv_onnx_import_options options = {.shapes = shapes, .shape_count = c->input_count};
    if (hwv_onnx_import(&network, file, &options, &error) != HWV_OK)
        return say(c, error.text[0] ? REFUSED : FAILED, error.text[0] ? error.text : "refused without a reason");
    int verdict = run_network(c, &network, 0, 1);
    if (verdict == PASSED)
        verdict = run_network(c, &network, HWV_PASS_ALL, 1);
    hwv_network_free(&network);
    return verdict == PASSED ? run_batched(c, file, shapes) : verdict;
}

/* Shapes, axes and the like are inputs of these cases. Where that is refused they are constants, as exporters write them. */
static int run_constants(test_case *c, const hwv_onnx *file)
{
    const hwv_onnx_value *ports[MOST_PORTS];
    hwv_onnx with = *file;
    hwv_onnx_storage storage = *file->storage;
    test_case rest = {.name = c->name, .folder = c->folder};
    hwv_onnx_tensor *all = calloc(file->initialiser_count + c->input_count, sizeof *all);
    if (file->initialiser_count > 0)
        memcpy(all, file->initialisers, file->initialiser_count * sizeof *all);
    for (size_t i = 0; i < c->input_count; i++) {
        const hwv_onnx_tensor *tensor = tensor_of(&c->inputs[i]);
        const bool scales = strcmp(hwv_onnx_input(file, i).name, "scales") == 0; /* of a Resize */
        if (tensor->rank > 1 || (tensor->rank == 1 && floating(tensor->type) && !scales)) {
            ports[rest.input_count] = file->storage->ports[i];
            rest.inputs[rest.input_count++] = c->inputs[i];
        } else {
            all[with.initialiser_count] = *tensor;
            all[with.initialiser_count++].name = hwv_onnx_input(file, i).name;
        }
    }
    storage.ports = ports;
    storage.port_count = rest.input_count;
    with.storage = &storage;
    with.initialisers = all;
    int verdict = run_file(&rest, &with);
    free(all);
    return say(c, verdict, rest.why);
}

static int run_case(test_case *c)
{
    char path[1200];
    hwv_error error = {0};
    hwv_onnx *file;
    snprintf(path, sizeof path, "%s/model.onnx", c->folder);
    if (hwv_onnx_open(&file, path, &error) != HWV_OK)
        return say(c, REFUSED, error.text);
    size_t wanted = hwv_onnx_input_count(file);
    for (size_t i = 0; i < wanted && i < MOST_PORTS; i++) {
        hwv_error inner;
        snprintf(path, sizeof path, "%s/test_data_set_0/input_%zu.pb", c->folder, i);
        if (!tensor_open(&c->inputs[i], path, &inner)) {
            tensor_close(&c->inputs[i]);
            c->inputs[i] = (tensor_file){0};
            break;
        }
        c->input_count = i + 1;
    }
    int verdict = run_file(c, file);
    if (verdict == REFUSED && strstr(c->why, "is computed when running"))
        verdict = run_constants(c, file);
    for (size_t i = 0; i < c->input_count; i++)
        tensor_close(&c->inputs[i]);
    hwv_onnx_close(file);
    return verdict;
}

/* The folder of the cases; "" where there is none. */
static const char *cases(void)
{
    const char *given = getenv("HALFWAVE_ONNX_DATA");
    return given ? given : HWV_ONNX_DATA;
}

/* ---- all cases ------------------------------------------------------------------------------------ */

static bool listed(const char *name)
{
    static char *text;
    char line[320];
    if (text == NULL) {
        FILE *in = fopen(HWV_SOURCE "/tests/onnx/conformance.txt", "rb");
        text = calloc(1, 1 << 20);
        text[0] = '\n';
        if (in) {
            size_t n = fread(text + 1, 1, (1 << 20) - 2, in);
            text[n + 1] = '\0';
            fclose(in);
        }
    }
    snprintf(line, sizeof line, "\n%s\n", name);
    return strstr(text, line) != NULL;
}

static void judge(counts *n, const char *group, const char *name)
{
    static const char *const words[] = {"passed ", "refused", "FAILED "};
    char full[300], folder[1000];
    snprintf(full, sizeof full, "%s/%s", group, name);
    snprintf(folder, sizeof folder, "%s/%s", cases(), full);
    if (n->only && strstr(full, n->only) == NULL)
        return;
    test_case c = {.name = full, .folder = folder};
    int verdict = run_case(&c);
    bool must = listed(full);
    n->listed += must;
    if (must && verdict == REFUSED) {
        char text[600];
        snprintf(text, sizeof text, "is in the list and was refused: %.500s", c.why);
        verdict = say(&c, FAILED, text);
    }
    n->of[verdict]++;
    if (n->list && verdict == PASSED)
        printf("%s\n", full);
    else if (n->verbose || (!n->list && verdict == FAILED))
        printf("%s %s%s %s\n", words[verdict], full, verdict == PASSED && !must ? " (not in the list)" : "", c.why);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool judge_group(counts *n, const char *group)
{
    char folder[1000], **names = NULL;
    size_t count = 0;
    snprintf(folder, sizeof folder, "%s/%s", cases(), group);
    DIR *directory = opendir(folder);
    if (directory == NULL)
        return false;
    for (struct dirent *entry; (entry = readdir(directory));) {
        if (entry->d_name[0] == '.')
            continue;
        names = realloc(names, (count + 1) * sizeof *names);
        names[count] = malloc(strlen(entry->d_name) + 1);
        strcpy(names[count++], entry->d_name);
    }
    closedir(directory);
    if (count)
        qsort(names, count, sizeof *names, by_text);
    for (size_t i = 0; i < count; i++) {
        judge(n, group, names[i]);
        free(names[i]);
    }
    free(names);
    return true;
}

int main(int argc, char **argv)
{
    static const char *const groups[] = {"node", "simple", "pytorch-operator", "pytorch-converted"};
    counts n = {0};
    size_t found = 0;
    for (int i = 1; i < argc; i++) {
        n.verbose = n.verbose || strcmp(argv[i], "-v") == 0;
        n.list = n.list || strcmp(argv[i], "--list") == 0;
        if (argv[i][0] != '-')
            n.only = argv[i];
    }
    for (size_t g = 0; cases()[0] && g < sizeof groups / sizeof groups[0]; g++)
        found += judge_group(&n, groups[g]);
    if (found == 0) {
        printf("skipped: ONNX's test data (Debian's libonnx-testdata) is not installed\n");
        return 77;
    }
    if (!n.list)
        printf("%zu passed (%zu in the list), %zu refused, %zu failed\n", n.of[PASSED], n.listed, n.of[REFUSED],
               n.of[FAILED]);
    return n.of[FAILED] > 0;
}
