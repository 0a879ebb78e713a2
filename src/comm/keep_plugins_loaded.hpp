#pragma once

// For the main files of programs that use MPI. Open MPI unloads its plugins before a leak check at
// exit, which then cannot name their frames and so cannot apply tests/support/lsan.supp: builds
// with AddressSanitizer keep them loaded. Other builds are not affected.

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PARTITA_ADDRESS_SANITIZER
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(PARTITA_ADDRESS_SANITIZER)
extern "C" __attribute__((weak)) int dlclose(void*) noexcept { return 0; }
#endif
