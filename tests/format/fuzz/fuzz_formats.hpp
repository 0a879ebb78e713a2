#pragma once

#include <cstddef>
#include <cstdint>

namespace partita::format::test {

/// Take the bytes for a file of one format and read all of it. Bad files give an Error, which is
/// caught here; anything else (a crash, another exception, contents that change when they are
/// written and read again) is a defect and gets out.
using FuzzEntry = void (*)(std::uint8_t const* data, std::size_t size);

void fuzz_npy(std::uint8_t const* data, std::size_t size);
void fuzz_npy_column(std::uint8_t const* data, std::size_t size);
void fuzz_vecs(std::uint8_t const* data, std::size_t size);
void fuzz_bin(std::uint8_t const* data, std::size_t size);
void fuzz_idx(std::uint8_t const* data, std::size_t size);
void fuzz_csv(std::uint8_t const* data, std::size_t size);
void fuzz_labels(std::uint8_t const* data, std::size_t size);

}  // namespace partita::format::test
