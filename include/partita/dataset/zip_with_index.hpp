#pragma once

#include "partita/dataset/make_dataset.hpp"
#include "partita/dataset/partition_counts.hpp"

#include <cstdint>
#include <memory>
#include <utility>

namespace partita::dataset {

/// Where each partition of a dataset starts, counted when it is needed.
template <class Input>
class StartsStage final : public Stage {
  public:
    explicit StartsStage(Input input) : input_(std::move(input)) {}

    void prepare() override {
        if (starts_.empty()) starts_ = partition_starts(input_);
    }
    std::int64_t start(std::int64_t partition) const {
        return starts_[static_cast<std::size_t>(partition)];
    }

  private:
    Input input_;
    std::vector<std::int64_t> starts_;
};

template <class Input>
auto zip_with_index(Input const& input) {
    using T = typename Input::Element;
    auto starts = std::make_shared<StartsStage<Input>>(input);
    Plan plan = input.plan().then_anew("zip_with_index");
    plan.stages.push_back(starts);
    return make_dataset<std::pair<T, std::int64_t>>(
        std::move(plan), [push = input.push(), starts](std::int64_t partition, auto&& sink) {
            std::int64_t index = starts->start(partition);
            push(partition, [&](auto&& item) {
                sink(std::pair<T, std::int64_t>(std::forward<decltype(item)>(item), index++));
            });
        });
}

}  // namespace partita::dataset
