#include "format/fuzz/fuzz_formats.hpp"
#include "format/fuzz/fuzz_input.hpp"

#include "partita/format/idx_labels.hpp"
#include "partita/format/npy_column.hpp"
#include "partita/format/vector_encoder.hpp"
#include "partita/format/vector_reader.hpp"

#include <vector>

namespace partita::format::test {
namespace {

/// A gzip file of a few bytes may unzip to megabytes; that is no defect, only slow.
constexpr std::int64_t most_bytes = 16 << 20;

std::int64_t row_bytes_of(VectorReader const& reader) {
    return reader.shape().dim * static_cast<std::int64_t>(size_of(reader.shape().type));
}

std::vector<std::byte> read_rows(VectorReader const& reader, std::int64_t first,
                                 std::int64_t last) {
    std::vector<std::byte> rows(static_cast<std::size_t>((last - first) * row_bytes_of(reader)));
    reader.read_native(first, last, rows.data());
    return rows;
}

/// The same rows as a file of the same format.
void write_again(std::string const& path, VectorShape const& shape,
                 std::vector<std::byte> const& rows) {
    auto const encoder = encoder_for(path, shape);
    std::vector<std::byte> file = encoder->header();
    std::size_t const header_bytes = file.size();
    require(encoder->offset_of(0) == static_cast<std::int64_t>(header_bytes), "offset of row 0");
    file.resize(static_cast<std::size_t>(encoder->offset_of(shape.rows)));
    std::vector<std::byte> encoded(file.size() - header_bytes);
    encoder->encode(rows.data(), shape.rows, encoded.data());
    std::copy(encoded.begin(), encoded.end(),
              file.begin() + static_cast<std::ptrdiff_t>(header_bytes));
    fuzz_file(path.substr(path.rfind('/') + 1), file.data(), file.size());
}

void check_reader(VectorReader const& reader, std::string const& suffix) {
    VectorShape const& shape = reader.shape();
    require(shape.rows > 0 && shape.dim > 0, "an empty shape");
    if (shape.rows > most_bytes / row_bytes_of(reader)) return;
    std::vector<std::byte> const all = read_rows(reader, 0, shape.rows);
    std::int64_t const middle = shape.rows / 2;
    std::vector<std::byte> halves = read_rows(reader, 0, middle);
    std::vector<std::byte> const second = read_rows(reader, middle, shape.rows);
    halves.insert(halves.end(), second.begin(), second.end());
    require(halves == all, "halves differ from the whole");

    std::string const again = fuzz_path("again" + suffix);
    write_again(again, shape, all);
    auto const other = open_vector_file(again);
    require(other->shape().rows == shape.rows && other->shape().dim == shape.dim &&
                other->shape().type == shape.type,
            "the shape changed");
    require(read_rows(*other, 0, shape.rows) == all, "the values changed");
    std::vector<float> values(static_cast<std::size_t>(shape.rows * shape.dim));
    reader.read(0, shape.rows, values.data(), true);
    reader.read(0, shape.rows, values.data(), false);
}

void fuzz_reader(std::string const& suffix, std::uint8_t const* data, std::size_t size) {
    only_errors(
        [&] { check_reader(*open_vector_file(fuzz_file("input" + suffix, data, size)), suffix); });
}

}  // namespace

void fuzz_npy(std::uint8_t const* data, std::size_t size) { fuzz_reader(".npy", data, size); }

void fuzz_vecs(std::uint8_t const* data, std::size_t size) {
    fuzz_reader(".fvecs", data, size);
    fuzz_reader(".bvecs", data, size);
}

void fuzz_bin(std::uint8_t const* data, std::size_t size) {
    fuzz_reader(".fbin", data, size);
    fuzz_reader(".u8bin", data, size);
}

void fuzz_idx(std::uint8_t const* data, std::size_t size) {
    fuzz_reader(".idx", data, size);
    only_errors([&] {
        require(!read_idx_labels(fuzz_path("input.idx")).empty(), "labels without a label");
    });
}

void fuzz_npy_column(std::uint8_t const* data, std::size_t size) {
    only_errors([&] {
        auto const ids = open_npy_column(fuzz_file("column.npy", data, size));
        require(ids->rows() > 0 && ids->width() > 0, "an empty shape");
        if (ids->is_text()) {
            std::vector<char> texts(static_cast<std::size_t>(ids->rows() * ids->width()));
            ids->read_texts(0, ids->rows(), texts.data());
        } else {
            std::vector<std::int64_t> numbers(static_cast<std::size_t>(ids->rows()));
            ids->read_numbers(0, ids->rows(), numbers.data());
        }
    });
}

}  // namespace partita::format::test
