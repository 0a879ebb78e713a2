#pragma once

#include "cli/common_options.hpp"
#include "cli/options.hpp"
#include "cli/session.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace partita::cli {

struct Setting;

/// A subcommand: its options, what --help says about it, and what it does.
struct Command {
    Command(std::string its_path, std::string const& purpose);

    std::string path;                   ///< "info", "knn graph".
    std::vector<std::string> examples;  ///< 2 to 4 lines to paste, without the prompt.
    OptionSet app;                      ///< Add options here. Its description is the purpose.
    CommonOptions common;               ///< Already added to `app`.
    /// Its arguments are a command of their own, which begins after "--" or with the first word
    /// that is not an option, and whose options are not this one's.
    bool takes_command = false;
    /// What options must agree on beyond what CLI11 checks: throws Error, a usage error, before any
    /// work. A function of the options alone, so that all ranks come to the same result.
    std::function<void()> check = [] {};
    /// The work. Collective; called on all ranks with the options parsed. It ends well or throws.
    std::function<void(Session&)> run;
};

/// The `partita` command line: finds the subcommand, reads its options and runs it.
///
/// To add a subcommand "knn graph", write apps/partita/knn_graph.cpp:
///
///     namespace {
///     struct Options { std::string vectors; std::int64_t k = 10; std::string metric = "l2"; };
///     void run(cli::Session& session, Options const& options) { ...call the library, print... }
///     }
///
///     void add_knn_graph(cli::CommandLine& line) {
///         auto const options = std::make_shared<Options>();
///         cli::Command& command = line.add("knn graph", "Find the neighbours of all vectors");
///         command.app.add_option("VECTORS", options->vectors, "Vector file")
///             .required().type_name("FILE");
///         command.app.add_option("-k,--neighbors", options->k, "Neighbours of each vector")
///             .check(cli::at_least(1));
///         cli::add_choice(command.app, "--metric", options->metric, {"l2", "cosine", "ip"},
///                         "How near two vectors are").group("Index");
///         command.examples = {"partita knn graph vectors.h5 -k 10 --out neighbors.h5"};
///         command.run = [options](cli::Session& session) { run(session, *options); };
///     }
///
/// declare it in commands.hpp, and name it in main.cpp and CMakeLists.txt. Initial values of the
/// variables are the defaults that --help shows. Help, completion, PARTITA_* variables and
/// partita.toml know the new options by themselves. option_kinds.hpp has more kinds of options.
class CommandLine {
  public:
    Command& add(std::string const& path, std::string const& purpose);
    /// What --help says about the subcommands whose path begins with `group`.
    void describe_group(std::string const& group, std::string const& purpose);

    std::vector<std::unique_ptr<Command>> const& commands() const { return commands_; }
    std::map<std::string, std::string> const& groups() const { return groups_; }
    Command const* find(std::string const& path) const;

    /// What is to be printed where the arguments ask for help or the version and for no work.
    std::optional<std::string> asked_text(int argc, char const* const* argv) const;

    /// Would a command, given as its words after "partita", be understood? Nothing is run; inputs
    /// are not looked at. Collective.
    /// @throws CollectiveError with the usage error that running it would give.
    void check_usage(Communicator const& world, std::vector<std::string> words) const;

    /// Collective: the same arguments on all ranks. Usage errors are CollectiveErrors.
    /// @return The exit status: 0, or what the subcommand gave to Session::end_with.
    int run(Communicator const& world, int argc, char const* const* argv);

  private:
    Command& select(std::vector<std::string>& arguments) const;
    std::vector<Setting> parse(Communicator const& world, Command& command,
                               std::vector<std::string> const& arguments) const;
    int run_command(Communicator const& world, Command& command,
                    std::vector<std::string> const& arguments);

    std::vector<std::unique_ptr<Command>> commands_;
    std::map<std::string, std::string> groups_;
};

}  // namespace partita::cli
