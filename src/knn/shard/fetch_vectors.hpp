#pragma once

#include "partita/comm/communicator.hpp"
#include "partita/core/buffer.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace partita::knn {

/// Called with each vector that a rank holds, at a possibly unaligned place, where it is only until
/// the call returns.
using VectorVisitor = std::function<void(std::int64_t position, std::byte const* vector)>;

/// The vectors at some positions of an index that is shared out.
///
/// Collective. All ranks look through what they hold for what any rank asks, so this is for a few
/// items, not for all. Each rank holds the positions that all ask for.
/// @param positions    This rank's, which may differ from the others'.
/// @param for_each     Calls its argument for all of this rank's vectors.
/// @throws CollectiveError when nobody holds one of them.
Matrix fetch_vectors(Communicator const& comm, std::vector<std::int64_t> const& positions,
                     std::int64_t dim, std::function<void(VectorVisitor const&)> const& for_each);

}  // namespace partita::knn
