// What somebody sees who starts the console from the menu and it does not open.
#include "agent/cli/menu/desktop.hpp"

#include <sys/stat.h>

#include <cstdlib>

#include "tests/support/support.hpp"

using namespace rootlet;
using namespace rootlet::agent;
using namespace rootlet::test;

namespace {

const Error kDown(ErrorCode::kUnreachable, "the agent's daemon does not run", {},
                  {.en = "Start it: systemctl start <rootlet>", .zh = "启动命令：systemctl start"});

// A desktop whose xdg-open and notify-send note what they were asked, and may fail.
class Desktop {
 public:
  explicit Desktop(const char* opens = "true") {
    const std::string path = std::getenv("PATH");
    add("xdg-open", opens);
    add("notify-send", "true");
    ::setenv("PATH", (folder_.path().string() + ":" + path).c_str(), 1);
    ::setenv("DISPLAY", ":99", 1);
    old_path_ = path;
  }
  ~Desktop() {
    ::setenv("PATH", old_path_.c_str(), 1);
    ::unsetenv("DISPLAY");
  }
  std::string asked(const std::string& program) const {
    return read_text_file(folder_.path() / (program + ".asked"), 4096).has_value()
               ? must(read_text_file(folder_.path() / (program + ".asked"), 4096))
               : "";
  }
  fs::path pages() const { return folder_.path() / "run" / "rootlet"; }

 private:
  void add(const std::string& program, const std::string& then) {
    const fs::path path = folder_.path() / program;
    const std::string text =
        "#!/bin/sh\nprintf '%s\\n' \"$@\" >'" + path.string() + ".asked'\n" + then;
    must(write_file_atomically(path, as_bytes(text)));
    ::chmod(path.c_str(), 0755);
  }
  TempDir folder_;
  std::string old_path_;
};

}  // namespace

TEST_CASE(
    "menu: a failure is a page in the browser, in the person's language, for this user only") {
  const Desktop desktop;
  REQUIRE(show_failure(kDown, Language::kChinese, desktop.pages()));
  const fs::path page = desktop.pages() / "console-failed.html";
  CHECK(desktop.asked("xdg-open") == "file://" + page.string() + "\n");
  const std::string text = must(read_text_file(page, 65536));
  CHECK(text.find("lang=\"zh-CN\"") != std::string::npos);
  CHECK(text.find("启动命令：systemctl start") != std::string::npos);
  struct stat info {};
  REQUIRE(::stat(page.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  CHECK(desktop.asked("notify-send").empty());
}

TEST_CASE("menu: without a browser, or a folder to write to, a notification says it") {
  const Desktop no_browser("exit 3");
  CHECK(show_failure(kDown, Language::kEnglish, no_browser.pages()));
  CHECK(no_browser.asked("notify-send").find("the agent's daemon does not run") !=
        std::string::npos);
  const Desktop no_folder;
  CHECK(show_failure(kDown, Language::kEnglish, "/proc/none"));
  CHECK(no_folder.asked("xdg-open").empty());
  CHECK_FALSE(no_folder.asked("notify-send").empty());
}

TEST_CASE("menu: what a message holds is text, never a part of the page") {
  const std::string page = failure_page(kDown, Language::kEnglish);
  CHECK(page.find("systemctl start &lt;rootlet&gt;") != std::string::npos);
  CHECK(page.find("<rootlet>") == std::string::npos);
  CHECK(page.find("<script") == std::string::npos);
}
