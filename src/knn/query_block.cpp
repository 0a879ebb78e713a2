#include "knn/query_block.hpp"

#include "knn/ordered_distances.hpp"

#include "partita/core/error.hpp"
#include "partita/core/first_failure.hpp"
#include "partita/knn/distance.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <optional>

#include <omp.h>

namespace partita::knn {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
/// Shares of the second-level cache: of packed vectors and of the queries that pass them.
constexpr std::int64_t piece_bytes = 256 << 10, gathered_bytes = 128 << 10;

std::vector<std::int32_t> count_from_zero(std::int64_t count) {
    std::vector<std::int32_t> numbers(static_cast<std::size_t>(count));
    std::iota(numbers.begin(), numbers.end(), 0);
    return numbers;
}

}  // namespace

ScanWorkspace::ScanWorkspace(std::int64_t dim, std::int64_t k)
    : piece_panels_(std::clamp<std::int64_t>(piece_bytes / (dim * panel_columns * 4), 1, 16)),
      most_gathered_(tile_queries *
                     std::clamp<std::int64_t>(gathered_bytes / (dim * tile_queries * 4), 1, 64)),
      values_(piece_panels_ * dim * panel_columns) {
    gathered_.vectors = Buffer<float>(most_gathered_ * dim);
    scratch_.reserve(static_cast<std::size_t>(CandidatePool::capacity(k)));
}

QueryBlock::QueryBlock(MatrixView queries, std::int64_t k, Metric metric,
                       std::span<float const> centre, int threads, RowStore const* store)
    : metric_(metric),
      k_(k),
      score_bounds_(metric, queries.cols),
      store_(store),
      centre_(centre.begin(), centre.end()),
      queries_(queries),
      all_(count_from_zero(queries.rows)),
      pool_(queries.rows, k, store && !store->is_comparable() ? 0 : queries.cols * 4) {
    check(k >= 1, "nearest neighbours: expected k of at least 1, got {}", k);
    check(queries.rows <= std::numeric_limits<std::int32_t>::max(),
          "nearest neighbours: expected fewer than 2^31 queries in a block, got {}", queries.rows);
    check(centre.empty() || (metric == Metric::l2 && std::ssize(centre) == queries.cols),
          "nearest neighbours: expected a centre of {} numbers under l2, got {}", queries.cols,
          centre.size());
    measure_queries(threads > 0 ? threads : omp_get_max_threads());
}

std::int64_t QueryBlock::bytes_per_query(std::int64_t, std::int64_t k, bool far) {
    std::int64_t const ordered =
        far ? CandidatePool::capacity(k) * OrderedDistances::bytes_per_candidate : 0;
    return CandidatePool::bytes_per_query(k) + ordered +
           static_cast<std::int64_t>(sizeof(QueryBounds) + sizeof(std::int32_t) + 1);
}

void QueryBlock::measure_queries(int threads) {
    bounds_.resize(all_.size());
    zero_.resize(all_.size());
#pragma omp parallel num_threads(threads)
    {
        std::vector<float> centred(static_cast<std::size_t>(dim()));
#pragma omp for schedule(static)
        for (std::int64_t q = 0; q < queries(); ++q) {
            auto const at = static_cast<std::size_t>(q);
            copy_centred(q, centred.data());
            bounds_[at] = score_bounds_.of_query(centred.data());
            zero_[at] = metric_ == Metric::cosine && bounds_[at].length == 0;
        }
    }
}

void QueryBlock::look_within(double radius, std::int64_t most_entries) {
    within_ = std::make_unique<AllWithin>(metric_, radius, queries(), most_entries);
    std::vector<float> centred(static_cast<std::size_t>(dim()));
    for (std::int64_t q = 0; q < queries(); ++q) {
        copy_centred(q, centred.data());
        double const squared =
            -rank_distance(Metric::inner_product, centred.data(), centred.data(), dim());
        within_->set_query(q, squared, zero_[static_cast<std::size_t>(q)]);
    }
}

std::optional<NeighborRows> QueryBlock::finish_within() { return within_->take(); }

