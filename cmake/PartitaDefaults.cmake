# Compiler settings that hold for every target.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
# -O3 without -ffast-math: results must not depend on the compiler's taste. No -march: the hot
# kernels choose their instruction set at run time, so that one binary serves a mixed cluster.
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -DNDEBUG")

# A contracted a * b + c rounds once where it is compiled to FMA and twice elsewhere; results that
# must be the same on every machine cannot allow that. Kernels ask for FMA by intrinsics.
add_compile_options(-Wall -Wextra -Wno-unknown-pragmas -ffp-contract=off)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 sees overlaps and overflows in `"literal" + std::string` (PR 105651).
    add_compile_options(-Wno-restrict $<$<COMPILE_LANGUAGE:CXX>:-Wno-stringop-overflow>)
    # g++ looks for garbage whenever its heap has doubled, and finds little: without it the sources with
    # most templates compile in three quarters of the time, in a sixth more memory.
    add_compile_options($<$<COMPILE_LANGUAGE:CXX>:--param=ggc-min-heapsize=524288>)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_CURRENT_LIST_DIR}/compile-cached ${CCACHE_PROGRAM})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess>)
    endif()
endif()

if(PARTITA_SANITIZE)
    add_compile_options(-fsanitize=${PARTITA_SANITIZE} -fno-omit-frame-pointer -g
                        -fno-sanitize-recover=undefined)
    add_link_options(-fsanitize=${PARTITA_SANITIZE})
endif()
