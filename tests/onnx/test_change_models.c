/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Changes of real files and of files with planted units, each against a forward run in double by plain loops over the
 * changed file's own tensors. Skipped where the files are not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "change.h"
#include "forward.h"

static void open_shared(patient *p, const char *name, const hwv_onnx_import_options *options)
{
    char path[400];
    hwv_onnx *file;
    hwv_error error = {0};
    (void)snprintf(path, sizeof path, HWV_SHARED_DATA "/%s", name);
    FILE *there = fopen(path, "rb");
    if (there == NULL)
        skip();
    (void)fclose(there);
    *p = (patient){.options = options};
    if (hwv_onnx_open(&file, path, &error) != HWV_OK)
        fail_msg("%s", error.text);
    patient_take(p, file);
}

/* Nothing changes: the same bytes. */
static void test_no_change(void **state)
{
    (void)state;
    static const char *const names[] = {"planted/mlp_sparse.onnx", "planted/conv_residual.onnx",
                                        "planted/ffn_block.onnx", "wakeword/alexa_v0.1.onnx",
                                        "wakeword/hey_mycroft_v0.1.onnx"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        patient p;
        open_shared(&p, names[i], NULL);
        hwv_text bytes = patient_changed(&p);
        assert_int_equal(bytes.length, p.file->size);
        assert_memory_equal(bytes.data, p.file->bytes, bytes.length);
        hwv_text_free(&bytes);
        patient_free(&p);
    }
}

/* Numbers of a parameter for index i of an axis become 0. */
static void clear(patient *p, const char *name, size_t axis, size_t i)
{
    hwv_id id = value_named(p, name);
    const hwv_shape shape = hwv_graph_value(p->network.graph, id)->shape;
    float *data = hwv_change_data(&p->change, id);
    size_t inner = 1, outer = 1;
    for (size_t a = 0; a < shape.rank; a++)
        *(a < axis ? &outer : &inner) *= a == axis ? 1 : shape.dim[a];
    for (size_t o = 0; o < outer; o++)
        for (size_t k = 0; k < inner; k++)
            data[(o * shape.dim[axis] + i) * inner + k] = 0;
}

/* A file whose units were made dead by a change of numbers; cutting them out of it moves nothing. */
static void cut_after(patient *p, const hwv_text *numbers, void (*cut)(patient *), const char *name)
{
    patient dead = {.options = p->options}, after;
    hwv_text bytes;
    patient_parse(&dead, numbers->data, numbers->length);
    cut(&dead);
    patient_become(&after, &dead, &bytes);
    patients_agree(&dead, &after, false, name);
    assert_true(bytes.length < numbers->length);
    patient_free(&after);
    hwv_text_free(&bytes);
    patient_free(&dead);
}

static void cut_places(patient *p, const char *const *names, const size_t *axes, size_t count, const size_t *units,
                       size_t unit_count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t u = 0; u < unit_count; u++)
            hwv_change_cut(&p->change, value_named(p, names[i]), axes[i])[units[u]] = 1;
}

static void cut_hidden(patient *p)
{
    static const char *const names[] = {"W2", "b2", "z2.product", "z2", "h2", "W3"};
    static const size_t axes[] = {0, 0, 1, 1, 1, 1}, units[] = {0, 47, 20};
    cut_places(p, names, axes, 6, units, 3);
}

static void test_planted_mlp(void **state)
{
    (void)state;
    patient p;
    open_shared(&p, "planted/mlp_sparse.onnx", NULL);
    clear(&p, "W3", 1, 0);
    clear(&p, "W3", 1, 47);
    clear(&p, "W3", 1, 20);
    hwv_text numbers = patient_changed(&p);
    assert_int_equal(numbers.length, p.file->size);
    cut_after(&p, &numbers, cut_hidden, "planted_mlp");
    hwv_text_free(&numbers);
    patient_free(&p);
}

/* Inside the residual branch: two convolutions with norms. */
static void cut_branch(patient *p)
{
    static const char *const names[] = {"conv2.w", "c2",  "bn2.scale", "bn2.bias", "bn2.mean",
                                        "bn2.var", "bn2", "h2",        "conv3.w"};
    static const size_t axes[] = {0, 3, 0, 0, 0, 0, 3, 3, 1}, units[] = {3, 11};
    cut_places(p, names, axes, 9, units, 2);
}

static void test_planted_residual(void **state)
{
    (void)state;
    patient p;
    open_shared(&p, "planted/conv_residual.onnx", NULL);
    clear(&p, "conv3.w", 1, 3);
    clear(&p, "conv3.w", 1, 11);
    hwv_text numbers = patient_changed(&p);
    cut_after(&p, &numbers, cut_branch, "planted_residual");
    hwv_text_free(&numbers);
    patient_free(&p);
}

