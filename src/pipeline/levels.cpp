#include "pipeline/levels.hpp"

#include "partita/comm/collectively.hpp"
#include "partita/core/error.hpp"

#include <algorithm>
#include <mutex>
#include <sstream>
#include <unordered_map>

namespace partita::pipeline {

namespace {

using LevelCounts = std::unordered_map<std::string, std::int64_t>;

/// The values of text columns, most frequent first.
class LevelCounter {
  public:
    LevelCounter(frame::Table const& table, std::vector<std::string> columns,
                 std::int64_t most_levels)
        : table_(table),
          columns_(std::move(columns)),
          most_(most_levels),
          counts_(columns_.size()) {}

    std::vector<std::vector<std::string>> run() {
        if (columns_.empty()) return {};
        table_.select(columns_).for_each_block(
            "count the values of text columns",
            [&](std::int64_t, frame::Block const& block) { count(block); });
        std::vector<std::vector<std::string>> levels;
        for (std::size_t c = 0; c < columns_.size(); ++c) levels.push_back(agree_on(c));
        return levels;
    }

  private:
    void count(frame::Block const& block) {
        for (std::size_t c = 0; c < columns_.size(); ++c) {
            frame::Column const& column = block.column(static_cast<std::int64_t>(c));
            LevelCounts local;
            for (std::int64_t i = 0; i < column.size(); ++i)
                if (!column.is_null(i)) ++local[std::string(column.text(i))];
            std::lock_guard const lock(mutex_);
            for (auto const& [text, n] : local) counts_[c][text] += n;
            check_number(c);
        }
    }

    void check_number(std::size_t c) const {
        check(std::ssize(counts_[c]) <= most_,
              "column '{}': expected at most {} different texts to make features of, got more",
              columns_[c], most_);
    }

    /// All ranks' counts; few texts, so every rank may hold them.
    std::vector<std::string> agree_on(std::size_t c) {
        Communicator const& comm = table_.context().comm();
        std::string packed;
        for (auto const& [text, n] : counts_[c]) {
            packed += std::to_string(n) + ' ' + std::to_string(text.size()) + ' ' + text;
        }
        std::vector<std::string> const all = comm.all_gather_text(packed);
        return collectively(comm, "", [&] {
            counts_[c].clear();
            for (std::string const& part : all) unpack(part, counts_[c]);
            check_number(c);
            std::vector<std::pair<std::int64_t, std::string>> order;
            for (auto const& [text, n] : counts_[c]) order.emplace_back(-n, text);
            std::sort(order.begin(), order.end());
            std::vector<std::string> levels;
            for (auto& [n, text] : order) levels.push_back(std::move(text));
            return levels;
        });
    }

    static void unpack(std::string const& part, LevelCounts& counts) {
        std::istringstream in(part);
        std::int64_t n = 0;
        std::size_t size = 0;
        while (in >> n >> size) {
            in.ignore(1);
            std::string text(size, '\0');
            in.read(text.data(), static_cast<std::streamsize>(size));
            counts[text] += n;
        }
    }

    frame::Table const& table_;
    std::vector<std::string> columns_;
    std::int64_t most_;
    std::mutex mutex_;
    std::vector<LevelCounts> counts_;
};

}  // namespace

std::vector<std::vector<std::string>> frequent_levels(frame::Table const& table,
                                                      std::vector<std::string> const& columns,
                                                      std::int64_t most_levels) {
    return LevelCounter(table, columns, most_levels).run();
}

}  // namespace partita::pipeline
