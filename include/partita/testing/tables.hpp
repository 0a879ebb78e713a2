#pragma once

#include "partita/dataset/context.hpp"
#include "partita/frame/csv.hpp"
#include "partita/frame/expression.hpp"
#include "partita/frame/table.hpp"

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace partita::testing {

/// Small tables for tests of programs that work on tables: a folder for files, tables from text,
/// and a table's values as the test compares them. Collective, like what it is for.
class Tables {
  public:
    /// @param memory_bytes  Per rank; a few MiB reach the paths that spill. 0 = the default.
    explicit Tables(Communicator const& world = Communicator::world(),
                    std::int64_t memory_bytes = 0)
        : world_(world),
          folder_(make_folder(world)),
          context_(world, {.memory_bytes = memory_bytes}) {}
    ~Tables() {
        world_.barrier();
        std::error_code ignored;
        if (world_.is_root()) std::filesystem::remove_all(folder_, ignored);
    }
    Tables(Tables const&) = delete;
    Tables& operator=(Tables const&) = delete;

    dataset::Context const& context() const { return context_; }
    /// A path that all ranks of this machine see; the folder is removed at the end.
    std::string path(std::string const& name) const { return folder_ + "/" + name; }

    /// A table from CSV text, cut into partitions of about `partition_bytes`, so that even a few
    /// rows are spread over ranks.
    frame::Table from_csv(std::string const& text, std::int64_t partition_bytes = 32) {
        std::string const file = path("table" + std::to_string(++made_) + ".csv");
        if (world_.is_root()) std::ofstream(file) << text;
        world_.barrier();
        frame::CsvOptions options;
        options.partition_bytes = partition_bytes;
        return frame::read_csv(context_, file, options);
    }

    /// A column's values on every rank, in order, as float64; nulls are NaN.
    static std::vector<double> numbers(frame::Table const& table, std::string const& column) {
        frame::Column const values =
            frame::cast(table.select({column}).collect().column(0), frame::Type::float64);
        std::vector<double> all(values.values<double>(), values.values<double>() + values.size());
        for (std::int64_t i = 0; i < values.size(); ++i)
            if (values.is_null(i)) all[static_cast<std::size_t>(i)] = std::nan("");
        return all;
    }

    /// A column's values on every rank, in order, as texts; nulls are empty.
    static std::vector<std::string> texts(frame::Table const& table, std::string const& column) {
        frame::Column const values =
            frame::cast(table.select({column}).collect().column(0), frame::Type::text);
        std::vector<std::string> all;
        for (std::int64_t i = 0; i < values.size(); ++i) all.emplace_back(values.text(i));
        return all;
    }

  private:
    static std::string make_folder(Communicator const& world) {
        std::string name;
        if (world.is_root()) {
            name = std::filesystem::temp_directory_path().string() + "/partita-test-XXXXXX";
            if (mkdtemp(name.data()) == nullptr) name.clear();
        }
        return world.broadcast(name);
    }

    Communicator world_;
    std::string folder_;
    dataset::Context context_;
    int made_ = 0;
};

}  // namespace partita::testing
