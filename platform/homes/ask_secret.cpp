// termios, around std::cin.
#include "platform/homes/ask_secret.hpp"

#include <termios.h>
#include <unistd.h>

#include <iostream>

#include "core/encoding/text_file.hpp"

namespace rootlet::platform {
namespace {

// Turns off the terminal's echo during its lifetime.
class SilentTerminal {
 public:
  SilentTerminal() {
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
  }
  ~SilentTerminal() {
    if (changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;

 private:
  termios before_{};
  bool changed_ = false;
};

// What a terminal sends: without the carriage return of some, UTF-8 only, no control characters.
Result<std::string> typed_line(std::string answer) {
  if (answer.ends_with('\r')) answer.pop_back();
  ROOTLET_TRY(PlainText text, decode_plain_text(std::move(answer), "what was typed"));
  return std::move(text.text);
}

}  // namespace

Result<std::string> ask_secret(const std::string& question) {
  const SilentTerminal silent;
  std::cerr << question << std::flush;
  std::string answer;
  const bool there = static_cast<bool>(std::getline(std::cin, answer));
  std::cerr << '\n';
  if (!there) return fail(ErrorCode::kUsage, "nothing was typed");
  return typed_line(std::move(answer));
}

}  // namespace rootlet::platform
