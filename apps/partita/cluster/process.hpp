#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

namespace partita::cluster {

using Words = std::vector<std::string>;

/// Remember the environment as it is: other programs get this one, without what MPI adds to it for
/// this process. To be called first of all. mpirun is told, unless the user has told it something
/// else, to share no memory under locks with ranks: killed ranks would leave it waiting for ever.
void keep_environment();

constexpr int no_program_status = 127;

/// What a program said and how it ended.
struct Outcome {
    int status = 0;  ///< Its exit status; 128 + n when signal n ended it, no_program_status.
    std::string out, err;
};

/// Run a program to its end.
Outcome output_of(Words const& command);

/// Whether a program of this name is on the PATH.
bool has_program(std::string const& name);

/// Where this program's file is.
std::string this_program();

/// Runs one program at a time, in the foreground, and passes on to it that it is to stop: while one
/// of these lives, SIGUSR1 and SIGTERM to this process become SIGUSR1 to the program.
class Foreground {
  public:
    Foreground();
    ~Foreground();
    Foreground(Foreground const&) = delete;
    Foreground& operator=(Foreground const&) = delete;

    /// Its exit status, as in Outcome; requeue_status, and nothing is run, where a signal came
    /// before.
    int run(Words const& command) const;
    /// Whether a signal came.
    static bool stop_requested();
};

/// Notices a SIGTERM that comes from now on, while a Foreground lives.
class ExpectedEnd {
  public:
    ExpectedEnd();
    /// Until SIGTERM has come, but no longer than this.
    void wait(int seconds) const;
};

/// Start a program in a session of its own, with its output appended to a file. Its process's id.
/// @throws Error when it cannot be started.
pid_t start_in_background(Words const& command, std::string const& output_file);

/// The words as a shell reads them: 'a file' is quoted.
std::string shell_text(Words const& command);

}  // namespace partita::cluster