void QueryBlock::copy_centred(std::int64_t query, float* to) const {
    std::memcpy(to, queries_.row_data(query), static_cast<std::size_t>(dim()) * sizeof(float));
    for (std::size_t p = 0; p < centre_.size(); ++p) to[p] -= centre_[p];
}

double QueryBlock::exact_distance(std::int64_t query, float const* row) const {
    if (!store_) return distance_to(query, row);
    thread_local std::vector<float> room;
    room.resize(static_cast<std::size_t>(dim()));
    return distance_to(query, store_->vector(row, room.data()));
}

double QueryBlock::distance_to(std::int64_t query, float const* row) const {
    if (zero_[static_cast<std::size_t>(query)]) return 1;
    double const distance = rank_distance(metric_, queries_.row_data(query), row, dim());
    return std::isnan(distance) ? std::numeric_limits<double>::infinity() : distance;
}

void QueryBlock::scan(ScanRows const& rows, RowPositions positions, ScanWorkspace& workspace) {
    scan(rows, positions, all_, workspace);
}

void QueryBlock::scan(ScanRows const& rows, RowPositions positions,
                      std::span<std::int32_t const> queries, ScanWorkspace& workspace) {
    assert(rows.dim == dim());
    if (queries.empty() || (within_ && within_->is_too_much())) return;
    std::int64_t const piece_rows = workspace.piece_panels_ * panel_columns;
    auto const at_a_time = static_cast<std::size_t>(workspace.most_gathered_);
    for (std::int64_t first = 0; first < rows.count; first += piece_rows) {
        ScanPiece const piece =
            pack_piece(rows, first, std::min(piece_rows, rows.count - first), workspace);
        for (std::size_t q = 0; q < queries.size(); q += at_a_time) {
            gather(queries.subspan(q, std::min(at_a_time, queries.size() - q)),
                   workspace.gathered_);
            std::int64_t row = first;
            for (Panel const& panel : workspace.panels_) {
                scan_panel(panel, piece.part(row, panel.rows), positions.from(row), workspace);
                row += panel.rows;
            }
        }
    }
}

ScanPiece QueryBlock::pack_piece(ScanRows const& rows, std::int64_t first_row, std::int64_t count,
                                 ScanWorkspace& workspace) const {
    MatrixView vectors{rows.vectors + first_row * dim(), count, dim()};
    ScanPiece piece{&rows, first_row, count, nullptr};
    if (rows.coded) {
        if (workspace.decoded_.empty())
            workspace.decoded_ = Buffer<float>(workspace.piece_panels_ * panel_columns * dim());
        rows.coded->decode(first_row, count, workspace.decoded_.data());
        vectors.data = workspace.decoded_.data();
        if (rows.coding_error == 0) piece.contents = vectors.data;
    }
    float const* const centre = centre_.empty() ? nullptr : centre_.data();
    workspace.panels_.clear();
    float* values = workspace.values_.data();
    for (std::int64_t first = 0; first < count; first += panel_columns) {
        std::int64_t const last = std::min<std::int64_t>(first + panel_columns, count);
        workspace.panels_.push_back(pack(vectors.slice(first, last), metric_, score_bounds_, centre,
                                         values, rows.coding_error));
        values += dim() * panel_columns;
    }
    return piece;
}

void QueryBlock::fetch_ahead(std::int32_t query) const {
    auto const* const vector = reinterpret_cast<std::byte const*>(queries_.row_data(query));
    for (std::int64_t byte = 0; byte < dim() * 4; byte += 64) __builtin_prefetch(vector + byte);
    __builtin_prefetch(&bounds_[static_cast<std::size_t>(query)]);
    pool_.fetch_state(query);
}

