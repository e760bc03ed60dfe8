# cmake -DPAGE=… -DOUT=… -P EmbedSkill.cmake
# Writes OUT: kSkill, with the page PAGE byte for byte and its digest.
file(READ "${PAGE}" hex HEX)
file(SHA256 "${PAGE}" sha)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" bytes "${hex}")
# A string literal may not exceed 64 KiB; adjacent literals are concatenated.
string(LENGTH "${bytes}" length)
set(literal "")
set(from 0)
while(from LESS length)
  string(SUBSTRING "${bytes}" ${from} 96 piece)
  string(APPEND literal "    \"${piece}\"\n")
  math(EXPR from "${from} + 96")
endwhile()
file(WRITE "${OUT}" "// Generated from ${PAGE} by scripts/cmake/EmbedSkill.cmake. Do not edit.
#include \"mcp/skills/skill.h\"

namespace atlasjob::mcp {

constinit const Skill kSkill = {
    \"skill://atlasjob/SKILL.md\",
${literal},
    \"${sha}\"};

}  // namespace atlasjob::mcp
")
