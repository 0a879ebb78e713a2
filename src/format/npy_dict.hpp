#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace partita::format {

/// The fields of a .npy header, a Python dictionary with exactly three keys.
struct NpyDict {
    std::string descr;
    bool fortran_order = false;
    std::vector<std::int64_t> shape;
};

/// Read the dictionary's text.
/// @throws Error that starts with `path` when it is not what NumPy writes, or when `descr` is a
///         list: a structured array.
NpyDict parse_npy_dict(std::string const& path, std::string_view text);

}  // namespace partita::format
