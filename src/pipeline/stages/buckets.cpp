#include "pipeline/stages/columns.hpp"
#include "pipeline/stages/invalid.hpp"
#include "pipeline/stages/json.hpp"
#include "pipeline/stages/readers.hpp"
#include "pipeline/stages/statistics.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/frame/column_builder.hpp"
#include "partita/pipeline/stages.hpp"

#include <algorithm>

namespace partita::pipeline {

namespace {

class Bucketing : public Transformer {
  public:
    std::string column, output;
    std::vector<double> splits;
    HandleInvalid invalid = HandleInvalid::error;

    std::string kind() const override { return "bucket"; }
    std::vector<std::string> inputs() const override { return {column}; }
    std::vector<frame::Field> outputs() const override { return {{output, frame::Type::int64}}; }

    frame::Block transform(frame::Block const& block) const override {
        Numbers const numbers = read_numbers(block, column);
        InvalidRows rows(invalid);
        frame::ColumnBuilder builder(frame::Type::int64);
        builder.reserve(block.rows());
        for (std::int64_t i = 0; i < block.rows(); ++i) {
            double const x = numbers.values[static_cast<std::size_t>(i)];
            bool const missing = numbers.missing[static_cast<std::size_t>(i)];
            if (!missing && x >= splits.front() && x <= splits.back()) {
                rows.keep(i);
                builder.append(bucket_of(x));
            } else if (rows.take(i, [&] {
                           return fmt::format(
                               "column '{}': expected a number from {} to {}, got {}", column,
                               splits.front(), splits.back(),
                               missing ? std::string("nothing") : fmt::format("{}", x));
                       })) {
                builder.append(static_cast<std::int64_t>(std::ssize(splits) - 1));
            }
        }
        return with_columns(rows.of(block), outputs(), {builder.finish()});
    }

    std::string to_json() const override {
        return json{{"column", column},
                    {"output", output},
                    {"splits", numbers_to_json(splits)},
                    {"invalid", to_text(invalid)}}
            .dump();
    }

  private:
    std::int64_t bucket_of(double x) const {
        auto const above = std::upper_bound(splits.begin(), splits.end() - 1, x);
        auto const bucket = static_cast<std::int64_t>(above - splits.begin()) - 1;
        return std::min<std::int64_t>(bucket, std::ssize(splits) - 2);
    }
};

std::shared_ptr<Transformer const> make_bucketing(std::string const& column,
                                                  std::string const& output,
                                                  std::vector<double> splits,
                                                  HandleInvalid invalid) {
    auto stage = std::make_shared<Bucketing>();
    stage->column = column;
    stage->output = output.empty() ? column : output;
    stage->splits = std::move(splits);
    stage->invalid = invalid;
    return stage;
}

bool ascends(std::vector<double> const& splits) {
    return std::adjacent_find(splits.begin(), splits.end(),
                              [](double a, double b) { return !(a < b); }) == splits.end();
}

}  // namespace

std::shared_ptr<Transformer const> read_bucketing(json const& object) {
    std::vector<double> splits = numbers_from_json(object, "splits");
    check(splits.size() >= 2 && ascends(splits), "'splits': expected ascending numbers");
    return make_bucketing(object.at("column").get<std::string>(),
                          object.at("output").get<std::string>(), std::move(splits),
                          parse_invalid(object.at("invalid").get<std::string>()));
}

std::shared_ptr<Transformer const> Bucketizer::fit(frame::Table const& table) const {
    check_everywhere(splits.size() >= 3 && ascends(splits),
                     "column '{}': expected at least 3 ascending splits to make buckets of, got {}",
                     column, splits.size());
    collectively(table.context().comm(), "", [&] { table.schema().index_of(column); });
    return make_bucketing(column, output, splits, invalid);
}

std::shared_ptr<Transformer const> QuantileDiscretizer::fit(frame::Table const& table) const {
    check_everywhere(buckets >= 2, "column '{}': expected at least 2 buckets, got {}", column,
                     buckets);
    std::vector<double> fractions;
    for (std::int64_t b = 1; b < buckets; ++b)
        fractions.push_back(static_cast<double>(b) / static_cast<double>(buckets));
    std::vector<double> splits = column_quantiles(table, column, fractions);
    splits.insert(splits.begin(), -HUGE_VAL);
    splits.push_back(HUGE_VAL);
    splits.erase(std::unique(splits.begin(), splits.end()), splits.end());
    return make_bucketing(column, output, std::move(splits), invalid);
}

}  // namespace partita::pipeline
