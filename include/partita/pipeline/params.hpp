#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace partita::pipeline {

/// Settings of a learner by name, in the words of the command line: "penalty" = "0.1". Dashes and
/// underscores are the same.
class Params {
  public:
    Params() = default;
    Params(std::initializer_list<std::pair<std::string, std::string>> values);

    /// Set, or replace. @returns *this.
    Params& set(std::string_view name, std::string_view value);
    Params& set(std::string_view name, double value);
    /// "name=value". @throws Error that quotes what is not.
    Params& set_assignment(std::string_view text);
    Params& set_all(Params const& others);

    /// The value as a number, or `otherwise` where it is not set.
    /// @throws Error: no number, or not within [least, most].
    double number(std::string_view name, double otherwise, double least, double most) const;
    std::int64_t integer(std::string_view name, std::int64_t otherwise, std::int64_t least) const;
    bool flag(std::string_view name, bool otherwise) const;
    std::string text(std::string_view name, std::string_view otherwise) const;

    /// @throws Error that names a parameter which is not among `known`, with a suggestion.
    void check_names(std::string_view learner, std::vector<std::string> const& known) const;

    bool empty() const { return values_.empty(); }
    std::vector<std::pair<std::string, std::string>> const& values() const { return values_; }
    /// "penalty=0.1 l1-share=1"
    std::string to_text() const;

    friend bool operator==(Params const&, Params const&) = default;

  private:
    std::string const* find(std::string_view name) const;

    std::vector<std::pair<std::string, std::string>> values_;
};

/// All combinations of some parameters' values, the last one changing fastest.
class ParamGrid {
  public:
    ParamGrid& add(std::string name, std::vector<std::string> values);
    /// "penalty=0.01,0.1,1". @throws Error that quotes what is not.
    ParamGrid& add_assignment(std::string_view text);

    /// At least one: the empty grid has the empty setting.
    std::vector<Params> points() const;

  private:
    std::vector<std::pair<std::string, std::vector<std::string>>> values_;
};

}  // namespace partita::pipeline
