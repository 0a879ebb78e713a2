#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace partita {

/// Hashes that are the same on every build, machine and run: they may be stored in files and may
/// decide which rank owns a key. (std::hash promises neither.)

/// A bijection on 64-bit integers in which every input bit moves about half of the output bits
/// (the finaliser of SplitMix64: Steele, Lea, Flood, "Fast splittable PRNGs", 2014).
constexpr std::uint64_t mix64(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/// Hash of two values in order; combine(a, b) != combine(b, a) in general.
constexpr std::uint64_t combine_hashes(std::uint64_t a, std::uint64_t b) {
    return mix64(a ^ (b * 0xff51afd7ed558ccdu + 0x2545f4914f6cdd1du));
}

/// XXH3 (64 bits) of the bytes.
std::uint64_t hash_bytes(void const* data, std::size_t bytes, std::uint64_t seed = 0);
/// Without a seed: hash_bytes("text", 7) would silently mean 7 bytes.
inline std::uint64_t hash_bytes(std::string_view text) {
    return hash_bytes(text.data(), text.size());
}

/// XXH3 (64 bits) of bytes that come in pieces; equals hash_bytes of the whole.
class StreamingHash {
  public:
    StreamingHash();
    ~StreamingHash();
    StreamingHash(StreamingHash&&) noexcept;
    StreamingHash& operator=(StreamingHash&&) noexcept;

    void update(void const* data, std::size_t bytes);
    std::uint64_t digest() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace partita
