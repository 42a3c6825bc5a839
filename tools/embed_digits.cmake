# SPDX-License-Identifier: MIT
# Turns data/digits.csv into two lists of C initialisers:
#     cmake -DINPUT=data/digits.csv -DPIXELS=digits_pixels.inc -DLABELS=digits_labels.inc -P embed_digits.cmake
cmake_minimum_required(VERSION 3.20)
file(SHA256 ${INPUT} found)
set(expected 6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8)
if(NOT found STREQUAL expected)
  message(FATAL_ERROR "${INPUT}: SHA-256 ${found}, expected ${expected}: restore the file")
endif()
file(READ ${INPUT} text)
# A line is 64 values and a label of one digit.
string(REGEX REPLACE ",[0-9]\n" ",\n" pixels "${text}")
string(REGEX REPLACE "[^\n]*,([0-9]\n)" "\\1" labels "${text}")
string(REPLACE "\n" ",\n" labels "${labels}")
file(WRITE ${PIXELS} "${pixels}")
file(WRITE ${LABELS} "${labels}")
