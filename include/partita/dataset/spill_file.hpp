#pragma once

#include "partita/core/file.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace partita::dataset {

class SpillPolicy;

/// A temporary file that grows at its end. It has no name, so nothing is left behind however the
/// job ends. Thread-safe.
class SpillFile {
  public:
    /// `total` counts the bytes of all spill files together; `policy` is theirs, too.
    SpillFile(File file, std::shared_ptr<std::atomic<std::int64_t>> total,
              std::shared_ptr<SpillPolicy> policy)
        : file_(std::move(file)), total_(std::move(total)), policy_(std::move(policy)) {}

    /// @returns where the bytes begin.
    std::int64_t append(void const* data, std::int64_t bytes) {
        std::int64_t const offset = reserve(bytes);
        write(offset, data, bytes);
        return offset;
    }
    /// Room for bytes that are written later. @returns where it begins.
    std::int64_t reserve(std::int64_t bytes) { return size_.fetch_add(bytes); }
    void write(std::int64_t offset, void const* data, std::int64_t bytes) {
        file_.write_at(offset, data, bytes);
        total_->fetch_add(bytes);
    }
    void read(std::int64_t offset, void* out, std::int64_t bytes) const {
        file_.read_at(offset, out, bytes);
    }
    std::int64_t size() const { return size_.load(); }
    /// Whether to compress what is appended.
    SpillPolicy& policy() const { return *policy_; }

  private:
    File file_;
    std::atomic<std::int64_t> size_ = 0;
    std::shared_ptr<std::atomic<std::int64_t>> total_;
    std::shared_ptr<SpillPolicy> policy_;
};

}  // namespace partita::dataset
