#include "pipeline/stages/columns.hpp"
#include "pipeline/stages/json.hpp"
#include "pipeline/stages/readers.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/ml/principal_axes.hpp"
#include "partita/pipeline/load.hpp"
#include "partita/pipeline/stages.hpp"

#include <algorithm>

namespace partita::pipeline {

namespace {

/// Each product as how often each column is a factor: {2, 0} is a^2.
using Powers = std::vector<std::vector<int>>;

/// All powers that add up to 1 .. degree, by the first column's falling power, as a^2 a*b a b^2 b,
/// which is also how many factors at most each column may still have.
void add_products(std::size_t columns, int degree, std::vector<int>& prefix, Powers& all) {
    if (prefix.size() == columns) {
        if (std::any_of(prefix.begin(), prefix.end(), [](int p) { return p > 0; }))
            all.push_back(prefix);
        return;
    }
    for (int power = degree; power >= 0; --power) {
        prefix.push_back(power);
        add_products(columns, degree - power, prefix, all);
        prefix.pop_back();
    }
}

class Expansion : public Transformer {
  public:
    Expansion(std::vector<std::string> names, int most) : columns(std::move(names)), degree(most) {
        std::vector<int> prefix;
        add_products(columns.size(), degree, prefix, powers_);
        // The columns themselves are there already.
        std::erase_if(powers_, [](std::vector<int> const& powers) {
            int sum = 0;
            for (int const p : powers) sum += p;
            return sum == 1;
        });
    }

    std::vector<std::string> columns;
    int degree;

    std::string kind() const override { return "expand"; }
    std::vector<std::string> inputs() const override { return columns; }
    std::vector<frame::Field> outputs() const override {
        std::vector<std::string> names;
        for (auto const& powers : powers_) names.push_back(name_of(powers));
        return float_fields(names);
    }

    frame::Block transform(frame::Block const& block) const override {
        std::vector<Numbers> numbers;
        for (std::string const& name : columns) numbers.push_back(read_numbers(block, name));
        std::vector<frame::Column> made;
        for (auto const& powers : powers_) {
            Numbers product(static_cast<std::size_t>(block.rows()));
            product.values.assign(product.values.size(), 1.0);
            for (std::size_t c = 0; c < columns.size(); ++c)
                for (int p = 0; p < powers[c]; ++p)
                    for (std::size_t i = 0; i < product.values.size(); ++i) {
                        product.values[i] *= numbers[c].values[i];
                        if (numbers[c].missing[i]) product.mark(i);
                    }
            made.push_back(to_column(product));
        }
        return with_columns(block, outputs(), std::move(made));
    }

    std::string to_json() const override {
        return json{{"columns", columns}, {"degree", degree}}.dump();
    }

  private:
    std::string name_of(std::vector<int> const& powers) const {
        std::string name;
        for (std::size_t c = 0; c < columns.size(); ++c) {
            if (powers[c] == 0) continue;
            if (!name.empty()) name += '*';
            name += columns[c];
            if (powers[c] > 1) name += '^' + std::to_string(powers[c]);
        }
        return name;
    }

    Powers powers_;
};

class Projection : public Transformer {
  public:
    std::vector<std::string> columns;
    std::vector<double> mean, variances;
    std::vector<std::vector<double>> axes;

    std::string kind() const override { return "pca"; }
    std::vector<std::string> inputs() const override { return columns; }
    std::vector<frame::Field> outputs() const override {
        std::vector<std::string> names;
        for (std::size_t k = 1; k <= axes.size(); ++k) names.push_back("pc" + std::to_string(k));
        return float_fields(names);
    }

    frame::Block transform(frame::Block const& block) const override {
        std::vector<Numbers> numbers;
        for (std::string const& name : columns) numbers.push_back(read_numbers(block, name));
        std::vector<frame::Column> made;
        for (std::vector<double> const& axis : axes) {
            Numbers place(static_cast<std::size_t>(block.rows()));
            for (std::size_t c = 0; c < columns.size(); ++c)
                for (std::size_t i = 0; i < place.values.size(); ++i) {
                    place.values[i] += (numbers[c].values[i] - mean[c]) * axis[c];
                    if (numbers[c].missing[i]) place.missing[i] = 1;
                }
            for (std::size_t i = 0; i < place.values.size(); ++i)
                if (place.missing[i]) place.mark(i);
            made.push_back(to_column(place));
        }
        return with_columns(block, outputs(), std::move(made));
    }

    std::string to_json() const override {
        return json{{"columns", columns}, {"mean", mean}, {"variances", variances}, {"axes", axes}}
            .dump();
    }
};

}  // namespace

std::shared_ptr<Transformer const> read_expansion(json const& object) {
    return std::make_shared<Expansion>(texts_from_json(object, "columns"),
                                       object.at("degree").get<int>());
}

std::shared_ptr<Transformer const> read_projection(json const& object) {
    auto stage = std::make_shared<Projection>();
    stage->columns = texts_from_json(object, "columns");
    stage->mean = numbers_from_json(object, "mean");
    stage->variances = numbers_from_json(object, "variances");
    stage->axes = object.at("axes").get<std::vector<std::vector<double>>>();
    std::size_t const d = stage->columns.size();
    check(stage->mean.size() == d, "'mean': expected {} numbers, got {}", d, stage->mean.size());
    for (auto const& axis : stage->axes)
        check(axis.size() == d, "'axes': expected {} numbers, got {}", d, axis.size());
    return stage;
}

std::shared_ptr<Transformer const> PolynomialExpansion::fit(frame::Table const& table) const {
    check_everywhere(degree >= 1 && degree <= 10,
                     "polynomial expansion: expected a degree of 1 to 10, got {}", degree);
    collectively(table.context().comm(), "", [&] { table.schema().indices_of(columns); });
    return std::make_shared<Expansion>(columns, degree);
}

std::shared_ptr<Transformer const> Pca::fit(frame::Table const& table) const {
    Recipe recipe;
    for (std::string const& name : columns) recipe.features.push_back({{{name, std::nullopt}}});
    Communicator const& comm = table.context().comm();
    collectively(comm, "", [&] { table.schema().indices_of(columns); });
    LoadedRows const rows = load_rows(table, recipe, {Nulls::drop});
    ml::PrincipalAxes const found =
        ml::principal_axes(comm, *rows.set, components, table.context().threads());
    auto stage = std::make_shared<Projection>();
    stage->columns = columns;
    stage->mean = found.mean;
    stage->variances = found.variances;
    for (std::int64_t k = 0; k < components; ++k)
        stage->axes.emplace_back(found.axes.row(k), found.axes.row(k) + found.axes.cols());
    return stage;
}

}  // namespace partita::pipeline
