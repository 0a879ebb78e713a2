#pragma once

#include "frame/group/accumulator.hpp"
#include "frame/group/prefetch.hpp"

#include "partita/frame/column_builder.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace partita::frame {

/// An accumulator with a flat state per group; nulls are left out before Ops sees a value.
template <class State>
class StateAccumulator : public Accumulator {
  public:
    void grow(std::int64_t groups) override { states_.resize(static_cast<std::size_t>(groups)); }
    std::int64_t bytes() const override {
        return static_cast<std::int64_t>(states_.size() * sizeof(State));
    }

  protected:
    std::vector<State> take() { return std::exchange(states_, {}); }
    State& state(std::uint32_t group) { return states_[group]; }

    template <class T, class Add>
    void for_values(Column const& input, std::uint32_t const* groups, Add const& add) {
        T const* const values = input.values<T>();
        std::uint8_t const* const nulls = input.nulls();
        State* const states = states_.data();
        for_rows(values, 0, input.size(), [&](std::int64_t i) {
            if (!nulls || !nulls[i]) add(states[groups[i]], values[i], i);
            return true;
        });
    }

  private:
    std::vector<State> states_;
};

/// `get(state)` of each state as a column; null where `is_null(state)` holds.
template <class T, class State, class Get, class IsNull>
Column column_of(Type type, std::vector<State> const& states, Get const& get,
                 IsNull const& is_null) {
    ColumnBuilder column(type);
    column.reserve(static_cast<std::int64_t>(states.size()));
    for (State const& state : states) {
        if (is_null(state))
            column.append_null();
        else
            column.append(static_cast<T>(get(state)));
    }
    return column.finish();
}

template <class T, class State, class Get>
Column column_of(Type type, std::vector<State> const& states, Get const& get) {
    return column_of<T>(type, states, get, [](State const&) { return false; });
}

}  // namespace partita::frame
