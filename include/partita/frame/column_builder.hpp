#pragma once

#include "partita/core/buffer.hpp"
#include "partita/core/error.hpp"
#include "partita/frame/column.hpp"
#include "partita/frame/schema.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

namespace partita::frame {

/// An array that grows at its end without initialising what it holds.
template <class T>
class GrowingBuffer {
  public:
    std::int64_t size() const { return size_; }
    T* data() { return buffer_.data(); }
    T const* data() const { return buffer_.data(); }
    T* begin() { return buffer_.data(); }
    T* end() { return buffer_.data() + size_; }
    T& operator[](std::int64_t i) { return buffer_.data()[i]; }
    void clear() { size_ = 0; }

    /// Room for `count` more elements, not initialised; returns where they begin.
    T* extend(std::int64_t count) {
        reserve(size_ + count);
        return buffer_.data() + std::exchange(size_, size_ + count);
    }
    void push_back(T value) { *extend(1) = value; }
    void append(T const* values, std::int64_t count) {
        if (count > 0)
            std::memcpy(extend(count), values, static_cast<std::size_t>(count) * sizeof(T));
    }
    void reserve(std::int64_t room) {
        if (room > buffer_.size()) [[unlikely]]
            grow(room);
    }
    /// Give up the last elements.
    void shrink_to(std::int64_t size) { size_ = size; }

  private:
    void grow(std::int64_t room) {
        Buffer<T> larger(std::max<std::int64_t>({room, 2 * buffer_.size(), 64}));
        if (size_ > 0)
            std::memcpy(larger.data(), buffer_.data(), static_cast<std::size_t>(size_) * sizeof(T));
        buffer_ = std::move(larger);
    }

    Buffer<T> buffer_;
    std::int64_t size_ = 0;
};

/// Makes a column value by value. Texts are plain until rows come that have a dictionary; then they
/// get one, in which each of the others is an entry of its own.
class ColumnBuilder {
  public:
    explicit ColumnBuilder(Type type) : type_(type), bytes_(value_bytes(type)) {}
    /// Also of vectors.
    explicit ColumnBuilder(Field const& field);
    /// For values like those of a column.
    static ColumnBuilder like(Column const& column) {
        return ColumnBuilder(Field{"", column.type(), column.width()});
    }

    Type type() const { return type_; }
    std::int64_t width() const { return width_; }
    std::int64_t size() const { return size_; }
    void reserve(std::int64_t rows);

    /// T as for Column::values; it must be what the type holds (not checked here).
    template <class T>
    void append(T value) {
        std::memcpy(values_.extend(sizeof(T)), &value, sizeof(T));
        if (has_nulls_) nulls_.push_back(0);
        ++size_;
    }
    void append_text(std::string_view text) {
        if (coded_) codes_.push_back(static_cast<std::uint32_t>(offsets_.size()));
        offsets_.push_back(values_.size());
        values_.append(reinterpret_cast<std::byte const*>(text.data()),
                       static_cast<std::int64_t>(text.size()));
        if (has_nulls_) nulls_.push_back(0);
        ++size_;
    }
    /// Of vectors: `numbers` has the column's width.
    void append_vector(std::span<float const> numbers);
    void append_null();
    /// Rows [first, last) of a column of the same type.
    void append_rows(Column const& from, std::int64_t first, std::int64_t last);
    void append_row(Column const& from, std::int64_t row) { append_rows(from, row, row + 1); }
    /// `count` nulls.
    void append_nulls(std::int64_t count) {
        for (; count > 0; --count) append_null();
    }

    /// The column; the builder is empty afterwards.
    Column finish();

  private:
    void mark(std::uint8_t const* nulls, std::int64_t count);
    void append_entries(Column const& texts, std::int64_t first, std::int64_t last);
    void append_texts(Column const& from, std::int64_t first, std::int64_t last);
    void append_coded(Column const& from, std::int64_t first, std::int64_t last);

    Type type_;
    std::int64_t bytes_;  ///< Of a value; 0 for texts.
    std::int64_t width_ = 0;
    std::int64_t size_ = 0;
    GrowingBuffer<std::byte> values_;
    GrowingBuffer<std::int64_t> offsets_;
    GrowingBuffer<std::uint32_t> codes_;
    GrowingBuffer<std::uint8_t> nulls_;
    bool has_nulls_ = false, coded_ = false;
};

}  // namespace partita::frame
