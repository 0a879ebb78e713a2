#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace partita {

/// Where this process keeps what it has of an output until that is whole: beside it, under a name
/// with the process's tag, ".out.h5.partita-<process_tag()><suffix>".
std::string unfinished_path(std::string const& output, std::string_view suffix);

/// What earlier processes left under such names, the newest first.
///
/// Those of this host that still run are left out, and those of other hosts, of which nothing is
/// known, too, unless `of_other_hosts`.
std::vector<std::string> abandoned_paths(std::string const& output, std::string_view suffix,
                                         bool of_other_hosts = false);

/// Where `path` really is: a link stays a link, and what it points to is replaced.
std::string resolved_output(std::string const& path);

}  // namespace partita
