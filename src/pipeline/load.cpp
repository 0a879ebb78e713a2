#include "partita/pipeline/load.hpp"

#include "pipeline/stored_set.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/core/random.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>

namespace partita::pipeline {

namespace {

/// What a thread gathers before it is written to scratch.
constexpr std::int64_t chunk_numbers = (256 << 10) / static_cast<std::int64_t>(sizeof(double));

/// One partition's rows while they are read.
struct Part {
    std::vector<double> rows;     ///< Features, then the label, then the weight, row by row.
    std::vector<double> classes;  ///< The labels that occur, ascending.
    std::vector<RowFile::Run> runs;
    std::int64_t count = 0;     ///< Rows kept, in `rows` and in runs.
    std::int64_t next_row = 0;  ///< Number in the table of the next block's first row.
    std::unique_ptr<Encoder> encoder;
};

class Loader {
  public:
    Loader(frame::Table const& table, Recipe& recipe, LoadOptions const& options)
        : table_(table),
          comm_(table.context().comm()),
          recipe_(recipe),
          options_(options),
          labelled_(!recipe.label.empty()),
          weighted_(!options.weights.empty()),
          width_(std::ssize(recipe.features) + labelled_ + weighted_),
          limit_(options.memory_bytes > 0 ? options.memory_bytes
                                          : table.context().memory_bytes() / 4) {}

    LoadedRows run() {
        std::vector<std::int64_t> const& counts = table_.partition_rows();
        collectively(comm_, "", [&] { prepare(counts); });
        table_.for_each_block("read features", [&](std::int64_t partition, frame::Block const& b) {
            take(parts_[static_cast<std::size_t>(partition)], b);
        });
        number_classes();
        LoadedRows loaded;
        loaded.in_scratch = comm_.all_reduce(full() ? 1 : 0, Reduce::max) == 1;
        loaded.set = loaded.in_scratch ? in_scratch() : in_memory();
        loaded.dropped = comm_.all_reduce(dropped_.load(), Reduce::sum);
        return loaded;
    }

  private:
    void prepare(std::vector<std::int64_t> const& counts) {
        check(!recipe_.features.empty(), "expected at least one feature, got none");
        parts_.resize(counts.size());
        std::int64_t row = 0;
        for (std::size_t p = 0; p < counts.size(); ++p) {
            parts_[p].next_row = row;
            row += counts[p];
        }
        for (std::int64_t const p : table_.plan().local_partitions())
            parts_[static_cast<std::size_t>(p)].encoder = std::make_unique<Encoder>(
                recipe_, table_.schema(), options_.nulls, labelled_, options_.weights);
        file_ = std::make_unique<RowFile>(table_.context(), width_);
    }

    bool full() const { return held_bytes_.load() > limit_; }

    void take(Part& part, frame::Block const& block) {
        frame::Block const kept = options_.filter ? filtered(part, block) : block;
        std::vector<double> x, y, weights;
        std::vector<std::uint32_t> const rows = part.encoder->encode(kept, part.next_row, x);
        check_products(part, rows, x);
        if (labelled_) part.encoder->encode_labels(kept, rows, part.next_row, y);
        if (weighted_) part.encoder->encode_weights(kept, rows, part.next_row, weights);
        if (labelled_ && options_.classify) remember_classes(part, y);
        std::size_t const features = recipe_.features.size();
        for (std::size_t i = 0; i < rows.size(); ++i) {
            part.rows.insert(part.rows.end(), x.begin() + static_cast<std::ptrdiff_t>(i * features),
                             x.begin() + static_cast<std::ptrdiff_t>((i + 1) * features));
            if (labelled_) part.rows.push_back(y[i]);
            if (weighted_) part.rows.push_back(weights[i]);
        }
        part.count += std::ssize(rows);
        held_bytes_ += std::ssize(rows) * width_ * static_cast<std::int64_t>(sizeof(double));
        if (full() && std::ssize(part.rows) >= chunk_numbers) spill(part);
        dropped_ += kept.rows() - std::ssize(rows);
        part.next_row += block.rows();
    }

    /// Columns are finite where they are used; what they make together may not be.
    void check_products(Part const& part, std::vector<std::uint32_t> const& rows,
                        std::vector<double> const& x) const {
        std::size_t const features = recipe_.features.size();
        for (std::size_t i = 0; i < x.size(); ++i)
            check(std::isfinite(x[i]), "row {}, feature '{}': expected a finite number, got {}",
                  part.next_row + rows[i / features], recipe_.features[i % features].name(), x[i]);
    }

    void spill(Part& part) {
        if (part.rows.empty()) return;
        part.runs.push_back(file_->append(part.rows));
        part.rows.clear();
    }

    frame::Block filtered(Part const& part, frame::Block const& block) const {
        std::vector<std::uint32_t> chosen;
        for (std::int64_t i = 0; i < block.rows(); ++i)
            if (options_.filter(part.next_row + i)) chosen.push_back(static_cast<std::uint32_t>(i));
        return block.take(chosen);
    }

