/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * ONNX files: reading, describing, turning into a network, writing.
 *
 * Operators and opsets: docs/onnx.md, which is made of the tables in src/onnx and src/graph. */
#ifndef HALFWAVE_ONNX_H
#define HALFWAVE_ONNX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "halfwave/change.h"
#include "halfwave/network.h"
#include "halfwave/text.h"
#include "halfwave/vocabulary.h"

HWV_BEGIN

/* A file, read and bounded: structure in memory, weights where they lie in the file. */
typedef struct hwv_onnx hwv_onnx;

/* Reads a file, with weights in files beside it (external data) if it says so. No recursion deeper than a constant, no
 * allocation that the file's size does not justify. HWV_ERR_IO: cannot be opened or read. HWV_ERR_FORMAT: damaged, with
 * the byte offset or the name of the node or tensor. HWV_ERR_UNSUPPORTED: external data outside the model's folder.
 * HWV_ERR_MEMORY. Messages begin with the path. Free with hwv_onnx_close. */
HWV_API hwv_status hwv_onnx_open(hwv_onnx **file, const char *path, hwv_error *error);
/* The same from bytes in memory, which must outlive the file; `name` stands in messages; no external data. */
HWV_API hwv_status hwv_onnx_parse(hwv_onnx **file, const char *name, const void *bytes, size_t size, hwv_error *error);
/* Accepts NULL. */
HWV_API void hwv_onnx_close(hwv_onnx *file);

#define HWV_ONNX_DIMS 16

/* An input that is no initialiser, or an output, as the file declares it. */
typedef struct hwv_onnx_port {
    const char *name, *type; /* "float32", "int64", ...; valid as long as the file */
    bool shaped;             /* the file gives a shape */
    size_t rank;
    int64_t dim[HWV_ONNX_DIMS];        /* -1: free */
    const char *symbol[HWV_ONNX_DIMS]; /* its name ("batch") or NULL */
} hwv_onnx_port;

HWV_API size_t hwv_onnx_input_count(const hwv_onnx *file);
HWV_API size_t hwv_onnx_output_count(const hwv_onnx *file);
HWV_API hwv_onnx_port hwv_onnx_input(const hwv_onnx *file, size_t i);
HWV_API hwv_onnx_port hwv_onnx_output(const hwv_onnx *file, size_t i);

/* The shape of an input for samples of dim[rank], the axes behind the first: as they are, but for axes of length 1, or one of
 * the two flat; an axis that the file leaves free becomes as long as that of the sample. dim[0] is left to the caller. false:
 * they do not fit, or the input has more than HWV_MAX_RANK axes; another order of axes is never guessed. */
HWV_API bool hwv_onnx_fit(hwv_shape *shape, const hwv_onnx_port *port, const size_t *dim, size_t rank);
/* Images of a data set are dim[3] = height, width, channels: where the input takes its channels first, they are moved to the
 * front. true: that was done. */
HWV_API bool hwv_onnx_fit_channels(const hwv_onnx_port *port, size_t dim[3]);

/* What the tokens of the file's only input are, and how many a sample has, where hwv_onnx_export wrote that; else
 * *vocabulary is zero and *block 0. Free with hwv_vocabulary_free. HWV_ERR_FORMAT: what it says of them is damaged, with its
 * key; HWV_ERR_MEMORY; then both are zero. */
HWV_API hwv_status hwv_onnx_vocabulary(hwv_vocabulary *vocabulary, size_t *block, const hwv_onnx *file,
                                       hwv_error *error);

/* What `halfwave info` says of a file, without planning or running anything. */
typedef struct hwv_onnx_summary {
    const char *producer; /* "pytorch 1.12.1", "" */
    int64_t ir_version, opset;
    size_t nodes, initialisers; /* weights in Constant nodes count as initialisers */
    uint64_t parameters;        /* their elements of floating types */
    uint64_t bytes;             /* of the file and its external data */
} hwv_onnx_summary;
HWV_API hwv_onnx_summary hwv_onnx_summarise(const hwv_onnx *file);
/* Operators of the file with how often each occurs, in order of first use; `reason` NULL: supported, else why not. */
typedef struct hwv_onnx_use {
    const char *op, *domain, *reason;
    size_t count;
    bool activation;
} hwv_onnx_use;
HWV_API size_t hwv_onnx_use_count(const hwv_onnx *file);
HWV_API hwv_onnx_use hwv_onnx_use_at(const hwv_onnx *file, size_t i);

/* Where the values and nodes of an imported network come from in its file; for hwv_onnx_change. */
typedef struct hwv_onnx_trace hwv_onnx_trace;
/* Accepts NULL. */
HWV_API void hwv_onnx_trace_free(hwv_onnx_trace *trace);

