#pragma once

#include "partita/core/matrix_view.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>
#include <utility>

namespace partita {

/// Memory that is aligned to 64 bytes (2 MiB when large), backed by huge pages where the system
/// allows, and not initialised: first touch of fresh 4 KiB pages costs three times more than of
/// huge ones, and zero-filling costs another pass. Some released memory is kept for the next
/// allocations of like size; see limit_recycled_pages.
/// @throws Error "cannot allocate ..." when the system refuses.
void* allocate_pages(std::size_t bytes);
void release_pages(void* pages, std::size_t bytes) noexcept;

/// How much released memory may be kept for later allocations (256 MiB unless told).
void limit_recycled_pages(std::int64_t bytes) noexcept;

/// a * b for sizes that a file's header may have made up: a product that does not fit becomes the
/// largest one, which allocate_pages refuses. Negative factors count as 0.
constexpr std::int64_t saturated_product(std::int64_t a, std::int64_t b) {
    if (a <= 0 || b <= 0) return 0;
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    return a > most / b ? most : a * b;
}

/// An array of trivially copyable elements on allocate_pages. Move-only; elements start undefined.
template <class T>
class Buffer {
    static_assert(std::is_trivially_copyable_v<T>);

  public:
    Buffer() = default;
    explicit Buffer(std::int64_t size)
        : data_(size > 0 ? static_cast<T*>(allocate_pages(bytes_for(size))) : nullptr),
          size_(size > 0 ? size : 0) {}
    ~Buffer() { reset(); }
    Buffer(Buffer&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
    Buffer& operator=(Buffer&& other) noexcept {
        if (this != &other) {
            reset();
            data_ = std::exchange(other.data_, nullptr);
            size_ = std::exchange(other.size_, 0);
        }
        return *this;
    }

    T* data() { return data_; }
    T const* data() const { return data_; }
    std::int64_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    T& operator[](std::int64_t i) { return data_[i]; }
    T const& operator[](std::int64_t i) const { return data_[i]; }
    T* begin() { return data_; }
    T* end() { return data_ + size_; }
    T const* begin() const { return data_; }
    T const* end() const { return data_ + size_; }
    std::span<T> span() { return {data_, static_cast<std::size_t>(size_)}; }
    std::span<T const> span() const { return {data_, static_cast<std::size_t>(size_)}; }

  private:
    void reset() noexcept {
        if (data_) release_pages(data_, bytes_for(size_));
        data_ = nullptr;
    }
    static std::size_t bytes_for(std::int64_t size) {
        return static_cast<std::size_t>(saturated_product(size, sizeof(T)));
    }

    T* data_ = nullptr;
    std::int64_t size_ = 0;
};

/// A row-major matrix that owns its elements.
template <class T>
class BasicMatrix {
  public:
    BasicMatrix() = default;
    BasicMatrix(std::int64_t rows, std::int64_t cols)
        : values_(saturated_product(rows, cols)), rows_(rows), cols_(cols) {}

    std::int64_t rows() const { return rows_; }
    std::int64_t cols() const { return cols_; }
    T* data() { return values_.data(); }
    T const* data() const { return values_.data(); }
    T* row(std::int64_t i) { return values_.data() + i * cols_; }
    T const* row(std::int64_t i) const { return values_.data() + i * cols_; }
    BasicMatrixView<T> view() { return {values_.data(), rows_, cols_}; }
    BasicMatrixView<T const> view() const { return {values_.data(), rows_, cols_}; }

  private:
    Buffer<T> values_;
    std::int64_t rows_ = 0, cols_ = 0;
};

using Matrix = BasicMatrix<float>;

}  // namespace partita
