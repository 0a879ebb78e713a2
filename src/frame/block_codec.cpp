#include "frame/block_codec.hpp"

#include "frame/dictionary.hpp"

#include "partita/dataset/context.hpp"

#include <cstring>

namespace partita::frame {

namespace {

constexpr std::int64_t alignment = dataset::piece_alignment;

constexpr std::int64_t padded(std::int64_t bytes) {
    return (bytes + alignment - 1) / alignment * alignment;
}

struct Header {
    std::int64_t bytes = 0;  ///< Of all that belongs to the block, with this header.
    std::int64_t rows = 0;
};

struct ColumnHeader {
    std::int32_t has_nulls = 0, has_codes = 0;
    std::int64_t texts = 0;  ///< Of the dictionary, or else of the rows.
    std::int64_t text_bytes = 0;
};

constexpr std::int64_t offset_bytes = sizeof(std::uint32_t), code_bytes = sizeof(std::uint32_t);

/// A dictionary stays one only where it is small: parts of a block, such as those that are sent to
/// partitions, may have few rows.
ColumnHeader header_of(Column const& column) {
    ColumnHeader header{column.nulls() ? 1 : 0, column.has_small_dictionary() ? 1 : 0};
    if (column.type() != Type::text) return header;
    header.texts = header.has_codes ? column.entries() : column.size();
    header.text_bytes = header.has_codes ? column.dictionary().text_bytes() : column.text_bytes();
    return header;
}

std::int64_t column_bytes(Column const& column) {
    std::int64_t const rows = column.size();
    ColumnHeader const header = header_of(column);
    std::int64_t const marks = header.has_nulls ? padded(rows) : 0;
    if (column.type() != Type::text) return marks + padded(rows * column.value_bytes());
    std::int64_t const codes = header.has_codes ? padded(rows * code_bytes) : 0;
    return marks + codes + padded((header.texts + 1) * offset_bytes) + padded(header.text_bytes);
}

/// Behind `bytes` bytes that were written.
std::byte* zero_padding(std::byte* out, std::int64_t bytes) {
    std::memset(out + bytes, 0, static_cast<std::size_t>(padded(bytes) - bytes));
    return out + padded(bytes);
}

std::byte* copy_padded(std::byte* out, void const* from, std::int64_t bytes) {
    if (bytes > 0) std::memcpy(out, from, static_cast<std::size_t>(bytes));
    return zero_padding(out, bytes);
}

/// The texts of rows; the column may have a dictionary.
std::byte* encode_texts(Column const& column, std::byte* out) {
    std::int64_t const rows = column.size(), bytes = (rows + 1) * offset_bytes;
    auto* const offsets = reinterpret_cast<std::uint32_t*>(out);
    std::byte* const texts = zero_padding(out, bytes);
    offsets[0] = 0;
    if (!column.codes()) {
        std::uint32_t const first = rows == 0 ? 0 : column.offsets()[0];
        for (std::int64_t i = 1; i <= rows; ++i) offsets[i] = column.offsets()[i] - first;
        return copy_padded(texts, rows == 0 ? nullptr : column.bytes() + first,
                           column.text_bytes());
    }
    for (std::int64_t i = 0; i < rows; ++i) {
        std::string_view const text = column.text(i);
        if (!text.empty()) std::memcpy(texts + offsets[i], text.data(), text.size());
        offsets[i + 1] = offsets[i] + static_cast<std::uint32_t>(text.size());
    }
    return zero_padding(texts, offsets[rows]);
}

std::byte* encode_column(Column const& column, std::byte* out) {
    if (column.nulls()) out = copy_padded(out, column.nulls(), column.size());
    if (column.has_small_dictionary()) {
        out = copy_padded(out, column.codes(), column.size() * code_bytes);
        return encode_texts(column.dictionary(), out);
    }
    if (column.type() == Type::text) return encode_texts(column, out);
    return copy_padded(out, column.raw_values(), column.size() * column.value_bytes());
}

Column decode_column(Field const& field, std::int64_t rows, ColumnHeader const& header,
                     std::byte const*& at) {
    std::uint8_t const* marks = nullptr;
    if (header.has_nulls) {
        marks = reinterpret_cast<std::uint8_t const*>(at);
        at += padded(rows);
    }
    std::byte const* const values = at;
    if (field.type == Type::vector) {
        auto const* const numbers = reinterpret_cast<float const*>(values);
        Column const column = Column::vectors(field.width, rows, numbers, marks, nullptr);
        at += padded(rows * column.value_bytes());
        return column;
    }
    if (field.type != Type::text) {
        at += padded(rows * value_bytes(field.type));
        return {field.type, rows, values, marks, nullptr};
    }
    auto const* const codes = reinterpret_cast<std::uint32_t const*>(at);
    if (header.has_codes) at += padded(rows * code_bytes);
    auto const* const offsets = reinterpret_cast<std::uint32_t const*>(at);
    at += padded((header.texts + 1) * offset_bytes);
    auto const* const bytes = reinterpret_cast<char const*>(at);
    at += padded(header.text_bytes);
    if (header.has_codes)
        return Column::coded(rows, codes, header.texts, offsets, bytes, marks, nullptr);
    return {rows, offsets, bytes, marks, nullptr};
}

}  // namespace

std::int64_t encoded_bytes(Block const& block) {
    std::int64_t bytes =
        sizeof(Header) + block.schema().size() * static_cast<std::int64_t>(sizeof(ColumnHeader));
    for (Column const& column : block.columns()) bytes += column_bytes(column);
    return bytes;
}

std::byte* encode(Block const& block, std::byte* out) {
    auto* const header = reinterpret_cast<Header*>(out);
    *header = {encoded_bytes(block), block.rows()};
    auto* const headers = reinterpret_cast<ColumnHeader*>(header + 1);
    auto* at = reinterpret_cast<std::byte*>(headers + block.schema().size());
    std::int64_t i = 0;
    for (Column const& column : block.columns()) {
        headers[i++] = header_of(column);
        at = encode_column(column, at);
    }
    return at;
}

Block decode(std::shared_ptr<Schema const> const& schema, std::span<std::byte const>& bytes) {
    auto const* const header = reinterpret_cast<Header const*>(bytes.data());
    auto const* const headers = reinterpret_cast<ColumnHeader const*>(header + 1);
    auto const* at = reinterpret_cast<std::byte const*>(headers + schema->size());
    std::vector<Column> columns;
    columns.reserve(static_cast<std::size_t>(schema->size()));
    for (std::int64_t i = 0; i < schema->size(); ++i)
        columns.push_back(decode_column((*schema)[i], header->rows, headers[i], at));
    bytes = bytes.subspan(static_cast<std::size_t>(header->bytes));
    return {schema, std::move(columns), header->rows};
}

void StoreWriter::add(Block const& plain) {
    if (plain.rows() == 0) return;
    Block const block = with_dictionaries(plain);
    std::int64_t const bytes = encoded_bytes(block);
    dataset::PooledBuffer buffer(store_.context().memory(), bytes);
    encode(block, buffer.data());
    dataset::Piece const piece{partition_, source_, sequence_++, bytes};
    store_.add(std::move(buffer), {&piece, 1});
    rows_ += block.rows();
}

}  // namespace partita::frame
