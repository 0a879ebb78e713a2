#pragma once

#include "partita/frame/table.hpp"

#include <cstdint>
#include <string>

namespace partita::frame {

struct LibsvmOptions {
    std::int64_t features = 0;  ///< 0: as many as the largest index tells, for which all is read.
    /// How much of a file makes a partition; more when there would be too many of them.
    std::int64_t partition_bytes = 4 << 20;
};

/// Files of "label index:value index:value ..." lines, indices from 1 and ascending, as a table:
/// label as float64 and features as a vector of float32, zero where a line has none. Collective.
/// Text behind '#' is a comment.
///
/// `paths` and compressed files as for read_csv. Vectors are dense: for hundreds of thousands of
/// features, read sparse rows instead.
/// @throws CollectiveError `x.svm: line 3: expected index:value, got '3;1'`; for an index above
///         `features`.
Table read_libsvm(dataset::Context const& context, std::string const& paths,
                  LibsvmOptions const& options = {});

}  // namespace partita::frame
