#include "ml/trees/histogram.hpp"

#include "ml/trees/for_blocks.hpp"

#include <algorithm>
#include <memory>

namespace partita::ml {

namespace {

constexpr std::int64_t histogram_chunk_rows = 1 << 16;
static_assert(histogram_chunk_rows <= WeightAndCount::rows_of_a_sum);
constexpr std::int64_t rows_ahead = 12;  // fetched before they are needed

struct NodeChunk {
    std::int64_t node;
    RowRange rows;
    bool whole;  ///< The node's only one.
};

std::vector<NodeChunk> cut(std::span<NodeRows const> nodes) {
    std::vector<NodeChunk> chunks;
    for (std::size_t n = 0; n < nodes.size(); ++n) {
        RowRange const rows = nodes[n].rows;
        bool const whole = rows.size() <= histogram_chunk_rows;
        for (std::int64_t first = rows.first; first < rows.last; first += histogram_chunk_rows)
            chunks.push_back({static_cast<std::int64_t>(n),
                              {first, std::min(first + histogram_chunk_rows, rows.last)},
                              whole});
    }
    return chunks;
}

/// Adds one chunk's rows to cells, which lie as the shape says, and those to the node's sums.
class ChunkCounter {
  public:
    ChunkCounter(BinnedRows const& rows, RowStatistics const& statistics,
                 HistogramShape const& shape)
        : rows_(rows), statistics_(statistics), shape_(shape) {}

    void count(std::span<std::uint32_t const> rows, std::span<std::int32_t const> features) {
        if (statistics_.classes > 0) {
            class_cells_.assign(static_cast<std::size_t>(shape_.bins() * statistics_.classes), 0);
            for_rows(rows, features, statistics_.weights.data(), [&](std::uint32_t row) {
                std::uint64_t* const cells = class_cells_.data() + statistics_.labels[row];
                std::uint64_t const weight = statistics_.weights[row];
                return [this, cells, weight](std::int64_t bin) {
                    cells[bin * statistics_.classes] += weight;
                };
            });
            return;
        }
        gradient_cells_.assign(static_cast<std::size_t>(shape_.bins()), GradientCell{});
        GradientCell* const cells = gradient_cells_.data();
        for_rows(rows, features, statistics_.gradients.data(), [&](std::uint32_t row) {
            GradientCell const gradient = statistics_.gradients[row];
            return [cells, gradient](std::int64_t bin) { cells[bin] += gradient; };
        });
    }

    /// Add one slot's sums to `out`, channels for each bin.
    void unpack(std::int64_t slot, std::int64_t* out) const {
        std::int64_t const first = shape_.first_bin[static_cast<std::size_t>(slot)];
        std::int64_t const last = shape_.first_bin[static_cast<std::size_t>(slot + 1)];
        std::int64_t const classes = statistics_.classes;
        for (std::int64_t bin = first; bin < last; ++bin, out += shape_.channels) {
            if (classes == 0) {
                GradientCell const cell = gradient_cells_[static_cast<std::size_t>(bin)];
                auto const packed = static_cast<std::uint64_t>(cell[1]);
                out[0] += cell[0];
                out[1] += WeightAndCount::weight(packed);
                out[2] += WeightAndCount::count(packed);
                continue;
            }
            for (std::int64_t c = 0; c < classes; ++c) {
                std::uint64_t const packed =
                    class_cells_[static_cast<std::size_t>(bin * classes + c)];
                out[c] += WeightAndCount::weight(packed);
                out[classes] += WeightAndCount::count(packed);
            }
        }
    }

  private:
    /// add(row) gives what adds that row to a bin.
    template <class Statistics, class Adder>
    void for_rows(std::span<std::uint32_t const> rows, std::span<std::int32_t const> features,
                  Statistics const* statistics, Adder add) {
        std::int64_t const slots = shape_.slots();
        std::int64_t const* const first = shape_.first_bin.data();
        std::int32_t const* const feature = features.empty() ? nullptr : features.data();
        for (std::size_t i = 0; i < rows.size(); ++i) {
            std::size_t const ahead = std::min(i + rows_ahead, rows.size() - 1);
            __builtin_prefetch(rows_.row(rows[ahead]));
            __builtin_prefetch(statistics + rows[ahead]);
            auto const add_to = add(rows[i]);
            std::uint8_t const* const bins = rows_.row(rows[i]);
            if (feature == nullptr)
                for (std::int64_t s = 0; s < slots; ++s) add_to(first[s] + bins[s]);
            else
                for (std::int64_t s = 0; s < slots; ++s) add_to(first[s] + bins[feature[s]]);
        }
    }

    BinnedRows const& rows_;
    RowStatistics const& statistics_;
    HistogramShape const& shape_;
    std::vector<GradientCell> gradient_cells_;
    std::vector<std::uint64_t> class_cells_;
};

}  // namespace

void add_histograms(BinnedRows const& rows, RowStatistics const& statistics,
                    HistogramShape const& shape, std::span<NodeRows const> nodes,
                    std::span<std::int64_t> out, int threads) {
    std::vector<NodeChunk> const chunks = cut(nodes);
    std::vector<std::mutex> locks(nodes.size());
    auto const count = static_cast<std::int64_t>(nodes.size());
    for_parallel(0, count, threads, [&](std::int64_t part) {
        RowRange const mine = share_of(std::ssize(out), count, part);
        std::fill(out.begin() + mine.first, out.begin() + mine.last, 0);
    });
    std::vector<std::unique_ptr<ChunkCounter>> counters(
        static_cast<std::size_t>(thread_count(threads)));
    for_parallel(0, std::ssize(chunks), threads, [&](std::int64_t c) {
        NodeChunk const& chunk = chunks[static_cast<std::size_t>(c)];
        auto& counter = counters[static_cast<std::size_t>(omp_get_thread_num())];
        if (!counter) counter = std::make_unique<ChunkCounter>(rows, statistics, shape);
        counter->count(std::span(statistics.order)
                           .subspan(static_cast<std::size_t>(chunk.rows.first),
                                    static_cast<std::size_t>(chunk.rows.size())),
                       nodes[static_cast<std::size_t>(chunk.node)].features);
        std::unique_lock lock(locks[static_cast<std::size_t>(chunk.node)], std::defer_lock);
        if (!chunk.whole) lock.lock();
        for (std::int64_t s = 0; s < shape.slots(); ++s) {
            std::int64_t const first = shape.first_bin[static_cast<std::size_t>(s)];
            std::int64_t const bins = shape.bins_of({s, s + 1});
            counter->unpack(s, out.data() + (first * count + chunk.node * bins) * shape.channels);
        }
    });
}

}  // namespace partita::ml
