#include "logs/file_job_input.h"

#include "base/error.h"
#include "base/file.h"
#include "logs/log_files.h"
#include "support/temp_dir.h"

#include <catch2/catch.hpp>

#include <fcntl.h>

#include <filesystem>

namespace atlasjob {

namespace {

using State = SendResult::State;
namespace fs = std::filesystem;

const JobId kId = JobId::parse("01a20320-a2fb-7a02-b2c2-1d3e4f506071").value();

struct Fixture {
    test::TempDir dir;
    std::string root = dir / "logs";
    std::string path = input_path(root, kId, 2);
    FileJobInput input{root};
    std::unique_ptr<InputPipe> pipe = input.open(kId, 2);

    SendResult send(std::string_view text) { return input.send(kId, 2, text, milliseconds{1}); }
};

}  // namespace

TEST_CASE("the input of an attempt is a FIFO that only its owner may write") {
    Fixture f;
    CHECK(fs::is_fifo(fs::symlink_status(f.path)));
    CHECK(fs::status(f.path).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
    f.pipe.reset();
    CHECK_FALSE(fs::exists(f.path));
}

TEST_CASE("nothing is sent to another file in place of the input") {
    Fixture f;
    f.pipe.reset();
    const std::string file = log_directory(f.root, kId) + "/file";
    { const UniqueFd made = open_file(file, O_CREAT | O_WRONLY, 0600); }
    fs::create_symlink(file, f.path);
    CHECK_THROWS_AS(f.send("x"), Error);
    fs::remove(f.path);
    fs::create_hard_link(file, f.path);
    CHECK(f.send("x").state == State::not_accepting);
    CHECK(fs::file_size(file) == 0);
}

TEST_CASE("a file in place of the input is replaced and not opened") {
    Fixture f;
    f.pipe.reset();
    fs::create_symlink("/etc/passwd", f.path);
    f.pipe = f.input.open(kId, 2);
    CHECK(fs::is_fifo(fs::symlink_status(f.path)));
}

}  // namespace atlasjob
