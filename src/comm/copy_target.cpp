#include "comm/copy_target.hpp"

#include "comm/shared_mapping.hpp"

#include "partita/core/buffer.hpp"
#include "partita/core/file.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <future>

namespace partita {

namespace {

std::size_t slot_of(std::int64_t chunk) { return static_cast<std::size_t>(chunk % chunks_in_hand); }

/// Background work on the chunks in hand, one task per slot; destruction waits for all.
class SlotTasks {
  public:
    template <class Task>
    void start(std::int64_t chunk, Task task) {
        tasks_[slot_of(chunk)] = std::async(std::launch::async, std::move(task));
    }
    /// Wait for the slot's task; what it threw is thrown here.
    void wait(std::int64_t chunk) {
        if (auto& task = tasks_[slot_of(chunk)]; task.valid()) task.get();
    }

  private:
    std::array<std::future<void>, chunks_in_hand> tasks_;
};

/// A file in memory: chunks arrive where they stay. The pages are made ready in the background,
/// which costs more than the transfer itself.
class MappedCopy : public CopyTarget {
  public:
    MappedCopy(std::string const& path, Chunks chunks)
        : chunks_(chunks), file_(File::create(path)) {
        file_.resize(chunks.file_bytes);
        mapping_ = SharedMapping(file_, chunks.file_bytes);
    }

    std::byte* prepare(std::int64_t chunk) override {
        std::int64_t const last = std::min(chunks_.count(), chunk + chunks_in_hand);
        for (; populating_ < last; ++populating_)
            tasks_.start(populating_, [this, first = chunks_.offset(populating_),
                                       bytes = chunks_.size(populating_)] {
                mapping_.populate(file_, first, first + bytes);
            });
        tasks_.wait(chunk);
        return mapping_.data() + chunks_.offset(chunk);
    }
    void keep(std::int64_t) override {}
    void finish() override {}

  private:
    Chunks chunks_;
    File file_;
    SharedMapping mapping_;
    std::int64_t populating_ = 0;
    SlotTasks tasks_;  // last: its end waits for work on the others
};

/// A file on a disk, whose mapping would be slow: chunks arrive in buffers and are written while
/// the next ones arrive.
class WrittenCopy : public CopyTarget {
  public:
    WrittenCopy(std::string const& path, Chunks chunks)
        : chunks_(chunks),
          file_(File::create(path)),
          buffers_(std::min(chunks.count(), chunks_in_hand) * chunks.chunk_bytes) {
        reserve(file_, 0, chunks.file_bytes);
    }

    std::byte* prepare(std::int64_t chunk) override {
        tasks_.wait(chunk);
        return place(chunk);
    }
    void keep(std::int64_t chunk) override {
        tasks_.start(chunk, [this, chunk] {
            file_.write_at(chunks_.offset(chunk), place(chunk), chunks_.size(chunk));
        });
    }
    void finish() override {
        for (std::int64_t slot = 0; slot < chunks_in_hand; ++slot) tasks_.wait(slot);
    }

  private:
    std::byte* place(std::int64_t chunk) {
        return buffers_.data() + static_cast<std::int64_t>(slot_of(chunk)) * chunks_.chunk_bytes;
    }

    Chunks chunks_;
    File file_;
    Buffer<std::byte> buffers_;
    SlotTasks tasks_;  // last: its end waits for work on the others
};

}  // namespace

std::unique_ptr<CopyTarget> make_copy_target(std::string const& path, Chunks chunks) {
    std::string const folder = std::filesystem::path(path).parent_path();
    check_room(folder, chunks.file_bytes);
    if (is_memory_folder(folder)) return std::make_unique<MappedCopy>(path, chunks);
    return std::make_unique<WrittenCopy>(path, chunks);
}

}  // namespace partita
