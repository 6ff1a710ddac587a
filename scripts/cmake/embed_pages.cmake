# tx_embed_pages(<out.cpp> <folder>): writes a source file with the function `page` of
# tools/torch-export/diagnostic_pages.h, which holds every TX*.md of the folder. Configure runs
# again when a page changes.
function(tx_embed_pages out folder)
  file(GLOB pages CONFIGURE_DEPENDS ${folder}/TX*.md)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${pages})
  set(text "#include \"diagnostic_pages.h\"\n\nnamespace tx::cli {\n\n")
  string(APPEND text "std::string_view page(std::string_view code) {\n")
  foreach(file ${pages})
    get_filename_component(name ${file} NAME_WE)
    file(READ ${file} page)
    string(APPEND text "  if (code == \"${name}\") {\n"
                       "    return R\"TXPAGE(${page})TXPAGE\";\n  }\n")
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
