#pragma once

#include "support/temp_folder.hpp"

#include "partita/core/error.hpp"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace partita::format::test {

/// The folder that fuzzed files are written to, one for the process.
inline std::string fuzz_path(std::string const& name) {
    static partita::test::TempFolder const folder;
    return folder.file(name);
}

/// Write a file for a reader to open; returns its path.
inline std::string fuzz_file(std::string const& name, void const* data, std::size_t size) {
    std::string const path = fuzz_path(name);
    std::filesystem::remove(path);  // some file systems wait for the disk when a file is rewritten
    std::ofstream(path, std::ios::binary)
        .write(static_cast<char const*>(data), static_cast<std::streamsize>(size));
    return path;
}

/// What must hold of every input; not an Error, so that it gets out.
inline void require(bool ok, char const* what) {
    if (!ok) throw std::logic_error(what);
}

/// Run `work`; an Error is what bad input deserves.
template <class Work>
void only_errors(Work&& work) {
    try {
        work();
    } catch (Error const& error) {
        // Every message starts with the path of the file that it is about.
        require(std::string(error.what()).starts_with(fuzz_path("")), error.what());
    }
}

}  // namespace partita::format::test
