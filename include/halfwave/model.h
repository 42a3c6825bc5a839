/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Models: from layer notation or a zoo name to a graph with initialised weights. */
#ifndef HALFWAVE_MODEL_H
#define HALFWAVE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "halfwave/graph.h"

HWV_BEGIN

/* Layer notation: layers separated by `;` (one after the last is allowed):
 *     fc N            dense layer with bias (flatten is implied before it); N is a number or the word
 *                     `classes`, the number of classes of the data
 *     act             the default activation (hwv_model_options.act); where that is a gated pair, the fc N right in front
 *                     of it has 2 round(2 N / 3) outputs, so that the parameters stay about as many (Shazeer 2020)
 *     act NAME        another one: act leaky_relu(slope=0.2), act prelu; a gated pair halves what it reads, values first:
 *                     fc 682; act reglu
 *     flatten
 *     conv K C        convolution with a K x K kernel to C channels, on images; "same": outputs are ceil(size / stride)
 *                     long for odd K. Further words: valid (no padding), stride S, groups G, nobias (implied in front
 *                     of bn)
 *     pool K          maximum over K x K windows; stride S (default K), pad P
 *     avgpool K       mean over them (zeros of a pad count)
 *     gap             mean over the whole image, or over the positions of a sequence
 *     bn              batch norm over channels or features (eps 1e-5, momentum 0.1)
 *     ln              layer norm over the last dimension (eps 1e-5)
 *     rms             root mean square norm over it (eps 1e-5), without a bias
 *     norm            the default one of these (hwv_model_options.norm), or nothing
 *     embed N         the first layer of a model of tokens: each becomes a row of a table, N wide; samples are then
 *                     sequences [length, N] with a label for each position, and fc works on each by itself
 *     patch K C       squares of K x K pixels become the vectors, C wide, of a sequence
 *     pos             a learned vector for each position is added
 *     attn H          multi-head attention with H heads, and the products in front and behind; attn H causal: no
 *                     position sees those behind it (Vaswani et al. 2017)
 *     unembed         products with the rows of embed's table (Press & Wolf 2017): logits
 *     drop R          dropout of the share R in training (0.25 or 25%)
 *     res { LAYERS }  what the layers give plus what they got; where they change the shape, the shortcut is a 1 x 1
 *                     convolution with batch norm (He et al. 2016, option B)
 * Images are [height, width, channels]; flatten keeps that order. One word that is no layer is a name of the zoo.
 * Errors give the position: "model: layer 2, column 9: unknown layer 'fx' (did you mean 'fc'?) ...". */
/* An activation, or a gated pair. */
typedef struct hwv_model_act {
    hwv_act act; /* unless gated */
    bool gated;
    hwv_gate gate;
} hwv_model_act;

/* "relu", "leaky_relu(slope=0.2)", "reglu". HWV_ERR_NAME: unknown, with the nearest name and all; HWV_ERR_ARGUMENT:
 * parameters. */
HWV_API hwv_status hwv_model_act_parse(hwv_model_act *act, const char *text, hwv_error *error);
/* As hwv_act_check. */
HWV_API hwv_status hwv_model_act_check(const hwv_model_act *act, hwv_error *error);
/* Without parameters. */
HWV_API const char *hwv_model_act_name(const hwv_model_act *act);

/* What a bare `norm` is. X(NAME, name, sentence) */
#define HWV_NORM_LIST(X)                                                                                               \
    X(LAYER, layer, "layer norm, as ln (Ba, Kiros & Hinton 2016)")                                                     \
    X(RMS, rms, "root mean square norm, as rms (Zhang & Sennrich 2019)")                                               \
    X(NONE, none, "nothing")

typedef enum hwv_norm {
#define HWV_NORM_ENUM(NAME, name, sentence) HWV_NORM_##NAME,
    HWV_NORM_LIST(HWV_NORM_ENUM)
#undef HWV_NORM_ENUM
        HWV_NORM_COUNT
} hwv_norm;

HWV_API const char *hwv_norm_name(hwv_norm norm);
HWV_API hwv_status hwv_norm_find(hwv_norm *norm, const char *name, hwv_error *error);

typedef struct hwv_model_options {
    hwv_model_act act; /* what a bare `act` is */
    hwv_norm norm;     /* what a bare `norm` is */
    size_t rank;       /* of one sample, 1 .. 3 */
    size_t dims[3];
    size_t classes;  /* the last layer must have as many outputs */
    float smoothing; /* label smoothing of the loss */
} hwv_model_options;

