#include "cli/common_options.hpp"

#include "cli/option_kinds.hpp"

#include "partita/core/scratch.hpp"

#include <CLI/CLI.hpp>

namespace partita::cli {
namespace {

void add_resource_options(OptionSet& app, CommonOptions& common) {
    add_size(app, "--memory", common.memory_bytes, "Memory that each rank may use")
        .default_str("a share of the node's");
    app.add_option("--scratch", common.scratch, "Folder for temporary files")
        .type_name("DIR")
        .default_str(default_scratch());
    app.add_option("--threads", common.threads, "Threads of each rank")
        .check(at_least(1))
        .default_str("the rank's cores");
    app.add_option("--seed", common.seed, "Seed of everything random").check(at_least(0));
    app.add_flag("--overwrite", common.overwrite, "Replace an existing output");
}

void add_output_options(OptionSet& app, CommonOptions& common) {
    add_choice(app, "--progress", common.progress, {"auto", "bar", "log", "none"},
               "How progress is shown");
    add_choice(app, "--log-level", common.log_level, {"debug", "info", "warning", "error", "off"},
               "Which messages are shown");
    app.add_flag("--quiet", common.quiet, "Show neither progress nor a summary");
    app.add_option("--events", common.events, "Write events as JSON lines to this file")
        .type_name("FILE");
}

void add_settings_options(OptionSet& app, CommonOptions& common) {
    app.add_option("--config", common.config, "Settings file")
        .type_name("FILE")
        .default_str("partita.toml, if there is one")
        .not_a_setting();
    app.add_flag("--explain-config", common.explain_config,
                 "Show every setting and where it comes from, and stop")
        .not_a_setting();
}

}  // namespace

void add_common_options(OptionSet& app, CommonOptions& common) {
    common.scratch = default_scratch();
    CLI::App& parser = app.parser();
    std::string const previous_group = parser.option_defaults()->get_group();
    parser.option_defaults()->group(common_group);
    add_resource_options(app, common);
    add_output_options(app, common);
    add_settings_options(app, common);
    parser.set_help_flag("-h,--help", "Show this help and stop")
        ->group(common_group)
        ->configurable(false);
    parser.option_defaults()->group(previous_group);
}

}  // namespace partita::cli
