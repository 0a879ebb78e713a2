#pragma once

#include "partita/core/buffer.hpp"
#include "partita/frame/type.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace partita::frame {

/// A run of values of one type: a view that can share in owning what it shows. Copying copies no
/// values; values never change once a column shows them.
///
/// Flat values lie in an array, and so do vectors, number by number. Texts lie one after another in
/// `bytes`, text i from offsets[i] to offsets[i + 1]. Where few texts differ, these are a
/// dictionary and each row has a code, the number of its text: what asks for text(row) need not
/// know. Nulls are marked by a byte each (1 = null), and a column without nulls has no marks:
/// bytes, not bits, because loops over them need no shifts and compile to vector code. Where a null
/// stands the value is 0 or an empty text.
class Column {
  public:
    Column() = default;
    /// `values` is an array of `size` values; `nulls` is null or an array of `size` marks.
    Column(Type type, std::int64_t size, void const* values, std::uint8_t const* nulls,
           std::shared_ptr<void const> owner);
    /// Of text: `offsets` has size + 1 entries.
    Column(std::int64_t size, std::uint32_t const* offsets, char const* bytes,
           std::uint8_t const* nulls, std::shared_ptr<void const> owner);

    /// Of text with a dictionary: codes[i] is row i's number among `entries` texts, which need not
    /// all be used, nor differ; `offsets` has entries + 1 entries.
    static Column coded(std::int64_t size, std::uint32_t const* codes, std::int64_t entries,
                        std::uint32_t const* offsets, char const* bytes, std::uint8_t const* nulls,
                        std::shared_ptr<void const> owner);

    /// Of vectors: size * width numbers, one vector after another.
    static Column vectors(std::int64_t width, std::int64_t size, float const* numbers,
                          std::uint8_t const* nulls, std::shared_ptr<void const> owner);

    Type type() const { return type_; }
    std::int64_t size() const { return size_; }

    /// Of vectors: how many numbers each holds; else 0.
    std::int64_t width() const { return width_; }
    /// Of vectors.
    std::span<float const> vector(std::int64_t row) const {
        return {static_cast<float const*>(values_) + row * width_,
                static_cast<std::size_t>(width_)};
    }
    /// Bytes of a value; 0 for texts.
    std::int64_t value_bytes() const;

    /// The values as T: int64_t for int64 and timestamps, double, float, uint8_t for bool.
    /// @throws Error when they are of another type.
    template <class T>
    T const* values() const;

    std::string_view text(std::int64_t row) const {
        std::int64_t const i = codes_ ? codes_[row] : row;
        return {bytes_ + offsets_[i], offsets_[i + 1] - offsets_[i]};
    }
    /// Of texts with a dictionary: the number of each row's text. Null when there is none.
    std::uint32_t const* codes() const { return codes_; }
    /// Of texts with a dictionary: its texts, as a column without one. Shares the memory.
    Column dictionary() const;
    /// Of texts with a dictionary: how many texts it has; else 0.
    std::int64_t entries() const { return entries_; }
    /// Whether the rows are so many more than the dictionary's texts that it is worth to work on
    /// these, or to copy them.
    bool has_small_dictionary() const { return codes_ && dictionary_pays(entries_, size_); }
    static bool dictionary_pays(std::int64_t entries, std::int64_t rows) {
        return 4 * entries <= rows;
    }

    /// Of texts without a dictionary.
    std::uint32_t const* offsets() const { return offsets_; }
    char const* bytes() const { return bytes_; }
    /// Of texts: the bytes of all rows' texts.
    std::int64_t text_bytes() const;

    /// Null when there are no nulls.
    std::uint8_t const* nulls() const { return nulls_; }
    bool is_null(std::int64_t row) const { return nulls_ && nulls_[row]; }
    std::int64_t null_count() const;

    /// Rows [first, last) of it, without copying.
    Column slice(std::int64_t first, std::int64_t last) const;
    /// A copy of the rows of these numbers, in that order.
    Column take(std::span<std::uint32_t const> rows) const;
    /// The same values with these marks for nulls.
    Column with_nulls(std::uint8_t const* nulls, std::shared_ptr<void const> nulls_owner) const;
    /// int64 as timestamp and back, without copying.
    Column as(Type type) const;
    void const* raw_values() const { return values_; }
    /// Whether this column keeps its memory alive, or only shows what somebody else keeps.
    bool owns() const { return owner_ != nullptr; }

  private:
    Type type_ = Type::int64;
    std::int64_t size_ = 0;
    std::int64_t width_ = 0;
    void const* values_ = nullptr;
    std::uint32_t const* codes_ = nullptr;
    std::int64_t entries_ = 0;
    std::uint32_t const* offsets_ = nullptr;
    char const* bytes_ = nullptr;
    std::uint8_t const* nulls_ = nullptr;
    std::shared_ptr<void const> owner_;
};

/// Memory for the arrays of a column that is being made.
template <class T>
std::shared_ptr<Buffer<T>> make_array(std::int64_t size) {
    return std::make_shared<Buffer<T>>(size);
}

}  // namespace partita::frame
