#include "agent/cli/menu/desktop.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

#include "config/output/html_text.hpp"
#include "config/output/message_text.hpp"

namespace rootlet::agent {
namespace {

constexpr const char* kPageName = "console-failed.html";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool has_screen() {
  return !environment("WAYLAND_DISPLAY").empty() || !environment("DISPLAY").empty();
}

// True if the program ran and was content. Its words are lost.
bool run_quietly(std::vector<std::string> words) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    posix_spawn_file_actions_addopen(&files, descriptor, "/dev/null", O_RDWR, 0);
  }
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  pid_t child = -1;
  const int failed = ::posix_spawnp(&child, pointers[0], &files, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  int status = 0;
  return failed == 0 && ::waitpid(child, &status, 0) == child && WIFEXITED(status) &&
         WEXITSTATUS(status) == 0;
}

std::string paragraph(std::string_view text) {
  return text.empty() ? "" : "<p>" + html_text(text) + "</p>\n";
}

std::string heading(Language language) {
  return language == Language::kChinese ? "Rootlet 控制台未能打开"
                                        : "The Rootlet console did not open";
}

}  // namespace

// The ticket in the address is bound to this OS user, so other users who see the command line gain
// nothing.
bool open_in_browser(const std::string& address) {
  return has_screen() && run_quietly({"xdg-open", address});
}

std::string failure_page(const Error& error, Language language) {
  const bool zh = language == Language::kChinese;
  const std::string title = heading(language);
  std::string out = "<!doctype html>\n<html lang=\"" + std::string(zh ? "zh-CN" : "en") +
                    "\">\n<meta charset=\"utf-8\">\n"
                    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>" +
                    title +
                    "</title>\n<style>:root{color-scheme:light dark}body{max-width:34rem;"
                    "margin:4rem auto;padding:0 1rem;font:1rem/1.65 system-ui,sans-serif}</style>\n"
                    "<h1>" +
                    title + "</h1>\n";
  out += paragraph(error_text(error, language));
  if (!error.hint.empty()) out += paragraph(error.hint.in(language));
  out += paragraph(advice_for(error.code).in(language));
  return out + paragraph(zh ? "解决后请从菜单重新打开 Rootlet。"
                            : "Then start Rootlet from the menu again.");
}

bool show_failure(const Error& error, Language language, const fs::path& folder) {
  const std::string page = failure_page(error, language);
  const fs::path path = folder / kPageName;
  const bool written = !folder.empty() && make_private_directory(folder).has_value() &&
                       write_file_atomically(path, as_bytes(page), FileMode::kPrivate).has_value();
  if (written && open_in_browser("file://" + path.string())) return true;
  return has_screen() && run_quietly({"notify-send", "--icon=rootlet", heading(language),
                                      error_text(error, language)});
}

fs::path page_folder() {
  const std::string runtime = environment("XDG_RUNTIME_DIR"), home = environment("HOME");
  if (!runtime.empty()) return fs::path(runtime) / "rootlet";
  return home.empty() ? fs::path() : fs::path(home) / ".cache" / "rootlet";
}

}  // namespace rootlet::agent
