#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

namespace partita {

/// Rows of numbers that somebody else owns: dense, row-major, without gaps.
///
/// `data` holds rows * cols elements; row i starts at data + i * cols. A view of zero rows is
/// normal. Copying a view copies no elements.
template <class T>
struct BasicMatrixView {
    T* data = nullptr;
    std::int64_t rows = 0;
    std::int64_t cols = 0;

    BasicMatrixView() = default;
    BasicMatrixView(T* first, std::int64_t n, std::int64_t d) : data(first), rows(n), cols(d) {}
    /// A view of mutable elements is also a view of constant ones.
    template <class U>
    requires(std::is_same_v<U const, T>) BasicMatrixView(BasicMatrixView<U> other)
        : data(other.data), rows(other.rows), cols(other.cols) {}

    T* row_data(std::int64_t i) const { return data + i * cols; }
    std::span<T> row(std::int64_t i) const { return {row_data(i), static_cast<std::size_t>(cols)}; }
    /// Rows [first, last).
    BasicMatrixView slice(std::int64_t first, std::int64_t last) const {
        return {row_data(first), last - first, cols};
    }
    std::int64_t size() const { return rows * cols; }
    bool empty() const { return rows == 0; }
};

using MatrixView = BasicMatrixView<float const>;
using MutableMatrixView = BasicMatrixView<float>;

}  // namespace partita
