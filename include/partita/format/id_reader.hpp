#pragma once

#include <cstdint>
#include <string>

namespace partita::format {

/// The ids of a file's rows, read by position: int64 numbers or texts.
///
/// Reading is const and may be done from several threads.
class IdReader {
  public:
    virtual ~IdReader() = default;

    std::string const& path() const { return path_; }
    std::int64_t rows() const { return rows_; }
    bool is_text() const { return is_text_; }
    /// No text id has more bytes; 8 for numbers.
    std::int64_t width() const { return width_; }

    /// Ids of rows [first, last) when they are numbers.
    void read_numbers(std::int64_t first, std::int64_t last, std::int64_t* out) const;
    /// Ids of rows [first, last) when they are texts: width() bytes each, zeros after the text.
    void read_texts(std::int64_t first, std::int64_t last, char* out) const;

  protected:
    struct Shape {
        std::int64_t rows = 0;
        bool is_text = false;
        std::int64_t width = 8;
    };
    IdReader(std::string path, Shape const& shape)
        : path_(std::move(path)), rows_(shape.rows), is_text_(shape.is_text), width_(shape.width) {}

  private:
    virtual void do_read_numbers(std::int64_t first, std::int64_t last,
                                 std::int64_t* out) const = 0;
    virtual void do_read_texts(std::int64_t first, std::int64_t last, char* out) const = 0;
    void check_range(std::int64_t first, std::int64_t last, bool as_text) const;

    std::string path_;
    std::int64_t rows_;
    bool is_text_;
    std::int64_t width_;
};

}  // namespace partita::format
