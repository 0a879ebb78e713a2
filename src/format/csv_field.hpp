#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace partita::format {

/// Takes the fields of one line off its front. Between fields is one delimiter, or when that is a
/// blank any number of blanks. A field in quotes may contain delimiters, and quotes doubled.
class CsvFields {
  public:
    CsvFields(std::string_view line, char delimiter);

    /// Whether there is one more field, which may be empty. A line of no characters has none.
    bool more() const { return more_; }
    /// Where the next field starts.
    char const* position() const { return position_; }
    char const* end() const { return end_; }

    /// The next field as it stands: quotes and blanks around it included.
    /// more() must hold.
    std::string_view next();
    /// The next field was read by other means up to `field_end`, its delimiter or the end.
    void skip_to(char const* field_end);

  private:
    char const* field_end() const;

    char const* position_;
    char const* end_;
    char delimiter_;
    bool more_;
};

/// A field without blanks and quotes around it. `scratch` holds the text if it had doubled quotes.
std::string_view field_text(std::string_view field, std::string& scratch);

/// Whether the field starts with a quote that does not end.
bool has_open_quote(std::string_view field);

/// The texts of all fields of a line.
std::vector<std::string> field_texts(std::string_view line, char delimiter);

/// Read a number written in decimal, as "1", "+1.5", "-1e-5", "nan" or "inf"; what is too large
/// for float32 becomes infinite and what is too small 0. False when `text` is anything else.
bool parse_number(std::string_view text, float& value);

/// Whether `text` is an int64 the way it would be printed, so that nothing is lost by storing it
/// as a number: "007" and "+7" are not.
bool parse_id_number(std::string_view text, std::int64_t& value);

}  // namespace partita::format
