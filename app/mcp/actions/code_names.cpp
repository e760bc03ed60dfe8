#include "mcp/actions/code_names.h"

#include <algorithm>
#include <array>
#include <string>

namespace atlasjob::mcp {

namespace {

constexpr std::array<std::string_view, 100> kNames = {
    "PATH",
    "IFS",
    "SHELL",
    "HOME",
    "ENV",
    "GLIBC_TUNABLES",
    "GCONV_PATH",
    "LOCPATH",
    "NLSPATH",
    "HOSTALIASES",
    "GETCONF_DIR",
    "TERMINFO",
    "TERMINFO_DIRS",
    "TERMCAP",
    "INPUTRC",
    "XDG_CONFIG_HOME",
    "XDG_CONFIG_DIRS",
    "XDG_DATA_HOME",
    "XDG_DATA_DIRS",
    "CDPATH",
    "FPATH",
    "ZDOTDIR",
    "SHELLOPTS",
    "PROMPT_COMMAND",
    "PS0",
    "PS1",
    "PS2",
    "PS3",
    "PS4",
    "PROMPT",
    "RPROMPT",
    "NULLCMD",
    "READNULLCMD",
    "FCEDIT",
    "EDITOR",
    "VISUAL",
    "PAGER",
    "BROWSER",
    "LESSOPEN",
    "LESSCLOSE",
    "LESS",
    "LESSKEY",
    "LESSKEYIN",
    "LESSKEY_SYSTEM",
    "MORE",
    "MANOPT",
    "VIMINIT",
    "GVIMINIT",
    "EXINIT",
    "MYVIMRC",
    "VIM",
    "VIMRUNTIME",
    "EMACSLOADPATH",
    "EMACSDATA",
    "CLASSPATH",
    "PHPRC",
    "AWKPATH",
    "AWKLIBPATH",
    "TCLLIBPATH",
    "INFOPATH",
    "GNUPLOT_LIB",
    "OPENSSL_CONF",
    "OPENSSL_ENGINES",
    "OPENSSL_MODULES",
    "NODE_PATH",
    "R_HOME",
    "R_PROFILE",
    "R_PROFILE_USER",
    "R_ENVIRON",
    "R_ENVIRON_USER",
    "R_LIBS",
    "R_LIBS_USER",
    "R_LIBS_SITE",
    "GOPATH",
    "GOROOT",
    "GOENV",
    "GOTOOLCHAIN",
    "HGRCPATH",
    "HGEDITOR",
    "HGMERGE",
    "MAKEFILES",
    "CC",
    "CXX",
    "CPP",
    "LD",
    "AR",
    "AS",
    "NM",
    "RANLIB",
    "FC",
    "F77",
    "COMPILER_PATH",
    "LIBRARY_PATH",
    "KUBECONFIG",
    "AWS_CONFIG_FILE",
    "TAPE",
    "RSH",
    "PSQLRC",
    "ZIPOPT",
    "UNZIPOPT"};

constexpr std::array<std::string_view, 36> kPrefixes = {
    "LD_",     "DYLD_",     "BASH",    "PYTHON",  "PERL",   "RUBY",   "GEM_",   "BUNDLE_",
    "NPM_",    "YARN_",     "LUA_",    "JAVA_",   "_JAVA_", "JDK_",   "PHP_",   "ERL_",
    "ELIXIR_", "JULIA_",    "GUILE_",  "GIT_",    "SSH_",   "SUDO_",  "RSYNC_", "SVN_",
    "CVS_",    "ANSIBLE_",  "DOCKER_", "PODMAN_", "PIP_",   "CARGO_", "RUSTC",  "RUSTUP_",
    "CMAKE_",  "ATLASJOB_", "MALLOC_", "SYSTEMD_"};

constexpr std::array<std::string_view, 16> kSuffixes = {
    "_EDITOR", "_PAGER", "_BROWSER", "_ASKPASS", "_COMMAND", "_CMD",  "_PROGRAM", "_SHELL",
    "_RSH",    "_SSH",   "_OPT",     "OPTS",     "OPTIONS",  "FLAGS", "_ARGS",    "_PRELOAD"};

/// Plain data, despite a prefix in kPrefixes.
constexpr std::array<std::string_view, 10> kData = {
    "GIT_AUTHOR_NAME",
    "GIT_AUTHOR_EMAIL",
    "GIT_AUTHOR_DATE",
    "GIT_COMMITTER_NAME",
    "GIT_COMMITTER_EMAIL",
    "GIT_COMMITTER_DATE",
    "GIT_BRANCH",
    "GIT_COMMIT",
    "GIT_REF",
    "GIT_TAG"};

/// Git settings that are plain data: names, addresses, encodings.
constexpr std::array<std::string_view, 8> kGitData = {
    "user.name",      "user.email",      "author.name",         "author.email",
    "committer.name", "committer.email", "i18n.commitencoding", "log.date"};

char to_upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

template <class List>
bool has(const List& list, std::string_view name) {
    return std::ranges::find(list, name) != list.end();
}

}  // namespace

bool is_code_variable(std::string_view name) {
    std::string normalized{name};
    std::ranges::transform(normalized, normalized.begin(), to_upper);
    if (has(kData, normalized)) return false;
    const auto begins = [&](std::string_view prefix) { return normalized.starts_with(prefix); };
    const auto ends = [&](std::string_view suffix) { return normalized.ends_with(suffix); };
    return has(kNames, normalized) || std::ranges::any_of(kPrefixes, begins)
           || std::ranges::any_of(kSuffixes, ends);
}

bool is_code_setting_of_git(std::string_view name) {
    std::string normalized{name};
    std::ranges::transform(normalized, normalized.begin(), to_lower);
    return !has(kGitData, normalized);
}

}  // namespace atlasjob::mcp
