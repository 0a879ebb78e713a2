#include "knn/build/builders.hpp"
#include "knn/build/sample.hpp"
#include "knn/index/open.hpp"

#include "partita/comm/on_root.hpp"
#include "partita/core/atomic_file.hpp"
#include "partita/core/bytes.hpp"
#include "partita/obs/progress.hpp"

#include <memory>

#include <faiss/Index.h>
#include <faiss/impl/FaissException.h>
#include <faiss/index_factory.h>
#include <faiss/index_io.h>
#include <omp.h>

namespace partita::knn {

namespace {

faiss::MetricType faiss_metric(Metric metric) {
    return is_l2(metric) ? faiss::METRIC_L2 : faiss::METRIC_INNER_PRODUCT;
}

std::unique_ptr<faiss::Index> make_empty(BuildOptions const& options, std::int64_t dim) {
    auto const d = static_cast<int>(dim);
    try {
        return std::unique_ptr<faiss::Index>(
            faiss::index_factory(d, options.type.c_str(), faiss_metric(options.metric)));
    } catch (faiss::FaissException const&) {
        fail("'{}' is neither auto, flat, ivf, hnsw nor a FAISS factory string for dimension {}",
             options.type, dim);
    }
}

void train(faiss::Index& index, io::VectorSource const& source, BuildOptions const& options) {
    if (index.is_trained) return;
    std::int64_t const wanted = options.train_sample > 0 ? options.train_sample : 256 * 1024;
    Sample const sample =
        read_sample(source, {0, source.rows()}, wanted, options.seed, options.metric);
    index.train(sample.points.rows(), sample.points.data());
}

void add_all(faiss::Index& index, io::VectorSource const& source, BuildOptions const& options,
             IndexInfo& info) {
    obs::Progress progress("build", "vectors", info.rows, info.rows);
    // FAISS inserts a batch level by level, so batches should be large; they bound the memory and
    // let the progress bar move.
    std::int64_t const block =
        std::min<std::int64_t>(rows_per_block(info.dim, options.memory_bytes),
                               std::max<std::int64_t>(20'000, info.rows / 20));
    for (std::int64_t first = 0; first < info.rows; first += block) {
        RowRange const part{first, std::min(first + block, info.rows)};
        Matrix const rows = read_for_metric(source, part, options.metric, info.zero_vectors);
        index.add(rows.rows(), rows.data());
        progress.add(part.size());
    }
}

void build_on_root(io::VectorSource const& source, std::string const& path,
                   BuildOptions const& options, IndexInfo& info) {
    int const threads = options.reproducible  ? 1
                        : options.threads > 0 ? options.threads
                                              : omp_get_max_threads();
    int const before = omp_get_max_threads();
    omp_set_num_threads(threads);
    try {
        auto const index = make_empty(options, info.dim);
        train(*index, source, options);
        add_all(*index, source, options, info);
        AtomicFile file(path, options.overwrite);
        faiss::write_index(index.get(), file.temporary_path().c_str());
        file.commit();
    } catch (faiss::FaissException const& e) {
        fail("FAISS cannot build '{}' from {} vectors of dimension {}: {}", options.type,
             format_count(info.rows), info.dim, e.msg);
    }
    omp_set_num_threads(before);
}

}  // namespace

void build_with_faiss(Communicator const& comm, io::VectorSource const& source,
                      std::string const& path, BuildOptions const& options, IndexInfo& info) {
    on_root(comm, [&] { build_on_root(source, path, options, info); });
}

}  // namespace partita::knn
