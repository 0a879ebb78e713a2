#pragma once

#include "partita/dataset/save_hdf5.hpp"
#include "partita/dataset/save_text.hpp"

#include <string>
#include <vector>

namespace partita::dataset {

/// Actions that write files: Dataset's members. All are collective, write one file in the dataset's
/// order (Spark: a folder of parts), which appears when it is whole, and run the chain once. They
/// return how many elements there were.
/// @throws CollectiveError when the file exists and is not to be overwritten, or the disk is full.
template <class Self, class T>
class SaveOperations {
  public:
    /// A line for each element, a text or a number.
    std::int64_t save_text(std::string const& path, SaveOptions const& options = {}) const {
        return dataset::save_text(self(), path, options);
    }
    /// A line for each element; its members are the columns: numbers, texts, std::optional (empty
    /// for nothing), and pairs, tuples and aggregates of such.
    /// @param path   A name in .tsv gives tabs.
    /// @param names  The header; empty: none.
    std::int64_t save_csv(std::string const& path, std::vector<std::string> const& names = {},
                          SaveOptions const& options = {}) const {
        return dataset::save_csv(self(), path, names, options);
    }
    /// A one-dimensional dataset for each member, in the member's type, texts as byte strings of
    /// the longest one's width. Nothing is NaN, or an empty text.
    std::int64_t save_hdf5(std::string const& path, std::vector<std::string> const& names,
                           SaveOptions const& options = {}) const {
        return dataset::save_hdf5(self(), path, names, hdf5_kinds<stored_t<T>>(names), options);
    }
    /// The elements' bytes, as read_binary reads them.
    std::int64_t save_binary(std::string const& path,
                             SaveOptions const& options = {}) const requires Flat<T> {
        return dataset::save_lines(
            self(), "save_binary", path, "", options, [](std::string& out, T const& item) {
                out.append(reinterpret_cast<char const*>(&item), sizeof item);
            });
    }

  private:
    Self const& self() const { return static_cast<Self const&>(*this); }
};

}  // namespace partita::dataset
