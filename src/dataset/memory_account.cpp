#include "partita/dataset/memory_account.hpp"

#include "partita/core/buffer.hpp"

#include <algorithm>
#include <bit>

namespace partita::dataset {
namespace {

/// Smaller memory comes from malloc, which pools it itself.
constexpr std::int64_t pooled_from = 32 << 10;

/// Sizes in four steps per doubling, so that buffers of about one size can replace each other and
/// at most a quarter is wasted.
std::int64_t size_class(std::int64_t bytes) {
    if (bytes < pooled_from) return bytes;
    auto const step =
        static_cast<std::int64_t>(std::bit_floor(static_cast<std::uint64_t>(bytes - 1)) / 4);
    return (bytes + step - 1) / step * step;
}

void free_buffer(std::byte* memory, std::int64_t capacity) noexcept {
    release_pages(memory, static_cast<std::size_t>(capacity));
}

}  // namespace

MemoryAccount::~MemoryAccount() { trim_to(0); }

bool MemoryAccount::try_keep(std::int64_t bytes) {
    std::lock_guard const lock(mutex_);
    // A 32nd is left to what must be kept in any case, as what is noted about spilled pieces.
    if (kept_ + bytes > kept_limit() - kept_limit() / 32) return false;
    kept_ += bytes;
    trim_to(kept_limit() - kept_);
    return true;
}

void MemoryAccount::keep(std::int64_t bytes) {
    std::lock_guard const lock(mutex_);
    kept_ += bytes;
    trim_to(std::max<std::int64_t>(kept_limit() - kept_, 0));
}

void MemoryAccount::release(std::int64_t bytes) {
    std::lock_guard const lock(mutex_);
    kept_ -= bytes;
}

std::int64_t MemoryAccount::kept_bytes() const {
    std::lock_guard const lock(mutex_);
    return kept_;
}

std::byte* MemoryAccount::take(std::int64_t bytes, std::int64_t& capacity) {
    capacity = size_class(bytes);
    if (capacity >= pooled_from) {
        std::lock_guard const lock(mutex_);
        auto const found = idle_.find(capacity);
        if (found != idle_.end()) {
            std::byte* const memory = found->second.back();
            found->second.pop_back();
            if (found->second.empty()) idle_.erase(found);
            idle_bytes_ -= capacity;
            return memory;
        }
    }
    return static_cast<std::byte*>(allocate_pages(static_cast<std::size_t>(capacity)));
}

void MemoryAccount::give_back(std::byte* memory, std::int64_t capacity) noexcept {
    if (capacity < pooled_from) return free_buffer(memory, capacity);
    std::lock_guard const lock(mutex_);
    if (idle_bytes_ + capacity > kept_limit() - kept_) return free_buffer(memory, capacity);
    try {
        idle_[capacity].push_back(memory);
        idle_bytes_ += capacity;
    } catch (...) {  // no memory for the list
        free_buffer(memory, capacity);
    }
}

/// Free idle buffers, the largest first, until they fit. The caller holds the lock.
void MemoryAccount::trim_to(std::int64_t idle_limit) {
    while (idle_bytes_ > idle_limit && !idle_.empty()) {
        auto const last = std::prev(idle_.end());
        free_buffer(last->second.back(), last->first);
        idle_bytes_ -= last->first;
        last->second.pop_back();
        if (last->second.empty()) idle_.erase(last);
    }
}

}  // namespace partita::dataset
