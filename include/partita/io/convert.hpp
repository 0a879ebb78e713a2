#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/io/vector_source.hpp"

#include <cstdint>
#include <string>

namespace partita::io {

struct ConvertOptions {
    bool overwrite = false;
    /// What one rank may hold of the rows at a time, about.
    std::int64_t memory_bytes = 256 << 20;
};

/// What a conversion wrote.
struct Converted {
    std::string path;
    format::VectorShape shape;  ///< With the element type that the file holds.
    std::string ids_path;       ///< Of ids that the format has no place for, else "".
};

/// Copy a vector file to another of any format that VectorSink knows, with its ids.
///
/// Collective. Ranks read and write blocks of rows in turn, so that none holds more than its limit.
/// The output is the same for any number of ranks.
/// @throws CollectiveError: what cannot be read, written, or does not fit the other format.
Converted convert(Communicator const& comm, VectorSource const& source,
                  std::string const& target_spec, ConvertOptions const& options = {});

}  // namespace partita::io
