#include "knn/sample_queries.hpp"

#include "partita/core/row_range.hpp"
#include "partita/knn/evaluate.hpp"
#include "partita/knn/query_set.hpp"

#include <algorithm>

namespace partita::cli {

Matrix sample_queries(Communicator const& comm, io::VectorSource const& source,
                      knn::IndexInfo const& info) {
    constexpr std::int64_t wanted = 4096;
    if (source.dim() != info.dim) return {};  // refused later, in words
    auto const rows = knn::sample_rows(source.rows(), wanted, info.seed);
    RowRange const mine = share_of(std::ssize(rows), comm.size(), comm.rank());
    knn::VectorQueries const queries(source, info.metric, false);
    Matrix sample(mine.size(), info.dim);
    for (std::int64_t i = 0; i < mine.size(); ++i) {
        std::int64_t const row = rows[static_cast<std::size_t>(mine.first + i)];
        std::copy_n(queries.read(row, row + 1).data(), info.dim, sample.row(i));
    }
    return sample;
}

}  // namespace partita::cli
