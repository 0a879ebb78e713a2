#include "core/recycled_pages.hpp"

#include <algorithm>
#include <sys/mman.h>

namespace partita {

void* RecycledPages::take(std::size_t bytes) noexcept {
    std::lock_guard const guard(mutex_);
    for (std::size_t i = count_; i-- > 0;) {
        if (waiting_[i].bytes != bytes) continue;
        void* const pages = waiting_[i].pages;
        remove(i);
        return pages;
    }
    return nullptr;
}

void RecycledPages::limit(std::size_t bytes) noexcept {
    std::lock_guard const guard(mutex_);
    most_bytes_ = bytes;
    while (total_bytes_ > most_bytes_) unmap_oldest();
}

void RecycledPages::put(void* pages, std::size_t bytes) noexcept {
    std::lock_guard const guard(mutex_);
    if (bytes > most_bytes_ / 2) {
        ::munmap(pages, bytes);
        return;
    }
    while (count_ == waiting_.size() || total_bytes_ + bytes > most_bytes_) unmap_oldest();
    waiting_[count_++] = {pages, bytes};
    total_bytes_ += bytes;
}

void RecycledPages::clear() noexcept {
    std::lock_guard const guard(mutex_);
    while (count_ > 0) unmap_oldest();
}

void RecycledPages::remove(std::size_t index) noexcept {
    total_bytes_ -= waiting_[index].bytes;
    auto const first = waiting_.begin() + static_cast<std::ptrdiff_t>(index);
    std::move(first + 1, waiting_.begin() + static_cast<std::ptrdiff_t>(count_), first);
    --count_;
}

void RecycledPages::unmap_oldest() noexcept {
    ::munmap(waiting_[0].pages, waiting_[0].bytes);
    remove(0);
}

}  // namespace partita
