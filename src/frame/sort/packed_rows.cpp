#include "frame/sort/packed_rows.hpp"

#include "frame/group/key_index.hpp"

#include <bit>
#include <cstring>

namespace partita::frame {

namespace {

constexpr std::uint64_t sign_bit = std::uint64_t{1} << 63;

void append_big_endian(std::string& out, std::uint64_t value) {
    std::uint64_t const bytes = __builtin_bswap64(value);
    out.append(reinterpret_cast<char const*>(&bytes), sizeof bytes);
}

/// A zero byte within a text is told from its end by the byte behind it.
void append_text(std::string& out, std::string_view text) {
    for (char const c : text) {
        out += c;
        if (c == '\0') out += '\xff';
    }
    out.append(2, '\0');
}

}  // namespace

void append_ordered(std::string& out, Column const& column, std::int64_t row, bool descending) {
    if (column.is_null(row)) {
        out += '\1';
        return;
    }
    out += '\0';
    std::size_t const begin = out.size();
    if (column.type() == Type::text) {
        append_text(out, column.text(row));
    } else {
        bool const is_float = column.type() == Type::float64 || column.type() == Type::float32;
        with_key_bits(column, [&](auto const& bits) {
            append_big_endian(out, is_float ? ordered_float(bits(row)) : bits(row) ^ sign_bit);
        });
    }
    if (!descending) return;
    for (std::size_t i = begin; i < out.size(); ++i) out[i] = static_cast<char>(~out[i]);
}

void append_packed_row(std::string& out, Block const& block, std::int64_t row) {
    for (Column const& column : block.columns()) {
        bool const null = column.is_null(row);
        out += null ? '\1' : '\0';
        if (null) continue;
        if (column.type() == Type::text) {
            std::string_view const text = column.text(row);
            auto const size = static_cast<std::uint32_t>(text.size());
            out.append(reinterpret_cast<char const*>(&size), sizeof size);
            out += text;
        } else {
            auto const bytes = static_cast<std::size_t>(column.value_bytes());
            out.append(static_cast<char const*>(column.raw_values()) +
                           static_cast<std::size_t>(row) * bytes,
                       bytes);
        }
    }
}

RowUnpacker::RowUnpacker(std::shared_ptr<Schema const> schema) : schema_(std::move(schema)) {
    for (Field const& field : schema_->fields()) columns_.emplace_back(field);
}

void RowUnpacker::add(std::string_view packed) {
    char const* at = packed.data();
    for (ColumnBuilder& column : columns_) {
        if (*at++ != 0) {
            column.append_null();
        } else if (column.type() == Type::text) {
            std::uint32_t size = 0;
            std::memcpy(&size, at, sizeof size);
            column.append_text({at + sizeof size, size});
            at += sizeof size + size;
        } else if (column.type() == Type::vector) {
            std::vector<float> numbers(static_cast<std::size_t>(column.width()));
            std::memcpy(numbers.data(), at, 4 * numbers.size());
            column.append_vector(numbers);
            at += 4 * numbers.size();
        } else if (value_bytes(column.type()) == 8) {
            std::uint64_t value = 0;
            std::memcpy(&value, at, sizeof value);
            column.append(value);
            at += sizeof value;
        } else if (value_bytes(column.type()) == 4) {
            std::uint32_t value = 0;
            std::memcpy(&value, at, sizeof value);
            column.append(value);
            at += sizeof value;
        } else {
            column.append(static_cast<std::uint8_t>(*at++));
        }
    }
    ++rows_;
}

Block RowUnpacker::take() {
    std::vector<Column> columns;
    for (ColumnBuilder& column : columns_) columns.push_back(column.finish());
    return {schema_, std::move(columns), std::exchange(rows_, 0)};
}

}  // namespace partita::frame
