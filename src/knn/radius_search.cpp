#include "partita/knn/radius_search.hpp"

#include "knn/radius_rows.hpp"
#include "knn/search_counts.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/row_range.hpp"
#include "partita/obs/progress.hpp"
#include "partita/obs/stopwatch.hpp"

#include <algorithm>

namespace partita::knn {

namespace {

class RadiusJob {
  public:
    RadiusJob(Communicator const& comm, BatchSearcher const& index, IdTable const& ids,
              QuerySet const& queries, ResultWriter& writer, RadiusJobOptions const& options)
        : comm_(comm),
          index_(index),
          ids_(ids),
          queries_(queries),
          writer_(writer),
          options_(options),
          rows_(index, options.radius, search_options(options),
                options.memory_bytes * 12 / (12 + writer.bytes_per_neighbor())) {}

    SearchReport run() {
        obs::Stopwatch watch;
        report_.queries = queries_.rows();
        report_.done_before = writer_.done();
        if (comm_.is_root()) restore_counts(writer_.partial(), report_);
        std::int64_t const left = queries_.rows() - writer_.done();
        obs::Progress progress("search", "queries",
                               share_of(left, comm_.size(), comm_.rank()).size(), left);
        std::int64_t most = first_round;
        for (std::int64_t begin = writer_.done(); begin < queries_.rows();) {
            std::int64_t const round =
                comm_.all_reduce(std::min(most, rows_.fitting_queries()), Reduce::min);
            std::int64_t const size = std::min(round * comm_.size(), queries_.rows() - begin);
            if (!search(begin, size, progress)) {
                check_divisible(round);
                most = round / 2;
                continue;
            }
            begin += size;
            most = round * 4;
            record(begin);
        }
        add_up_counts(comm_, report_);
        report_.seconds = watch.seconds();
        return report_;
    }

  private:
    static constexpr std::int64_t first_round = 64;

    static SearchOptions search_options(RadiusJobOptions const& options) {
        SearchOptions search;
        search.effort = options.effort;
        search.threads = options.threads;
        search.workspace_bytes = options.memory_bytes / 3;
        return search;
    }

    void check_divisible(std::int64_t round) const {
        collectively(comm_, "", [&] {
            check(round > 1,
                  "--radius {}: a query has more neighbours than the memory holds: expected a "
                  "smaller radius, or more than {} bytes of --memory",
                  options_.radius, options_.memory_bytes);
        });
    }

    /// Queries [begin, begin + size), shared by the ranks. False when they are too many.
    bool search(std::int64_t begin, std::int64_t size, obs::Progress& progress) {
        RowRange mine = share_of(size, comm_.size(), comm_.rank());
        mine = {mine.first + begin, mine.last + begin};
        io::IdBlock ids;
        Matrix const vectors = collectively(comm_, "search", [&] {
            ids = queries_.ids(mine.first, mine.last);
            return queries_.read(mine.first, mine.last);
        });
        auto found = rows_.find(vectors.view());
        if (!found) return false;
        NeighborRows const rows = collectively(comm_, "search", [&] {
            return look_at(std::move(*found), mine.first, vectors.view(), ids);
        });
        writer_.write(mine.first, ids, rows);
        progress.add(mine.size());
        return true;
    }

    /// Count, show, and leave out the queries themselves if that is wanted.
    NeighborRows look_at(NeighborRows found, std::int64_t first, MatrixView vectors,
                         io::IdBlock const& query_ids) {
        NeighborRows kept;
        for (std::int64_t q = 0; q < found.queries(); ++q) {
            std::int64_t const self = queries_.position(first + q);
            count(found, q, self, vectors.row(q));
            auto const positions = found.positions_of(q);
            for (std::size_t i = 0; i < positions.size(); ++i)
                if (!options_.exclude_self || positions[i] != self)
                    kept.add(positions[i], found.distances_of(q)[i]);
            kept.end_query();
            if (report_.sample.size() < 5) show(kept, q, query_ids);
        }
        report_.neighbors += std::ssize(kept.positions);
        return kept;
    }

    void count(NeighborRows const& found, std::int64_t q, std::int64_t self,
               std::span<float const> vector) {
        Metric const metric = index_.info().metric;
        if (metric == Metric::cosine &&
            std::ranges::all_of(vector, [](float x) { return x == 0; })) {
            ++report_.zero_queries;
            return;
        }
        if (self < 0 || metric == Metric::inner_product || options_.radius < 0) return;
        ++report_.self_possible;
        bool self_seen = false, duplicate = false;
        for (std::size_t i = 0; i < found.positions_of(q).size() && found.distances_of(q)[i] == 0;
             ++i)
            (found.positions_of(q)[i] == self ? self_seen : duplicate) = true;
        report_.self_found += self_seen;
        report_.duplicates += duplicate;
    }

    void show(NeighborRows const& rows, std::int64_t q, io::IdBlock const& query_ids) {
        SampleRow sample;
        sample.item = query_ids.to_string(q);
        for (std::size_t i = 0; i < std::min<std::size_t>(rows.positions_of(q).size(), 5); ++i) {
            sample.neighbors.push_back(ids_.to_string(rows.positions_of(q)[i]));
            sample.distances.push_back(rows.distances_of(q)[i]);
        }
        report_.sample.push_back(std::move(sample));
    }

    void record(std::int64_t done) {
        if (!writer_.is_due()) return;
        SearchReport so_far = report_;
        add_up_counts(comm_, so_far);
        keep_counts(so_far, writer_.partial());
        writer_.record(done);
    }

    Communicator const& comm_;
    BatchSearcher const& index_;
    IdTable const& ids_;
    QuerySet const& queries_;
    ResultWriter& writer_;
    RadiusJobOptions const& options_;
    RadiusRows rows_;
    SearchReport report_;
};

}  // namespace

SearchReport search_radius(Communicator const& comm, BatchSearcher const& index, IdTable const& ids,
                           QuerySet const& queries, ResultWriter& writer,
                           RadiusJobOptions const& options) {
    return RadiusJob(comm, index, ids, queries, writer, options).run();
}

}  // namespace partita::knn
