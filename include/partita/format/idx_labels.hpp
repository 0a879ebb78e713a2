#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace partita::format {

/// All labels of a one-dimensional idx file of integers, such as MNIST's (also gzipped).
/// @throws Error when the file has other than one dimension, no label, or other than integers.
std::vector<std::int64_t> read_idx_labels(std::string const& path);

}  // namespace partita::format
