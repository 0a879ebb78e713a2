#pragma once

namespace partita::pipeline {

/// The column in which rows carry their number through a pipeline; no table of a user has it.
constexpr char row_column[] = "partita row";

}  // namespace partita::pipeline