typedef struct hwv_model {
    hwv_graph *graph;
    hwv_weights *weights;
    hwv_id input, labels, logits, loss;
    char *notation; /* as given, a zoo name expanded; of a network its name */
    hwv_model_options options;
    bool normed;     /* the notation has a bare `norm`: options.norm says something */
    bool of_network; /* made of a network (network.h): training begins with its weights, and nothing initialises them */
    unsigned char *file; /* the ONNX file that the network came from (onnx.h), or NULL; owned */
    size_t file_bytes;
} hwv_model;

/* Parses and builds; weights are zero until initialised. Values: "x", "labels" ([batch], of tokens as x), "fc1" (product
 * and bias), "act1", ..., "loss". Parameters are named fc1.weight [out,in], fc1.bias [out], conv1.weight [out, in / groups, K, K],
 * bn1.weight, bn1.bias, ... in order of the layers, state bn1.running_mean, bn1.running_var; embed1.weight
 * [classes, N], pos1.weight [length, N], ln1.weight, ln1.bias, rms1.weight, attn1.qkv.weight [3 N, N] (queries, keys, values),
 * attn1.qkv.bias, attn1.out.weight, attn1.out.bias; prelu nodes have one slope
 * a unit (a channel of images), "actN.slope", without weight decay. Nodes: "fc1.product", "fc1", "conv1.product",
 * "conv1", "act1", "pool1", "flatten1", "loss".
 * HWV_ERR_ARGUMENT: notation, with position. HWV_ERR_NAME: unknown layer, activation or zoo name.
 * HWV_ERR_SHAPE: a layer that its input does not fit, with position; the last layer does not have `classes` outputs. HWV_ERR_MEMORY. On failure the model is zero;
 * free with hwv_model_free, which accepts that. */
HWV_API hwv_status hwv_model_build(hwv_model *model, const char *notation, const hwv_model_options *options,
                                   hwv_error *error);
HWV_API void hwv_model_free(hwv_model *model);
/* Trainable elements. */
HWV_API size_t hwv_model_parameters(const hwv_model *model);

/* The zoo: names that stand for a notation. */
HWV_API size_t hwv_zoo_count(void);
HWV_API const char *hwv_zoo_name(size_t i);
HWV_API const char *hwv_zoo_notation(size_t i);
HWV_API const char *hwv_zoo_sentence(size_t i);

/* Initialisers. X(NAME, name, sentence) */
#define HWV_INIT_LIST(X)                                                                                               \
    X(AUTO, auto,                                                                                                      \
      "with attention gpt for tokens, xavier for images (Dosovitskiy et al. 2021); else pytorch before batch norm, "   \
      "xavier before bounded activations (sigmoid, tanh) or none, he before all others")                               \
    X(HE, he, "normal, variance 2 / ((1 + slope^2) fan_in) (He et al. 2015), slope 1 before none; bias 0")             \
    X(XAVIER, xavier, "uniform, +- sqrt(6 / (fan_in + fan_out)) (Glorot & Bengio 2010); bias 0")                       \
    X(PYTORCH, pytorch, "torch.nn.Linear's default: weight and bias uniform, +- 1 / sqrt(fan_in)")                     \
    X(GPT, gpt,                                                                                                        \
      "normal, deviation 0.02, of products that are added to n residual streams 0.02 / sqrt(n) (Radford et al. "       \
      "2019); bias 0")

typedef enum hwv_init {
#define HWV_INIT_ENUM(NAME, name, sentence) HWV_INIT_##NAME,
    HWV_INIT_LIST(HWV_INIT_ENUM)
#undef HWV_INIT_ENUM
        HWV_INIT_COUNT
} hwv_init;

HWV_API const char *hwv_init_name(hwv_init init);
HWV_API hwv_status hwv_init_find(hwv_init *init, const char *name, hwv_error *error);
/* Draws all parameters from (seed, HWV_STREAM_WEIGHTS + 256 * parameter, element): independent of order. Tables and positions are
 * normal with deviation 0.02 always. PReLU slopes start at that of their activation (prelu(slope=0.25) where nothing else
 * is said), norms at weight 1, bias 0, mean 0 and variance 1. */
HWV_API void hwv_model_initialise(hwv_model *model, hwv_init init, uint64_t seed);

HWV_END

#endif
