#pragma once

#include "format/fuzz/fuzz_formats.hpp"

#include <string>
#include <vector>

namespace partita::format::test {

/// A fuzz entry, and files to start from: good ones, and all that the tests know to be bad.
struct FuzzSeeds {
    std::string format;
    FuzzEntry entry = nullptr;
    std::vector<std::string> files;
};

std::vector<FuzzSeeds> fuzz_seeds();

}  // namespace partita::format::test
