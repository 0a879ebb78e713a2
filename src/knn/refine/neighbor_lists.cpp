#include "knn/refine/neighbor_lists.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include <omp.h>

namespace partita::knn {
namespace {

constexpr std::int64_t most_piece_bytes = std::int64_t{64} << 20;  ///< Of all threads of a rank.
constexpr std::int64_t shared_at_once = std::int64_t{1} << 20;

std::int64_t links_each_way(std::int64_t k) { return std::min(k, NeighborLists::most_links); }

}  // namespace

/// Of some vectors, the nearest of those that list them.
class NeighborLists::Listing {
  public:
    explicit Listing(std::int64_t breadth) : breadth_(breadth) {}

    static std::int64_t bytes_per_row(std::int64_t breadth) {
        return breadth * static_cast<std::int64_t>(sizeof(Entry)) + 4;
    }

    void start(RowRange rows) {
        rows_ = rows;
        counts_.assign(static_cast<std::size_t>(rows.size()), 0);
        entries_.resize(static_cast<std::size_t>(rows.size() * breadth_));
    }

    bool is_about(std::uint32_t row) const {
        return static_cast<std::uint64_t>(row - rows_.first) <
               static_cast<std::uint64_t>(rows_.size());
    }

    void add(std::uint32_t row, float distance, std::uint32_t by) {
        auto const at = static_cast<std::size_t>(row - rows_.first);
        Entry* const entries = entries_.data() + at * static_cast<std::size_t>(breadth_);
        std::int32_t place = counts_[at];
        Entry const entry{distance, by};
        if (place == breadth_) {
            if (!(entry < entries[place - 1])) return;
            --place;
        } else {
            ++counts_[at];
        }
        for (; place > 0 && entry < entries[place - 1]; --place)
            entries[place] = entries[place - 1];
        entries[place] = entry;
    }

    template <class Visit>
    void for_each(std::int64_t row, Visit visit) const {
        auto const at = static_cast<std::size_t>(row - rows_.first);
        for (std::int32_t i = 0; i < counts_[at]; ++i)
            visit(
                entries_[at * static_cast<std::size_t>(breadth_) + static_cast<std::size_t>(i)].by);
    }

  private:
    struct Entry {
        float distance;
        std::uint32_t by;
        friend bool operator<(Entry const& a, Entry const& b) {
            return a.distance < b.distance || (a.distance == b.distance && a.by < b.by);
        }
    };

    std::int64_t breadth_;
    RowRange rows_{0, 0};
    std::vector<std::int32_t> counts_;
    std::vector<Entry> entries_;
};

NeighborLists::NeighborLists(Topology const& topology, std::int64_t rows, std::int64_t k)
    : topology_(topology), rows_(rows), k_(k), breadth_(links_each_way(k)) {
    std::int64_t const size = bytes(rows, k);
    if (topology.ranks_on_node() > 1) shared_.emplace(topology, size);
    std::byte* const begin = collectively(topology.on_node(), "refinement", [&] {
        check(can_hold(rows), "expected fewer than {} vectors, got {}", none, rows);
        if (!shared_) own_ = Buffer<std::byte>(size);
        return shared_ ? shared_->data() : own_.data();
    });
    positions_ = reinterpret_cast<std::uint32_t*>(begin);
    links_ = positions_ + rows * k;
    distances_ = reinterpret_cast<float*>(links_ + rows * 2 * breadth_);
    written_ = reinterpret_cast<std::uint8_t*>(distances_ + rows * k);
    if (topology.is_node_leader()) std::fill_n(written_, rows, std::uint8_t{0});
    synchronise();
}

std::int64_t NeighborLists::bytes(std::int64_t rows, std::int64_t k) {
    std::int64_t const row = k * (4 + 4) + 2 * links_each_way(k) * 4 + 1;
    return saturated_product(rows, row);
}

void NeighborLists::synchronise() const {
    if (shared_) shared_->synchronise();
}

void NeighborLists::share() {
    synchronise();
    if (topology_.nodes() > 1) {
        if (topology_.leaders()) {
            share_between_nodes(positions_);
            share_between_nodes(reinterpret_cast<std::uint32_t*>(distances_));
            std::fill_n(written_, rows_, std::uint8_t{0});
        }
        synchronise();
    }
}

/// Each list has been written on one node: the largest of its bits and of the others' zeros are
/// those.
void NeighborLists::share_between_nodes(std::uint32_t* table) const {
    std::int64_t const step = std::max<std::int64_t>(shared_at_once / k_, 1);
    std::vector<std::uint32_t> some;
    for (std::int64_t first = 0; first < rows_; first += step) {
        std::int64_t const last = std::min(first + step, rows_);
        some.assign(static_cast<std::size_t>((last - first) * k_), 0);
        for (std::int64_t row = first; row < last; ++row)
            if (written_[row]) std::copy_n(table + row * k_, k_, some.begin() + (row - first) * k_);
        topology_.leaders()->all_reduce(std::span(some), Reduce::max);
        std::copy(some.begin(), some.end(), table + first * k_);
    }
}

void NeighborLists::link(int threads, std::int64_t memory_bytes) {
    RowRange const mine = share_of(rows_, topology_.ranks_on_node(), topology_.rank_on_node());
    std::int64_t const piece_bytes = std::min(memory_bytes, most_piece_bytes) / threads;
    std::int64_t const most =
        std::max<std::int64_t>(piece_bytes / Listing::bytes_per_row(breadth_), 1);
    // Each piece takes a pass over all lists.
    std::int64_t const whole = (mine.size() + threads - 1) / threads;
    std::int64_t const step = std::clamp<std::int64_t>(whole, 1, most);
    std::int64_t const pieces = (mine.size() + step - 1) / step;
#pragma omp parallel num_threads(threads)
    {
        Listing listing(breadth_);
#pragma omp for schedule(dynamic, 1)
        for (std::int64_t piece = 0; piece < pieces; ++piece) {
            std::int64_t const first = mine.first + piece * step;
            link_rows({first, std::min(first + step, mine.last)}, listing);
        }
    }
    synchronise();
}

bool NeighborLists::begins_with(std::uint32_t row, std::int64_t other) const {
    std::uint32_t const* const list = positions_ + row * k_;
    bool found = false;  // of all, without a branch for each
    for (std::int64_t j = 0; j < breadth_; ++j) found |= list[j] == other;
    return found;
}

void NeighborLists::link_rows(RowRange range, Listing& listing) {
    listing.start(range);
    for (std::int64_t row = 0; row < rows_; ++row) {
        std::uint32_t const* const list = positions_ + row * k_;
        for (std::int64_t j = 0; j < breadth_ && list[j] != none; ++j)
            if (listing.is_about(list[j]) && list[j] != row && !begins_with(list[j], row))
                listing.add(list[j], distances_[row * k_ + j], static_cast<std::uint32_t>(row));
    }
    for (std::int64_t row = range.first; row < range.last; ++row) {
        std::uint32_t const* const list = positions_ + row * k_;
        std::uint32_t* const begin = links_ + row * 2 * breadth_;
        std::uint32_t* end = begin;
        for (std::int64_t j = 0; j < breadth_ && list[j] != none; ++j)
            if (list[j] != row) *end++ = list[j];
        listing.for_each(row, [&](std::uint32_t by) { *end++ = by; });
        std::fill(end, begin + 2 * breadth_, none);
    }
}

}  // namespace partita::knn
