# Language level, warnings, ccache and sanitizers, for every target of the project.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
# -O2 is what the figures in docs/ were measured with; -O3 adds build time and no speed here.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

add_compile_options(-Wall -Wextra -Wno-unused-parameter)

set(TX_SANITIZE "" CACHE STRING "Sanitizers to build with, as in -fsanitize=")
if(TX_SANITIZE)
  add_compile_options(-fsanitize=${TX_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${TX_SANITIZE})
endif()

# LibTorch's headers take 10 s and more to compile: reuse every object file that can be reused.
find_program(CCACHE ccache)
if(CCACHE)
  # A precompiled header is only cached when ccache may ignore its defines and time macros.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
  add_compile_options(-fpch-preprocess)
endif()
