#include "partita/core/hash.hpp"

#include <new>

#include <xxhash.h>
#if defined(__x86_64__) && __has_include(<xxh_x86dispatch.h>)
// The same functions and values, by the widest vectors that the processor has: twice as fast.
#include <xxh_x86dispatch.h>
#endif

namespace partita {

std::uint64_t hash_bytes(void const* data, std::size_t bytes, std::uint64_t seed) {
    return XXH3_64bits_withSeed(data, bytes, seed);
}

struct StreamingHash::State {
    State() : xxh(XXH3_createState()) {
        if (!xxh) throw std::bad_alloc();
        XXH3_64bits_reset(xxh);
    }
    ~State() { XXH3_freeState(xxh); }
    State(State const&) = delete;
    State& operator=(State const&) = delete;

    XXH3_state_t* xxh;
};

StreamingHash::StreamingHash() : state_(std::make_unique<State>()) {}
StreamingHash::~StreamingHash() = default;
StreamingHash::StreamingHash(StreamingHash&&) noexcept = default;
StreamingHash& StreamingHash::operator=(StreamingHash&&) noexcept = default;

void StreamingHash::update(void const* data, std::size_t bytes) {
    if (bytes > 0) XXH3_64bits_update(state_->xxh, data, bytes);
}

std::uint64_t StreamingHash::digest() const { return XXH3_64bits_digest(state_->xxh); }

}  // namespace partita
