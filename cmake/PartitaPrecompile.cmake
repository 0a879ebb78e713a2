# Headers that most files include are compiled once per module or kind of program: half of a cold
# build was reading them again. Files include what they use all the same: the sanitizers' presets
# build without precompiled headers.
option(PARTITA_PRECOMPILE "Precompile the headers that most files include" ON)

set(PARTITA_COMMON_HEADERS
    <algorithm> <array> <atomic> <bit> <charconv> <cmath> <cstdint> <cstring> <filesystem>
    <functional> <limits> <memory> <mutex> <numeric> <optional> <span> <string> <string_view>
    <unordered_map> <utility> <vector> <fmt/format.h>)
set(PARTITA_TEST_HEADERS ${PARTITA_COMMON_HEADERS} <fstream> <map> <set> <gtest/gtest.h> <gmock/gmock.h>)

# Sources of a target are compiled several at a time, with their headers and templates once: the
# libraries take half as long, all with its tests two thirds. Off, only what changed is compiled
# again; names of anonymous namespaces are unique within a target for its sake. Sources with flags of their own stay alone.
option(PARTITA_UNITY "Compile the sources of a target several at a time" ON)
set(CMAKE_UNITY_BUILD ${PARTITA_UNITY})
set(CMAKE_UNITY_BUILD_BATCH_SIZE 12)
if(PARTITA_UNITY AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ takes for a header what is not the file that it was given.
    add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wno-subobject-linkage>)
endif()

# partita_precompile(TARGET HEADERS...): for the sources of TARGET alone.
function(partita_precompile target)
    if(PARTITA_PRECOMPILE)
        target_precompile_headers(${target} PRIVATE ${ARGN})
    endif()
endfunction()

# partita_program_headers(NAME OPTIONS flags... LIBS targets... HEADERS headers...): precompiled for
# all programs that ask for them by partita_use_headers(TARGET NAME). Programs must be compiled with
# the same options.
function(partita_program_headers name)
    cmake_parse_arguments(ARG "" "" "OPTIONS;LIBS;HEADERS" ${ARGN})
    set(main ${PROJECT_BINARY_DIR}/${name}.cpp)
    file(CONFIGURE OUTPUT ${main} CONTENT "int main() { return 0; }\n")
    add_executable(${name} ${main})
    target_compile_options(${name} PRIVATE ${ARG_OPTIONS})
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(${name} PRIVATE ${ARG_LIBS})
    partita_precompile(${name} ${ARG_HEADERS})
endfunction()

function(partita_use_headers target name)
    if(PARTITA_PRECOMPILE)
        target_precompile_headers(${target} REUSE_FROM ${name})
    endif()
endfunction()
