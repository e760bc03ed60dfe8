# One library target a room of the house (lib/README.md): atlasjob_<room>.
add_library(atlasjob_warnings INTERFACE)
target_compile_options(atlasjob_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wformat=2 -Wimplicit-fallthrough
  -Wextra-semi -Wundef -Wmissing-declarations
  # g++ 12 sees uninitialized values inside every std::optional once it inlines.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond;-Wduplicated-branches;-Wlogical-op;-Wsuggest-override>
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)

# atlasjob_room(<room> SOURCES … [USES …] [PRIVATE_USES …])
#   USES          what the room's headers need too
#   PRIVATE_USES  what only its sources need
function(atlasjob_room room)
  cmake_parse_arguments(arg "" "" "SOURCES;USES;PRIVATE_USES" ${ARGN})
  add_library(atlasjob_${room} STATIC ${arg_SOURCES})
  target_include_directories(atlasjob_${room} PUBLIC "${CMAKE_CURRENT_SOURCE_DIR}/..")
  target_compile_options(atlasjob_${room} PRIVATE -ffunction-sections -fdata-sections)
  target_link_libraries(atlasjob_${room} PUBLIC ${arg_USES}
                        PRIVATE ${arg_PRIVATE_USES} $<BUILD_INTERFACE:atlasjob_warnings>)
endfunction()
