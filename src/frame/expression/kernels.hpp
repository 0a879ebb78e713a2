#pragma once

#include "partita/core/buffer.hpp"
#include "partita/frame/column.hpp"

#include <cstdint>
#include <cstring>
#include <memory>

namespace partita::frame::expression {

/// Null marks of two columns together, or none.
inline std::shared_ptr<Buffer<std::uint8_t>> merged_nulls(Column const& a, Column const& b) {
    if (!a.nulls() && !b.nulls()) return nullptr;
    auto marks = make_array<std::uint8_t>(a.size());
    std::uint8_t* const out = marks->data();
    auto const size = static_cast<std::size_t>(a.size());
    if (!b.nulls() || !a.nulls()) {
        if (size > 0) std::memcpy(out, a.nulls() ? a.nulls() : b.nulls(), size);
        return marks;
    }
    for (std::size_t i = 0; i < size; ++i) out[i] = a.nulls()[i] | b.nulls()[i];
    return marks;
}

/// A flat column of new values and marks (which may be none).
template <class T>
Column flat_column(Type type, std::shared_ptr<Buffer<T>> values,
                   std::shared_ptr<Buffer<std::uint8_t>> nulls) {
    std::int64_t const size = values->size();
    T const* const data = values->data();
    if (!nulls) return {type, size, data, nullptr, std::move(values)};
    std::uint8_t const* const marks = nulls->data();
    using Both = std::pair<std::shared_ptr<Buffer<T>>, std::shared_ptr<Buffer<std::uint8_t>>>;
    return {type, size, data, marks, std::make_shared<Both>(std::move(values), std::move(nulls))};
}

/// f(i) for each row; where marks stand the value is T{}.
template <class T, class F>
Column compute(Type type, std::int64_t rows, std::shared_ptr<Buffer<std::uint8_t>> nulls,
               F const& f) {
    auto values = make_array<T>(rows);
    T* const out = values->data();
    if (nulls) {
        std::uint8_t const* const marks = nulls->data();
        for (std::int64_t i = 0; i < rows; ++i) out[i] = marks[i] ? T{} : f(i);
    } else {
        for (std::int64_t i = 0; i < rows; ++i) out[i] = f(i);
    }
    return flat_column<T>(type, std::move(values), std::move(nulls));
}

}  // namespace partita::frame::expression
