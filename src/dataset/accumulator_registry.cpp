#include "partita/dataset/accumulator_registry.hpp"

#include <utility>

namespace partita::dataset {

void AccumulatorRegistry::start_run() {
    ++run_;
    live_.clear();
    std::erase_if(registered_, [](auto const& accumulator) { return accumulator.expired(); });
    for (auto const& accumulator : registered_) live_.push_back(accumulator.lock());
}

void AccumulatorRegistry::agree() {
    auto const live = std::exchange(live_, {});
    run_ = 0;
    for (auto const& accumulator : live) accumulator->agree();
}

void AccumulatorRegistry::drop() noexcept {
    for (auto const& accumulator : live_) accumulator->drop();
    live_.clear();
    run_ = 0;
}

}  // namespace partita::dataset
