# Their vector types never cross from one source to another (psabi), and gcc 12 takes its own
# intrinsics for uninitialised.
set(PARTITA_KERNEL_OPTIONS -Wno-psabi $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
    $<$<CXX_COMPILER_ID:GNU>:-Wno-uninitialized>)

# partita_kernels(TARGET PREFIX [options...])
#
# Adds PREFIX_scalar.cpp and, on x86-64, PREFIX_avx2.cpp and PREFIX_avx512.cpp, each compiled for its
# instruction set; the program chooses at run time. Such sources hold loops over raw pointers only:
# an inline function of the standard library compiled for AVX-512 could be the one the linker keeps.
function(partita_kernels target prefix)
    set(options ${PARTITA_KERNEL_OPTIONS} ${ARGN})
    set(avx2 -mavx2 -mfma)
    set(avx512 -mavx512f -mavx512bw -mavx512dq -mavx512vl -mfma)
    set(levels scalar)
    if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
        list(APPEND levels avx2 avx512)
    endif()
    foreach(level IN LISTS levels)
        target_sources(${target} PRIVATE ${prefix}_${level}.cpp)
        set_source_files_properties(${prefix}_${level}.cpp PROPERTIES
            COMPILE_OPTIONS "${${level}};${options}" SKIP_PRECOMPILE_HEADERS ON)
    endforeach()
endfunction()

# partita_kernels_vnni(TARGET SOURCE): on x86-64, one more source, for AVX-512 with its dot products of
# bytes.
function(partita_kernels_vnni target source)
    if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
        return()
    endif()
    target_sources(${target} PRIVATE ${source})
    set_source_files_properties(${source} PROPERTIES
        COMPILE_OPTIONS
        "-mavx512f;-mavx512bw;-mavx512dq;-mavx512vl;-mavx512vnni;-mfma;${PARTITA_KERNEL_OPTIONS}"
        SKIP_PRECOMPILE_HEADERS ON)
endfunction()
