#include "pipeline/levels.hpp"
#include "pipeline/stages/columns.hpp"
#include "pipeline/stages/invalid.hpp"
#include "pipeline/stages/json.hpp"
#include "pipeline/stages/readers.hpp"
#include "pipeline/stages/statistics.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/frame/column_builder.hpp"
#include "partita/pipeline/stages.hpp"

#include <string_view>
#include <unordered_map>

namespace partita::pipeline {

namespace {

class Indexing : public Transformer {
  public:
    Indexing(std::string from, std::string to, std::vector<std::string> texts, HandleInvalid handle)
        : column(std::move(from)),
          output(std::move(to)),
          levels(std::move(texts)),
          invalid(handle) {
        for (std::size_t i = 0; i < levels.size(); ++i)
            places_.emplace(levels[i], static_cast<std::int64_t>(i));
    }
    Indexing(Indexing const&) = delete;

    std::string column, output;
    std::vector<std::string> levels;
    HandleInvalid invalid;

    std::string kind() const override { return "index"; }
    std::vector<std::string> inputs() const override { return {column}; }
    std::vector<frame::Field> outputs() const override { return {{output, frame::Type::int64}}; }

    frame::Block transform(frame::Block const& block) const override {
        frame::Column const& texts = block.column(column);
        check(texts.type() == frame::Type::text, "column '{}': expected texts, got numbers",
              column);
        InvalidRows rows(invalid);
        frame::ColumnBuilder builder(frame::Type::int64);
        builder.reserve(block.rows());
        for (std::int64_t i = 0; i < block.rows(); ++i) {
            auto const at = texts.is_null(i) ? places_.end() : places_.find(texts.text(i));
            if (at != places_.end()) {
                builder.append(at->second);
                rows.keep(i);
            } else if (rows.take(i, [&] {
                           return fmt::format(
                               "column '{}': expected one of the {} texts that the "
                               "indexer knows, got {}",
                               column, levels.size(),
                               texts.is_null(i) ? std::string("nothing")
                                                : fmt::format("'{}'", texts.text(i)));
                       })) {
                builder.append(static_cast<std::int64_t>(levels.size()));
            }
        }
        return with_columns(rows.of(block), outputs(), {builder.finish()});
    }

    std::string to_json() const override {
        return json{{"column", column},
                    {"output", output},
                    {"levels", levels},
                    {"invalid", to_text(invalid)}}
            .dump();
    }

  private:
    std::unordered_map<std::string_view, std::int64_t> places_;  // views of levels
};

class OneHot : public Transformer {
  public:
    std::string column;
    std::int64_t categories = 0;
    bool drop_last = true;
    HandleInvalid invalid = HandleInvalid::error;

    std::string kind() const override { return "one-hot"; }
    std::vector<std::string> inputs() const override { return {column}; }
    std::vector<frame::Field> outputs() const override {
        std::vector<std::string> names;
        for (std::int64_t c = 0; c < categories; ++c)
            names.push_back(fmt::format("{}_{}", column, c));
        if (invalid == HandleInvalid::keep) names.push_back(column + "_invalid");
        if (drop_last && !names.empty()) names.pop_back();
        return float_fields(names);
    }

    frame::Block transform(frame::Block const& block) const override {
        Numbers const numbers = read_numbers(block, column);
        std::vector<frame::Field> const fields = outputs();
        InvalidRows rows(invalid);
        std::vector<std::size_t> place;
        for (std::int64_t i = 0; i < block.rows(); ++i) {
            double const x = numbers.values[static_cast<std::size_t>(i)];
            bool const known = !numbers.missing[static_cast<std::size_t>(i)] && x >= 0 &&
                               x < static_cast<double>(categories) && x == std::floor(x);
            if (known) {
                rows.keep(i);
                place.push_back(static_cast<std::size_t>(x));
            } else if (rows.take(i, [&] {
                           return fmt::format(
                               "column '{}': expected a whole number from 0 to {}, "
                               "got {}",
                               column, categories - 1,
                               numbers.missing[static_cast<std::size_t>(i)] ? std::string("nothing")
                                                                            : fmt::format("{}", x));
                       })) {
                place.push_back(static_cast<std::size_t>(categories));
            }
        }
        std::vector<frame::Column> made;
        for (std::size_t f = 0; f < fields.size(); ++f) {
            Numbers indicator(place.size());
            for (std::size_t i = 0; i < place.size(); ++i) indicator.values[i] = place[i] == f;
            made.push_back(to_column(indicator));
        }
        return with_columns(rows.of(block), fields, std::move(made));
    }

    std::string to_json() const override {
        return json{{"column", column},
                    {"categories", categories},
                    {"drop_last", drop_last},
                    {"invalid", to_text(invalid)}}
            .dump();
    }
};

}  // namespace

std::shared_ptr<Transformer const> read_indexing(json const& object) {
    return std::make_shared<Indexing>(
        object.at("column").get<std::string>(), object.at("output").get<std::string>(),
        texts_from_json(object, "levels"), parse_invalid(object.at("invalid").get<std::string>()));
}

std::shared_ptr<Transformer const> read_one_hot(json const& object) {
    auto stage = std::make_shared<OneHot>();
    stage->column = object.at("column").get<std::string>();
    stage->categories = object.at("categories").get<std::int64_t>();
    stage->drop_last = object.at("drop_last").get<bool>();
    stage->invalid = parse_invalid(object.at("invalid").get<std::string>());
    return stage;
}

std::shared_ptr<Transformer const> StringIndexer::fit(frame::Table const& table) const {
    collectively(table.context().comm(), "", [&] {
        check(table.schema()[table.schema().index_of(column)].type == frame::Type::text,
              "column '{}': expected texts, got numbers", column);
    });
    auto levels = frequent_levels(table, {column}, 1'000'000);
    return std::make_shared<Indexing>(column, output.empty() ? column : output,
                                      std::move(levels[0]), invalid);
}

std::shared_ptr<Transformer const> OneHotEncoder::fit(frame::Table const& table) const {
    constexpr double most_categories = 100'000;
    double const largest = column_statistics(table, {column})[0].maximum;
    check_everywhere(largest >= 0 && largest < most_categories,
                     "column '{}': expected whole numbers from 0 to {}, got {}", column,
                     most_categories - 1, largest);
    auto stage = std::make_shared<OneHot>();
    stage->column = column;
    stage->categories = static_cast<std::int64_t>(largest) + 1;
    stage->drop_last = drop_last;
    stage->invalid = invalid;
    return stage;
}

}  // namespace partita::pipeline
