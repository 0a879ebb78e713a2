# partita_test(NAME SOURCES a.cpp ... [LIBS targets...] [RANKS 1 2 3 4 7] [TIMEOUT seconds]
#              [HEADERS precompiled])
#
# One GoogleTest program, registered as NAME, or with RANKS as NAME.np1, NAME.np2 ... under mpirun.
# Programs with RANKS get tests/support's main, which agrees on failures over all ranks.
find_package(GTest REQUIRED CONFIG)
include(GoogleTest)

# How tests are launched: oversubscription allowed, no binding, one thread per rank; ranks and threads
# that wait give way to others instead of spinning, for there are more of them than cores. No killed
# rank leaves mpirun waiting (see tools/launch-environment).
set(PARTITA_TEST_ENVIRONMENT
    OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
    OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none
    OMPI_MCA_mpi_yield_when_idle=1 PMIX_MCA_gds=hash OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive
    PARTITA_BIND=keep
    "UBSAN_OPTIONS=print_stacktrace=1"
    "LSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/support/lsan.supp:print_suppressions=0")
if(PARTITA_SANITIZE MATCHES "thread")
    # Tells the sanitizer how OpenMP's threads wait for each other.
    execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=libarcher.so
                    OUTPUT_VARIABLE PARTITA_ARCHER OUTPUT_STRIP_TRAILING_WHITESPACE)
    list(APPEND PARTITA_TEST_ENVIRONMENT "OMP_TOOL_LIBRARIES=${PARTITA_ARCHER}"
         "TSAN_OPTIONS=ignore_noninstrumented_modules=1")
endif()
set(PARTITA_DATA "${PROJECT_SOURCE_DIR}/../shared/data" CACHE PATH "Real data for tests (optional)")

# Most of a test's time is its compilation, and -O1 takes a third less of it than -O3.
set(PARTITA_TEST_OPTIONS $<$<CONFIG:Release>:-O1>)
partita_program_headers(partita_test_headers OPTIONS ${PARTITA_TEST_OPTIONS}
                        LIBS fmt::fmt GTest::gmock GTest::gtest HEADERS ${PARTITA_TEST_HEADERS})

function(partita_test name)
    cmake_parse_arguments(ARG "" "TIMEOUT;HEADERS" "SOURCES;LIBS;RANKS" ${ARGN})
    if(NOT ARG_TIMEOUT)
        set(ARG_TIMEOUT 60)
    endif()
    add_executable(${name} ${ARG_SOURCES})
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(${name} PRIVATE ${ARG_LIBS} GTest::gmock GTest::gtest)
    target_compile_options(${name} PRIVATE ${PARTITA_TEST_OPTIONS})
    if(NOT ARG_HEADERS)
        set(ARG_HEADERS partita_test_headers)
    endif()
    partita_use_headers(${name} ${ARG_HEADERS})
    if(ARG_RANKS)
        target_link_libraries(${name} PRIVATE partita_test_support)
        # mpirun's own limit comes first: killed by CTest it would leave its ranks behind. To find no
        # network other than TCP takes as long as all the rest of a start (see prepare_launch).
        math(EXPR launch_timeout "${ARG_TIMEOUT} - 5")
        foreach(ranks IN LISTS ARG_RANKS)
            math(EXPR processors "(${ranks} + 1) / 2") # they wait half of their time for each other
            # mpirun fails to start while another removes the folder that all of a user's share.
            set(own_folder "OMPI_MCA_orte_tmpdir_base=${PROJECT_BINARY_DIR}/mpi/${name}.np${ranks}")
            add_test(NAME ${name}.np${ranks}
                     COMMAND ${MPIEXEC_EXECUTABLE} -q --timeout ${launch_timeout} -n ${ranks}
                             $<TARGET_FILE:${name}>)
            set_tests_properties(${name}.np${ranks} PROPERTIES TIMEOUT ${ARG_TIMEOUT}
                PROCESSORS ${processors}
                ENVIRONMENT "${PARTITA_TEST_ENVIRONMENT};OMPI_MCA_pml=ob1;${own_folder}")
        endforeach()
    else()
        target_link_libraries(${name} PRIVATE GTest::gtest_main)
        add_test(NAME ${name} COMMAND ${name})
        set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT}
            ENVIRONMENT "${PARTITA_TEST_ENVIRONMENT}")
    endif()
endfunction()
