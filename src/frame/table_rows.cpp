// Operations that choose rows by their position or by a draw that depends on it.

#include "frame/narrow.hpp"
#include "frame/permutation.hpp"

#include "partita/core/error.hpp"
#include "partita/core/random.hpp"

#include <algorithm>
#include <numeric>

namespace partita::frame {

namespace {

using Starts = std::shared_ptr<std::vector<std::int64_t> const>;

Starts starts_of(Table const& table) {
    return std::make_shared<std::vector<std::int64_t> const>(partition_starts(table));
}

/// Add an int64 column with number(row) for the row of each position.
template <class Number>
Table with_numbers(Table const& table, std::string const& name, std::string_view operation,
                   Number number) {
    std::vector<Field> fields(table.schema().fields().begin(), table.schema().fields().end());
    fields.push_back({name, Type::int64});
    auto const wider = std::make_shared<Schema const>(std::move(fields));
    return narrow_in_order(
        table, operation, wider,
        [wider, number, starts = starts_of(table)](std::int64_t partition) {
            return [wider, number, row = (*starts)[static_cast<std::size_t>(partition)]](
                       Block const& block, BlockSink sink) mutable {
                auto const numbers = make_array<std::int64_t>(block.rows());
                for (std::int64_t i = 0; i < block.rows(); ++i) numbers->data()[i] = number(row++);
                std::vector<Column> columns(block.columns().begin(), block.columns().end());
                columns.emplace_back(Type::int64, block.rows(), numbers->data(), nullptr, numbers);
                sink(Block(wider, std::move(columns), block.rows()));
            };
        },
        true);
}

/// The rows whose draw, uniform in [0, 1) and a function of (seed, position), is in [low, high).
Table drawn_rows(Table const& table, std::string_view operation, std::uint64_t seed, double low,
                 double high, Starts const& starts) {
    return narrow_in_order(
        table, operation, table.shared_schema(),
        [=](std::int64_t partition) {
            return [=, row = static_cast<std::uint64_t>(
                           (*starts)[static_cast<std::size_t>(partition)])](
                       Block const& block, BlockSink sink) mutable {
                std::vector<std::uint32_t> kept;
                for (std::int64_t i = 0; i < block.rows(); ++i) {
                    double const draw = RandomStream(seed, row++).uniform();
                    if (draw >= low && draw < high) kept.push_back(static_cast<std::uint32_t>(i));
                }
                if (!kept.empty()) sink(block.take(kept));
            };
        },
        false);
}

}  // namespace

Table Table::with_row_index(std::string const& name) const {
    return with_numbers(*this, name, "with_row_index", [](std::int64_t row) { return row; });
}

Table Table::random_order_index(std::string const& name, std::uint64_t seed) const {
    Permutation const order(rows(), seed);
    return with_numbers(*this, name, "random_order_index",
                        [order](std::int64_t row) { return order(row); });
}

Table Table::sample(double fraction, std::uint64_t seed) const {
    check(fraction >= 0 && fraction <= 1, "sample: expected a fraction within [0, 1], got {}",
          fraction);
    return drawn_rows(*this, "sample", seed, 0, fraction, starts_of(*this));
}

std::vector<Table> Table::split(std::vector<double> const& fractions, std::uint64_t seed) const {
    check(!fractions.empty(), "split: expected at least one fraction, got none");
    for (double const fraction : fractions)
        check(fraction > 0 && fraction < 1e300, "split: expected positive fractions, got {}",
              fraction);
    double const total = std::accumulate(fractions.begin(), fractions.end(), 0.0);
    Starts const starts = starts_of(*this);
    std::vector<Table> parts;
    double sum = 0;
    for (std::size_t i = 0; i < fractions.size(); ++i) {
        double const low = sum / total;
        sum += fractions[i];
        bool const last = i + 1 == fractions.size();
        parts.push_back(drawn_rows(*this, "split", seed, low, last ? 1.0 : sum / total, starts));
    }
    return parts;
}

Table Table::limit(std::int64_t n) const {
    check(n >= 0, "limit: expected a number of rows of at least 0, got {}", n);
    return narrow_in_order(
        *this, "limit", shared_schema(),
        [n, starts = starts_of(*this)](std::int64_t partition) -> InOrderStep {
            std::int64_t const wanted = n - (*starts)[static_cast<std::size_t>(partition)];
            if (wanted <= 0) return nullptr;
            return [left = wanted](Block const& block, BlockSink sink) mutable {
                std::int64_t const taken = std::clamp<std::int64_t>(left, 0, block.rows());
                left -= taken;
                if (taken == block.rows())
                    sink(block);
                else if (taken > 0)
                    sink(block.slice(0, taken));
            };
        },
        false);
}

}  // namespace partita::frame
