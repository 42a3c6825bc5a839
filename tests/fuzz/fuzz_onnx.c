/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * ONNX: the reader, and what it read as a network. */
#include "fuzz.h"

#include "onnx_walk.h"

/* As the options say; refusals are as good as networks. */
static void import(const hwv_onnx *file, hwv_onnx_import_options options)
{
    hwv_network network;
    hwv_error error;
    if (hwv_onnx_import(&network, file, &options, &error) != HWV_OK)
        return;
    fuzz_sink += network.layer_count + hwv_graph_node_count(network.graph);
    hwv_network_free(&network);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    hwv_onnx *file;
    hwv_error error;
    if (hwv_onnx_parse(&file, "fuzz", bytes, size, &error) != HWV_OK)
        return 0;
    fuzz_sink += walk_file(file);
    import(file, (hwv_onnx_import_options){.batched = true, .partial = true});
    import(file, (hwv_onnx_import_options){.plain = true});
    hwv_onnx_close(file);
    return 0;
}
