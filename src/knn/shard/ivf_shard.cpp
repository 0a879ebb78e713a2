#include "knn/shard/ivf_shard.hpp"

#include "knn/index/faiss_layout.hpp"
#include "knn/index/open.hpp"
#include "knn/query_block.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/comm/on_root.hpp"
#include "partita/core/first_failure.hpp"
#include "partita/knn/placement.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <optional>

#include <omp.h>

namespace partita::knn {

namespace {

constexpr auto bytes_of_id = static_cast<std::int64_t>(sizeof(std::int64_t));

void broadcast_numbers(Communicator const& comm, std::vector<std::int64_t>& numbers) {
    comm.broadcast(std::span<std::int64_t>(numbers));
}

void broadcast_coding(Communicator const& comm, ListCoding& coding, std::int64_t dim) {
    coding.kind = comm.broadcast(coding.kind);
    coding.by_residual = comm.broadcast(coding.by_residual);
    coding.dim = dim;
    if (coding.kind != CodeKind::int8) return;
    collectively(comm, "load index", [&] {
        coding.smallest.resize(static_cast<std::size_t>(dim));
        coding.range.resize(static_cast<std::size_t>(dim));
    });
    comm.broadcast(std::span(coding.smallest));
    comm.broadcast(std::span(coding.range));
}

}  // namespace

IvfShard::Lists IvfShard::read_lists(Communicator const& comm, MappedFile const& file) {
    Lists lists;
    IvfLayout layout;
    on_root(comm, [&] {
        layout = read_ivf_layout(file);
        lists.coding = layout.coding;
        for (ListLayout const& list : layout.lists) {
            lists.sizes.push_back(list.size);
            lists.code_offsets.push_back(list.size > 0 ? list.codes - file.data() : 0);
            lists.id_offsets.push_back(list.size > 0 ? list.ids - file.data() : 0);
        }
    });
    info_.type = "ivf";
    info_.lists = comm.broadcast(std::ssize(lists.sizes));
    std::int64_t const nprobe = comm.broadcast(layout.nprobe);
    if (info_.default_effort == 0)
        info_.default_effort = std::clamp<std::int64_t>(nprobe, 8, info_.lists);
    collectively(comm, "load index", [&] {
        for (auto* numbers : {&lists.sizes, &lists.code_offsets, &lists.id_offsets})
            numbers->resize(static_cast<std::size_t>(info_.lists));
        centroids_ = Matrix(info_.lists, info_.dim);
        if (comm.is_root())
            std::memcpy(centroids_.data(), layout.centroids.data,
                        static_cast<std::size_t>(info_.lists * info_.dim) * sizeof(float));
    });
    for (auto* numbers : {&lists.sizes, &lists.code_offsets, &lists.id_offsets})
        broadcast_numbers(comm, *numbers);
    comm.broadcast(std::span(centroids_.data(), static_cast<std::size_t>(info_.lists * info_.dim)));
    broadcast_coding(comm, lists.coding, info_.dim);
    info_.codes = to_string(lists.coding.kind);
    return lists;
}

IvfShard::IvfShard(Communicator const& comm, Topology const& topology, std::string const& path,
                   IndexInfo const& info, IvfShardOptions const& options)
    : info_(info) {
    MappedFile file;
    on_root(comm, [&] { file = MappedFile(path); });
    Lists const lists = read_lists(comm, file);
    std::vector<std::int64_t> counts = collectively(comm, "load index", [&] {
        nearest_ = std::make_unique<NearestCentroids>(centroids_.view(), info_.metric);
        return count_probes(options);
    });
    comm.all_reduce(std::span(counts), Reduce::sum);
    bool const sampled = std::any_of(counts.begin(), counts.end(), [](auto n) { return n > 0; });
    collectively(comm, "load index", [&] {
        std::vector<std::int64_t> const& expected = sampled ? counts : lists.sizes;
        placement_ = place_lists(lists.sizes, std::vector<double>(expected.begin(), expected.end()),
                                 comm.size());
        if (is_l2(info_.metric)) centre_ = choose_centre(centroids_.view());
        if (!options.originals.empty()) originals_ = MappedFile(options.originals);
        vectors_ = ListVectors(lists.coding, centroids_.view(), read_originals(originals_, info_),
                               info_.coding_error);
    });
    bytes_ = load_shards(
        comm, topology, path, file, [&](int rank) { return parts_of(lists, rank); },
        options.memory_bytes);
    collectively(comm, "load index", [&] { find_mine(comm.rank()); });
    go_by_memory(comm, topology, options);
}

/// How many of the sampled queries look into each list.
std::vector<std::int64_t> IvfShard::count_probes(IvfShardOptions const& options) const {
    std::vector<std::int64_t> counts(static_cast<std::size_t>(info_.lists));
    Matrix const queries = options.sample ? options.sample(info_) : Matrix();
    if (queries.rows() == 0) return counts;
    std::int64_t const nprobe = std::min(info_.default_effort, info_.lists);
    std::vector<std::int32_t> probed(static_cast<std::size_t>(queries.rows() * nprobe));
    nearest_->find(queries.view(), nprobe, probed.data(), 0);
    for (std::int32_t list : probed) ++counts[static_cast<std::size_t>(list)];
    return counts;
}

/// Read from their files what the memory of some node does not hold.
void IvfShard::go_by_memory(Communicator const& comm, Topology const& topology,
                            IvfShardOptions const& options) {
    std::int64_t const shares = topology.on_node().all_reduce(share_bytes(), Reduce::sum);
    bool const too_much = bytes_.is_mapped() && options.node_memory_bytes > 0 &&
                          !fits_node(shares, options.node_memory_bytes);
    reads_in_order_ = comm.all_reduce(too_much ? 1 : 0, Reduce::max) == 1;
    collectively(comm, "load index", [&] {
        if (!originals_.bytes().empty() && (options.originals_on_disk || reads_in_order_)) {
            far_originals_ = std::make_unique<FarFile>(originals_);
            vectors_.set_originals_far(far_originals_.get());
        }
        if (!reads_in_order_ || !bytes_.is_mapped()) return;
        far_lists_ = std::make_unique<FarFile>(bytes_.mapping());
        vectors_.set_lists_far(far_lists_.get());
    });
}

/// For each of the rank's pieces its vectors, then its ids.
std::vector<FilePart> IvfShard::parts_of(Lists const& lists, int rank) const {
    std::vector<FilePart> parts;
    std::int64_t const row_bytes = vectors_.code_bytes();
    for (ListPiece const& piece : placement_.pieces) {
        if (piece.owner != rank) continue;
        auto const list = static_cast<std::size_t>(piece.list);
        parts.push_back(
            {lists.code_offsets[list] + piece.first * row_bytes, piece.rows() * row_bytes});
        parts.push_back(
            {lists.id_offsets[list] + piece.first * bytes_of_id, piece.rows() * bytes_of_id});
    }
    return parts;
}

void IvfShard::find_mine(int rank) {
    std::vector<std::size_t> pieces;
    for (std::size_t i = 0; i < placement_.pieces.size(); ++i)
        if (placement_.pieces[i].owner == rank) pieces.push_back(i);
    std::vector<std::size_t> order(pieces.size());
    std::iota(order.begin(), order.end(), 0);
    auto const rows = [&](std::size_t i) { return placement_.pieces[pieces[i]].rows(); };
    // Long ones first, so that no thread starts one when the others are done. Where shares are
    // read from disk, those of one list lie together, and lists are of about the same size.
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return rows(a) > rows(b); });
    mine_of_piece_.assign(placement_.pieces.size(), -1);
    for (std::size_t i : order) {
        mine_of_piece_[pieces[i]] = static_cast<std::int32_t>(mine_.size());
        mine_.push_back({placement_.pieces[pieces[i]].list, rows(i), bytes_.part(2 * i),
                         bytes_.part(2 * i + 1)});
    }
    vectors_.set_lists(mine_);
}

