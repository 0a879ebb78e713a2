#pragma once

#include "support/dataset_contexts.hpp"

#include "partita/comm/communicator.hpp"
#include "partita/frame/csv.hpp"

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace partita::test {

/// Root writes the file; all ranks return when it is there.
inline void write_file(std::string const& path, std::string_view text) {
    Communicator const world = Communicator::world();
    if (world.is_root()) std::ofstream(path, std::ios::binary) << text;
    world.barrier();
}

inline std::string file_text(std::string const& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Partitions and blocks of a few bytes, so that every border is met.
inline frame::CsvOptions tiny_parts(std::int64_t partition_bytes, std::int64_t block_bytes) {
    frame::CsvOptions options;
    options.partition_bytes = partition_bytes;
    options.block_bytes = block_bytes;
    return options;
}

}  // namespace partita::test
