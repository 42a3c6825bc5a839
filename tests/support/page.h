/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Memory whose last byte is the last of a page, the next page being closed: reading or writing one byte
 * too far is a fault. Asking for memory that cannot be had ends the test. */
#ifndef HWV_TEST_PAGE_H
#define HWV_TEST_PAGE_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct page_edge {
    void *data; /* the bytes asked for, up to the edge */
    void *block;
    size_t size;
} page_edge;

static inline page_edge page_edge_make(size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), whole = (bytes + page - 1) / page * page;
    page_edge edge = {NULL, MAP_FAILED, whole + page};
    int zeros = open("/dev/zero", O_RDWR); /* POSIX has no anonymous maps */
    if (zeros >= 0) {
        edge.block = mmap(NULL, edge.size, PROT_READ | PROT_WRITE, MAP_PRIVATE, zeros, 0);
        close(zeros);
    }
    if (edge.block == MAP_FAILED || mprotect((char *)edge.block + whole, page, PROT_NONE) != 0) {
        fprintf(stderr, "no memory with a closed page\n");
        exit(1);
    }
    edge.data = (char *)edge.block + whole - bytes;
    return edge;
}

static inline void page_edge_free(page_edge *edge)
{
    munmap(edge->block, edge->size);
    edge->block = NULL;
}

#endif
