#pragma once

#include "partita/dataset/codec.hpp"

#include <cstdint>

namespace partita::dataset {

/// What the accumulators of a table hold besides themselves, about: nothing where they are flat.
///
/// A new accumulator is counted as it comes. Those that grow are measured again whenever a quarter
/// more values were added, so that this costs little and errs by little.
template <class Value>
class ValueMeter {
  public:
    std::int64_t bytes() const { return bytes_; }

    void count(Value const& value) {
        if constexpr (!Flat<Value>) bytes_ += Codec<Value>::size(value);
    }
    /// To be called when a value was added to an accumulator. @returns whether it was time to
    /// measure the table's.
    template <class Table>
    bool added(Table& table) {
        if constexpr (Flat<Value>) {
            return false;
        } else {
            if (++added_ < next_) return false;
            measure(table);
            return true;
        }
    }
    template <class Table>
    void measure(Table& table) {
        if constexpr (!Flat<Value>) {
            bytes_ = 0;
            for (std::int64_t i = 0; i < table.size(); ++i) count(table.entry(i).second);
            next_ = added_ + added_ / 4 + 16;
        }
    }
    void clear() { bytes_ = added_ = 0, next_ = 16; }

  private:
    std::int64_t bytes_ = 0;
    std::int64_t added_ = 0, next_ = 16;
};

}  // namespace partita::dataset
