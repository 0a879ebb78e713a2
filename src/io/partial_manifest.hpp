#pragma once

#include "partita/io/partial_output.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace partita::io {

/// What the folder of a PartialOutput says about itself.
struct Manifest {
    Facts job, facts;
    std::map<std::string, std::int64_t> bytes;
    std::int64_t done = 0;
};

std::string to_text(Manifest const& manifest);
/// @throws Error when the text is no manifest.
Manifest manifest_from_text(std::string const& text);
Manifest read_manifest(std::string const& file);

/// @throws Error that names the first fact in which the jobs differ.
void check_same_job(std::string const& path, Facts const& unfinished, Facts const& job);

}  // namespace partita::io
