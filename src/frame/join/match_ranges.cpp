#include "frame/join/match_ranges.hpp"

#include "frame/block_codec.hpp"
#include "frame/join/join_table.hpp"
#include "frame/stored_table.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace partita::frame {

namespace {

constexpr std::int64_t all_places = std::numeric_limits<std::int64_t>::max();

std::int64_t const* places_of(Block const& block) { return block.column(0).values<std::int64_t>(); }

/// The order of rows by their places, which are in a range; stable.
std::vector<std::uint32_t> order_of(std::int64_t const* places, std::int64_t rows) {
    std::vector<std::uint32_t> order(static_cast<std::size_t>(rows));
    if (rows == 0) return order;
    auto const [low, high] = std::minmax_element(places, places + rows);
    std::int64_t const first = *low, width = *high - *low + 1;
    if (width > 16 * rows + 1024) {
        std::iota(order.begin(), order.end(), std::uint32_t{0});
        std::stable_sort(order.begin(), order.end(),
                         [&](std::uint32_t a, std::uint32_t b) { return places[a] < places[b]; });
        return order;
    }
    std::vector<std::uint32_t> starts(static_cast<std::size_t>(width) + 1, 0);
    for (std::int64_t i = 0; i < rows; ++i)
        ++starts[static_cast<std::size_t>(places[i] - first) + 1];
    std::partial_sum(starts.begin(), starts.end(), starts.begin());
    for (std::int64_t i = 0; i < rows; ++i)
        order[starts[static_cast<std::size_t>(places[i] - first)]++] =
            static_cast<std::uint32_t>(i);
    return order;
}

}  // namespace

MatchRanges::MatchRanges(JoinPlanRef plan, std::shared_ptr<dataset::PieceStore const> matches,
                         std::int64_t partition, std::int64_t most_bytes)
    : plan_(std::move(plan)),
      most_bytes_(most_bytes),
      parts_{{std::move(matches), partition, {0, all_places}}},
      sorted_(concatenate(plan_->matches, {})) {}

void MatchRanges::next() {
    for (;;) {
        if (parts_.empty()) {
            load({nullptr, 0, {places_.last, all_places}});
            return;
        }
        Part part = std::move(parts_.back());
        parts_.pop_back();
        bool const fits = part.store->partition_bytes(part.partition) <= most_bytes_;
        if (fits) return load(part);
        if (part.places.last == all_places) part.places.last = last_place(part) + 1;
        if (part.places.size() == 1) {
            places_ = part.places;
            part_ = std::move(part);
            long_ = true;
            return;
        }
        split(part);
    }
}

std::int64_t MatchRanges::last_place(Part const& part) const {
    std::int64_t last = 0;
    for_each_block_in(*part.store, part.partition, plan_->matches, [&](Block const& block) {
        auto const* const places = places_of(block);
        last = std::max(last, *std::max_element(places, places + block.rows()));
    });
    return last;
}

/// Share out the matches over ranges of places, each a partition of a store of its own.
void MatchRanges::split(Part const& part) {
    constexpr std::int64_t most_parts = 256;
    std::int64_t const bytes = part.store->partition_bytes(part.partition);
    std::int64_t const wanted = std::clamp<std::int64_t>(2 * bytes / most_bytes_, 2, most_parts);
    std::int64_t const width = (part.places.size() + wanted - 1) / wanted;
    std::int64_t const count = (part.places.size() + width - 1) / width;
    auto const finer = std::make_shared<dataset::PieceStore>(part.store->context());
    std::vector<StoreWriter> writers;
    for (std::int64_t i = 0; i < count; ++i) writers.emplace_back(*finer, 0, i);
    std::vector<std::vector<std::uint32_t>> rows(static_cast<std::size_t>(count));
    for_each_block_in(*part.store, part.partition, plan_->matches, [&](Block const& block) {
        auto const* const places = places_of(block);
        for (std::int64_t i = 0; i < block.rows(); ++i)
            rows[static_cast<std::size_t>((places[i] - part.places.first) / width)].push_back(
                static_cast<std::uint32_t>(i));
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (!rows[i].empty()) writers[i].add(block.take(rows[i]));
            rows[i].clear();
        }
    });
    finer->settle({0, count});
    for (std::int64_t i = count; i-- > 0;) {
        std::int64_t const first = part.places.first + i * width;
        parts_.push_back({finer, i, {first, std::min(first + width, part.places.last)}});
    }
}

void MatchRanges::load(Part const& part) {
    places_ = part.places;
    long_ = false;
    part_ = {};
    std::vector<Block> blocks;
    if (part.store)
        for_each_block_in(*part.store, part.partition, plan_->matches,
                          [&](Block const& block) { blocks.push_back(block.owned()); });
    Block const all = concatenate(plan_->matches, blocks);
    blocks.clear();
    sorted_ = all.take(order_of(places_of(all), all.rows()));
    if (plan_->kind == JoinKind::left) sorted_ = with_null_row(sorted_);
}

void MatchRanges::for_each_block(BlockSink sink) const {
    for_each_block_in(*part_.store, part_.partition, plan_->matches, sink);
}

}  // namespace partita::frame
