#pragma once

#include "format/bad_files.hpp"
#include "support/error_message.hpp"
#include "support/temp_folder.hpp"

#include "partita/format/vector_reader.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>

namespace partita::format::test {

/// Each file must be refused by `open` with "path: " and its message, never by a
/// crash or by an exception other than Error.
template <class Open>
void expect_refused(std::vector<BadFile> const& files, Open&& open) {
    partita::test::TempFolder const folder;
    EXPECT_FALSE(files.empty());
    for (auto const& bad : files) {
        std::string const path = folder.put(bad.name, bad.contents);
        EXPECT_EQ(partita::test::error_message([&] { open(path); }), path + ": " + bad.message);
    }
}

/// Open as vectors and read all of them.
inline void read_all_vectors(std::string const& path) {
    auto const reader = open_vector_file(path);
    std::vector<float> values(static_cast<std::size_t>(reader->shape().rows * reader->shape().dim));
    reader->read(0, reader->shape().rows, values.data());
}

/// All rows as float32.
inline std::vector<float> all_values(VectorReader const& reader) {
    auto const& shape = reader.shape();
    std::vector<float> values(static_cast<std::size_t>(shape.rows * shape.dim));
    reader.read(0, shape.rows, values.data());
    return values;
}

/// All rows in the stored type.
template <class T>
std::vector<T> all_native(VectorReader const& reader) {
    auto const& shape = reader.shape();
    EXPECT_EQ(size_of(shape.type), sizeof(T));
    std::vector<T> values(static_cast<std::size_t>(shape.rows * shape.dim));
    reader.read_native(0, shape.rows, values.data());
    return values;
}

}  // namespace partita::format::test
