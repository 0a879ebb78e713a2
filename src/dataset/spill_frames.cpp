#include "dataset/spill_frames.hpp"

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

}  // namespace

SpilledBlock::SpilledBlock(MemoryAccount& memory, SpillFile& file, PooledBuffer const& block,
                           std::span<BlockPart const> parts) {
    if (file.policy().compress_next())
        write_compressed(memory, file, block, parts);
    else
        first_ = append(file, block.data(), block.size());
}

void SpilledBlock::write_compressed(MemoryAccount& memory, SpillFile& file,
                                    PooledBuffer const& block, std::span<BlockPart const> parts) {
    Timer const timer;
    std::size_t room = 0;
    std::int64_t bytes = 0;
    for (BlockPart const& part : parts) {
        room += ZSTD_compressBound(static_cast<std::size_t>(part.bytes));
        bytes += part.bytes;
    }
    PooledBuffer packed(memory, static_cast<std::int64_t>(room));
    std::int64_t used = 0;
    for (BlockPart const& part : parts) {
        auto const size = static_cast<std::int64_t>(
            compress(packed.data() + used, room - static_cast<std::size_t>(used),
                     block.data() + part.offset, static_cast<std::size_t>(part.bytes)));
        frames_.push_back({part.offset, used, size});
        used += size;
    }
    file.policy().compressed(bytes, used, timer.seconds());
    std::int64_t const first = append(file, packed.data(), used);
    for (Frame& frame : frames_) frame.first += first;
}

std::span<std::byte const> SpilledBlock::read(SpillFile const& file, BlockPart part,
                                              MemoryAccount& memory, PooledBuffer& scratch) const {
    if (scratch.capacity() < part.bytes) scratch = PooledBuffer(memory, part.bytes);
    std::span<std::byte const> const whole(scratch.data(), static_cast<std::size_t>(part.bytes));
    if (frames_.empty()) {
        file.read(first_ + part.offset, scratch.data(), part.bytes);
        return whole;
    }
    auto const frame =
        std::lower_bound(frames_.begin(), frames_.end(), part.offset,
                         [](Frame const& f, std::int64_t offset) { return f.offset < offset; });
    check(frame != frames_.end() && frame->offset == part.offset, "spill: no part begins at {}",
          part.offset);
    PooledBuffer packed(memory, frame->bytes);
    file.read(frame->first, packed.data(), frame->bytes);
    decompress(scratch.data(), whole.size(), packed.data(), static_cast<std::size_t>(frame->bytes));
    return whole;
}

}  // namespace partita::dataset
