/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * docs/onnx.md comes from the table of ONNX operators; this fails where the file is stale.
 *     run_docs            compares
 *     run_docs --write    writes the file anew */
#include "halfwave/onnx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char path[] = HWV_SOURCE "/docs/onnx.md";

static const char head[] =
    "# ONNX\n\n"
    "Made from `src/onnx/operators.def` and `src/graph/nodes.def` by `tests/onnx/run_docs.c --write`; do not edit.\n\n"
    "## Read\n\n"
    "Operators of the domain `ai.onnx`; a node of any other is refused by name, or left out with what depends on it\n"
    "where that is asked for. *opsets*: those of the file. *computed by*: the node kind of our graph; - for what is\n"
    "folded, renamed or passed on. Floats of 64 and 16 bits are computed as float32, integers and booleans as int32.\n"
    "A node whose inputs are all constant is computed once, while reading. Images are channels first in the file and\n"
    "channels last in the graph.\n\n"
    "Recognised where they are written out: layer norm (ReduceMean, Sub, Pow, ReduceMean, Add, Sqrt, Div, with Mul "
    "and\n"
    "Add), hard-swish (Add, Clip, Mul, Div in any order, or HardSigmoid and Mul), gelu (Erf, or Tanh of a "
    "polynomial),\n"
    "silu and swish (Sigmoid and Mul), mish (Softplus, Tanh, Mul).\n\n";

static const char written[] =
    "\n## Written\n\n"
    "`halfwave train --out model.onnx` writes opset 17: input `x`, output `logits`, the batch free. Images have their\n"
    "channels first. Tokens are int64 `[batch, length]`, their logits `[batch, length, classes]`. Dense layers are "
    "Gemm, "
    "on\n"
    "sequences MatMul and Add; attention is Split, Reshape, Transpose, MatMul, Mul, Add of a mask where it is causal, "
    "and\n"
    "Softmax. What the tokens stand for is said in `metadata_props`, so that the file can be used with any text:\n\n"
    "| key | value |\n"
    "| --- | --- |\n"
    "| halfwave.tokens | `characters`, or `bytes`: token t is byte t |\n"
    "| halfwave.vocabulary | of characters: all of them in UTF-8, token 0 first |\n"
    "| halfwave.block | tokens of a sample |\n";

/* Whether the file holds exactly `text`. */
static int same(const hwv_text *text)
{
    FILE *file = fopen(path, "rb");
    int equal = file != NULL;
    for (size_t i = 0; equal && i < text->length; i++)
        equal = getc(file) == (unsigned char)text->data[i];
    equal = equal && getc(file) == EOF;
    if (file)
        fclose(file);
    return equal;
}

int main(int count, char **arguments)
{
    hwv_text text = {0};
    hwv_text_puts(&text, head);
    hwv_onnx_table(&text);
    hwv_text_puts(&text, written);
    int good = !text.failed;
    if (good && count > 1 && strcmp(arguments[1], "--write") == 0) {
        FILE *file = fopen(path, "wb");
        good = file && fwrite(text.data, 1, text.length, file) == text.length;
        if (file && fclose(file))
            good = 0;
    } else if (good && !same(&text)) {
        printf("%s is not what the table of operators gives; run this with --write\n", path);
        good = 0;
    }
    hwv_text_free(&text);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
