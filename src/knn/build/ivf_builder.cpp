#include "knn/build/builders.hpp"
#include "knn/build/code_ranges.hpp"
#include "knn/build/kmeans.hpp"
#include "knn/build/sample.hpp"
#include "knn/index/faiss_layout.hpp"
#include "knn/index/open.hpp"
#include "knn/nearest_centroids.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/comm/on_root.hpp"
#include "partita/core/bytes.hpp"
#include "partita/io/shared_file.hpp"
#include "partita/obs/events.hpp"
#include "partita/obs/progress.hpp"
#include "partita/obs/stopwatch.hpp"

#include <algorithm>
#include <numeric>

namespace partita::knn {

namespace {

class IvfBuilder {
  public:
    IvfBuilder(Communicator const& comm, io::VectorSource const& source,
               BuildOptions const& options, IndexInfo& info)
        : comm_(comm),
          source_(source),
          options_(options),
          info_(info),
          mine_(share_of(info.rows, comm.size(), comm.rank())),
          block_rows_(rows_per_block(info.dim, options.memory_bytes)) {
        coding_.kind = parse_codes(options.codes);
        coding_.dim = info.dim;
        coding_.by_residual = coding_.kind != CodeKind::fp32;
    }

    void run(std::string const& path) {
        train();
        assign();
        place();
        write(path);
    }

  private:
    void train() {
        obs::Stopwatch watch;
        std::int64_t const lists = info_.lists;
        std::int64_t const wanted =
            std::min(info_.rows, options_.train_sample > 0 ? options_.train_sample : 64 * lists);
        Sample const sample = collectively(comm_, "", [&] {
            std::int64_t const bytes = wanted / comm_.size() * info_.dim * 4 * 2;
            check(bytes <= options_.memory_bytes,
                  "training on {} vectors needs {} per rank: give more --memory or a smaller "
                  "--train-sample",
                  format_count(wanted), format_bytes(static_cast<double>(bytes)));
            return read_sample(source_, mine_, wanted, options_.seed, options_.metric);
        });
        KMeansOptions kmeans;
        kmeans.clusters = lists;
        kmeans.iterations = options_.train_iterations;
        kmeans.seed = options_.seed;
        kmeans.spherical = options_.metric == Metric::cosine;
        kmeans.threads = options_.threads;
        centroids_ = distributed_kmeans(comm_, sample.points.view(), sample.rows, kmeans);
        info_.lists = centroids_.rows();
        obs::emit("knn.train",
                  {{"lists", info_.lists}, {"sample", wanted}, {"seconds", watch.seconds()}});
    }

    /// The nearest centroid's list for each of this rank's rows.
    void assign() {
        obs::Stopwatch watch;
        obs::Progress progress("assign", "vectors", mine_.size(), info_.rows);
        list_of_ = Buffer<std::int32_t>(mine_.size());
        counts_.assign(static_cast<std::size_t>(info_.lists), 0);
        CodeRanges ranges(coding_);
        collectively(comm_, "", [&] {
            NearestCentroids const nearest(centroids_.view(), Metric::l2, options_.threads);
            for_each_block([&](RowRange part, Matrix const& rows) {
                std::int32_t* const lists = list_of_.data() + (part.first - mine_.first);
                nearest.find(rows.view(), 1, lists, options_.threads);
                for (std::int64_t i = 0; i < part.size(); ++i)
                    ++counts_[static_cast<std::size_t>(lists[i])];
                ranges.widen(rows.view(), lists, centroids_.view());
                progress.add(part.size());
            });
        });
        ranges.agree(comm_, coding_);
        obs::emit("knn.assign", {{"vectors", info_.rows}, {"seconds", watch.seconds()}});
    }

    /// Where each list lies in the file, and where in it this rank's vectors go: after those of
    /// lower ranks, so that each list is in the order of the rows.
    void place() {
        next_in_list_ = counts_;
        comm_.exclusive_sum(std::span(next_in_list_));
        list_sizes_ = counts_;
        comm_.all_reduce(std::span(list_sizes_), Reduce::sum);
        prefix_ = ivf_prefix(info_.rows, is_l2(options_.metric), 8, coding_, centroids_.data(),
                             list_sizes_);
        list_offsets_.assign(1, static_cast<std::int64_t>(prefix_.size()));
        for (std::int64_t size : list_sizes_)
            list_offsets_.push_back(list_offsets_.back() + size * (coding_.code_bytes() + 8));
    }

