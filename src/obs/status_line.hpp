#pragma once

#include <string>

namespace partita::obs::detail {

/// Whether what this process writes to standard error ends on a terminal, directly or through
/// mpirun, which reads it from a pipe and passes it on.
bool stderr_is_terminal();

/// Columns of that terminal; else $COLUMNS, else 80.
int terminal_width();

/// The last line on the terminal, redrawn in place. Calls from several threads take turns.
void draw_status_line(std::string const& text);
/// Wipe it, so that other text can take its place; the next draw brings it back.
void clear_status_line();
/// Leave it where it is and go on below.
void end_status_line();

}  // namespace partita::obs::detail
