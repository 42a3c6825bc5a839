/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Single-precision matrix products.
 *     C[m,n] = (accumulate ? C : 0) + op(A) op(B) (+ bias[n])
 * Row-major; op(X) is X or its transpose. Each element of C is one chain of (fused) multiply-adds in the
 * order of k, starting from C or +0, the bias added last. So the result depends on the operands alone:
 * not on tiles, threads, alignment, strides, nor on the other rows and columns. NaN and infinity go
 * through as in plain arithmetic: zeros are not skipped. Nothing is allocated. */
#ifndef HWV_LINALG_GEMM_H
#define HWV_LINALG_GEMM_H

#include <stdbool.h>
#include <stddef.h>

#include "halfwave/pool.h"

/* Rows first .. first + rows - 1 of A, columns k .. k + depth - 1, a the first of them, lda apart: while they are near, behind
 * the products with them and the first HWV_GEMM_SEEN_DEPTH columns of B. Each element of A comes once; first is a multiple of
 * HWV_GEMM_SEEN_EACH, rows such a multiple or the rest, HWV_GEMM_SEEN_ROWS at most; k is a multiple of HWV_GEMM_SEEN_DEPTH,
 * depth that or the rest. */
typedef void hwv_gemm_seen(void *context, size_t first, size_t rows, size_t k, size_t depth, const float *a,
                           size_t lda);
#define HWV_GEMM_SEEN_EACH  ((size_t)16)
#define HWV_GEMM_SEEN_ROWS  ((size_t)32)
#define HWV_GEMM_SEEN_DEPTH ((size_t)512)

typedef struct hwv_gemm {
    size_t m, n, k;
    bool a_transposed;   /* A is stored [k][m] instead of [m][k] */
    bool b_transposed;   /* B is stored [n][k] instead of [k][n] */
    bool accumulate;     /* add to what C holds */
    hwv_gemm_seen *seen; /* NULL, or told of A, which is not transposed; the product then runs in the caller's thread */
    void *context;       /* for it */
} hwv_gemm;

/* Bytes of workspace hwv_gemm_run needs on an executor of at most `workers` workers (0 counts as 1).
 * Fixed by the shape, the same on every instruction set, at most about 1.1 MB + 17 KB a worker. */
size_t hwv_gemm_workspace(const hwv_gemm *gemm, size_t workers);

/* Runs on the executor (NULL: the caller; small products always). lda, ldb, ldc: elements from stored row to
 * stored row. bias: n floats or NULL. C must not overlap anything else. Nothing beyond the matrices is read
 * or written. workspace: hwv_gemm_workspace bytes, of any alignment and content. */
void hwv_gemm_run_bias(const hwv_gemm *gemm, const hwv_executor *executor, const float *a, size_t lda, const float *b,
                       size_t ldb, float *c, size_t ldc, const float *bias, void *workspace);

static inline void hwv_gemm_run(const hwv_gemm *gemm, const hwv_executor *executor, const float *a, size_t lda,
                                const float *b, size_t ldb, float *c, size_t ldc, void *workspace)
{
    hwv_gemm_run_bias(gemm, executor, a, lda, b, ldb, c, ldc, NULL, workspace);
}

/* B in the order that products read, for many products with the same B: bytes, fixed by n and k, the same on every
 * instruction set, SIZE_MAX when they do not fit in a size_t. packed: aligned as HWV_ALIGNMENT. */
size_t hwv_gemm_packed_bytes(const hwv_gemm *gemm);
void hwv_gemm_pack(const hwv_gemm *gemm, const hwv_executor *executor, const float *b, size_t ldb, float *packed);
/* As hwv_gemm_run_bias with that B, the same bits; any m, and accumulate or not. */
void hwv_gemm_run_packed(const hwv_gemm *gemm, const hwv_executor *executor, const float *a, size_t lda,
                         const float *packed, float *c, size_t ldc, const float *bias, void *workspace);

/* The same product by plain loops in double, for tests and gradient checks. */
void hwv_gemm_reference(const hwv_gemm *gemm, const double *a, size_t lda, const double *b, size_t ldb, double *c,
                        size_t ldc, const double *bias);

#endif
