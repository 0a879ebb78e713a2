#include "frame/join/key_filter.hpp"

#include "frame/group/keys.hpp"

#include "partita/comm/mpi_error.hpp"
#include "partita/core/hash.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <limits>

namespace partita::frame {

namespace {

constexpr std::int64_t bits_of_word = 64;

std::uint64_t two_bits(std::uint64_t hash) {
    return std::uint64_t{1} << (hash & 63) | std::uint64_t{1} << (hash >> 6 & 63);
}

/// Threads set bits of the same words; most are set already.
void set_bits(std::uint64_t& word, std::uint64_t bits) {
    std::atomic_ref<std::uint64_t> shared(word);
    if ((shared.load(std::memory_order_relaxed) & bits) != bits)
        shared.fetch_or(bits, std::memory_order_relaxed);
}

std::size_t word_of(std::uint64_t hash, std::size_t words) { return hash >> 32 & (words - 1); }

struct KeyRange {
    std::int64_t low = std::numeric_limits<std::int64_t>::max();
    std::int64_t high = std::numeric_limits<std::int64_t>::min();
    std::int64_t rows = 0;

    void add(Column const& keys) {
        rows += keys.size();
        if (!holds<std::int64_t>(keys.type())) return;
        auto const* const key = keys.values<std::int64_t>();
        std::int64_t least = low, most = high;
        if (keys.nulls()) {
            for (std::int64_t i = 0; i < keys.size(); ++i) {
                if (keys.nulls()[i]) continue;
                least = std::min(least, key[i]);
                most = std::max(most, key[i]);
            }
        } else {
            for (std::int64_t i = 0; i < keys.size(); ++i) {
                least = std::min(least, key[i]);
                most = std::max(most, key[i]);
            }
        }
        low = least;
        high = most;
    }
};

}  // namespace

KeyFilter KeyFilter::of_left(Table const& left, JoinPlan const& plan) {
    KeyFilter filter;
    filter.find_range(left, plan);
    dataset::Context const& context = left.context();
    // A sixteenth of the memory, and what ranks send each other stays small.
    std::int64_t const most_bits =
        std::min<std::int64_t>(std::int64_t{1} << 27, context.memory_bytes() / 16 * 8);
    auto const range =
        static_cast<std::uint64_t>(filter.high_) - static_cast<std::uint64_t>(filter.low_);
    std::int64_t bits = 0;
    if (filter.ranged_ && filter.low_ > filter.high_) return filter;
    if (filter.ranged_ && range < static_cast<std::uint64_t>(most_bits)) {
        filter.exact_ = true;
        bits = static_cast<std::int64_t>(range) + 1;
    } else if (4 * filter.left_rows_ <= most_bits) {
        bits = std::min(8 * filter.left_rows_, most_bits);
    } else {
        return filter;  // Nearly all bits would be set.
    }
    auto const words = std::bit_ceil(static_cast<std::uint64_t>(bits / bits_of_word + 1));
    filter.bits_.assign(words, 0);
    filter.add_keys(left, plan);
    check_mpi(MPI_Allreduce(MPI_IN_PLACE, filter.bits_.data(), static_cast<int>(words),
                            MPI_UINT64_T, MPI_BOR, context.comm().handle()),
              "MPI_Allreduce");
    return filter;
}

void KeyFilter::find_range(Table const& left, JoinPlan const& plan) {
    ranged_ = plan.left_keys.size() == 1 && holds<std::int64_t>(plan.key_fields[0].type);
    KeyRange all;
    for (KeyRange const& one : run_partitions(left.plan(), "join", [&](std::int64_t partition) {
             KeyRange range;
             left.source()->run(partition, [&](Block const& block) {
                 range.add(block.column(plan.left_keys[0]));
             });
             return range;
         })) {
        all.low = std::min(all.low, one.low);
        all.high = std::max(all.high, one.high);
        all.rows += one.rows;
    }
    Communicator const& comm = left.context().comm();
    low_ = comm.all_reduce(all.low, Reduce::min);
    high_ = comm.all_reduce(all.high, Reduce::max);
    left_rows_ = comm.all_reduce(all.rows, Reduce::sum);
}

void KeyFilter::add_keys(Table const& left, JoinPlan const& plan) {
    left.for_each_block("join", [&](std::int64_t, Block const& block) {
        std::vector<Column> const keys = plan.left_keys_of(block);
        if (exact_) {
            auto const* const key = keys[0].values<std::int64_t>();
            for (std::int64_t i = 0; i < block.rows(); ++i) {
                if (keys[0].is_null(i)) continue;
                auto const bit =
                    static_cast<std::uint64_t>(key[i]) - static_cast<std::uint64_t>(low_);
                set_bits(bits_[bit / bits_of_word], std::uint64_t{1} << bit % bits_of_word);
            }
            return;
        }
        std::vector<std::uint64_t> hashes(static_cast<std::size_t>(block.rows()));
        hash_rows(keys, block.rows(), hashes.data());
        for (std::uint64_t const hash : hashes)
            set_bits(bits_[word_of(hash, bits_.size())], two_bits(hash));
    });
}

std::vector<std::uint32_t> KeyFilter::rows_of(std::vector<Column> const& keys,
                                              std::int64_t rows) const {
    std::vector<std::uint32_t> kept(static_cast<std::size_t>(rows));
    std::size_t count = 0;
    auto const keep = [&](auto const& may_be_there) {
        for (std::int64_t i = 0; i < rows; ++i) {
            kept[count] = static_cast<std::uint32_t>(i);
            count += may_be_there(i);
        }
        kept.resize(count);
        for (Column const& key : keys)
            if (key.nulls())
                std::erase_if(kept, [&](std::uint32_t row) { return key.nulls()[row] != 0; });
    };
    if (ranged_ && (exact_ || bits_.empty())) {
        auto const* const key = keys[0].values<std::int64_t>();
        if (!exact_) {
            keep([&](std::int64_t i) { return key[i] >= low_ && key[i] <= high_; });
            return kept;
        }
        auto const low = static_cast<std::uint64_t>(low_);
        auto const range = static_cast<std::uint64_t>(high_) - low;
        keep([&](std::int64_t i) -> std::uint64_t {
            std::uint64_t const bit = static_cast<std::uint64_t>(key[i]) - low;
            return bit <= range ? bits_[bit / bits_of_word] >> bit % bits_of_word & 1 : 0;
        });
        return kept;
    }
    if (bits_.empty()) {
        keep([](std::int64_t) { return true; });
        return kept;
    }
    std::vector<std::uint64_t> hashes(static_cast<std::size_t>(rows));
    hash_rows(keys, rows, hashes.data());
    keep([&](std::int64_t i) {
        std::uint64_t const hash = hashes[static_cast<std::size_t>(i)], wanted = two_bits(hash);
        return (bits_[word_of(hash, bits_.size())] & wanted) == wanted;
    });
    return kept;
}

}  // namespace partita::frame
