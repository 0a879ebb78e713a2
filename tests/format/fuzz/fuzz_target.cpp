#include "format/fuzz/fuzz_formats.hpp"

/// One program per format, made from this file with PARTITA_FUZZ_ENTRY defined as its entry.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    partita::format::test::PARTITA_FUZZ_ENTRY(data, size);
    return 0;
}
