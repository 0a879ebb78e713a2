#include "knn/index/open.hpp"
#include "knn/shard/fetch_vectors.hpp"
#include "knn/shard/query_routes.hpp"
#include "knn/shard/shard_costs.hpp"
#include "knn/shard/sharded_searcher.hpp"
#include "knn/shard/shared_blocks.hpp"
#include "knn/workspace.hpp"

#include "partita/comm/all_to_all.hpp"
#include "partita/comm/collectively.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <optional>

namespace partita::knn {

namespace {

class ShardedIvf : public BatchSearcher {
  public:
    ShardedIvf(Communicator const& comm, IvfShard shard) : comm_(comm), shard_(std::move(shard)) {}

    IndexInfo const& info() const override { return shard_.info(); }

    Neighbors search(MatrixView queries, std::int64_t k,
                     SearchOptions const& options) const override {
        return in_blocks(queries, k, probes(options), options);
    }

    Neighbors search_exactly(MatrixView queries, std::int64_t k,
                             SearchOptions const& options) const override {
        return in_blocks(queries, k, info().lists, options);
    }

    bool can_search_within() const override { return true; }

    std::optional<NeighborRows> search_within(MatrixView queries, double radius,
                                              std::int64_t most_entries,
                                              SearchOptions const& options) const override;

    Matrix vectors_at(std::vector<std::int64_t> const& positions) const override {
        if (shard_.has_originals())
            return collectively(comm_, "", [&] { return shard_.originals_at(positions); });
        return fetch_vectors(comm_, positions, dim(),
                             [&](auto const& visit) { shard_.for_each_vector(visit); });
    }

    std::vector<std::int64_t> efforts(std::int64_t) const override {
        return ivf_efforts(info().lists);
    }

    /// Beside its own queries a rank scans those of others: of each block, all in the worst case.
    std::int64_t workspace_per_query(std::int64_t k, SearchOptions const& options) const override {
        return bytes_per_query(k, probes(options));
    }

    bool reads_in_order() const override { return shard_.reads_in_order(); }
    std::int64_t share_bytes() const override { return shard_.share_bytes(); }
    std::int64_t private_bytes() const override { return shard_.private_bytes(); }

  private:
    std::int64_t probes(SearchOptions const& options) const {
        std::int64_t const effort = options.effort > 0 ? options.effort : info().default_effort;
        return std::min(effort, info().lists);
    }

    std::int64_t bytes_per_query(std::int64_t k, std::int64_t nprobe) const {
        auto const& count = shard_.placement().count;
        std::int64_t const pieces = *std::max_element(count.begin(), count.end());
        std::int64_t const visits = nprobe == info().lists ? 0 : std::min(nprobe, pieces);
        return shard_bytes_per_query(dim(), k, nprobe, visits, comm_.size(), shard_.is_far());
    }

    Neighbors in_blocks(MatrixView queries, std::int64_t k, std::int64_t nprobe,
                        SearchOptions const& options) const {
        std::int64_t const workspace = workspace_or_default(options.workspace_bytes);
        // So many over all ranks that a list, once packed, serves hundreds of queries.
        std::int64_t const each = shard_.reads_in_order() ? 4096 : 256;
        std::int64_t const enough =
            std::max<std::int64_t>(1 << 14, each * info().lists / nprobe) / comm_.size() + 1;
        std::int64_t const fitting = workspace / bytes_per_query(k, nprobe);
        SharedBlocks const blocks(comm_, queries.rows,
                                  std::clamp<std::int64_t>(fitting, 16, enough));
        Neighbors found = collectively(comm_, "search", [&] { return Neighbors(queries.rows, k); });
        for (std::int64_t b = 0; b < blocks.count(); ++b) {
            RowRange const range = blocks.range(b);
            search_block(queries.slice(range.first, range.last), k, nprobe, options, found,
                         range.first);
            if (options.progress && !range.empty()) options.progress(range.size());
        }
        return found;
    }

    void search_block(MatrixView queries, std::int64_t k, std::int64_t nprobe,
                      SearchOptions const& options, Neighbors& found, std::int64_t first) const {
        QueryRoutes const routes =
            collectively(comm_, "search", [&] { return choose_routes(queries, nprobe, options); });
        Received<RankedNeighbor> const returned = ask_owners(queries, routes, k, nprobe, options);
        collectively(comm_, "search", [&] {
            RankedNeighbors const nearest =
                routes.merge(returned.items(), queries.rows, k, options.threads);
            for (std::int64_t q = 0; q < queries.rows; ++q)
                report_neighbors({nearest.row(q), static_cast<std::size_t>(k)}, info().metric,
                                 found, first + q);
        });
    }