typedef struct hwv_onnx_import_options {
    /* Shapes of inputs where the file leaves dimensions free, or to be batched: shapes[i] is for input i, rank 0: as the
     * file says (a free first dimension is the batch, others must then be given). */
    const hwv_shape *shapes;
    size_t shape_count;
    bool batched; /* run many samples at once: the first dimension of inputs, free or fixed at 1, becomes the batch.
                      Where the graph does not allow it (its arithmetic mixes samples) the network takes one
                      sample a run instead, and network->batched says so */
    bool partial; /* leave out unsupported nodes and what depends on them (network->unsupported), else refuse */
    bool plain;   /* recognise nothing: decomposed layer norms, hard-swish, gelu, ... stay the nodes they are */
    hwv_onnx_trace **trace; /* not NULL: made along with the network; free with hwv_onnx_trace_free */
} hwv_onnx_import_options;

/* Builds a network. Decomposed layer norms, hard-swish, gelu, silu and mish are recognised; chains of shapes are folded;
 * initialisers of products and norms are parameters, so that the network can be trained. file may be closed afterwards.
 * HWV_ERR_UNSUPPORTED: a node, by name and operator, and the reason (quantised graphs, control flow, strings, opsets
 * beyond the table); HWV_ERR_FORMAT: a graph that is not sound (cycles, missing values, wrong types or shapes);
 * HWV_ERR_ARGUMENT: shapes given that do not fit the file; HWV_ERR_MEMORY. On failure *network is zero. */
HWV_API hwv_status hwv_onnx_import(hwv_network *network, const hwv_onnx *file, const hwv_onnx_import_options *options,
                                   hwv_error *error);

/* The file with a change of the network that was imported from it: appended to *bytes, ready to be written. What the
 * change does not touch stays byte for byte, its order too; tensors keep their type (rounded where it is narrower than
 * float32), nodes their names; new nodes and tensors get names that the file does not have; shapes in value_info, of
 * outputs and in constants of Reshape are kept true. Changed tensors move into the file; those in files beside it are named
 * as before, or with `embed` move too (for a file that is written into another folder).
 * HWV_ERR_UNSUPPORTED: a value whose tensor cannot be changed (computed from others in the file; read in another place that
 * the change does not fit; numbers between the taps of a dilated filter), by name, or a node: one that reads what is cut and
 * that the import left out, a grouped convolution, an activation of several nodes that is to become another; shapes that
 * the file fixes otherwise; more than 2 GB. HWV_ERR_ARGUMENT: a file, trace or change that do not belong together;
 * HWV_ERR_MEMORY. On failure nothing is appended. file may be another than the one imported if its bytes are equal. */
HWV_API hwv_status hwv_onnx_change(hwv_text *bytes, const hwv_onnx *file, const hwv_onnx_trace *trace,
                                   const hwv_change *change, bool embed, hwv_error *error);

/* A model of a file, to be trained on from its weights (hwv_model_of_network says how, and what is refused), for samples as
 * options says, which data sets have channels last; the model keeps the file's bytes, with weights that lie beside it. file
 * may be closed afterwards. HWV_ERR_SHAPE: samples that do not fit; HWV_ERR_UNSUPPORTED: several inputs, or weights that could
 * not be written into the file again (shared by layers that transpose them, or computed from others); the errors of
 * hwv_onnx_import and hwv_model_of_network; HWV_ERR_MEMORY. On failure the model is zero. */
HWV_API hwv_status hwv_onnx_model(hwv_model *model, const hwv_onnx *file, const hwv_model_options *options,
                                  hwv_error *error);

/* Writes a model (its softmax left out: outputs are logits) with images channels first, tokens as int64 [batch, length], as
 * opset 17, that runs in ONNX Runtime with equal results to rounding. Attention is written out as products. Whole or not at all. HWV_ERR_IO, HWV_ERR_MEMORY; HWV_ERR_UNSUPPORTED: an
 * activation without an ONNX form. A model of a file is written as that file with the weights that it has now: what was not
 * trained stays byte for byte, and only the errors above and those of hwv_onnx_change are possible. vocabulary: what the
 * tokens of a model of text are, which the file then says (docs/onnx.md); NULL or empty: nothing is said. */
HWV_API hwv_status hwv_onnx_export(const hwv_model *model, const hwv_vocabulary *vocabulary, const char *path,
                                   hwv_error *error);

/* Appends the table of supported operators as Markdown (docs/onnx.md). */
HWV_API void hwv_onnx_table(hwv_text *text);

HWV_END

#endif
