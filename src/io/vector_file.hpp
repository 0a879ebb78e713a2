#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/format/vector_reader.hpp"
#include "partita/io/id_column.hpp"
#include "partita/io/vector_source.hpp"

#include <memory>
#include <optional>
#include <string>

namespace partita::io {

/// What opening a vector file gives, whatever its format.
struct VectorFile {
    std::string spec;
    std::unique_ptr<format::VectorReader> reader;
    std::unique_ptr<IdColumn> own_ids;  ///< The file's own, if it has some.
    std::optional<std::string> metric;
};

/// Collective. Every rank has the file open, and all see the same shape.
/// @throws CollectiveError on every rank when any rank cannot open it.
VectorFile open_vector_file(Communicator const& comm, std::string const& spec,
                            VectorOptions const& options, std::string const& preferred_dataset);

}  // namespace partita::io
