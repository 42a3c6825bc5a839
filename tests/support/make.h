/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Small ONNX models made in memory, for tests: attributes first, then the node that has them. */
#ifndef TESTS_SUPPORT_MAKE_H
#define TESTS_SUPPORT_MAKE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define MAKE_ROOM 65536

typedef struct maker {
    unsigned char graph[MAKE_ROOM], attributes[MAKE_ROOM / 4], model[MAKE_ROOM + 64];
    size_t used, attributes_used, model_size;
} maker;

static inline size_t make_varint(unsigned char *to, uint64_t x)
{
    size_t n = 0;
    for (; x >= 128; x >>= 7)
        to[n++] = (unsigned char)(x | 128);
    to[n++] = (unsigned char)x;
    return n;
}

static inline size_t make_integer(unsigned char *to, unsigned field, int64_t x)
{
    size_t n = make_varint(to, field << 3);
    return n + make_varint(to + n, (uint64_t)x);
}

static inline size_t make_bytes(unsigned char *to, unsigned field, const void *bytes, size_t size)
{
    size_t n = make_varint(to, field << 3 | 2);
    n += make_varint(to + n, size);
    memcpy(to + n, bytes, size);
    return n + size;
}

static inline size_t make_text(unsigned char *to, unsigned field, const char *text)
{
    return make_bytes(to, field, text, strlen(text));
}

static inline void make_attribute(maker *m, const unsigned char *bytes, size_t size)
{
    m->attributes_used += make_bytes(m->attributes + m->attributes_used, 5, bytes, size);
}

static inline void make_int(maker *m, const char *name, int64_t x)
{
    unsigned char a[256];
    size_t n = make_text(a, 1, name);
    n += make_integer(a + n, 3, x);
    n += make_integer(a + n, 20, 2);
    make_attribute(m, a, n);
}

static inline void make_ints(maker *m, const char *name, const int64_t *x, size_t count)
{
    unsigned char a[512];
    size_t n = make_text(a, 1, name);
    for (size_t i = 0; i < count; i++)
        n += make_integer(a + n, 8, x[i]);
    n += make_integer(a + n, 20, 7);
    make_attribute(m, a, n);
}

static inline void make_float(maker *m, const char *name, float x)
{
    unsigned char a[256];
    size_t n = make_text(a, 1, name);
    n += make_varint(a + n, 2 << 3 | 5);
    memcpy(a + n, &x, 4); /* little-endian machines */
    n += 4;
    n += make_integer(a + n, 20, 1);
    make_attribute(m, a, n);
}

static inline void make_string(maker *m, const char *name, const char *x)
{
    unsigned char a[256];
    size_t n = make_text(a, 1, name);
    n += make_text(a + n, 4, x);
    n += make_integer(a + n, 20, 3);
    make_attribute(m, a, n);
}

/* names: "a b c"; "-" is one that is left out. */
static inline size_t make_names(unsigned char *to, unsigned field, const char *names)
{
    size_t used = 0;
    while (*names) {
        size_t n = strcspn(names, " ");
        used += make_bytes(to + used, field, names, n == 1 && *names == '-' ? 0 : n);
        names += n;
        names += *names == ' ';
    }
    return used;
}

static inline void make_node(maker *m, const char *op, const char *name, const char *inputs, const char *outputs)
{
    static unsigned char node[MAKE_ROOM / 2];
    size_t n = make_names(node, 1, inputs);
    n += make_names(node + n, 2, outputs);
    n += make_text(node + n, 3, name);
    n += make_text(node + n, 4, op);
    memcpy(node + n, m->attributes, m->attributes_used);
    n += m->attributes_used;
    m->attributes_used = 0;
    m->used += make_bytes(m->graph + m->used, 1, node, n);
}

/* type 1: float32, 7: int64. */
static inline void make_tensor(maker *m, const char *name, int type, const size_t *dim, size_t rank, const void *data,
                               size_t bytes)
{
    static unsigned char tensor[MAKE_ROOM / 2];
    size_t n = 0;
    for (size_t i = 0; i < rank; i++)
        n += make_integer(tensor + n, 1, (int64_t)dim[i]);
    n += make_integer(tensor + n, 2, type);
    n += make_text(tensor + n, 8, name);
    n += make_bytes(tensor + n, 9, data, bytes);
    m->used += make_bytes(m->graph + m->used, 5, tensor, n);
}

static inline void make_floats(maker *m, const char *name, const size_t *dim, size_t rank, const float *data)
{
    size_t n = 1;
    for (size_t i = 0; i < rank; i++)
        n *= dim[i];
    make_tensor(m, name, 1, dim, rank, data, n * sizeof *data);
}

static inline void make_number(maker *m, const char *name, float x)
{
    make_floats(m, name, NULL, 0, &x);
}

static inline void make_list(maker *m, const char *name, const int64_t *data, size_t n)
{
    make_tensor(m, name, 7, &n, 1, data, n * sizeof *data);
}

/* field 11: an input, 12: an output; dimensions below 0 are free. */
static inline void make_port(maker *m, unsigned field, const char *name, int type, const int64_t *dim, size_t rank)
{
    unsigned char shape[256], inner[300], port[700];
    size_t s = 0, n, p;
    for (size_t i = 0; i < rank; i++) {
        unsigned char d[32];
        size_t k = dim[i] < 0 ? make_text(d, 2, "n") : make_integer(d, 1, dim[i]);
        s += make_bytes(shape + s, 1, d, k);
    }
    n = make_integer(inner, 1, type);
    n += make_bytes(inner + n, 2, shape, s);
    unsigned char tensor[320];
    size_t t = make_bytes(tensor, 1, inner, n);
    p = make_text(port, 1, name);
    p += make_bytes(port + p, 2, tensor, t);
    m->used += make_bytes(m->graph + m->used, field, port, p);
}

static inline void make_input(maker *m, const char *name, const int64_t *dim, size_t rank)
{
    make_port(m, 11, name, 1, dim, rank);
}

static inline void make_output(maker *m, const char *name)
{
    make_port(m, 12, name, 1, NULL, 0);
}

/* The model's bytes: m->model[m->model_size]. */
static inline void make_model(maker *m, int64_t opset)
{
    unsigned char set[16];
    size_t n = make_integer(m->model, 1, 8), s = make_integer(set, 2, opset);
    n += make_bytes(m->model + n, 8, set, s);
    n += make_bytes(m->model + n, 7, m->graph, m->used);
    m->model_size = n;
}

#endif
