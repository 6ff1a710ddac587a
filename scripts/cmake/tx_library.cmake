# tx_library(<name> RANK <n> [TORCH] [DEPS <library>...] [LINK <target>...] [EXCLUDE <file>...])
#
# Declares the library tx_<name> from all .cpp files of the calling folder, and from its *_test.cpp
# files the doctest executable <name>_test, registered with ctest. Headers are included as
# "<name>/<header>.h".
#   RANK   position in the order of docs/architecture.md; configure fails when a dependency's rank
#          is not lower, so data keeps flowing one way
#   TORCH  the library sees LibTorch (and takes the shared precompiled header)
#   DEPS   libraries of this project, public
#   LINK   anything else, private
#   EXCLUDE  files of the folder that belong to other targets
function(tx_library name)
  cmake_parse_arguments(arg "TORCH" "RANK" "DEPS;LINK;EXCLUDE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp
       ${CMAKE_CURRENT_SOURCE_DIR}/*/*.cpp)
  foreach(file ${arg_EXCLUDE})
    list(REMOVE_ITEM sources ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  endforeach()
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")

  add_library(tx_${name} STATIC ${sources})
  set_target_properties(tx_${name} PROPERTIES TX_RANK "${arg_RANK}" TX_TORCH "${arg_TORCH}")
  target_include_directories(tx_${name} PUBLIC ${PROJECT_SOURCE_DIR}/lib)
  foreach(dep ${arg_DEPS})
    get_target_property(rank tx_${dep} TX_RANK)
    if(NOT rank LESS arg_RANK)
      message(FATAL_ERROR "${name} (rank ${arg_RANK}) may not depend on ${dep} (rank ${rank})")
    endif()
    target_link_libraries(tx_${name} PUBLIC tx_${dep})
  endforeach()
  target_link_libraries(tx_${name} PRIVATE ${arg_LINK})
  if(arg_TORCH)
    tx_see_libtorch(tx_${name})
  endif()

  if(tests AND BUILD_TESTING)
    tx_test(${name}_test SOURCES ${tests} DEPS ${name} LINK ${arg_LINK})
    if(arg_TORCH)
      tx_see_libtorch(${name}_test)
    endif()
  endif()
endfunction()

# Lets a target include and link LibTorch, with the precompiled header.
function(tx_see_libtorch target)
  target_link_libraries(${target} PRIVATE tx::libtorch)
  target_precompile_headers(${target} REUSE_FROM tx_libtorch_pch)
endfunction()

# tx_test(<name> SOURCES <file>... [DEPS <library>...] [LINK <target>...]): a doctest executable
# with the shared main, run by ctest in the source folder's testdata/.
function(tx_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPS;LINK" ${ARGN})
  add_executable(${name} ${arg_SOURCES} ${PROJECT_SOURCE_DIR}/scripts/cmake/doctest_main.cpp)
  set_source_files_properties(${PROJECT_SOURCE_DIR}/scripts/cmake/doctest_main.cpp
    PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
  foreach(dep ${arg_DEPS})
    target_link_libraries(${name} PRIVATE tx_${dep})
  endforeach()
  target_link_libraries(${name} PRIVATE ${arg_LINK})
  target_compile_definitions(${name} PRIVATE TX_TESTDATA="${PROJECT_SOURCE_DIR}/testdata"
    TX_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}/testdata)
endfunction()

define_property(TARGET PROPERTY TX_RANK BRIEF_DOCS "position in the order of libraries")
define_property(TARGET PROPERTY TX_TORCH BRIEF_DOCS "whether the library sees LibTorch")
