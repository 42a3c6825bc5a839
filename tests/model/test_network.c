/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What a model becomes as a network: ports, layers under their ONNX names, ownership. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "allocations.h"
#include "halfwave/network.h"

static void build(hwv_model *model)
{
    hwv_model_options options = {
        .act = {.act = hwv_act_make(HWV_OP_LEAKY_RELU)}, .rank = 3, .dims = {8, 8, 3}, .classes = 5};
    hwv_error error;
    assert_int_equal(
        hwv_model_build(model, "conv 3 4; bn; act relu; act tanhshrink; gap; fc 7; act; fc 5", &options, &error),
        HWV_OK);
}

static void test_a_model_becomes_a_network(void **state)
{
    (void)state;
    static const char *const names[] = {"act1", "act2", "act3"}, *const ops[] = {"Relu", "tanhshrink", "LeakyRelu"};
    hwv_model model;
    hwv_network network = {0};
    build(&model);
    hwv_id x = model.input, logits = model.logits;
    assert_int_equal(hwv_network_of_model(&network, &model, "mine", NULL), HWV_OK);
    assert_null(model.graph);
    assert_null(model.weights);
    assert_string_equal(network.name, "mine");
    assert_true(network.batched);
    assert_int_equal(network.input_count, 1);
    assert_string_equal(network.inputs[0].name, "x");
    assert_int_equal(network.inputs[0].value, x);
    assert_int_equal(network.inputs[0].shape.rank, 4);
    assert_true(network.inputs[0].shape.dim[0] == HWV_BATCH);
    assert_int_equal(network.output_count, 1);
    assert_string_equal(network.outputs[0].name, "logits");
    assert_int_equal(network.outputs[0].value, logits);
    assert_int_equal(network.layer_count, 3);
    for (size_t i = 0; i < 3; i++) {
        const hwv_node *node = hwv_graph_node_at(network.graph, network.layers[i].node);
        assert_int_equal(node->kind, HWV_NODE_ACTIVATION);
        assert_string_equal(network.layers[i].name, names[i]);
        assert_string_equal(network.layers[i].op, ops[i]);
    }
    hwv_network_free(&network);
    hwv_network_free(&network);
}

static void test_each_allocation_fails(void **state)
{
    (void)state;
    hwv_status status = HWV_ERR_MEMORY;
    for (size_t n = 1; status != HWV_OK; n++) {
        hwv_model model;
        hwv_network network = {0};
        build(&model);
        size_t live = allocations_live();
        allocations_fail_at(n);
        status = hwv_network_of_model(&network, &model, "mine", NULL);
        allocations_fail_at(0);
        if (status != HWV_OK) {
            assert_int_equal(status, HWV_ERR_MEMORY);
            assert_int_equal(allocations_live(), live);
            assert_non_null(model.graph);
            assert_null(network.graph);
        }
        hwv_network_free(&network);
        hwv_model_free(&model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_model_becomes_a_network),
        cmocka_unit_test(test_each_allocation_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
