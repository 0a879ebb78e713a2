#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace partita::dataset {

/// A result that is kept, of a wide operation, a cache or a checkpoint, as explain() tells it.
struct KeptResult;

/// Operations that run as one loop, and the kept results that it starts from.
struct Chain {
    std::string operations;  ///< "reduce_by_key | map".
    std::vector<std::shared_ptr<KeptResult const>> starts;
};

struct KeptResult {
    std::string operation;
    std::vector<Chain> inputs;  ///< What runs to make it.
    std::string movement;       ///< What is exchanged: "exchanged by hash(64)".
    std::int64_t partitions = 0;
    mutable bool computed = false;  ///< It is there: its inputs do not run again.
};

/// The lineage of a dataset, a line or two for each kept result in the order of computing:
///
///     1. reduce_by_key: runs range | map
///        folded, then exchanged by hash(64): 64 partitions
///     2. sort: runs reduce_by_key | filter (of 1)
///        exchanged by sampled ranges: 64 partitions
///     then: sort | map (of 2): 64 partitions
std::string explain(Chain const& chain, std::int64_t partitions, std::string const& placement);

/// The operations alone, the same whatever has been computed and however many partitions there are:
/// tells whether two runs of a program mean the same dataset.
std::string outline(Chain const& chain);
/// What its last line begins with.
inline constexpr std::string_view outline_end = "then: ";

}  // namespace partita::dataset
