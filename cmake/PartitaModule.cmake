# partita_module(NAME SOURCES a.cpp ... [PUBLIC targets...] [PRIVATE targets...]
#                [PRECOMPILE | HEADERS_OF module])
#
# One static library per module: `partita_NAME`, seen by users as `partita::NAME`. PUBLIC holds
# what the module's public headers need; third-party headers other than fmt and MPI stay PRIVATE.
# The common headers are precompiled for a large module, or those of another with the same flags are
# used; for a small one that would take longer than it saves.
function(partita_module name)
    cmake_parse_arguments(ARG "PRECOMPILE" "HEADERS_OF" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
    set(target partita_${name})
    add_library(${target} STATIC ${ARG_SOURCES})
    add_library(partita::${name} ALIAS ${target})
    set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
    target_include_directories(${target}
        PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>
        PRIVATE ${PROJECT_SOURCE_DIR}/src)
    target_compile_features(${target} PUBLIC cxx_std_20)
    target_link_libraries(${target} PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
    if(ARG_PRECOMPILE)
        partita_precompile(${target} ${PARTITA_COMMON_HEADERS})
    elseif(ARG_HEADERS_OF)
        partita_use_headers(${target} partita_${ARG_HEADERS_OF})
    endif()
    set_property(GLOBAL APPEND PROPERTY PARTITA_MODULES ${target})
endfunction()
