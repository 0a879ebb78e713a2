#pragma once

#include "partita/core/file.hpp"
#include "partita/format/element_type.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace partita::format {

/// What the header of a .npy file says, checked against the file's length.
struct NpyHeader {
    std::string descr;  ///< NumPy's name of the element type, such as "<f4".
    char kind = 0;      ///< Its letter: f float, i and u integer, S bytes, U text, ...
    std::int64_t item_bytes = 0;
    bool big_endian = false;
    bool fortran_order = false;
    std::vector<std::int64_t> shape;
    std::int64_t data_offset = 0;

    /// The element type, if it is one of ours.
    std::optional<ElementType> element() const;
    /// "(3, 4)"
    std::string shape_text() const;
};

/// Read and check the header of an open .npy file, versions 1 to 3.
/// @throws Error "x.npy: ..." on a wrong magic, a header that is not NumPy's, elements that are
///         not fixed-size values (objects, structures), or a length that differs from the promise.
NpyHeader read_npy_header(File const& file);

/// The bytes that a C-order .npy file of this type and shape starts with; a multiple of 64.
std::vector<std::byte> npy_header_bytes(ElementType type, std::int64_t rows, std::int64_t dim);

}  // namespace partita::format
