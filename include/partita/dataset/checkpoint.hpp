#pragma once

#include "partita/dataset/checkpoint_files.hpp"
#include "partita/dataset/make_dataset.hpp"
#include "partita/dataset/partition_writer.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <typeinfo>
#include <utility>
#include <vector>

namespace partita::dataset {

/// A dataset on disk: written when it is first asked for, if it is not there from an earlier job.
template <class Input>
class CheckpointStage final : public Stage, public Source<stored_t<typename Input::Element>> {
    using T = stored_t<typename Input::Element>;

  public:
    CheckpointStage(Input const& input, std::string folder, std::string version)
        : input_(input),
          files_(input.context(), std::move(folder),
                 {outline(input.plan().chain("checkpoint")), typeid(T).name(), std::move(version)}),
          described_(std::make_shared<KeptResult>(
              KeptResult{"checkpoint",
                         {input.plan().chain()},
                         "written to '" + files_.folder() + "', exchanges nothing",
                         partitions()})) {
        described_->computed = files_.finished();
        if (files_.finished()) input_.reset();  // and what it keeps
    }

    std::shared_ptr<KeptResult const> described() const { return described_; }
    std::int64_t partitions() const {
        return files_.finished() ? files_.partitions() : input_->num_partitions();
    }
    /// `placement` if that is how the pairs are placed here.
    Placement placed(Placement placement) const {
        bool const same = !files_.finished() || files_.placement() == placement.describe();
        return same ? placement : Placement();
    }

    void prepare() override {
        if (ready_) return;
        if (!files_.finished()) write();
        files_.start_reading();
        ready_ = true;
        input_.reset();
        described_->computed = true;
    }

    void run(std::int64_t partition, BlockSink<T> sink) const override {
        std::vector<T> unpacked;
        files_.for_each_piece(partition, [&](std::span<std::byte const> bytes) {
            for_each_block<T>(bytes, unpacked, sink);
        });
    }

  private:
    void write() {
        input_->plan().prepare();  // a failure before this stage leaves no folder
        files_.start_writing();
        run_partitions(input_->plan(), "checkpoint",
                       [&](std::int64_t partition) { write_partition(partition); });
        files_.finish_writing(input_->num_partitions(), input_->placement().describe());
    }

    void write_partition(std::int64_t partition) {
        Context const& context = input_->context();
        PooledBuffer block(context.memory(), writer_chunk_bytes(context));
        std::int64_t used = 0;
        auto const flush = [&] {
            if (used > 0) files_.write(partition, {block.data(), static_cast<std::size_t>(used)});
            used = 0;
        };
        input_->push()(partition, [&](auto const& item) {
            using ItemCodec = Codec<std::remove_cvref_t<decltype(item)>>;
            std::int64_t const bytes = ItemCodec::size(item);
            if (used + bytes > block.capacity()) {
                flush();
                if (bytes > block.capacity()) block = PooledBuffer(context.memory(), bytes);
            }
            ItemCodec::write(block.data() + used, item);
            used += bytes;
        });
        flush();
    }

    std::optional<Input> input_;
    CheckpointFiles files_;
    std::shared_ptr<KeptResult const> described_;
    bool ready_ = false;
};

template <class Input>
auto checkpoint(Input const& input, std::string folder, std::string version) {
    using T = stored_t<typename Input::Element>;
    auto stage =
        std::make_shared<CheckpointStage<Input>>(input, std::move(folder), std::move(version));
    Plan plan{input.context(),
              {stage->partitions()},
              {stage},
              "checkpoint",
              stage->placed(input.placement())};
    plan.starts = {stage->described()};
    return make_dataset<T>(std::move(plan), ErasedPush<T>(stage));
}

}  // namespace partita::dataset