void QueryBlock::gather(std::span<std::int32_t const> queries, Gathered& gathered) const {
    constexpr std::size_t ahead = 8;
    gathered.queries = queries;
    gathered.bounds.resize(queries.size());
    gathered.pool_thresholds.resize(queries.size());
    gathered.score_thresholds.resize(queries.size());
    for (std::size_t i = 0; i < queries.size(); ++i) {
        if (i + ahead < queries.size()) fetch_ahead(queries[i + ahead]);
        copy_centred(queries[i], gathered.vectors.data() + static_cast<std::int64_t>(i) * dim());
        gathered.bounds[i] = bounds_[static_cast<std::size_t>(queries[i])];
        gathered.pool_thresholds[i] = threshold(queries[i]);
        pool_.fetch_places(queries[i]);
    }
}

void QueryBlock::set_thresholds(Panel const& panel, Gathered& gathered) const {
    std::size_t const count = gathered.queries.size();
    for (std::size_t i = 0; i < count; ++i)
        gathered.score_thresholds[i] = minus_margin(
            gathered.pool_thresholds[i], ScoreBounds::slack(gathered.bounds[i], panel.bounds));
    if (panel.bounds.coding == 0) return;
    for (std::size_t i = 0; i < count; ++i)
        gathered.score_thresholds[i] -= score_bounds_.coding_slack(gathered.bounds[i], panel.bounds,
                                                                   gathered.score_thresholds[i]);
}

void QueryBlock::scan_panel(Panel const& panel, ScanPiece const& rows, RowPositions positions,
                            ScanWorkspace& workspace) {
    Gathered& gathered = workspace.gathered_;
    if (!panel.bounds.scorable) {
        for (std::int32_t query : gathered.queries) collect_all(query, rows, positions, workspace);
        return;
    }
    set_thresholds(panel, gathered);
    for (std::size_t first = 0; first < gathered.queries.size(); first += tile_queries)
        scan_tile(panel, rows, positions, first, workspace);
}

void QueryBlock::scan_tile(Panel const& panel, ScanPiece const& rows, RowPositions positions,
                           std::size_t first, ScanWorkspace& workspace) {
    Gathered& gathered = workspace.gathered_;
    std::size_t const count = std::min<std::size_t>(tile_queries, gathered.queries.size() - first);
    float const* vectors[tile_queries];
    for (std::size_t i = 0; i < count; ++i) {
        if (!ScoreBounds::scorable(gathered.bounds[first + i])) {
            collect_all(gathered.queries[first + i], rows, positions, workspace);
            gathered.score_thresholds[first + i] = std::numeric_limits<float>::quiet_NaN();
        }
        vectors[i] = gathered.vectors.data() + static_cast<std::int64_t>(first + i) * dim();
    }
    TileResult result;
    auto const tile = scan_kernels().score_tile[panel.vectors - 1][count - 1];
    if (!tile(vectors, dim(), panel.values, panel.bias, gathered.score_thresholds.data() + first,
              result))
        return;
    for (std::size_t i = 0; i < count; ++i) {
        if (!result.passed[i]) continue;
        std::int32_t const query = gathered.queries[first + i];
        collect(query, rows, positions, result.passed[i], result.scores[i],
                gathered.bounds[first + i], panel.bounds, workspace);
        gathered.pool_thresholds[first + i] = threshold(query);
    }
}

void QueryBlock::collect(std::int32_t query, ScanPiece const& rows, RowPositions positions,
                         std::uint64_t passed, float const* scores, QueryBounds const& bounds,
                         RowBounds const& row_bounds, ScanWorkspace& workspace) {
    float const slack = ScoreBounds::slack(bounds, row_bounds);
    Candidate candidates[panel_columns];
    float const* contents[panel_columns];
    std::size_t count = 0;
    for (; passed != 0; passed &= passed - 1) {
        int const column = std::countr_zero(passed);
        if (column >= rows.count) break;
        float const score = scores[column];
        float const more =
            row_bounds.coding == 0
                ? slack
                : slack + score_bounds_.coding_slack(bounds, row_bounds, score - 2 * slack);
        contents[count] = rows.content(column);
        candidates[count++] = {minus_margin(score, more), plus_margin(score, more),
                               positions[column], rows.place(column)};
    }
    add(query, {candidates, count}, contents, workspace);
}

