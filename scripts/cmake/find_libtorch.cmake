# Finds LibTorch and makes the target tx::libtorch: torch_cpu and c10, nothing else.
#
# LibTorch's own TorchConfig.cmake is read for its version and include directories only: it adds
# CUDA and Python libraries to every link where the wheel has them, and this tool runs without both.
# LibTorch is looked for in CMAKE_PREFIX_PATH (a `torch` wheel's folder or an unpacked LibTorch zip)
# and in .deps/, where scripts/setup.sh puts it.
set(TX_LIBTORCH_VERSION "2.13" CACHE STRING
    "LibTorch minor version; capture uses a dispatch key that is free in this version")

find_path(TX_LIBTORCH_ROOT include/ATen/ATen.h
  HINTS ${CMAKE_PREFIX_PATH}
  PATHS ${CMAKE_SOURCE_DIR}/.deps/libtorch
  PATH_SUFFIXES torch . libtorch ..  ../..
  NO_DEFAULT_PATH)
if(NOT TX_LIBTORCH_ROOT)
  message(FATAL_ERROR
    "LibTorch was not found. Run ./scripts/setup.sh, or set CMAKE_PREFIX_PATH to the folder "
    "`torch` of an installed torch==${TX_LIBTORCH_VERSION}.0 wheel or of a LibTorch zip.")
endif()

file(STRINGS ${TX_LIBTORCH_ROOT}/include/torch/headeronly/version.h _tx_version_lines
     REGEX "#define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
string(REGEX REPLACE ".*MAJOR ([0-9]+).*MINOR ([0-9]+).*PATCH ([0-9]+).*" "\\1.\\2.\\3"
       TX_LIBTORCH_FOUND_VERSION "${_tx_version_lines}")
if(NOT TX_LIBTORCH_FOUND_VERSION MATCHES "^${TX_LIBTORCH_VERSION}\\.")
  message(FATAL_ERROR
    "LibTorch ${TX_LIBTORCH_FOUND_VERSION} in ${TX_LIBTORCH_ROOT}: this tool needs "
    "${TX_LIBTORCH_VERSION}.x. Set TX_LIBTORCH_VERSION to try another one.")
endif()
message(STATUS "LibTorch ${TX_LIBTORCH_FOUND_VERSION}: ${TX_LIBTORCH_ROOT}")

foreach(_name c10 torch_cpu)
  find_library(TX_${_name}_LIBRARY ${_name} PATHS ${TX_LIBTORCH_ROOT}/lib NO_DEFAULT_PATH REQUIRED)
endforeach()

add_library(tx_libtorch INTERFACE)
add_library(tx::libtorch ALIAS tx_libtorch)
target_include_directories(tx_libtorch SYSTEM INTERFACE
  ${TX_LIBTORCH_ROOT}/include ${TX_LIBTORCH_ROOT}/include/torch/csrc/api/include)
target_link_libraries(tx_libtorch INTERFACE ${TX_torch_cpu_LIBRARY} ${TX_c10_LIBRARY} Threads::Threads)
# A CUDA build's libtorch_cpu needs nothing of CUDA at run time, but the linker looks for it.
target_link_options(tx_libtorch INTERFACE -Wl,--allow-shlib-undefined)

# One precompiled header for all targets that see LibTorch.
file(WRITE ${CMAKE_BINARY_DIR}/libtorch_pch.cpp "")
add_library(tx_libtorch_pch OBJECT ${CMAKE_BINARY_DIR}/libtorch_pch.cpp)
target_link_libraries(tx_libtorch_pch PUBLIC tx::libtorch)
target_precompile_headers(tx_libtorch_pch PRIVATE ${CMAKE_SOURCE_DIR}/scripts/cmake/libtorch_pch.h)
