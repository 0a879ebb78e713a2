#pragma once

#include "partita/io/hdf5_writer.hpp"
#include "partita/io/id_column.hpp"
#include "partita/knn/result_writer.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace partita::knn {

/// How ids are stored in HDF5.
inline io::Hdf5Type id_type(io::IdKind kind, std::int64_t width) {
    if (kind == io::IdKind::text) return {io::Hdf5Type::text, width};
    return {io::Hdf5Type::int64, 0};
}

/// Ids as such elements, one after the other.
inline std::string id_bytes(io::IdBlock const& ids) {
    if (ids.kind == io::IdKind::text) return {ids.texts.begin(), ids.texts.end()};
    std::string bytes;
    bytes.reserve(static_cast<std::size_t>(ids.rows) * sizeof(std::int64_t));
    for (std::int64_t i = 0; i < ids.rows; ++i) {
        std::int64_t const number = ids.number(i);
        bytes.append(reinterpret_cast<char const*>(&number), sizeof number);
    }
    return bytes;
}

inline void set_attributes(io::Hdf5Writer& file,
                           std::vector<std::pair<std::string, AttributeValue>> const& attributes) {
    for (auto const& [name, value] : attributes)
        std::visit([&, &name = name](auto const& v) { file.set_attribute(name, v); }, value);
}

}  // namespace partita::knn
