#include "frame/group/state_accumulator.hpp"

#include <cmath>
#include <string>
#include <type_traits>

namespace partita::frame {

namespace {

/// min, max and first: one value is kept, and where its row was.
template <class T>
struct Kept {
    T value{};
    std::int64_t position = -1;  ///< -1 = there is none yet.
};

template <class T>
class Choice final : public StateAccumulator<Kept<T>> {
    using Base = StateAccumulator<Kept<T>>;

  public:
    Choice(Aggregate::Kind kind, Type type) : kind_(kind), type_(type) {}
    void update(Column const* input, std::uint32_t const* groups, std::int64_t rows,
                std::int64_t first_position) override {
        for (std::int64_t i = 0; i < rows; ++i)
            if (!input->is_null(i)) offer(groups[i], value_at(*input, i), first_position + i);
    }
    std::vector<Type> partial_types() const override { return {type_, Type::int64}; }
    void take_partial(std::vector<Column>& out) override {
        auto const states = Base::take();
        out.push_back(values_of(states));
        out.push_back(
            column_of<std::int64_t>(Type::int64, states, [](auto const& s) { return s.position; }));
    }
    void merge(std::span<Column const> partial, std::uint32_t const* groups,
               std::int64_t rows) override {
        auto const* const positions = partial[1].values<std::int64_t>();
        for (std::int64_t i = 0; i < rows; ++i)
            if (positions[i] >= 0) offer(groups[i], value_at(partial[0], i), positions[i]);
    }
    Column finish() override { return values_of(Base::take()); }

  private:
    using View = std::conditional_t<std::is_same_v<T, std::string>, std::string_view, T>;

    static View value_at(Column const& column, std::int64_t i) {
        if constexpr (std::is_same_v<T, std::string>)
            return column.text(i);
        else
            return column.values<T>()[i];
    }
    static bool less(View a, View b) {
        if constexpr (std::is_floating_point_v<T>)
            return a < b || (std::isnan(b) && !std::isnan(a));
        else
            return a < b;
    }
    void offer(std::uint32_t group, View value, std::int64_t position) {
        Kept<T>& kept = Base::state(group);
        bool const better = kind_ == Aggregate::first ? position < kept.position
                            : kind_ == Aggregate::min ? less(value, View(kept.value))
                                                      : less(View(kept.value), value);
        if (kept.position >= 0 && !better) return;
        kept.value = T(value);
        kept.position = position;
    }
    Column values_of(std::vector<Kept<T>> const& states) const {
        if constexpr (std::is_same_v<T, std::string>) {
            ColumnBuilder column(Type::text);
            for (auto const& state : states) {
                if (state.position < 0)
                    column.append_null();
                else
                    column.append_text(state.value);
            }
            return column.finish();
        } else {
            return column_of<T>(
                type_, states, [](auto const& s) { return s.value; },
                [](auto const& s) { return s.position < 0; });
        }
    }

    Aggregate::Kind kind_;
    Type type_;
};

}  // namespace

std::unique_ptr<Accumulator> make_choice(Aggregate::Kind kind, Type input) {
    if (input == Type::text) return std::make_unique<Choice<std::string>>(kind, input);
    if (input == Type::float64) return std::make_unique<Choice<double>>(kind, input);
    return std::make_unique<Choice<std::int64_t>>(kind, input);
}

}  // namespace partita::frame
