#include "frame/group/state_accumulator.hpp"

#include "partita/core/error.hpp"
#include "partita/frame/expression.hpp"

#include <cmath>
#include <utility>

namespace partita::frame {

namespace {

class Count final : public StateAccumulator<std::int64_t> {
  public:
    void update(Column const* input, std::uint32_t const* groups, std::int64_t rows,
                std::int64_t) override {
        for (std::int64_t i = 0; i < rows; ++i) state(groups[i]) += !(input && input->is_null(i));
    }
    std::vector<Type> partial_types() const override { return {Type::int64}; }
    void take_partial(std::vector<Column>& out) override { out.push_back(finish()); }
    void merge(std::span<Column const> partial, std::uint32_t const* groups,
               std::int64_t) override {
        for_values<std::int64_t>(partial[0], groups,
                                 [](auto& state, std::int64_t n, std::int64_t) { state += n; });
    }
    Column finish() override {
        return column_of<std::int64_t>(Type::int64, take(), [](std::int64_t n) { return n; });
    }
};

struct FloatTotal {
    double total = 0;
    std::int64_t count = 0;
};

class FloatSum final : public StateAccumulator<FloatTotal> {
  public:
    explicit FloatSum(bool mean) : mean_(mean) {}
    void update(Column const* input, std::uint32_t const* groups, std::int64_t,
                std::int64_t) override {
        for_values<double>(*input, groups, [](auto& state, double x, std::int64_t) {
            state.total += x;
            ++state.count;
        });
    }
    std::vector<Type> partial_types() const override { return {Type::float64, Type::int64}; }
    void take_partial(std::vector<Column>& out) override {
        auto const states = take();
        out.push_back(
            column_of<double>(Type::float64, states, [](auto const& s) { return s.total; }));
        out.push_back(
            column_of<std::int64_t>(Type::int64, states, [](auto const& s) { return s.count; }));
    }
    void merge(std::span<Column const> partial, std::uint32_t const* groups,
               std::int64_t) override {
        auto const* const count = partial[1].values<std::int64_t>();
        for_values<double>(partial[0], groups, [&](auto& state, double x, std::int64_t i) {
            state.total += x;
            state.count += count[i];
        });
    }
    Column finish() override {
        return column_of<double>(
            Type::float64, take(),
            [this](auto const& s) {
                return mean_ ? s.total / static_cast<double>(s.count) : s.total;
            },
            [](auto const& s) { return s.count == 0; });
    }

  private:
    bool mean_;
};

struct Moments {
    double count = 0, mean = 0, squares = 0;  ///< Squares of distances from the mean.
};

/// Chan, Golub, LeVeque, "Updating formulae and a pairwise algorithm for computing sample
/// variances", 1979.
class Variance final : public StateAccumulator<Moments> {
  public:
    explicit Variance(bool root) : root_(root) {}
    void update(Column const* input, std::uint32_t const* groups, std::int64_t,
                std::int64_t) override {
        for_values<double>(*input, groups, [](Moments& state, double x, std::int64_t) {
            double const distance = x - state.mean;
            state.mean += distance / ++state.count;
            state.squares += distance * (x - state.mean);
        });
    }
    std::vector<Type> partial_types() const override {
        return {Type::float64, Type::float64, Type::float64};
    }
    void take_partial(std::vector<Column>& out) override {
        auto const states = take();
        for (double Moments::*member : {&Moments::count, &Moments::mean, &Moments::squares})
            out.push_back(column_of<double>(Type::float64, states,
                                            [=](Moments const& s) { return s.*member; }));
    }
    void merge(std::span<Column const> partial, std::uint32_t const* groups,
               std::int64_t rows) override {
        double const *const count = partial[0].values<double>(),
                            *const mean = partial[1].values<double>(),
                            *const squares = partial[2].values<double>();
        for (std::int64_t i = 0; i < rows; ++i) {
            if (count[i] == 0) continue;
            Moments& to = state(groups[i]);
            double const all = to.count + count[i], distance = mean[i] - to.mean;
            to.squares += squares[i] + distance * distance * (to.count * count[i] / all);
            to.mean += distance * (count[i] / all);
            to.count = all;
        }
    }
    Column finish() override {
        return column_of<double>(
            Type::float64, take(),
            [this](Moments const& s) {
                double const var = s.squares / (s.count - 1);
                return root_ ? std::sqrt(var) : var;
            },
            [](Moments const& s) { return s.count < 2; });
    }

  private:
    bool root_;
};

/// Gives a bool or float32 column to an accumulator of a wider type, and casts the result back.
class Widened final : public Accumulator {
  public:
    Widened(std::unique_ptr<Accumulator> inner, Type wide, Type result)
        : inner_(std::move(inner)), wide_(wide), result_(result) {}
    void grow(std::int64_t groups) override { inner_->grow(groups); }
    void update(Column const* input, std::uint32_t const* groups, std::int64_t rows,
                std::int64_t first_position) override {
        Column const wide = cast(*input, wide_);
        inner_->update(&wide, groups, rows, first_position);
    }
    std::vector<Type> partial_types() const override { return inner_->partial_types(); }
    void take_partial(std::vector<Column>& out) override { inner_->take_partial(out); }
    void merge(std::span<Column const> partial, std::uint32_t const* groups,
               std::int64_t rows) override {
        inner_->merge(partial, groups, rows);
    }
    Column finish() override { return cast(inner_->finish(), result_); }
    std::int64_t bytes() const override { return inner_->bytes(); }
    void limit_values(std::int64_t bytes) override { inner_->limit_values(bytes); }
    bool needs_pass() override { return inner_->needs_pass(); }

  private:
    std::unique_ptr<Accumulator> inner_;
    Type wide_, result_;
};

std::unique_ptr<Accumulator> accumulator_for(Aggregate const& aggregate, Type input) {
    switch (aggregate.kind) {
        case Aggregate::count:
            return std::make_unique<Count>();
        case Aggregate::sum:
        case Aggregate::mean: {
            bool const mean = aggregate.kind == Aggregate::mean;
            if (input == Type::float64) return std::make_unique<FloatSum>(mean);
            return make_integer_sum(mean, aggregate.column);
        }
        case Aggregate::var:
        case Aggregate::stddev:
            return std::make_unique<Variance>(aggregate.kind == Aggregate::stddev);
        case Aggregate::min:
        case Aggregate::max:
        case Aggregate::first:
            return make_choice(aggregate.kind, input);
        case Aggregate::count_distinct:
            return make_count_distinct(input);
        case Aggregate::quantile:
            break;
    }
    return make_quantile(aggregate.fraction);
}

}  // namespace

std::unique_ptr<Accumulator> make_accumulator(Aggregate const& aggregate, Schema const& schema) {
    Type const result = aggregate.result_type(schema);
    if (aggregate.column.empty()) return std::make_unique<Count>();
    Type const input = schema[schema.index_of(aggregate.column)].type;
    bool const any_type =
        aggregate.kind == Aggregate::count || aggregate.kind == Aggregate::count_distinct;
    bool const in_float = aggregate.kind == Aggregate::var || aggregate.kind == Aggregate::stddev ||
                          aggregate.kind == Aggregate::quantile || input == Type::float32;
    Type const wide = any_type                 ? input
                      : in_float               ? Type::float64
                      : input == Type::boolean ? Type::int64
                                               : input;
    auto inner = accumulator_for(aggregate, wide);
    if (wide == input) return inner;
    return std::make_unique<Widened>(std::move(inner), wide, result);
}

}  // namespace partita::frame
