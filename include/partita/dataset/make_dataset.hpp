#pragma once

#include "partita/dataset/packed_items.hpp"
#include "partita/dataset/plan.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace partita::dataset {

template <class T, class Push>
class Dataset;

/// A fused dataset of T; the one place that names all template arguments.
template <class T, class Push>
Dataset<T, Push> make_dataset(Plan plan, Push push) {
    return Dataset<T, Push>(std::move(plan), std::move(push));
}

/// The result of a wide operation: built when it is first asked for, then kept.
template <class T>
class WideResult final : public Stage, public Source<T> {
  public:
    using Build = std::function<std::shared_ptr<PieceStore const>()>;

    WideResult(Build build, std::shared_ptr<KeptResult const> described)
        : build_(std::move(build)), described_(std::move(described)) {}

    void prepare() override {
        if (stored_) return;
        stored_ = std::make_unique<StoredSource<T>>(build_());
        build_ = nullptr;  // and with it what the operation's inputs kept
        described_->computed = true;
    }
    void run(std::int64_t partition, BlockSink<T> sink) const override {
        stored_->run(partition, sink);
    }
    std::shared_ptr<PieceStore const> store() const override {
        return stored_ ? stored_->store() : nullptr;
    }

  private:
    Build build_;
    std::shared_ptr<KeptResult const> described_;
    std::unique_ptr<StoredSource<T>> stored_;
};

/// What explain() says of results that stay where their inputs are.
inline constexpr char const* exchanges_nothing = "exchanges nothing";
/// What it says of a result whose pairs go where `placement` says.
inline std::string movement_to(Placement const& placement) {
    return "exchanged by " + (placement ? placement.describe() : "position");
}

/// A dataset that `build` computes: a wide operation is this and its three steps.
///
/// @param from       The plan of the operation's (first) input.
/// @param operation  Its name, for messages and lineage.
/// @param build      Collective. Returns a settled store of `partitions` partitions.
/// @param movement   What is exchanged, for explain(); default: movement_to(placement).
template <class T>
auto make_wide(Plan const& from, std::string_view operation, std::int64_t partitions,
               Placement placement, typename WideResult<T>::Build build,
               std::string movement = {}) {
    auto described = std::make_shared<KeptResult>(
        KeptResult{std::string(operation),
                   {from.chain()},
                   movement.empty() ? movement_to(placement) : std::move(movement),
                   partitions});
    auto result = std::make_shared<WideResult<T>>(std::move(build), described);
    Plan plan{from.context, {partitions}, {result}, std::string(operation), std::move(placement)};
    plan.starts = {std::move(described)};
    return make_dataset<T>(std::move(plan), ErasedPush<T>(result));
}

}  // namespace partita::dataset