std::int64_t IvfShard::share_bytes() const {
    std::int64_t bytes = 0;
    for (ListRows const& rows : mine_) bytes += rows.count * (vectors_.code_bytes() + bytes_of_id);
    return bytes;
}

std::int64_t IvfShard::private_bytes() const {
    // Centroids as they are and packed, as floats and as bytes.
    return bytes_.private_bytes() + std::ssize(placement_.pieces) * 32 +
           info_.lists * (17 * info_.dim + 48);
}

template <class QueriesOf>
void IvfShard::scan_pieces(QueryBlock& block, std::int64_t k, int threads,
                           QueriesOf const& queries_of) const {
    int const team = threads > 0 ? threads : omp_get_max_threads();
    FirstFailure failure;
#pragma omp parallel num_threads(team)
    {
        ListReader reader(vectors_, k);
#pragma omp for schedule(dynamic, 1)
        for (std::size_t i = 0; i < mine_.size(); ++i)
            failure.run([&] { reader.scan(mine_[i], block, queries_of(i)); });
    }
    failure.rethrow();
}

Groups IvfShard::group_visits(std::span<Visit const> visits) const {
    Groups grouped;
    grouped.first.assign(mine_.size() + 1, 0);
    auto const place = [&](Visit const& visit) {
        return static_cast<std::size_t>(mine_of_piece_[static_cast<std::size_t>(visit.piece)]);
    };
    for (Visit const& visit : visits) ++grouped.first[place(visit) + 1];
    std::partial_sum(grouped.first.begin(), grouped.first.end(), grouped.first.begin());
    std::vector<std::int64_t> next(grouped.first.begin(), grouped.first.end() - 1);
    grouped.items.resize(visits.size());
    for (Visit const& visit : visits)
        grouped.items[static_cast<std::size_t>(next[place(visit)]++)] = visit.query;
    return grouped;
}

