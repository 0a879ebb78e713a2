#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace partita::pipeline {

/// "label ~ a + b:c": what is predicted, and from what.
struct Formula {
    std::string label;                            ///< Empty for "~ a + b".
    std::vector<std::vector<std::string>> terms;  ///< Columns whose product is a term.
    bool intercept = true;
};

/// R's model formulas, as Spark's RFormula reads them: `y ~ a + b:c + d*e + (a + b)^2 + . - f - 1`.
///
/// `.` stands for all columns but the label, `a:b` for the product of two, `a*b` for a + b + a:b,
/// `(a + b)^2` for all products of up to two of them; `- 1` (or `+ 0`) leaves out the intercept.
/// Column names with other characters than letters, digits, `_` and `.` stand in backticks.
/// Terms keep the order of their first appearance.
///
/// @param columns  The table's columns, which `.` and misspellings are looked up in.
/// @throws Error that quotes what was not understood.
Formula parse_formula(std::string_view text, std::vector<std::string> const& columns);

}  // namespace partita::pipeline
