/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Every sample picture against its stored text (HWV_REWRITE=1 writes the stored files anew: look at
 * the difference before keeping it), and what must hold for every picture on every target: no line
 * wider than the target, no escape without colour, no byte beyond ASCII without UTF-8; nothing leaks
 * and nothing is silently missing when memory runs out. */
#include "allocations.h"
#include "figures.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "stored.h"

static const hwv_term stored_targets[] = {
    {.width = 80, .height = 24, .color = true, .utf8 = true, .tty = true},
    {.width = 80, .height = 24, .utf8 = true},
    {.width = 40, .height = 24},
};

static void draw_stored(const figure *f, hwv_text *text)
{
    for (size_t i = 0; i < sizeof stored_targets / sizeof stored_targets[0]; i++) {
        const hwv_term *t = &stored_targets[i];
        hwv_text_printf(text, "=== %d columns, %s, %s\n", t->width, t->color ? "colour" : "no colour",
                        t->utf8 ? "UTF-8" : "ASCII");
        f->draw(to_term(t, text));
    }
}

static void test_stored(void **state)
{
    (void)state;
    size_t different = 0;
    for (size_t i = 0; i < FIGURES; i++) {
        hwv_text drawn = {0};
        draw_stored(&figures[i], &drawn);
        different += !is_stored(figures[i].name, &drawn);
        hwv_text_free(&drawn);
    }
    assert_int_equal(different, 0);
}

static void test_targets(void **state)
{
    (void)state;
    static const int widths[] = {20, 40, 80, 132, 300}, heights[] = {5, 24, 60};
    for (size_t i = 0; i < FIGURES; i++)
        for (size_t w = 0; w < 5; w++)
            for (size_t h = 0; h < 3; h++)
                for (int look = 0; look < 4; look++) {
                    hwv_term term = {widths[w], heights[h], (look & 1) != 0, (look & 2) != 0, true};
                    hwv_text text = {0};
                    const char *why;
                    figures[i].draw(to_term(&term, &text));
                    assert_false(text.failed);
                    if (!keeps_target(text.data, &term, &why))
                        fail_msg("%s at %d columns, colour %d, UTF-8 %d: %s\n%s", figures[i].name, term.width,
                                 term.color, term.utf8, why, text.data);
                    hwv_text_free(&text);
                }
}

static void test_screen(void **state)
{
    (void)state;
    /* What is drawn for an 80x24 terminal fits it, prompt included. */
    for (size_t i = 0; i < FIGURES; i++) {
        hwv_text text = {0};
        size_t lines = 0;
        figures[i].draw(to_term(&stored_targets[0], &text));
        for (size_t k = 0; k < text.length; k++)
            lines += text.data[k] == '\n';
        if (lines > 23)
            fail_msg("%s takes %zu lines", figures[i].name, lines);
        hwv_text_free(&text);
    }
}

static void fail_each(const figure *f, const hwv_term *term)
{
    hwv_text whole = {0};
    size_t live = allocations_live(), before = allocations_count();
    f->draw(to_term(term, &whole));
    size_t count = allocations_count() - before;
    assert_false(whole.failed);
    hwv_text_free(&whole);
    assert_true(count > 0);
    for (size_t n = 1; n <= count; n++) {
        hwv_text text = {0};
        allocations_fail_at(n);
        f->draw(to_term(term, &text));
        allocations_fail_at(0);
        if (!text.failed)
            fail_msg("%s: allocation %zu of %zu failed and the text does not say so", f->name, n, count);
        hwv_text_free(&text);
        assert_int_equal(allocations_live(), live);
    }
}

static void test_allocations(void **state)
{
    (void)state;
    for (size_t i = 0; i < FIGURES; i++) {
        fail_each(&figures[i], &stored_targets[0]);
        if (!figures[i].no_svg)
            fail_each(&figures[i], NULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_stored), cmocka_unit_test(test_targets),
                                       cmocka_unit_test(test_screen), cmocka_unit_test(test_allocations)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
