# tx_embed_files(<out.cpp> <header> <function> <file>...): writes a source file with the function
# `std::string_view <function>(std::string_view name)` of the header, which gives the text of a file by
# its name, without the ending for .md files. Configure runs again when a file changes.
function(tx_embed_files out header function)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${ARGN})
  set(text "#include \"${header}\"\n\nnamespace tx::cli {\n\n")
  string(APPEND text "std::string_view ${function}(std::string_view name) {\n")
  foreach(file ${ARGN})
    get_filename_component(name ${file} NAME)
    string(REGEX REPLACE "\\.md$" "" name ${name})
    file(READ ${file} content)
    string(APPEND text "  if (name == \"${name}\") {\n"
                       "    return R\"TXFILE(${content})TXFILE\";\n  }\n")
  endforeach()
  string(APPEND text "  return {};\n}\n\n}  // namespace tx::cli\n")
  # An unchanged file keeps its time, so that nothing is compiled again.
  if(EXISTS ${out})
    file(READ ${out} old)
  endif()
  if(NOT "${old}" STREQUAL "${text}")
    file(WRITE ${out} "${text}")
  endif()
endfunction()
