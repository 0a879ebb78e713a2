#pragma once

#include <string>

namespace partita {

/// A name for this process that no other process on this host has, ever: "host-pid-starttime".
std::string process_tag();
/// The same for another process of this host, "host-pid-0" when there is none.
std::string process_tag(long pid);

/// Whether the process that made `tag` may still be running. Tags of other hosts count as alive.
bool process_tag_alive(std::string const& tag);

/// Whether a process of this host (and of its process namespace) made `tag`.
bool process_tag_is_local(std::string const& tag);

/// A folder of temporary files that goes away with its owner.
///
/// It is made as `<parent>/partita-<process_tag()>-<counter>`. The constructor first removes such
/// folders in `parent` whose process is gone, so a killed job's files last until the next start.
class ScratchDir {
  public:
    /// @throws Error when `parent` does not exist or cannot be written.
    explicit ScratchDir(std::string const& parent);
    ~ScratchDir();
    ScratchDir(ScratchDir&& other) noexcept;
    ScratchDir& operator=(ScratchDir&& other) noexcept;

    std::string const& path() const { return path_; }

  private:
    std::string path_;
};

/// $PARTITA_SCRATCH, $SLURM_TMPDIR, $TMPDIR or /tmp: the first that is set.
std::string default_scratch();

/// Remove what dead processes of this host left in `parent`.
void remove_stale_scratch(std::string const& parent) noexcept;

}  // namespace partita
