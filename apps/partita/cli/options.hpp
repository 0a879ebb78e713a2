#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace partita::cli {

// CLI11 reads the options. Commands describe theirs through these classes instead of its headers,
// which take longer to compile than all else in a command.

/// What is wrong with the text that an option was given; "" = nothing. The message gets the
/// option's name put before it.
using Check = std::function<std::string(std::string const&)>;

/// What more a command says of an option that it has added.
class AddedOption {
  public:
    explicit AddedOption(CLI::Option& option) : option_(&option) {}

    AddedOption& required();
    /// What it takes, to people in --help and to shells in completion: "FILE", "DIR", "{a,b,c}".
    AddedOption& type_name(std::string const& name);
    /// The heading under which --help shows it.
    AddedOption& group(std::string const& heading);
    AddedOption& check(Check check);
    /// What --help shows in place of the variable's initial value.
    AddedOption& default_str(std::string const& text);
    /// All words up to the next option are its values; others keep the last that they were given.
    AddedOption& takes_many();
    /// For the command line only: neither a variable nor partita.toml can set it.
    AddedOption& not_a_setting();

  private:
    CLI::Option* option_;
};

/// The options of a subcommand.
class OptionSet {
  public:
    /// @param purpose  What the subcommand does, for --help.
    OptionSet(std::string const& purpose, std::string const& name);
    OptionSet(OptionSet&&) noexcept;
    ~OptionSet();

    /// An option that puts what it was given into `value`, which must live as long as this and
    /// holds the default.
    ///
    /// @param name  "-k,--neighbors"; without dashes for an argument at this place: "VECTORS".
    template <class T>
    AddedOption add_option(std::string const& name, T& value, std::string const& description) {
        return add(name, &value, description);
    }
    /// An option without a value that sets `value` to true.
    AddedOption add_flag(std::string const& name, bool& value, std::string const& description);
    /// An option that calls `take` with its text.
    AddedOption add_taker(std::string const& name, std::function<void(std::string const&)> take,
                          std::string const& description);
    void remove_option(std::string const& name);

    /// For what reads command lines and describes options.
    CLI::App& parser() { return *parser_; }
    CLI::App const& parser() const { return *parser_; }

  private:
    using Variable = std::variant<std::string*, bool*, int*, std::int64_t*, std::uint64_t*, double*,
                                  std::optional<std::int64_t>*, std::optional<double>*,
                                  std::vector<std::string>*>;
    AddedOption add(std::string const& name, Variable variable, std::string const& description);

    std::unique_ptr<CLI::App> parser_;
};

}  // namespace partita::cli