    void write(std::string const& path) {
        obs::Stopwatch watch;
        io::SharedFile file(comm_, path, list_offsets_.back(), options_.overwrite);
        obs::Progress progress("write lists", "vectors", mine_.size(), info_.rows);
        collectively(comm_, "", [&] {
            if (comm_.is_root())
                file.write_at(0, prefix_.data(), static_cast<std::int64_t>(prefix_.size()));
            info_.zero_vectors = 0;
            for_each_block([&](RowRange part, Matrix const& rows) {
                write_block(file, part, rows);
                progress.add(part.size());
            });
        });
        file.commit();
        info_.codes = to_string(coding_.kind);
        info_.coding_error = comm_.all_reduce(largest_error_, Reduce::max);
        obs::emit("knn.write", {{"bytes", list_offsets_.back()}, {"seconds", watch.seconds()}});
    }

    /// Sort a block's rows by list and append each run to its list.
    void write_block(io::SharedFile const& file, RowRange part, Matrix const& rows) {
        std::int64_t const n = part.size(), dim = info_.dim;
        std::int32_t const* list_of = list_of_.data() + (part.first - mine_.first);
        std::vector<std::int64_t> first(list_sizes_.size() + 1, 0);
        for (std::int64_t i = 0; i < n; ++i) ++first[static_cast<std::size_t>(list_of[i]) + 1];
        std::partial_sum(first.begin(), first.end(), first.begin());
        std::vector<std::int64_t> next(first.begin(), first.end() - 1);
        std::vector<std::int64_t> ids(static_cast<std::size_t>(n));
        Matrix sorted(n, dim);
        Buffer<std::byte> codes;
        for (std::int64_t i = 0; i < n; ++i) {
            std::int64_t const at = next[static_cast<std::size_t>(list_of[i])]++;
            ids[static_cast<std::size_t>(at)] = part.first + i;
            std::copy_n(rows.row(i), dim, sorted.row(at));
        }
        for (std::size_t list = 0; list < list_sizes_.size(); ++list) {
            std::int64_t const count = first[list + 1] - first[list];
            if (count == 0) continue;
            std::int64_t const at = next_in_list_[list];
            std::int64_t const bytes = coding_.code_bytes();
            std::int64_t const vectors = list_offsets_[list] + at * bytes;
            std::int64_t const labels = list_offsets_[list] + list_sizes_[list] * bytes + at * 8;
            if (coding_.kind == CodeKind::fp32) {
                file.write_at(vectors, sorted.row(first[list]), count * bytes);
            } else {
                if (codes.size() < count * bytes) codes = Buffer<std::byte>(count * bytes);
                largest_error_ = std::max(
                    largest_error_,
                    encode_measured(coding_, sorted.view().slice(first[list], first[list + 1]),
                                    centroids_.row(static_cast<std::int64_t>(list)), codes.data()));
                file.write_at(vectors, codes.data(), count * bytes);
            }
            file.write_at(labels, ids.data() + first[list], count * 8);
            next_in_list_[list] += count;
        }
    }

    template <class Visit>
    void for_each_block(Visit visit) {
        for (std::int64_t first = mine_.first; first < mine_.last; first += block_rows_) {
            RowRange const part{first, std::min(first + block_rows_, mine_.last)};
            visit(part, read_for_metric(source_, part, options_.metric, info_.zero_vectors));
        }
    }

    Communicator const& comm_;
    io::VectorSource const& source_;
    BuildOptions const& options_;
    IndexInfo& info_;
    RowRange mine_;
    std::int64_t block_rows_;
    Matrix centroids_;
    Buffer<std::int32_t> list_of_;            // by row of this rank
    std::vector<std::int64_t> counts_;        // of this rank's rows, by list
    std::vector<std::int64_t> list_sizes_;    // of all ranks' rows, by list
    std::vector<std::int64_t> next_in_list_;  // where this rank goes on, by list
    std::vector<std::int64_t> list_offsets_;  // byte offsets in the file, lists + 1
    std::vector<std::byte> prefix_;
    ListCoding coding_;
    double largest_error_ = 0;
};

}  // namespace

void build_ivf(Communicator const& comm, io::VectorSource const& source, std::string const& path,
               BuildOptions const& options, IndexInfo& info) {
    info.lists = options.lists > 0 ? std::min(options.lists, info.rows) : default_lists(info.rows);
    IvfBuilder(comm, source, options, info).run(path);
    if (options.codes == "fp32") return;
    IndexInfo originals = info;  // whose zero vectors are counted there
    std::string const vectors = originals_path(path);
    build_flat(comm, source, vectors, options, originals);
    info.originals_file = vectors.substr(vectors.find_last_of('/') + 1);
    on_root(comm, [&] { info.originals_hash = hash_index_file(vectors); });
    info.originals_hash = comm.broadcast(info.originals_hash);
}

}  // namespace partita::knn