    void remember_classes(Part& part, std::vector<double> labels) const {
        std::vector<double>& known = part.classes;
        known.insert(known.end(), labels.begin(), labels.end());
        std::sort(known.begin(), known.end());
        known.erase(std::unique(known.begin(), known.end()), known.end());
        // One too many is enough to refuse.
        known.resize(std::min(known.size(), static_cast<std::size_t>(options_.most_classes + 1)));
    }

    /// Agree on the classes, and tell the recipe unless they are 0, 1, ...
    void number_classes() {
        if (!labelled_ || !options_.classify || !recipe_.label_levels.empty() ||
            !recipe_.label_numbers.empty())
            return;
        Part all;
        for (Part const& part : parts_) remember_classes(all, part.classes);
        std::span<double const> const mine(all.classes);
        std::vector<double> const everywhere = comm_.all_gather_varying(mine);
        remember_classes(all, everywhere);
        std::vector<double> const& classes = all.classes;
        check_everywhere(std::ssize(classes) <= options_.most_classes,
                         "column '{}': expected at most {} classes, got more different numbers",
                         recipe_.label, options_.most_classes);
        bool const counted = !classes.empty() && classes.front() >= 0 &&
                             (classes == std::vector<double>{1} ||
                              classes.back() == static_cast<double>(classes.size() - 1)) &&
                             std::all_of(classes.begin(), classes.end(), [](double c) {
                                 return c == static_cast<double>(std::int64_t(c));
                             });
        if (!classes.empty() && !counted) recipe_.label_numbers = numbers_ = classes;
    }

    std::int64_t local_rows() const {
        std::int64_t rows = 0;
        for (Part const& part : parts_) rows += part.count;
        return rows;
    }

    std::shared_ptr<ml::TrainingSet const> in_memory() {
        std::int64_t const features = std::ssize(recipe_.features);
        struct Owner {
            ml::RealMatrix x;
            std::vector<double> y, weights;
            std::unique_ptr<ml::DenseTrainingSet> set;
        };
        auto owner = std::make_shared<Owner>();
        collectively(comm_, "", [&] {
            owner->x = ml::RealMatrix(local_rows(), features);
            if (labelled_) owner->y.reserve(static_cast<std::size_t>(local_rows()));
            double* out = owner->x.data();
            for (Part& part : parts_) {
                for (double const* row = part.rows.data();
                     row < part.rows.data() + part.rows.size(); row += width_) {
                    out = std::copy_n(row, features, out);
                    if (labelled_) owner->y.push_back(place_of_label(numbers_, row[features]));
                    if (weighted_) owner->weights.push_back(row[width_ - 1]);
                }
                part = Part{};
            }
        });
        owner->set = std::make_unique<ml::DenseTrainingSet>(comm_, owner->x.view(), owner->y,
                                                            owner->weights, options_.block_rows);
        return {owner, owner->set.get()};
    }

    std::shared_ptr<ml::TrainingSet const> in_scratch() {
        std::int64_t const rows = local_rows(), first = comm_.exclusive_sum(rows);
        collectively(comm_, "keep features in scratch", [&] {
            std::int64_t row = first;
            for (Part& part : parts_) {
                spill(part);
                for (RowFile::Run run : part.runs) {
                    run.first = row;
                    row += run.rows;
                    file_->add_run(run);
                }
                part = Part{};
            }
        });
        std::int64_t const total = comm_.all_reduce(rows, Reduce::sum);
        return std::make_shared<StoredSet>(comm_, ml::Blocking(total, options_.block_rows),
                                           std::move(file_), RowRange{first, first + rows},
                                           labelled_, weighted_, numbers_, limit_ / 4);
    }

    frame::Table const& table_;
    Communicator comm_;
    Recipe& recipe_;
    LoadOptions const& options_;
    bool labelled_, weighted_;
    std::int64_t width_, limit_;
    std::vector<Part> parts_;
    std::unique_ptr<RowFile> file_;
    std::vector<double> numbers_;
    std::atomic<std::int64_t> held_bytes_{0}, dropped_{0};
};

}  // namespace

LoadedRows load_rows(frame::Table const& table, Recipe& recipe, LoadOptions const& options) {
    std::vector<std::string> columns = recipe.columns();
    bool const own_label = !recipe.label.empty() &&
                           std::find(columns.begin(), columns.end(), recipe.label) == columns.end();
    if (own_label) columns.push_back(recipe.label);
    if (!options.weights.empty() &&
        std::find(columns.begin(), columns.end(), options.weights) == columns.end())
        columns.push_back(options.weights);
    frame::Table const selected =
        collectively(table.context().comm(), "", [&] { return table.select(columns); });
    return Loader(selected, recipe, options).run();
}

RowFilter sample_filter(std::int64_t rows, std::int64_t wanted, std::uint64_t seed) {
    if (wanted <= 0 || wanted >= rows) return {};
    double const chance = static_cast<double>(wanted) / static_cast<double>(rows);
    return [=](std::int64_t row) {
        return RandomStream(seed, static_cast<std::uint64_t>(row)).uniform() < chance;
    };
}

}  // namespace partita::pipeline
