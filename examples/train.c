/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Training from a program: a small network on the embedded digits, then its dead units.
 *
 *     cc train.c $(pkg-config --cflags --libs --static halfwave-nn) */
#include <stdio.h>
#include <string.h>

#include <halfwave/train.h>

static hwv_status run(hwv_error *error)
{
    hwv_data data;
    HWV_TRY(hwv_data_open(&data, "digits", error));

    hwv_model_options shape = {.act = {.act = hwv_act_make(HWV_OP_RELU)}, .rank = data.rank, .classes = data.classes};
    memcpy(shape.dims, data.dims, sizeof shape.dims);
    hwv_model model = {0};
    hwv_trainer *trainer = NULL;
    hwv_train_result result = {0};
    hwv_status status = hwv_model_build(&model, "fc 32; act; fc classes", &shape, error);

    hwv_train_options options = hwv_train_defaults();
    options.epochs = 10;
    if (status == HWV_OK)
        status = hwv_trainer_create(&trainer, &model, &data, &options, NULL, error);
    if (status == HWV_OK)
        status = hwv_trainer_run(trainer, &result, error);
    if (status == HWV_OK) {
        printf("test error %.1f %%\n", 100 * result.test_error);
        for (size_t i = 0; i < result.layer_count; i++)
            printf("%s: %zu of %zu units are dead\n", result.layers[i].name, result.layers[i].dead,
                   result.layers[i].units);
    }
    hwv_train_result_free(&result);
    hwv_trainer_destroy(trainer);
    hwv_model_free(&model);
    hwv_data_close(&data);
    return status;
}

int main(void)
{
    hwv_error error = {0};
    if (run(&error) != HWV_OK) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    return 0;
}
