#include "format/byte_order.hpp"

namespace partita::format {
namespace {

std::uint32_t swapped(std::uint32_t x) { return __builtin_bswap32(x); }
std::uint64_t swapped(std::uint64_t x) { return __builtin_bswap64(x); }

/// Elements may be unaligned in a file's bytes, hence memcpy; the compiler makes vector code of it.
template <class Word>
void swap_words(std::byte* bytes, std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
        Word const word = swapped(load_little<Word>(bytes + i * sizeof(Word)));
        std::memcpy(bytes + i * sizeof(Word), &word, sizeof word);
    }
}

}  // namespace

void swap_elements(void* elements, std::int64_t count, std::size_t element_bytes) {
    auto* const bytes = static_cast<std::byte*>(elements);
    if (element_bytes == 4) swap_words<std::uint32_t>(bytes, count);
    if (element_bytes == 8) swap_words<std::uint64_t>(bytes, count);
}

}  // namespace partita::format
