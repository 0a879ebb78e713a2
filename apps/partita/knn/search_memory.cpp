#include "knn/search_memory.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/buffer.hpp"
#include "partita/core/bytes.hpp"

#include <algorithm>

namespace partita::cli {

std::int64_t SearchMemory::working() const {
    std::int64_t share = session_.memory().per_rank_bytes;
    if (!is_given()) {
        std::int64_t const of_node = std::max(node_.file_bytes / 20, std::int64_t{64} << 20);
        std::int64_t const of_rank = of_node / session_.topology().ranks_on_node();
        share = std::min(share, std::max(of_rank, std::int64_t{16} << 20));
    } else {
        // Of an index that takes all, this much is worked with all the same.
        share = std::max(share - index_bytes_in_memory(), share / 4);
    }
    share = std::max(share, std::int64_t{1} << 20);
    limit_recycled_pages(share / 3);
    return share - share / 3;
}

std::int64_t SearchMemory::for_lists() const {
    return is_given() ? working() - working() / 4
                      : (session_.memory().per_rank_bytes - index_bytes_in_memory()) / 2;
}

std::int64_t SearchMemory::pairs_bytes() const {
    return arguments_.pairs_bytes(node_.searcher->rows());
}

std::int64_t SearchMemory::refine_bytes() const {
    return arguments_.refine_bytes(node_.searcher->rows(), session_.topology().ranks_on_node());
}

std::int64_t SearchMemory::index_bytes_in_memory() const {
    if (!node_.index) return node_.searcher->private_bytes();
    return node_.bytes_in_memory() / session_.topology().ranks_on_node();
}

void check_lists(Session const& session, SearchArguments const& arguments, std::int64_t rows,
                 std::int64_t most) {
    std::int64_t const bytes = arguments.refine_bytes(rows, session.topology().ranks_on_node());
    collectively(session.world(), "", [&] {
        check(bytes <= most,
              "--refine: expected {} of memory a rank for the lists of all vectors, got {}; "
              "give more --memory, or leave out --refine",
              format_bytes(static_cast<double>(bytes)), format_bytes(static_cast<double>(most)));
    });
}

}  // namespace partita::cli
