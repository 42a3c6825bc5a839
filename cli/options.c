/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The table of options: the only list of them. Parsing, defaults, help, man pages, completion and the
 * `options` object of the JSON output come from it. Defaults of training are those of the library. */
#include "cli.h"

#include <float.h>
#include <math.h>

#define FIELD(member) .field = offsetof(hwv_cli_options, member)
#define RUNS          (HWV_CLI_TRAIN | HWV_CLI_COMPARE)
#define DATA          "Data and model"
#define OPTIMIZER     "Optimiser"
#define RUN           "Run"
#define FILES         "Files"
#define OWN           "Options"
#define COMMON        "Common options"
/* The largest whole number that a double holds together with its neighbours. */
#define MANY 9007199254740992.0

/* clang-format off */
static const hwv_cli_option table[] = {
    {.group = DATA, .name = "data", .kind = HWV_CLI_TEXT, FIELD(data), .value = "SPEC", .names = hwv_cli_name_data,
     .help = "the data: digits (built in), fashion-mnist (Debian's dataset-fashion-mnist), mnist:DIR, cifar10:DIR, "
             "idx:IMAGES,LABELS, csv:FILE, npy:X,LABELS, npz:FILE, or a path, whose format is guessed by content",
     .commands = RUNS | HWV_CLI_EVAL},
    {.group = DATA, .name = "normalize", .kind = HWV_CLI_FLAG, FIELD(normalize),
     .help = "subtract from each colour of images, or each feature, its mean over the training part and divide by its "
             "deviation; checkpoints keep the numbers, and whoever reads them applies them",
     .commands = RUNS},
    {.group = DATA, .name = "model", .kind = HWV_CLI_TEXT, FIELD(model), .value = "NOTATION",
     .names = hwv_cli_name_zoo,
     .help = "the layers, such as \"conv 5 16; act; pool 2; fc 10\", or a name: mlp, lenet",
     .commands = RUNS},
    {.group = DATA, .name = "act", .kind = HWV_CLI_TEXT, FIELD(act), .value = "NAME", .names = hwv_cli_name_operator,
     .help = "what a bare `act` layer is, such as relu, prelu or \"leaky_relu(slope=0.2)\"; `halfwave info` has the list",
     .commands = HWV_CLI_TRAIN},
    {.group = DATA, .name = "acts", .kind = HWV_CLI_TEXT, FIELD(acts), .value = "A,B,...",
     .names = hwv_cli_name_operator,
     .help = "the activations to compare; `halfwave info` has the list",
     .commands = HWV_CLI_COMPARE},
    {.group = DATA, .name = "part", .kind = HWV_CLI_CHOICE, FIELD(part), .value = "PART",
     .names = hwv_cli_name_part,
     .help = "which part of the data",
     .commands = HWV_CLI_EVAL},
    {.group = DATA, .name = "init", .kind = HWV_CLI_CHOICE, FIELD(train.init), .value = "NAME",
     .names = hwv_cli_name_init,
     .help = "initial weights; auto is he before the ReLU family and xavier before sigmoid and tanh",
     .commands = RUNS},

    {.group = OPTIMIZER, .name = "optimizer", .kind = HWV_CLI_CHOICE, FIELD(train.optimizer.optimizer),
     .value = "NAME", .names = hwv_cli_name_optimizer,
     .help = "how gradients become steps",
     .commands = RUNS},
    {.group = OPTIMIZER, .name = "lr", .kind = HWV_CLI_NUMBER, FIELD(train.optimizer.lr), .value = "RATE",
     .low = 0, .high = DBL_MAX, .word = "auto",
     .help = "learning rate; auto: the best of several on short runs with other seeds, for each activation its own",
     .commands = RUNS},
    {.group = OPTIMIZER, .name = "momentum", .kind = HWV_CLI_NUMBER, FIELD(train.optimizer.momentum), .value = "M",
     .low = 0, .high = 1, .open_high = true,
     .help = "momentum of sgd",
     .commands = RUNS},
    {.group = OPTIMIZER, .name = "nesterov", .kind = HWV_CLI_FLAG, FIELD(train.optimizer.nesterov),
     .help = "Nesterov's momentum",
     .commands = RUNS},
    {.group = OPTIMIZER, .name = "weight-decay", .kind = HWV_CLI_NUMBER, FIELD(train.optimizer.weight_decay),
     .value = "W", .low = 0, .high = DBL_MAX,
     .help = "L2 penalty; PReLU slopes are exempt",
     .commands = RUNS},
    {.group = OPTIMIZER, .name = "beta1", .kind = HWV_CLI_NUMBER, FIELD(train.optimizer.beta1), .value = "B",
     .low = 0, .high = 1, .open_high = true,
     .help = "adam: decay of the mean of gradients",
     .commands = RUNS},
    {.group = OPTIMIZER, .name = "beta2", .kind = HWV_CLI_NUMBER, FIELD(train.optimizer.beta2), .value = "B",
     .low = 0, .high = 1, .open_high = true,
     .help = "adam: decay of the mean of squared gradients",
     .commands = RUNS},
    {.group = OPTIMIZER, .name = "eps", .kind = HWV_CLI_NUMBER, FIELD(train.optimizer.eps), .value = "E",
     .low = 0, .high = DBL_MAX, .open_low = true,
     .help = "adam: added to the root",
     .commands = RUNS},
    {.group = OPTIMIZER, .name = "clip", .kind = HWV_CLI_NUMBER, FIELD(train.optimizer.clip), .value = "NORM",
     .low = 0, .high = DBL_MAX,
     .help = "largest norm of all gradients together; 0: no clipping",
     .commands = RUNS},
    {.group = OPTIMIZER, .name = "schedule", .kind = HWV_CLI_CHOICE, FIELD(train.optimizer.schedule),
     .value = "NAME", .names = hwv_cli_name_schedule,
     .help = "how the rate changes",
     .commands = RUNS},
    {.group = OPTIMIZER, .name = "warmup", .kind = HWV_CLI_SIZE, FIELD(train.optimizer.warmup), .value = "STEPS",
     .low = 0, .high = MANY,
     .help = "steps over which the rate rises to --lr at the start",
     .commands = RUNS},
    {.group = OPTIMIZER, .name = "warmup-from-zero", .kind = HWV_CLI_FLAG, FIELD(train.optimizer.warmup_from_zero),
     .help = "the first of them has rate 0",
     .commands = RUNS},
    {.group = OPTIMIZER, .name = "step-every", .kind = HWV_CLI_SIZE, FIELD(train.optimizer.step_every),
     .value = "STEPS", .low = 1, .high = MANY,
     .help = "schedule step: steps between two drops of the rate",
     .commands = RUNS},
    {.group = OPTIMIZER, .name = "milestones", .kind = HWV_CLI_TEXT, FIELD(milestones), .value = "STEP,...",
     .initial = "none",
     .help = "schedule multi_step: the steps at which the rate drops",
     .commands = RUNS},
    {.group = OPTIMIZER, .name = "gamma", .kind = HWV_CLI_NUMBER, FIELD(train.optimizer.gamma), .value = "G",
     .low = 0, .high = 1, .open_low = true,
     .help = "schedules step and multi_step: factor of each drop",
     .commands = RUNS},
    {.group = OPTIMIZER, .name = "lr-min", .kind = HWV_CLI_NUMBER, FIELD(train.optimizer.lr_min), .value = "RATE",
     .low = 0, .high = DBL_MAX,
     .help = "schedule cosine: rate at the end",
     .commands = RUNS},
    {.group = OPTIMIZER, .name = "smoothing", .kind = HWV_CLI_SHARE, FIELD(smoothing), .value = "SHARE",
     .low = 0, .high = 1, .open_high = true,
     .help = "label smoothing of the loss",
     .commands = RUNS},

    {.group = RUN, .name = "batch", .kind = HWV_CLI_SIZE, FIELD(train.batch), .value = "N", .low = 1, .high = 1048576,
     .help = "samples a step",
     .commands = RUNS},
    {.group = RUN, .name = "epochs", .kind = HWV_CLI_SIZE, FIELD(train.epochs), .value = "N", .low = 1,
     .high = 1000000,
     .initial = "20, or as many as --max-steps takes",
     .help = "passes over the training set",
     .commands = RUNS},
    {.group = RUN, .name = "max-steps", .kind = HWV_CLI_SIZE, FIELD(train.max_steps), .value = "N", .low = 1,
     .high = MANY, .initial = "no limit",
     .help = "stop after so many steps",
     .commands = RUNS},
    {.group = RUN, .name = "until-train-error", .kind = HWV_CLI_SHARE, FIELD(train.until_train_error),
     .value = "SHARE", .low = 0, .high = 1, .initial = "off",
     .help = "stop when at most this share of the last 2,000 training samples was wrong, such as 5%",
     .commands = RUNS},
    {.group = RUN, .name = "seeds", .kind = HWV_CLI_SIZE, FIELD(seeds), .value = "K", .low = 1, .high = 1000,
     .help = "runs of each activation, with the seeds --seed, --seed + 1, ...",
     .commands = HWV_CLI_COMPARE},

    {.group = FILES, .name = "out", .kind = HWV_CLI_FILE, FIELD(train.checkpoint), .value = "FILE", .initial = "none",
     .help = "write the result: train a checkpoint (.safetensors), at the end and on Ctrl-C; predict all probabilities "
             "(.npy) in place of its lines",
     .commands = HWV_CLI_TRAIN | HWV_CLI_PREDICT},
    {.group = FILES, .name = "checkpoint-every", .kind = HWV_CLI_SIZE, FIELD(train.checkpoint_every),
     .value = "EPOCHS", .low = 0, .high = 1000000, .initial = "",
     .help = "write it every so many epochs too; 0: only at the end",
     .commands = HWV_CLI_TRAIN},
    {.group = FILES, .name = "resume", .kind = HWV_CLI_FILE, FIELD(resume), .value = "FILE", .initial = "none",
     .help = "go on from this checkpoint, with its model and options where no others are given; the result has the "
             "same bits as an uninterrupted run",
     .commands = HWV_CLI_TRAIN},
    {.group = FILES, .name = "log", .kind = HWV_CLI_FILE, FIELD(train.log), .value = "FILE", .initial = "none",
     .help = "write a line of JSON for each step and each epoch",
     .commands = HWV_CLI_TRAIN},

    {.group = FILES, .name = "html", .kind = HWV_CLI_FILE, FIELD(html), .value = "FILE",
     .initial = "halfwave-demo.html for demo, else none",
     .help = "write a report as one HTML file that loads nothing",
     .commands = RUNS | HWV_CLI_DEMO},

    {.group = OWN, .name = "pictures", .kind = HWV_CLI_FILE, FIELD(pictures), .value = "FOLDER", .initial = "none",
     .help = "write the pictures as SVG files into this folder, which is made when it is not there",
     .commands = HWV_CLI_DEMO},
    {.group = OWN, .name = "derivative", .letter = 'd', .kind = HWV_CLI_FLAG, FIELD(derivative),
     .help = "draw the derivative beside the function",
     .commands = HWV_CLI_PLOT},
    {.group = OWN, .name = "from", .kind = HWV_CLI_NUMBER, FIELD(from), .value = "X", .low = -1e6, .high = 1e6,
     .help = "left end of the axis",
     .commands = HWV_CLI_PLOT},
    {.group = OWN, .name = "to", .kind = HWV_CLI_NUMBER, FIELD(to), .value = "X", .low = -1e6, .high = 1e6,
     .help = "right end of the axis",
     .commands = HWV_CLI_PLOT},
    {.group = OWN, .name = "param", .kind = HWV_CLI_TEXT, FIELD(param), .value = "NAME=X,...", .initial = "the table's",
     .help = "parameters of the activations that have them, such as slope=0.2",
     .commands = HWV_CLI_PLOT},
    {.group = OWN, .name = "svg", .kind = HWV_CLI_FILE, FIELD(svg), .value = "FILE", .initial = "none",
     .help = "write the picture as SVG too",
     .commands = HWV_CLI_PLOT | HWV_CLI_COMPARE},
    {.group = OWN, .name = "plant", .kind = HWV_CLI_TEXT, FIELD(plant), .value = "NAME", .initial = "none",
     .names = hwv_cli_name_operator,
     .help = "make the derivative of this operator or node wrong on purpose, to see the check find it",
     .commands = HWV_CLI_GRADCHECK},
    {.group = OWN, .name = "dtype", .kind = HWV_CLI_CHOICE, FIELD(dtype), .value = "TYPE",
     .names = hwv_cli_name_dtype,
     .help = "element type",
     .commands = HWV_CLI_BENCH},
    {.group = OWN, .name = "pass", .kind = HWV_CLI_CHOICE, FIELD(pass), .value = "PASS",
     .names = hwv_cli_name_pass,
     .help = "direction",
     .commands = HWV_CLI_BENCH},
    {.group = OWN, .name = "bytes", .kind = HWV_CLI_TEXT, FIELD(bytes), .value = "SIZE,...",
     .help = "sizes of one array",
     .commands = HWV_CLI_BENCH},
    {.group = OWN, .name = "rounds", .kind = HWV_CLI_SIZE, FIELD(rounds), .value = "N", .low = 3, .high = 1001,
     .initial = "25, or 9 from 16 MiB",
     .help = "interleaved rounds; 9 or more for a claim",
     .commands = HWV_CLI_BENCH},
    {.group = OWN, .name = "man", .kind = HWV_CLI_FLAG, FIELD(man),
     .help = "write the man page (mdoc) of the command, without one that of halfwave",
     .commands = HWV_CLI_HELP},
    {.group = OWN, .name = "operators", .kind = HWV_CLI_FLAG, FIELD(operators),
     .help = "list the activations, a name a line",
     .commands = HWV_CLI_HELP},
    {.group = OWN, .name = "completion", .kind = HWV_CLI_FLAG, FIELD(completion),
     .help = "write the completion script for bash",
     .commands = HWV_CLI_HELP},

    {.group = COMMON, .name = "seed", .kind = HWV_CLI_SEED, FIELD(train.seed), .value = "N",
     .help = "of everything random; the same seed gives the same bits",
     .commands = HWV_CLI_ALL & ~HWV_CLI_HELP},
    {.group = COMMON, .name = "threads", .kind = HWV_CLI_SIZE, FIELD(threads), .value = "N", .low = 1, .high = 1024,
     .initial = "all CPUs; 1 for bench",
     .help = "threads to use; results do not depend on it",
     .commands = HWV_CLI_ALL & ~HWV_CLI_HELP},
    {.group = COMMON, .name = "isa", .kind = HWV_CLI_TEXT, FIELD(isa), .value = "NAME", .names = hwv_cli_name_isa,
     .initial = "the widest",
     .help = "instruction set; `halfwave info` lists those that run here",
     .commands = HWV_CLI_ALL & ~HWV_CLI_HELP},
    {.group = COMMON, .name = "json", .kind = HWV_CLI_FLAG, FIELD(json),
     .help = "print one JSON object in place of text",
     .commands = HWV_CLI_ALL & ~HWV_CLI_HELP},
    {.group = COMMON, .name = "color", .kind = HWV_CLI_CHOICE, FIELD(color), .value = "WHEN",
     .names = hwv_cli_name_color,
     .help = "when to colour",
     .commands = HWV_CLI_ALL},
    {.group = COMMON, .name = "quiet", .letter = 'q', .kind = HWV_CLI_FLAG, FIELD(quiet),
     .help = "no talk on stderr but errors",
     .commands = HWV_CLI_ALL},
    {.group = COMMON, .name = "verbose", .letter = 'v', .kind = HWV_CLI_FLAG, FIELD(verbose),
     .help = "more talk",
     .commands = HWV_CLI_ALL},
    {.group = COMMON, .name = "help", .letter = 'h', .kind = HWV_CLI_FLAG, FIELD(help),
     .help = "print this help",
     .commands = HWV_CLI_ALL},
};
/* clang-format on */

size_t hwv_cli_option_count(void)
{
    return sizeof table / sizeof table[0];
}

const hwv_cli_option *hwv_cli_option_get(size_t i)
{
    return &table[i];
}

hwv_cli_options hwv_cli_options_initial(void)
{
    hwv_cli_options options = {
        .train = hwv_train_defaults(),
        .data = "digits",
        .model = "mlp",
        .act = "relu",
        .acts = "relu,leaky_relu,prelu,tanh,sigmoid",
        .seeds = 3,
        .from = -4,
        .to = 4,
        .pass = 2,
        .bytes = "32KiB,512KiB,8MiB,64MiB",
        .rounds = 25,
    };
    return options;
}
