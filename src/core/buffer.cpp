#include "partita/core/buffer.hpp"

#include "core/recycled_pages.hpp"

#include "partita/core/bytes.hpp"
#include "partita/core/error.hpp"

#include <cerrno>
#include <cstdlib>
#include <sys/mman.h>

namespace partita {
namespace {

constexpr std::size_t small_alignment = 64;
constexpr std::size_t page_bytes = 4096;
constexpr std::size_t huge_page_bytes = std::size_t{2} << 20;
/// From here on, memory comes as pages of its own.
constexpr std::size_t mapped_from = std::size_t{1} << 20;

std::size_t round_up(std::size_t bytes, std::size_t unit) {
    return (bytes + unit - 1) / unit * unit;
}

[[noreturn]] void fail_allocation(std::size_t bytes, int error_number) {
    fail("cannot allocate {}: {}", format_bytes(static_cast<double>(bytes)),
         errno_text(error_number));
}

/// Pages, or huge pages for what is larger than one: like sizes can then be recycled.
std::size_t mapped_size(std::size_t bytes) {
    return round_up(bytes, bytes > huge_page_bytes ? huge_page_bytes : page_bytes);
}

RecycledPages& recycled_pages() {
    static RecycledPages pages;
    return pages;
}

void* map(std::size_t bytes) {
    return ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/// Map more than asked, then give back what lies before and after the aligned part.
void* map_aligned(std::size_t bytes) {
    std::size_t const wanted = mapped_size(bytes);
    if (void* const recycled = recycled_pages().take(wanted)) return recycled;
    std::size_t const mapped = wanted + huge_page_bytes;
    void* raw = map(mapped);
    if (raw == MAP_FAILED) {
        recycled_pages().clear();
        raw = map(mapped);
    }
    if (raw == MAP_FAILED) fail_allocation(bytes, errno);
    auto const address = reinterpret_cast<std::uintptr_t>(raw);
    std::size_t const before = round_up(address, huge_page_bytes) - address;
    auto* const aligned = static_cast<std::byte*>(raw) + before;
    if (before > 0) ::munmap(raw, before);
    ::munmap(aligned + wanted, huge_page_bytes - before);
    ::madvise(aligned, wanted, MADV_HUGEPAGE);  // a wish: kernels without huge pages refuse it
    return aligned;
}

}  // namespace

void* allocate_pages(std::size_t bytes) {
    // Far below SIZE_MAX, so that rounding up cannot wrap.
    if (bytes > std::size_t{1} << 62) fail_allocation(bytes, ENOMEM);
    if (bytes >= mapped_from) return map_aligned(bytes);
    void* const memory =
        std::aligned_alloc(small_alignment, round_up(bytes + (bytes == 0), small_alignment));
    if (!memory) fail_allocation(bytes, ENOMEM);
    return memory;
}

void limit_recycled_pages(std::int64_t bytes) noexcept {
    recycled_pages().limit(static_cast<std::size_t>(bytes));
}

void release_pages(void* pages, std::size_t bytes) noexcept {
    if (bytes >= mapped_from)
        recycled_pages().put(pages, mapped_size(bytes));
    else
        std::free(pages);
}

}  // namespace partita
