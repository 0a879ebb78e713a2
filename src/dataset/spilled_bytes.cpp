#include "dataset/spilled_bytes.hpp"

#include "dataset/spill_policy.hpp"

#include "partita/core/error.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <new>

#include <zstd.h>

namespace partita::dataset {
namespace {

class Timer {
  public:
    double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    }

  private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// zstd at its fastest regular level; a context lasts as long as its thread, being costly to make.
std::size_t compress(void* out, std::size_t room, void const* in, std::size_t bytes) {
    struct Free {
        void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
    };
    thread_local std::unique_ptr<ZSTD_CCtx, Free> const context(ZSTD_createCCtx());
    if (!context) throw std::bad_alloc();
    std::size_t const size = ZSTD_compressCCtx(context.get(), out, room, in, bytes, 1);
    check(!ZSTD_isError(size), "spill: cannot compress: {}", ZSTD_getErrorName(size));
    return size;
}

void decompress(void* out, std::size_t room, void const* in, std::size_t bytes) {
    struct Free {
        void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
    };
    thread_local std::unique_ptr<ZSTD_DCtx, Free> const context(ZSTD_createDCtx());
    if (!context) throw std::bad_alloc();
    std::size_t const size = ZSTD_decompressDCtx(context.get(), out, room, in, bytes);
    check(!ZSTD_isError(size) && size == room, "spill: compressed data is damaged");
}

std::int64_t append(SpillFile& file, void const* data, std::int64_t bytes) {
    Timer const timer;
    std::int64_t const first = file.append(data, bytes);
    file.policy().wrote(bytes, timer.seconds());
    return first;
}

std::vector<SpilledPart> spill_compressed(MemoryAccount& memory, SpillFile& file,
                                          PooledBuffer const& block,
                                          std::span<BlockPart const> parts) {
    Timer const timer;
    std::size_t room = 0;
    std::int64_t bytes = 0;
    for (BlockPart const& part : parts) {
        room += ZSTD_compressBound(static_cast<std::size_t>(part.bytes));
        bytes += part.bytes;
    }
    PooledBuffer packed(memory, static_cast<std::int64_t>(room));
    std::vector<SpilledPart> spilled;
    spilled.reserve(parts.size());
    std::int64_t used = 0;
    for (BlockPart const& part : parts) {
        auto const size = static_cast<std::int64_t>(
            compress(packed.data() + used, room - static_cast<std::size_t>(used),
                     block.data() + part.offset, static_cast<std::size_t>(part.bytes)));
        spilled.push_back({used, size});
        used += size;
    }
    file.policy().compressed(bytes, used, timer.seconds());
    std::int64_t const first = append(file, packed.data(), used);
    for (SpilledPart& part : spilled) part.first += first;
    return spilled;
}

}  // namespace

std::vector<SpilledPart> spill_parts(MemoryAccount& memory, SpillFile& file,
                                     PooledBuffer const& block, std::span<BlockPart const> parts) {
    if (file.policy().compress_next()) return spill_compressed(memory, file, block, parts);
    std::int64_t const first = append(file, block.data(), block.size());
    std::vector<SpilledPart> spilled;
    spilled.reserve(parts.size());
    for (BlockPart const& part : parts) spilled.push_back({first + part.offset, 0});
    return spilled;
}

std::span<std::byte const> read_part(SpillFile const& file, SpilledPart part, std::int64_t bytes,
                                     MemoryAccount& memory, PooledBuffer& scratch) {
    if (scratch.capacity() < bytes) scratch = PooledBuffer(memory, bytes);
    std::span<std::byte const> const whole(scratch.data(), static_cast<std::size_t>(bytes));
    if (part.packed_bytes == 0) {
        file.read(part.first, scratch.data(), bytes);
        return whole;
    }
    PooledBuffer packed(memory, part.packed_bytes);
    file.read(part.first, packed.data(), part.packed_bytes);
    decompress(scratch.data(), whole.size(), packed.data(),
               static_cast<std::size_t>(part.packed_bytes));
    return whole;
}

}  // namespace partita::dataset