RankedNeighbors IvfShard::scan(MatrixView queries, std::span<Visit const> visits, std::int64_t k,
                               int threads) const {
    RankedNeighbors found(queries.rows, k);
    if (queries.rows == 0) return found;
    QueryBlock block(queries, k, info_.metric, centre_, threads, vectors_.store());
    Groups const grouped = group_visits(visits);
    scan_pieces(block, k, threads, [&](std::size_t i) { return std::optional(grouped.of(i)); });
    block.finish(found, 0, threads);
    return found;
}

RankedNeighbors IvfShard::scan_all(MatrixView queries, std::int64_t k, int threads) const {
    RankedNeighbors found(queries.rows, k);
    if (queries.rows == 0) return found;
    QueryBlock block(queries, k, info_.metric, centre_, threads, vectors_.store());
    scan_pieces(block, k, threads,
                [](std::size_t) { return std::optional<std::span<std::int32_t const>>(); });
    block.finish(found, 0, threads);
    return found;
}

std::optional<RankedRows> IvfShard::scan_within(MatrixView queries,
                                                std::optional<std::span<Visit const>> visits,
                                                double radius, std::int64_t most_entries,
                                                int threads) const {
    QueryBlock block(queries, 1, info_.metric, centre_, threads, vectors_.store());
    block.look_within(radius, most_entries);
    std::optional<Groups> grouped;
    if (visits) grouped = group_visits(*visits);
    scan_pieces(block, 1, threads, [&](std::size_t i) {
        return grouped ? std::optional<std::span<std::int32_t const>>(grouped->of(i))
                       : std::nullopt;
    });
    return block.finish_within_ranked();
}

void IvfShard::for_each_vector(
    std::function<void(std::int64_t position, std::byte const* vector)> const& visit) const {
    constexpr std::int64_t at_a_time = 256;
    Matrix vectors(at_a_time, info_.dim);
    std::vector<std::int64_t> ids(at_a_time);
    for (ListRows const& rows : mine_)
        for (std::int64_t first = 0; first < rows.count; first += at_a_time) {
            std::int64_t const count = std::min(at_a_time, rows.count - first);
            vectors_.read_ids(rows, first, count, ids.data());
            vectors_.decode(rows, first, count, vectors.data());
            for (std::int64_t i = 0; i < count; ++i)
                visit(ids[static_cast<std::size_t>(i)],
                      reinterpret_cast<std::byte const*>(vectors.row(i)));
        }
}

}  // namespace partita::knn
