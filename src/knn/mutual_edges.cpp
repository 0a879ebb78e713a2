#include "knn/mutual_edges.hpp"

#include "partita/comm/all_to_all.hpp"
#include "partita/comm/collectively.hpp"
#include "partita/core/file.hpp"
#include "partita/core/row_range.hpp"
#include "partita/obs/progress.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace partita::knn {

namespace {

struct Edge {
    std::int64_t from, to;
};

/// The rows of one rank that are held in one pass.
RowRange rows_of_pass(RowRange share, std::int64_t pass, std::int64_t rows_per_pass) {
    std::int64_t const first = std::min(share.first + pass * rows_per_pass, share.last);
    return {first, std::min(first + rows_per_pass, share.last)};
}

class MutualSearch {
  public:
    MutualSearch(Communicator const& comm, GraphFile const& graph, io::SharedFile const& kept,
                 std::int64_t memory_bytes)
        : comm_(comm), graph_(graph), kept_(kept), share_(share(comm.rank())) {
        // Half for the rows held; edges of a block cost up to 64 bytes on both sides.
        std::int64_t const k = std::max<std::int64_t>(graph.k, 1);
        std::int64_t const held = std::max<std::int64_t>(memory_bytes / 2 / (k * 8), 1);
        std::int64_t const block = std::max<std::int64_t>(memory_bytes / 2 / (k * 64), 1);
        rows_per_pass_ = comm.all_reduce(held, Reduce::min);
        rows_per_block_ = comm.all_reduce(block, Reduce::min);
    }

    void run() {
        std::int64_t const most = (graph_.rows + comm_.size() - 1) / comm_.size();
        std::int64_t const passes = (most + rows_per_pass_ - 1) / rows_per_pass_;
        obs::Progress progress("mutual", "vectors", share_.size() * passes, graph_.rows * passes);
        file_ = collectively(comm_, "", [&] { return File::open_read(graph_.path); });
        for (pass_ = 0; pass_ < passes; ++pass_) {
            collectively(comm_, "", [&] { hold_rows(); });
            for (std::int64_t begin = 0; begin < most; begin += rows_per_block_) {
                std::int64_t const first = std::min(share_.first + begin, share_.last);
                RowRange const block{first, std::min(first + rows_per_block_, share_.last)};
                look_at(block);
                progress.add(block.size());
            }
        }
    }

  private:
    RowRange share(int rank) const { return share_of(graph_.rows, comm_.size(), rank); }

    std::vector<std::int64_t> read_rows(RowRange rows) const {
        std::vector<std::int64_t> values(static_cast<std::size_t>(rows.size() * graph_.k));
        file_.read_at(rows.first * graph_.k * 8, values.data(), rows.size() * graph_.k * 8);
        return values;
    }

    void hold_rows() {
        held_ = rows_of_pass(share_, pass_, rows_per_pass_);
        table_.clear();
        table_ = read_rows(held_);
        for (auto row = table_.begin(); row != table_.end(); row += graph_.k)
            std::sort(row, row + graph_.k);
    }

    /// The edges of a block of this rank's rows whose ends are held somewhere in this pass, there
    /// and back.
    void look_at(RowRange block) {
        std::vector<std::int64_t> counts;
        std::vector<std::int64_t> places;
        auto const edges =
            collectively(comm_, "", [&] { return sorted_by_owner(block, counts, places); });
        auto const asked = all_to_all<Edge>(comm_, edges, counts);
        std::vector<std::uint8_t> const answers = collectively(comm_, "", [&] {
            std::vector<std::uint8_t> answers;
            answers.reserve(asked.items().size());
            for (Edge const& edge : asked.items()) answers.push_back(has_opposite(edge));
            return answers;
        });
        auto const verdicts = all_to_all<std::uint8_t>(comm_, answers, asked.counts);
        collectively(comm_, "", [&] { keep(block, places, verdicts.items()); });
    }

    int owner_of(std::int64_t row) const {
        return static_cast<int>(share_holding(graph_.rows, comm_.size(), row));
    }

    bool is_held(std::int64_t row, int owner) const {
        return rows_of_pass(share(owner), pass_, rows_per_pass_).contains(row);
    }

    /// @param places  Where in the block each edge is.
    std::vector<Edge> sorted_by_owner(RowRange block, std::vector<std::int64_t>& counts,
                                      std::vector<std::int64_t>& places) const {
        std::vector<std::int64_t> const ends = read_rows(block);
        counts.assign(static_cast<std::size_t>(comm_.size()), 0);
        for_held_edges(ends,
                       [&](std::size_t, int owner) { ++counts[static_cast<std::size_t>(owner)]; });
        std::vector<std::int64_t> next(counts.size());
        std::exclusive_scan(counts.begin(), counts.end(), next.begin(), std::int64_t{0});
        std::int64_t const total = std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
        std::vector<Edge> edges(static_cast<std::size_t>(total));
        places.resize(edges.size());
        for_held_edges(ends, [&](std::size_t place, int owner) {
            auto const at = static_cast<std::size_t>(next[static_cast<std::size_t>(owner)]++);
            auto const row = static_cast<std::int64_t>(place) / graph_.k;
            edges[at] = {block.first + row, ends[place]};
            places[at] = static_cast<std::int64_t>(place);
        });
        return edges;
    }

    template <class Visit>
    void for_held_edges(std::vector<std::int64_t> const& ends, Visit visit) const {
        for (std::size_t place = 0; place < ends.size(); ++place) {
            if (ends[place] < 0) continue;
            int const owner = owner_of(ends[place]);
            if (is_held(ends[place], owner)) visit(place, owner);
        }
    }

    bool has_opposite(Edge const& edge) const {
        auto const row = table_.begin() + (edge.to - held_.first) * graph_.k;
        return std::binary_search(row, row + graph_.k, edge.from);
    }

    /// Each edge gets its verdict in one of the passes.
    void keep(RowRange block, std::vector<std::int64_t> const& places,
              std::span<std::uint8_t const> verdicts) const {
        std::vector<std::uint8_t> marks(static_cast<std::size_t>(block.size() * graph_.k), 0);
        std::int64_t const offset = block.first * graph_.k;
        if (pass_ > 0)
            File::open_read(kept_.temporary_path())
                .read_at(offset, marks.data(), std::ssize(marks));
        for (std::size_t i = 0; i < places.size(); ++i)
            marks[static_cast<std::size_t>(places[i])] = verdicts[i];
        kept_.write_at(offset, marks.data(), std::ssize(marks));
    }

    Communicator const& comm_;
    GraphFile const& graph_;
    io::SharedFile const& kept_;
    RowRange share_;
    std::int64_t rows_per_pass_ = 1, rows_per_block_ = 1;
    std::int64_t pass_ = 0;
    File file_;
    RowRange held_;
    std::vector<std::int64_t> table_;  // the rows that are held, each in ascending order
};

}  // namespace

void find_mutual_edges(Communicator const& comm, GraphFile const& graph, io::SharedFile const& kept,
                       std::int64_t memory_bytes) {
    if (graph.rows > 0 && graph.k > 0) MutualSearch(comm, graph, kept, memory_bytes).run();
}

}  // namespace partita::knn
