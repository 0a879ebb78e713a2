#include "partita/ml/fold_rows.hpp"

#include "support/error_message.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"
#include "partita/core/random.hpp"

#include <cmath>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>

namespace partita::ml {
namespace {

/// Numbers whose sum depends on the order in which they are added.
std::vector<double> awkward_numbers(std::int64_t n) {
    std::vector<double> values(static_cast<std::size_t>(n));
    RandomStream random(7, 0);
    for (double& value : values)
        value =
            std::ldexp(static_cast<double>(random() >> 11), static_cast<int>(random() % 60) - 90);
    return values;
}

struct Sums : Partial {
    std::int64_t features;

    explicit Sums(std::int64_t d) : features(d) {}
    std::int64_t size() const override { return features + 1; }
    void accumulate(Batch const& batch, std::span<double> state, Scratch&) const override {
        for (std::int64_t i = 0; i < batch.x.rows; ++i) {
            for (std::int64_t j = 0; j < features; ++j)
                state[static_cast<std::size_t>(j)] += batch.weight(i) * batch.x.row(i)[j];
            state.back() += 1;
        }
    }
};

/// Sums whose merge tells earlier rows from later ones.
struct OrderedSums : Sums {
    using Sums::Sums;
    void merge(std::span<double> state, std::span<double const> later) const override {
        for (std::size_t i = 0; i < state.size(); ++i) state[i] = 0.5 * state[i] + later[i];
    }
};

/// The definition: blocks one by one, merged in pairs, level by level.
std::vector<double> oracle(Reals all, Blocking const& blocking, Partial const& partial) {
    std::vector<std::vector<double>> level;
    Scratch scratch;
    for (std::int64_t b = 0; b < blocking.blocks(); ++b) {
        RowRange const rows = blocking.block(b);
        level.emplace_back(static_cast<std::size_t>(partial.size()), 0.0);
        partial.accumulate({rows, all.slice(rows.first, rows.last), {}, {}}, level.back(), scratch);
    }
    while (level.size() > 1) {
        std::vector<std::vector<double>> above;
        for (std::size_t i = 0; i < level.size(); i += 2) {
            above.push_back(level[i]);
            if (i + 1 < level.size()) partial.merge(above.back(), level[i + 1]);
        }
        level = above;
    }
    if (level.empty()) return std::vector<double>(static_cast<std::size_t>(partial.size()), 0.0);
    return level.front();
}

/// Shares of n rows that grow with the rank: some ranks have none when n is small.
RowRange uneven_share(std::int64_t n, Communicator const& comm) {
    std::int64_t const p = comm.size(), r = comm.rank();
    return {n * r * r / (p * p), n * (r + 1) * (r + 1) / (p * p)};
}

TEST(FoldRows, EqualsTheDefinitionBitForBitWhereverRowsLie) {
    Communicator const world = Communicator::world();
    for (std::int64_t const n : {0, 1, 2, 5, 37, 64, 101, 1000}) {
        std::vector<double> const values = awkward_numbers(n * 3);
        Reals const all(values.data(), n, 3);
        RowRange const mine = uneven_share(n, world);
        for (int const threads : {1, 3}) {
            DenseTrainingSet const set(world, all.slice(mine.first, mine.last), {}, {}, 4);
            std::vector<double> const sums = fold_rows(world, set, Sums(3), "sum", threads);
            EXPECT_EQ(sums, oracle(all, Blocking(n, 4), Sums(3))) << n << " rows";
            EXPECT_EQ(fold_rows(world, set, OrderedSums(3), "fold", threads),
                      oracle(all, Blocking(n, 4), OrderedSums(3)))
                << n << " rows";
        }
    }
}

TEST(FoldRows, HandsEveryRowItsLabelAndWeight) {
    Communicator const world = Communicator::world();
    struct LabelCheck : Sums {
        LabelCheck() : Sums(1) {}
        void accumulate(Batch const& batch, std::span<double> state, Scratch&) const override {
            for (std::int64_t i = 0; i < batch.x.rows; ++i) {
                double const row = static_cast<double>(batch.rows.first + i);
                state[0] += batch.x.row(i)[0] == row && batch.y[i] == 2 * row &&
                            batch.weights[i] == row / 2;
                state[1] += 1;
            }
        }
    };
    std::int64_t const n = 203;
    std::vector<double> x(n), y(n), w(n);
    for (std::size_t i = 0; i < n; ++i)
        x[i] = static_cast<double>(i), y[i] = 2 * x[i], w[i] = x[i] / 2;
    RowRange const mine = uneven_share(n, world);
    auto const part = [&](std::vector<double> const& v) {
        return std::span(v).subspan(mine.first, mine.size());
    };
    DenseTrainingSet const set(world, Reals(x.data() + mine.first, mine.size(), 1), part(y),
                               part(w), 8);
    EXPECT_EQ(fold_rows(world, set, LabelCheck(), "check"), (std::vector<double>{n, n}));
}

TEST(FoldRows, AFailureInOneBlockIsEveryRanksError) {
    Communicator const world = Communicator::world();
    struct Failing : Sums {
        Failing() : Sums(1) {}
        void accumulate(Batch const& batch, std::span<double>, Scratch&) const override {
            if (batch.rows.contains(90)) fail("row 90 is bad");
        }
    };
    std::vector<double> const x(100, 1.0);
    RowRange const mine = share_of(100, world.size(), world.rank());
    DenseTrainingSet const set(world, Reals(x.data(), mine.size(), 1), {}, {}, 8);
    std::string const message =
        test::error_message([&] { fold_rows(world, set, Failing(), "fit"); });
    EXPECT_EQ(message.substr(0, 18), "fit: row 90 is bad");
}

TEST(TrainingSet, RefusesWhatIsNoNumber) {
    Communicator const world = Communicator::world();
    std::vector<double> x(10 * 2, 1.0);
    if (world.rank() == world.size() - 1) x[7] = NAN;
    std::string const message =
        test::error_message([&] { DenseTrainingSet(world, Reals(x.data(), 10, 2)); });
    std::string const row = std::to_string(10 * (world.size() - 1) + 3);
    EXPECT_NE(message.find("row " + row + ", feature 1: expected a finite number, got nan"),
              std::string::npos)
        << message;
}

}  // namespace
}  // namespace partita::ml
