#pragma once

#include "partita/format/element_type.hpp"

#include <string>

namespace partita::format {

/// How the rows of a file lie in it.
enum class Layout { npy, vecs, bin, idx, unknown };

/// What a file's name says: its layout and, for layouts that do not store it, the element type.
struct VectorFormat {
    Layout layout = Layout::unknown;
    ElementType type = ElementType::float32;
};

/// By the end of the name, upper or lower case; for idx also "...-idx3-ubyte" and the like.
VectorFormat format_of_name(std::string const& path);

/// For errors about a name that nobody knows.
inline constexpr char const* known_formats =
    ".npy, .fvecs, .bvecs, .ivecs, .fbin, .u8bin, .ibin, idx (also gzipped), .csv, .tsv and .h5";

}  // namespace partita::format
