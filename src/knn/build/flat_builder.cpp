#include "knn/build/builders.hpp"
#include "knn/index/faiss_layout.hpp"
#include "knn/index/open.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/io/shared_file.hpp"
#include "partita/obs/progress.hpp"

namespace partita::knn {

void build_flat(Communicator const& comm, io::VectorSource const& source, std::string const& path,
                BuildOptions const& options, IndexInfo& info) {
    std::int64_t const row_bytes = info.dim * static_cast<std::int64_t>(sizeof(float));
    auto const prefix = flat_prefix(info.rows, info.dim, is_l2(options.metric));
    auto const prefix_bytes = static_cast<std::int64_t>(prefix.size());
    io::SharedFile file(comm, path, prefix_bytes + info.rows * row_bytes, options.overwrite);
    RowRange const mine = share_of(info.rows, comm.size(), comm.rank());
    std::int64_t const block = rows_per_block(info.dim, options.memory_bytes);
    obs::Progress progress("copy vectors", "vectors", mine.size(), info.rows);
    collectively(comm, "", [&] {
        if (comm.is_root()) file.write_at(0, prefix.data(), prefix_bytes);
        for (std::int64_t first = mine.first; first < mine.last; first += block) {
            RowRange const part{first, std::min(first + block, mine.last)};
            Matrix const rows = read_for_metric(source, part, options.metric, info.zero_vectors);
            file.write_at(prefix_bytes + first * row_bytes, rows.data(), part.size() * row_bytes);
            progress.add(part.size());
        }
    });
    file.commit();
}

}  // namespace partita::knn