    QueryRoutes choose_routes(MatrixView queries, std::int64_t nprobe,
                              SearchOptions const& options) const {
        if (nprobe == info().lists) return {queries.rows, shard_.placement()};
        std::vector<std::int32_t> probed(static_cast<std::size_t>(queries.rows * nprobe));
        shard_.nearest().find(queries, nprobe, probed.data(), options.threads);
        return {probed, nprobe, shard_.placement()};
    }

    /// Send queries to the owners, answer those that come here, and take back what was found.
    Received<RankedNeighbor> ask_owners(MatrixView queries, QueryRoutes const& routes,
                                        std::int64_t k, std::int64_t nprobe,
                                        SearchOptions const& options) const {
        Guests guests = receive_guests(queries, routes);
        RankedNeighbors const answers = collectively(comm_, "search", [&] {
            if (nprobe == info().lists) return shard_.scan_all(guests.view(), k, options.threads);
            return shard_.scan(guests.view(), guests.numbered_visits(), k, options.threads);
        });
        guests.vectors = {};
        std::vector<std::int64_t> counts = guests.queries_from;
        for (std::int64_t& count : counts) count *= k;
        auto const size = static_cast<std::size_t>(answers.rows() * k);
        return all_to_all<RankedNeighbor>(comm_, std::span(answers.data(), size), counts);
    }

    /// Queries that came here, from all ranks, with what they look into.
    struct Guests {
        Received<float> vectors;
        Received<Visit> visits;
        std::vector<std::int64_t> queries_from;
        std::int64_t dim = 0;

        MatrixView view() const {
            auto const items = vectors.items();
            return {items.data(), std::ssize(items) / dim, dim};
        }
        /// With queries numbered as view() has them. Only once.
        std::span<Visit const> numbered_visits() {
            std::span<Visit> const all(reinterpret_cast<Visit*>(visits.storage.data()),
                                       visits.items().size());
            number_throughout(all, visits.counts, queries_from);
            return all;
        }
    };

    Guests receive_guests(MatrixView queries, QueryRoutes const& routes) const {
        Guests guests;
        guests.dim = dim();
        {
            Matrix const packed =
                collectively(comm_, "search", [&] { return routes.pack(queries); });
            std::vector<std::int64_t> floats(routes.queries_to().begin(),
                                             routes.queries_to().end());
            for (std::int64_t& count : floats) count *= dim();
            auto const size = static_cast<std::size_t>(packed.rows() * dim());
            guests.vectors = all_to_all<float>(comm_, std::span(packed.data(), size), floats);
        }
        guests.queries_from = guests.vectors.counts;
        for (std::int64_t& count : guests.queries_from) count /= dim();
        guests.visits = all_to_all<Visit>(comm_, routes.visits(), routes.visits_to());
        return guests;
    }

    Communicator comm_;
    IvfShard shard_;
};

std::optional<NeighborRows> ShardedIvf::search_within(MatrixView queries, double radius,
                                                      std::int64_t most_entries,
                                                      SearchOptions const& options) const {
    std::int64_t const nprobe = probes(options);
    QueryRoutes const routes =
        collectively(comm_, "search", [&] { return choose_routes(queries, nprobe, options); });
    Guests guests = receive_guests(queries, routes);
    auto const answers = collectively(comm_, "search", [&] {
        std::optional<std::span<Visit const>> visits;
        if (nprobe < info().lists) visits = guests.numbered_visits();
        return shard_.scan_within(guests.view(), visits, radius, most_entries, options.threads);
    });
    if (comm_.all_reduce(answers ? 0 : 1, Reduce::max) == 1) return std::nullopt;
    std::vector<std::int64_t> entries_to;
    auto count = answers->counts.begin();
    for (std::int64_t from : guests.queries_from) {
        entries_to.push_back(std::accumulate(count, count + from, std::int64_t{0}));
        count += from;
    }
    std::int64_t coming = 0;
    auto const counts = all_to_all<std::int64_t>(comm_, answers->counts, guests.queries_from);
    for (std::int64_t n : counts.items()) coming += n;
    if (comm_.all_reduce(coming > most_entries ? 1 : 0, Reduce::max) == 1) return std::nullopt;
    auto const entries = all_to_all<RankedNeighbor>(comm_, answers->entries, entries_to);
    return collectively(comm_, "search", [&] {
        return routes.merge_all(entries.items(), counts.items(), queries.rows, info().metric);
    });
}

}  // namespace

std::unique_ptr<BatchSearcher> sharded_ivf_searcher(Communicator const& comm,
                                                    Topology const& topology,
                                                    std::string const& path, IndexInfo const& info,
                                                    IvfShardOptions const& options) {
    return std::make_unique<ShardedIvf>(comm, IvfShard(comm, topology, path, info, options));
}

}  // namespace partita::knn
