#pragma once

#include "partita/core/error.hpp"
#include "partita/frame/block.hpp"
#include "partita/pipeline/stages.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace partita::pipeline {

inline std::string to_text(HandleInvalid handle) {
    return handle == HandleInvalid::error  ? "error"
           : handle == HandleInvalid::skip ? "skip"
                                           : "keep";
}

inline HandleInvalid parse_invalid(std::string const& text) {
    if (text == "error") return HandleInvalid::error;
    if (text == "skip") return HandleInvalid::skip;
    check(text == "keep", "'invalid': expected error, skip or keep, got '{}'", text);
    return HandleInvalid::keep;
}

/// Which rows of a block remain.
class InvalidRows {
  public:
    explicit InvalidRows(HandleInvalid handle) : handle_(handle) {}

    void keep(std::int64_t row) { rows_.push_back(static_cast<std::uint32_t>(row)); }
    /// An invalid row. @returns whether it remains; message() says what is wrong with it.
    template <class Message>
    bool take(std::int64_t row, Message message) {
        if (handle_ == HandleInvalid::error) fail("{}", message());
        if (handle_ == HandleInvalid::skip) return false;
        keep(row);
        return true;
    }
    frame::Block of(frame::Block const& block) const {
        return std::ssize(rows_) == block.rows() ? block : block.take(rows_);
    }

  private:
    HandleInvalid handle_;
    std::vector<std::uint32_t> rows_;
};

}  // namespace partita::pipeline
