#pragma once

#include "cli/options.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace partita::cli {

// Kinds of options beyond CLI11's own.

/// One of a few words. A wrong one is answered with a suggestion.
AddedOption add_choice(OptionSet& app, std::string const& name, std::string& value,
                       std::vector<std::string> const& choices, std::string const& description);

/// The same, but other words pass too: --type auto, flat ... or any FAISS factory string.
AddedOption add_open_choice(OptionSet& app, std::string const& name, std::string& value,
                            std::vector<std::string> const& choices,
                            std::string const& description);

/// A size in bytes: "4GiB", "500 MB", "65536".
AddedOption add_size(OptionSet& app, std::string const& name, std::optional<std::int64_t>& bytes,
                     std::string const& description);

/// A duration in seconds: "90s", "10m", "1h30m".
AddedOption add_duration(OptionSet& app, std::string const& name, std::int64_t& seconds,
                         std::string const& description);

/// A check for numbers: option.check(at_least(1)).
Check at_least(double least);
/// Numbers in [least, most].
Check between(double least, double most);

}  // namespace partita::cli
