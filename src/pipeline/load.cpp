#include "partita/pipeline/load.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/bytes.hpp"
#include "partita/core/error.hpp"
#include "partita/core/random.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>

namespace partita::pipeline {

namespace {

/// One partition's rows while they are read.
struct Part {
    std::vector<double> x, y;
    std::int64_t next_row = 0;  ///< Number in the table of the next block's first row.
    std::unique_ptr<Encoder> encoder;
};

class Loader {
  public:
    Loader(frame::Table const& table, Recipe const& recipe, Nulls nulls, RowFilter const& filter)
        : table_(table), recipe_(recipe), nulls_(nulls), filter_(filter) {}

    LoadedRows run() {
        std::vector<std::int64_t> const& counts = table_.partition_rows();
        Communicator const& comm = table_.context().comm();
        parts_.resize(counts.size());
        collectively(comm, "", [&] { prepare(counts); });
        table_.for_each_block("read features", [&](std::int64_t partition, frame::Block const& b) {
            take(parts_[static_cast<std::size_t>(partition)], b);
        });
        LoadedRows loaded = collectively(comm, "", [&] { return join(); });
        loaded.dropped = comm.all_reduce(dropped_.load(), Reduce::sum);
        return loaded;
    }

  private:
    void prepare(std::vector<std::int64_t> const& counts) {
        std::vector<std::int64_t> first(counts.size() + 1, 0);
        for (std::size_t p = 0; p < counts.size(); ++p) first[p + 1] = first[p] + counts[p];
        std::int64_t rows = 0;
        for (std::int64_t const p : table_.plan().local_partitions()) {
            Part& part = parts_[static_cast<std::size_t>(p)];
            part.next_row = first[static_cast<std::size_t>(p)];
            part.encoder = std::make_unique<Encoder>(recipe_, table_.schema(), nulls_);
            rows += counts[static_cast<std::size_t>(p)];
        }
        if (filter_) return;  // how many remain shows when they are read
        std::int64_t const bytes = saturated_product(rows, 8 * (std::ssize(recipe_.features) + 1));
        check(bytes <= table_.context().memory_bytes() / 2,
              "{} rows of {} features take {} per rank: expected at most half of its memory, {}; "
              "give more --memory, more ranks or --sample",
              format_count(rows), recipe_.features.size(), format_bytes(static_cast<double>(bytes)),
              format_bytes(static_cast<double>(table_.context().memory_bytes())));
    }

    void take(Part& part, frame::Block const& block) {
        frame::Block const kept = filter_ ? filtered(part, block) : block;
        std::vector<std::uint32_t> const rows = part.encoder->encode(kept, part.next_row, part.x);
        if (!recipe_.label.empty()) part.encoder->encode_labels(kept, rows, part.next_row, part.y);
        dropped_ += kept.rows() - std::ssize(rows);
        part.next_row += block.rows();
    }

    frame::Block filtered(Part const& part, frame::Block const& block) const {
        std::vector<std::uint32_t> chosen;
        for (std::int64_t i = 0; i < block.rows(); ++i)
            if (filter_(part.next_row + i)) chosen.push_back(static_cast<std::uint32_t>(i));
        return block.take(chosen);
    }

    LoadedRows join() {
        std::size_t numbers = 0;
        for (Part const& part : parts_) numbers += part.x.size();
        auto const width = std::ssize(recipe_.features);
        check(width > 0, "expected at least one feature, got none");
        LoadedRows loaded;
        loaded.x = ml::RealMatrix(static_cast<std::int64_t>(numbers) / width, width);
        double* out = loaded.x.data();
        for (Part& part : parts_) {
            out = std::copy(part.x.begin(), part.x.end(), out);
            loaded.y.insert(loaded.y.end(), part.y.begin(), part.y.end());
            part = Part{};
        }
        return loaded;
    }

    frame::Table const& table_;
    Recipe const& recipe_;
    Nulls nulls_;
    RowFilter const& filter_;
    std::vector<Part> parts_;
    std::atomic<std::int64_t> dropped_{0};
};

}  // namespace

ml::DenseTrainingSet LoadedRows::training_set(Communicator const& comm) const {
    return {comm, x.view(), y};
}

LoadedRows load_rows(frame::Table const& table, Recipe const& recipe, Nulls nulls,
                     RowFilter const& filter) {
    std::vector<std::string> columns = recipe.columns();
    bool const own_label = !recipe.label.empty() &&
                           std::find(columns.begin(), columns.end(), recipe.label) == columns.end();
    if (own_label) columns.push_back(recipe.label);
    return Loader(table.select(columns), recipe, nulls, filter).run();
}

void number_classes(Communicator const& comm, LoadedRows& rows, Recipe& recipe,
                    std::int64_t most_classes) {
    if (!recipe.label_levels.empty()) return;  // texts, numbered already
    auto const distinct = [](std::vector<double> values) {
        std::sort(values.begin(), values.end());
        values.erase(std::unique(values.begin(), values.end()), values.end());
        return values;
    };
    std::vector<double> mine = distinct(rows.y);
    // One too many is enough to refuse, on every rank with the same words.
    mine.resize(std::min(mine.size(), static_cast<std::size_t>(most_classes + 1)));
    std::vector<double> const all =
        distinct(comm.all_gather_varying(std::span<double const>(mine)));
    check_everywhere(std::ssize(all) <= most_classes,
                     "column '{}': expected at most {} classes, got more different numbers",
                     recipe.label, most_classes);
    if (all.empty() || (all.front() >= 0 && all.back() == static_cast<double>(all.size() - 1)) ||
        all == std::vector<double>{1})
        return;
    recipe.label_numbers = all;
    for (double& y : rows.y)
        y = static_cast<double>(std::lower_bound(all.begin(), all.end(), y) - all.begin());
}

RowFilter sample_filter(std::int64_t rows, std::int64_t wanted, std::uint64_t seed) {
    if (wanted <= 0 || wanted >= rows) return {};
    double const chance = static_cast<double>(wanted) / static_cast<double>(rows);
    return [=](std::int64_t row) {
        return RandomStream(seed, static_cast<std::uint64_t>(row)).uniform() < chance;
    };
}

}  // namespace partita::pipeline