void QueryBlock::collect_all(std::int32_t query, ScanPiece const& rows, RowPositions positions,
                             ScanWorkspace& workspace) {
    Candidate candidates[panel_columns];
    float const* contents[panel_columns];
    for (std::int64_t row = 0; row < rows.count; ++row) {
        contents[row] = rows.content(row);
        candidates[row] = {-infinity, infinity, positions[row], rows.place(row)};
    }
    add(query, {candidates, static_cast<std::size_t>(rows.count)}, contents, workspace);
}

void QueryBlock::add(std::int32_t query, std::span<Candidate const> candidates,
                     float const* const* contents, ScanWorkspace& workspace) {
    auto const distance_of = [&](std::size_t i) {
        return contents[i] ? distance_to(query, contents[i])
                           : exact_distance(query, candidates[i].row);
    };
    if (within_) {
        for (std::size_t i = 0; i < candidates.size(); ++i) {
            if (within_->is_too_much()) return;
            double const distance = distance_of(i);
            if (within_->contains(distance)) within_->add(query, candidates[i].position, distance);
        }
        return;
    }
    pool_.add(
        query, candidates, [&](Candidate const& c) { return exact_distance(query, c.row); },
        [&](std::size_t i) {
            return contents[i] ? distance_to(query, contents[i])
                               : std::numeric_limits<double>::quiet_NaN();
        },
        workspace.scratch_);
}

template <class Write>
void QueryBlock::rank_each(std::int64_t room, int threads, Write const& write) {
    check(room >= k_, "nearest neighbours: expected room for {} neighbours, got {}", k_, room);
    int const team = threads > 0 ? threads : omp_get_max_threads();
    std::vector<std::vector<RankedCandidate>> ranked(static_cast<std::size_t>(team));
    for (auto& list : ranked) list.reserve(static_cast<std::size_t>(CandidatePool::capacity(k_)));
    std::optional<OrderedDistances> known;
    if (store_ && store_->is_far())
        known.emplace(
            pool_, queries(), *store_, dim(),
            [this](std::int64_t q, float const* vector) { return distance_to(q, vector); }, team);
    FirstFailure failure;
#pragma omp parallel for schedule(dynamic, 16) num_threads(team)
    for (std::int64_t q = 0; q < queries(); ++q)
        failure.run([&] {
            auto& list = ranked[static_cast<std::size_t>(omp_get_thread_num())];
            if (known)
                pool_.rank_nearest(q, known->of(q), list);
            else
                pool_.rank_nearest(
                    q, [&](Candidate const& c) { return exact_distance(q, c.row); }, list);
            write(list, q);
        });
    failure.rethrow();
}

void QueryBlock::finish(Neighbors& out, std::int64_t first_query, int threads) {
    rank_each(out.k(), threads, [&](std::vector<RankedCandidate> const& nearest, std::int64_t q) {
        write_row(nearest, out, first_query + q);
    });
}

void QueryBlock::finish(RankedNeighbors& out, std::int64_t first_query, int threads) {
    rank_each(out.cols(), threads,
              [&](std::vector<RankedCandidate> const& nearest, std::int64_t q) {
                  RankedNeighbor* const row = out.row(first_query + q);
                  std::fill_n(row, out.cols(), no_neighbor);
                  for (std::size_t i = 0; i < nearest.size(); ++i)
                      row[i] = {nearest[i].distance, nearest[i].candidate.position};
              });
}

void QueryBlock::write_row(std::vector<RankedCandidate> const& nearest, Neighbors& out,
                           std::int64_t row) const {
    std::int64_t const found = std::ssize(nearest);
    std::int64_t* const positions = out.positions.row(row);
    float* const distances = out.distances.row(row);
    std::fill_n(positions, out.k(), -1);
    std::fill_n(distances, out.k(), infinity);
    for (std::int64_t i = 0; i < found; ++i) {
        RankedCandidate const& neighbour = nearest[static_cast<std::size_t>(i)];
        positions[i] = neighbour.candidate.position;
        distances[i] = reported_distance(metric_, neighbour.distance);
    }
}

}  // namespace partita::knn
