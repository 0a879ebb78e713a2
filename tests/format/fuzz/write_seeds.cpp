#include "format/fuzz/seeds.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>

/// write_seeds FOLDER: the files to start fuzzing from, as FOLDER/<format>/<number>.
int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("usage: write_seeds FOLDER\n", stderr);
        return 2;
    }
    for (auto const& seeds : partita::format::test::fuzz_seeds()) {
        auto const folder = std::filesystem::path(argv[1]) / seeds.format;
        std::filesystem::create_directories(folder);
        int number = 0;
        for (std::string const& file : seeds.files)
            std::ofstream(folder / std::to_string(number++), std::ios::binary) << file;
        std::puts(seeds.format.c_str());
    }
}
