# One library target per module (ARCHITECTURE.md): atlasjob_<module>.
add_library(atlasjob_warnings INTERFACE)
target_compile_options(atlasjob_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wformat=2 -Wimplicit-fallthrough
  -Wextra-semi -Wundef -Wmissing-declarations
  # g++ 12 reports false uninitialized values inside inlined std::optional.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond;-Wduplicated-branches;-Wlogical-op;-Wsuggest-override>
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)

# Headers that nearly every file includes, compiled once: they took two thirds of a small file's time.
# A file must still include what it uses: clang builds without precompiled headers and so checks it.
# (clang's contain absolute paths, which defeats a compiler cache.)
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(CMAKE_DISABLE_PRECOMPILE_HEADERS ON)
endif()
set(atlasjob_common_headers
  <algorithm> <array> <chrono> <cstdint> <deque> <functional> <map> <memory> <optional> <span> <string>
  <string_view> <utility> <variant> <vector> <fmt/format.h>
  "${PROJECT_SOURCE_DIR}/lib/base/file.h" "${PROJECT_SOURCE_DIR}/lib/base/text.h"
  "${PROJECT_SOURCE_DIR}/lib/ledger/store.h")

# atlasjob_precompiled(<target> HEADERS … [OPTIONS …]): for `target_precompile_headers(… REUSE_FROM)`
# by targets compiled with the same options.
file(TOUCH "${PROJECT_BINARY_DIR}/empty.cpp")
function(atlasjob_precompiled target)
  cmake_parse_arguments(arg "" "" "HEADERS;OPTIONS" ${ARGN})
  add_library(${target} OBJECT "${PROJECT_BINARY_DIR}/empty.cpp")
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/lib")
  target_compile_options(${target} PRIVATE ${arg_OPTIONS})
  target_link_libraries(${target} PRIVATE atlasjob_fmt atlasjob_warnings)
  target_precompile_headers(${target} PRIVATE ${atlasjob_common_headers} ${arg_HEADERS})
endfunction()

set(module_options -ffunction-sections -fdata-sections)
atlasjob_precompiled(atlasjob_precompiled_common OPTIONS ${module_options})
atlasjob_precompiled(atlasjob_precompiled_json HEADERS <nlohmann/json.hpp> OPTIONS ${module_options})

# atlasjob_module(<module> SOURCES … [USES …] [PRIVATE_USES …] [PRECOMPILED common|json|none])
#   USES          needed by the module's headers too
#   PRIVATE_USES  needed by its sources only
#   PRECOMPILED   json: most of its sources include the JSON library; none: it lies below ledger
function(atlasjob_module module)
  cmake_parse_arguments(arg "" "PRECOMPILED" "SOURCES;USES;PRIVATE_USES" ${ARGN})
  add_library(atlasjob_${module} STATIC ${arg_SOURCES})
  cmake_path(GET CMAKE_CURRENT_SOURCE_DIR PARENT_PATH include_root)
  target_include_directories(atlasjob_${module} PUBLIC "${include_root}")
  target_compile_options(atlasjob_${module} PRIVATE ${module_options})
  target_link_libraries(atlasjob_${module} PUBLIC ${arg_USES}
                        PRIVATE ${arg_PRIVATE_USES} atlasjob_fmt $<BUILD_INTERFACE:atlasjob_warnings>)
  if(NOT arg_PRECOMPILED)
    set(arg_PRECOMPILED common)
  endif()
  if(NOT arg_PRECOMPILED STREQUAL none)
    target_precompile_headers(atlasjob_${module} REUSE_FROM atlasjob_precompiled_${arg_PRECOMPILED})
  endif()
endfunction()