static void cut_block(patient *p)
{
    static const char *const names[] = {"w1", "m1", "b1", "z", "h", "w2"};
    static const size_t axes[] = {0, 2, 0, 2, 2, 1}, units[] = {95, 1, 40};
    cut_places(p, names, axes, 6, units, 3);
}

static void test_planted_block(void **state)
{
    (void)state;
    patient p;
    open_shared(&p, "planted/ffn_block.onnx", NULL);
    for (size_t u = 0; u < 3; u++)
        clear(&p, "w2", 1, (const size_t[]){95, 1, 40}[u]);
    hwv_text numbers = patient_changed(&p);
    cut_after(&p, &numbers, cut_block, "planted_block");
    hwv_text_free(&numbers);
    patient_free(&p);
}

/* alexa_v0.1: names, order, and every byte of what is not cut. */
static void test_wakeword(void **state)
{
    (void)state;
    static const char *const names[] = {"3.weight", "3.bias", "Gemm_3.product", "Gemm_3", "Relu_4", "5.weight"};
    static const size_t axes[] = {0, 0, 1, 1, 1, 1}, units[] = {5};
    patient p, after;
    hwv_text bytes;
    open_shared(&p, "wakeword/alexa_v0.1.onnx", NULL);
    cut_places(&p, names, axes, 6, units, 1);
    patient_become(&after, &p, &bytes);
    assert_int_equal(after.file->node_count, p.file->node_count);
    for (size_t n = 0; n < p.file->node_count; n++) {
        const hwv_onnx_node *a = &p.file->nodes[n], *b = &after.file->nodes[n];
        assert_int_equal(a->length, b->length);
        assert_memory_equal(p.file->bytes + a->offset, after.file->bytes + b->offset, a->length);
    }
    for (size_t i = 0; i < p.file->initialiser_count; i++) {
        const hwv_onnx_tensor *a = &p.file->initialisers[i], *b = &after.file->initialisers[i];
        assert_string_equal(a->name, b->name);
        if (a->elements == b->elements) {
            assert_int_equal(a->length, b->length);
            assert_memory_equal(p.file->bytes + a->offset, after.file->bytes + b->offset, a->length);
        }
    }
    assert_int_equal(tensor_named(after.file, "5.weight")->dim[1], 127);
    patient_free(&after);
    hwv_text_free(&bytes);
    patient_free(&p);
}

/* Weights in Constant nodes: the channels of a block, through norms and a depthwise convolution, and all those that are
 * 200: of two blocks that squeeze and excite, and of the last one, whose number a computed Reshape says. */
static void cut_classifier(patient *p)
{
    static const char *const names[] = {
        "conv2d_6.w_0",     "p2o.Conv.6",       "batch_norm_4.w_0",         "batch_norm_4.b_0",
        "batch_norm_4.w_1", "batch_norm_4.w_2", "p2o.BatchNormalization.4", "p2o.Relu.3",
        "conv2d_7.w_0",     "p2o.Conv.7",       "batch_norm_5.w_0",         "batch_norm_5.b_0",
        "batch_norm_5.w_1", "batch_norm_5.w_2", "p2o.BatchNormalization.5", "p2o.Relu.4",
        "conv2d_8.w_0"};
    static const size_t axes[] = {0, 3, 0, 0, 0, 0, 3, 3, 0, 3, 0, 0, 0, 0, 3, 3, 1}, units[] = {1, 6};
    cut_places(p, names, axes, 17, units, 2);
    cut_length(p, 200, 17);
    cut_length(p, 200, 199);
}

static void test_text_classifier(void **state)
{
    (void)state;
    static const hwv_shape shape = {.rank = 4, .dim = {HWV_BATCH, 3, 48, 192}};
    static const hwv_onnx_import_options options = {.shapes = &shape, .shape_count = 1, .batched = true};
    patient p;
    open_shared(&p, "ocr-cls/ch_ppocr_mobile_v2.0_cls_infer.onnx", &options);
    clear(&p, "conv2d_8.w_0", 1, 1);
    clear(&p, "conv2d_8.w_0", 1, 6);
    static const char *const readers[] = {"conv2d_44.w_0", "conv2d_46.w_0", "conv2d_49.w_0", "conv2d_51.w_0",
                                          "fc_0.w_0"};
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
        clear(&p, readers[i], 1, 17);
        clear(&p, readers[i], 1, 199);
    }
    hwv_text numbers = patient_changed(&p);
    assert_int_equal(numbers.length, p.file->size);
    cut_after(&p, &numbers, cut_classifier, NULL);
    hwv_text_free(&numbers);
    patient_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_change),        cmocka_unit_test(test_planted_mlp),
        cmocka_unit_test(test_planted_residual), cmocka_unit_test(test_planted_block),
        cmocka_unit_test(test_wakeword),         cmocka_unit_test(test_text_classifier),
    };
    return cmocka_run_group_tests_name("changes of models", tests, NULL, NULL);
}
