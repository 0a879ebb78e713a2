#include "comm/limits.hpp"

namespace partita::comm_limits {

namespace {

std::int64_t& setting() {
    static std::int64_t bytes = std::int64_t{1} << 30;
    return bytes;
}

}  // namespace

std::int64_t piece_bytes() { return setting(); }

ScopedPieceBytes::ScopedPieceBytes(std::int64_t bytes) : old_(setting()) { setting() = bytes; }

ScopedPieceBytes::~ScopedPieceBytes() { setting() = old_; }

}  // namespace partita::comm_limits
