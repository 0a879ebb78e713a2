# partita_faiss_kernels(OUT): whether FAISS's archive is one whose distance functions we can define in
# its place: version 1.7.3, static, with exactly the functions of faiss_kernel_symbols.txt in
# distances_simd.cpp.o. Anything else is used as it comes, and said in one line.
set(PARTITA_FAISS_KERNELS ON CACHE BOOL "Put our distance functions in place of FAISS's where possible")

function(partita_faiss_archive out)
    foreach(config "" _NONE _RELEASE _RELWITHDEBINFO)
        get_target_property(location faiss IMPORTED_LOCATION${config})
        if(location)
            set(${out} ${location} PARENT_SCOPE)
            return()
        endif()
    endforeach()
    set(${out} "" PARENT_SCOPE)
endfunction()

# The functions that an object of an archive defines, sorted.
function(partita_archive_functions archive object out)
    execute_process(COMMAND ${CMAKE_NM} --defined-only ${archive}
                    OUTPUT_VARIABLE listing ERROR_QUIET RESULT_VARIABLE failed)
    set(names "")
    if(NOT failed)
        string(FIND "${listing}" "\n${object}:" begin)
        if(begin GREATER_EQUAL 0)
            string(SUBSTRING "${listing}" ${begin} -1 section)
            string(REGEX REPLACE "^\n[^\n]*\n" "" section "${section}")
            string(FIND "${section}" "\n\n" end) # an empty line ends an object's list
            string(SUBSTRING "${section}" 0 ${end} section)
            string(REGEX MATCHALL " T [^\n]+" names "${section}")
            list(TRANSFORM names REPLACE "^ T " "")
        endif()
    endif()
    list(SORT names)
    set(${out} "${names}" PARENT_SCOPE)
endfunction()

function(partita_faiss_kernels out)
    set(${out} OFF PARENT_SCOPE)
    if(NOT PARTITA_FAISS_KERNELS)
        message(STATUS "FAISS kernels: FAISS's own (PARTITA_FAISS_KERNELS is off)")
        return()
    endif()
    partita_faiss_archive(archive)
    if(NOT faiss_VERSION VERSION_EQUAL 1.7.3 OR NOT archive MATCHES "[.]a$")
        message(STATUS "FAISS kernels: FAISS's own (ours fit the static FAISS 1.7.3, "
                       "this is ${faiss_VERSION}, ${archive})")
        return()
    endif()
    partita_archive_functions(${archive} distances_simd.cpp.o functions)
    file(STRINGS ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/faiss_kernel_symbols.txt expected)
    list(SORT expected)
    if(NOT functions STREQUAL expected)
        message(STATUS "FAISS kernels: FAISS's own (${archive}: distances_simd.cpp.o has other "
                       "functions than ours)")
        return()
    endif()
    message(STATUS "FAISS kernels: ours, chosen by instruction set at run time")
    set(${out} ON PARENT_SCOPE)
endfunction()

# partita_faiss_searches(OUT): the searches that we do in FAISS's place (faiss_searches_symbols.txt),
# when its archive defines each of them and calls it from another object, where the linker can turn
# the call to us; else nothing, and FAISS searches itself.
function(partita_faiss_searches out)
    set(${out} "" PARENT_SCOPE)
    partita_faiss_archive(archive)
    execute_process(COMMAND ${CMAKE_NM} ${archive}
                    OUTPUT_VARIABLE listing ERROR_QUIET RESULT_VARIABLE failed)
    file(STRINGS ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/faiss_searches_symbols.txt symbols)
    foreach(symbol IN LISTS symbols)
        string(FIND "${listing}" " T ${symbol}\n" defined)
        string(FIND "${listing}" " U ${symbol}\n" called)
        if(failed OR defined LESS 0 OR called LESS 0)
            message(STATUS "FAISS searches: FAISS's own (${archive} does not call ${symbol})")
            return()
        endif()
    endforeach()
    message(STATUS "FAISS searches: flat and HNSW by our engine")
    set(${out} "${symbols}" PARENT_SCOPE)
endfunction()
