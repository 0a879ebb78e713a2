#include "cli/option_kinds.hpp"
#include "commands.hpp"
#include "completion/scripts.hpp"

namespace partita {

void add_completion(cli::CommandLine& line) {
    auto const shell = std::make_shared<std::string>();
    cli::Command& command = line.add("completion", "Print a script that completes with TAB");
    cli::add_choice(command.app, "SHELL", *shell, {"bash", "zsh", "fish"}, "Your shell").required();
    command.examples = {"source <(partita completion bash)",
                        "partita completion zsh > \"${fpath[1]}/_partita\"",
                        "partita completion fish > ~/.config/fish/completions/partita.fish"};
    command.run = [&line, shell](cli::Session& session) {
        session.print("{}", *shell == "bash"  ? completion::bash_script(line)
                            : *shell == "zsh" ? completion::zsh_script(line)
                                              : completion::fish_script(line));
    };
}

}  // namespace partita
