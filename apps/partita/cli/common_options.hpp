#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace partita::cli {

/// What every subcommand understands. Handlers see its effect through Session.
struct CommonOptions {
    std::optional<std::int64_t> memory_bytes;  ///< Per rank; empty = a share of what the node has.
    std::string scratch;                       ///< Folder for temporary files.
    int threads = 0;                           ///< Per rank; 0 = the cores this rank may use.
    std::uint64_t seed = 0;
    std::string events;             ///< File of JSON lines; "" = none.
    bool quiet = false;             ///< Only errors and what was asked for.
    std::string progress = "auto";  ///< auto, bar, log, none.
    std::string log_level = "info";
    bool overwrite = false;
    std::string config;  ///< As given; see find_config.
    bool explain_config = false;
};

class OptionSet;

inline constexpr char common_group[] = "Common options";

/// Give `app` the common options, bound to `common`, which must live as long as `app`.
void add_common_options(OptionSet& app, CommonOptions& common);

}  // namespace partita::cli
