// SPDX-License-Identifier: MIT
// Copyright (c) 2026 the halfwave authors
//
// The C header in C++: a layer that owns its activation and keeps a bit an element for its backward pass in place of
// the whole input.
//
//     c++ engine.cpp $(pkg-config --cflags --libs halfwave)
#include <cstdint>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include <halfwave.h>

namespace
{

template <typename T> struct element;
template <> struct element<float> {
    static constexpr hwv_dtype dtype = HWV_F32;
};
template <> struct element<double> {
    static constexpr hwv_dtype dtype = HWV_F64;
};

void check(hwv_status status, const hwv_error &error)
{
    if (status != HWV_OK)
        throw std::runtime_error(error.text);
}

class activation
{
  public:
    explicit activation(const std::string &text)
    {
        hwv_error error{};
        check(hwv_act_parse(&act, text.c_str(), &error), error);
        if (!(hwv_act_claims(&act) & HWV_PIECEWISE))
            throw std::runtime_error(text + " has no mask: keep x for backward");
    }

    // x becomes f(x); the mask stays here.
    template <typename T> void forward(std::vector<T> &x, std::size_t rows)
    {
        const std::size_t cols = x.size() / rows, words = hwv_mask_words(cols);
        mask.resize(rows * words);
        hwv_act_forward_mask(&act, element<T>::dtype, rows, cols, x.data(), cols, x.data(), cols, mask.data(), words);
    }

    // dy becomes dx.
    template <typename T> void backward(std::vector<T> &dy, std::size_t rows) const
    {
        const std::size_t cols = dy.size() / rows, words = hwv_mask_words(cols);
        hwv_act_backward_mask(&act, element<T>::dtype, rows, cols, dy.data(), cols, dy.data(), cols, mask.data(),
                              words);
    }

  private:
    hwv_act act;
    std::vector<std::uint64_t> mask;
};

} // namespace

int main()
{
    try {
        activation layer("leaky_relu(slope=0.5)");
        std::vector<float> x{-2, -1, 0, 1, 2, 3}, dy(6, 1);
        layer.forward(x, 2);
        layer.backward(dy, 2);
        for (std::size_t i = 0; i < x.size(); i++)
            std::printf("y %g, dx %g\n", static_cast<double>(x[i]), static_cast<double>(dy[i]));
        std::vector<double> wide{-0.25, 4};
        layer.forward(wide, 1);
        std::printf("in double: %g %g\n", wide[0], wide[1]);
        try {
            activation wrong("leeky_relu");
        } catch (const std::exception &error) {
            std::printf("refused: %.60s\n", error.what());
        }
    } catch (const std::exception &error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
    return 0;
}
