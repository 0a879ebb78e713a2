#include "frame/group/state_accumulator.hpp"

#include "partita/core/error.hpp"

#include <string>
#include <utility>
#include <vector>

namespace partita::frame {

namespace {

/// Sums of int64 and means of them, exact. A group's total is in 64 bits as long as no group's can
/// overflow, which blocks' largest values and numbers of rows tell; then it moves to 128 bits.
class IntegerSum final : public Accumulator {
  public:
    IntegerSum(bool mean, std::string column) : mean_(mean), column_(std::move(column)) {}
    void grow(std::int64_t groups) override {
        states_.resize(static_cast<std::size_t>(groups));
        if (!wide_.empty()) wide_.resize(states_.size());
    }
    std::int64_t bytes() const override {
        return static_cast<std::int64_t>(states_.size() * sizeof(State) +
                                         wide_.size() * sizeof(__int128));
    }
    void update(Column const* input, std::uint32_t const* groups, std::int64_t rows,
                std::int64_t) override {
        std::int64_t const* const values = input->values<std::int64_t>();
        if (!make_room(values, rows)) return add_wide(*input, values, groups, rows);
        State* const states = states_.data();
        std::uint8_t const* const nulls = input->nulls();
        if (!nulls) {
            for_rows(values, 0, rows, [=](std::int64_t i) {
                State& to = states[groups[i]];
                to.total += values[i];
                ++to.count;
                return true;
            });
            return;
        }
        for_rows(values, 0, rows, [=](std::int64_t i) {  // a null's value is 0
            State& to = states[groups[i]];
            to.total += values[i];
            to.count += !nulls[i];
            return true;
        });
    }
    std::vector<Type> partial_types() const override {
        return {Type::int64, Type::int64, Type::int64};
    }
    void take_partial(std::vector<Column>& out) override {
        carry();
        auto const states = std::exchange(states_, {});
        auto const wide = std::exchange(wide_, {});
        out.push_back(
            column_of<std::int64_t>(Type::int64, wide, [](__int128 x) { return x >> 64; }));
        out.push_back(column_of<std::int64_t>(Type::int64, wide, [](__int128 x) { return x; }));
        out.push_back(
            column_of<std::int64_t>(Type::int64, states, [](State const& s) { return s.count; }));
    }
    void merge(std::span<Column const> partial, std::uint32_t const* groups,
               std::int64_t rows) override {
        auto const *const high = partial[0].values<std::int64_t>(),
                          *const low = partial[1].values<std::int64_t>(),
                          *const count = partial[2].values<std::int64_t>();
        wide_.resize(states_.size());
        for (std::int64_t i = 0; i < rows; ++i) {
            wide_[groups[i]] += static_cast<__int128>(high[i]) * (static_cast<__int128>(1) << 64) +
                                static_cast<std::uint64_t>(low[i]);
            states_[groups[i]].count += count[i];
        }
    }
    Column finish() override {
        carry();
        auto const states = std::exchange(states_, {});
        auto const wide = std::exchange(wide_, {});
        ColumnBuilder results(mean_ ? Type::float64 : Type::int64);
        results.reserve(static_cast<std::int64_t>(states.size()));
        for (std::size_t g = 0; g < states.size(); ++g) {
            if (states[g].count == 0)
                results.append_null();
            else if (mean_)
                results.append(static_cast<double>(wide[g]) / static_cast<double>(states[g].count));
            else
                results.append(narrow(wide[g]));
        }
        return results.finish();
    }

  private:
    struct State {
        std::int64_t total = 0, count = 0;
    };

    /// Whether the 64 bits of totals will do for these values as well.
    bool make_room(std::int64_t const* values, std::int64_t rows) {
        // Where a value's bit differs from the one below it: no magnitude is larger than all of
        // these together. (Left shifts, as the least common denominator of processors has them in
        // vectors.)
        std::uint64_t bits = 0;
        for (std::int64_t i = 0; i < rows; ++i) {
            auto const value = static_cast<std::uint64_t>(values[i]);
            bits |= value ^ (value << 1);
        }
        constexpr unsigned __int128 most = std::uint64_t{1} << 63;
        unsigned __int128 const sum =
            (static_cast<unsigned __int128>(bits) + 1) * static_cast<std::uint64_t>(rows);
        if (bound_ + sum >= most) carry();
        if (sum >= most) return false;
        bound_ += sum;
        return true;
    }
    void add_wide(Column const& input, std::int64_t const* values, std::uint32_t const* groups,
                  std::int64_t rows) {
        for (std::int64_t i = 0; i < rows; ++i) {
            wide_[groups[i]] += values[i];
            states_[groups[i]].count += !input.is_null(i);
        }
    }
    void carry() {
        wide_.resize(states_.size());
        for (std::size_t g = 0; g < states_.size(); ++g)
            wide_[g] += std::exchange(states_[g].total, 0);
        bound_ = 0;
    }
    std::int64_t narrow(__int128 sum) const {
        auto const value = static_cast<std::int64_t>(sum);
        check(value == sum,
              "the sum of column '{}' is more than an int64 holds: cast it to float64 first",
              column_);
        return value;
    }

    bool mean_;
    std::string column_;
    std::vector<State> states_;
    std::vector<__int128> wide_;   ///< Empty, or one for each state.
    unsigned __int128 bound_ = 0;  ///< No total is larger.
};

}  // namespace

std::unique_ptr<Accumulator> make_integer_sum(bool mean, std::string column) {
    return std::make_unique<IntegerSum>(mean, std::move(column));
}

}  // namespace partita::frame
