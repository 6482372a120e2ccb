// Reads the environment, a file or the terminal.
#include "platform/token/pin.hpp"

#include <unistd.h>

#include <cstdlib>

#include "core/encoding/text_file.hpp"
#include "core/limits.hpp"
#include "platform/homes/ask_secret.hpp"

namespace rootlet::platform {
namespace {

namespace fs = std::filesystem;

std::optional<fs::path> pin_file() {
  const char* named = std::getenv(kPinVariable);
  if (named != nullptr && *named != '\0') return named;
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  if (folder == nullptr || *folder == '\0') return std::nullopt;
  fs::path file = fs::path(folder) / kPinCredential;
  std::error_code unknown;
  return fs::exists(file, unknown) ? std::optional(std::move(file)) : std::nullopt;
}

Result<Pin> checked(std::string_view line, bool is_typed, const std::string& source) {
  if (line.empty() || line.size() > limits::kPinBytes || line.find('\n') != line.npos) {
    return fail(ErrorCode::kUsage, source + ": a PIN is one line of at most " +
                                       std::to_string(limits::kPinBytes) + " bytes");
  }
  return Pin{.bytes = Bytes(line.begin(), line.end()), .is_typed = is_typed};
}

}  // namespace

bool pin_is_at_hand() {
  return pin_file().has_value();
}

Result<Pin> read_pin(const std::string& token) {
  if (const std::optional<fs::path> file = pin_file()) {
    ROOTLET_TRY(const PlainText given, read_plain_text(*file, limits::kFileKindBytes));
    std::string_view line = given.text;
    if (line.ends_with('\n')) line.remove_suffix(1);
    return checked(line, false, file->string());
  }
  if (::isatty(STDIN_FILENO) != 1) {
    return fail(ErrorCode::kUsage, "token " + token + " needs its PIN: name a file with it in " +
                                       kPinVariable + ", or run this on a terminal");
  }
  ROOTLET_TRY(const std::string typed, ask_secret("PIN of token " + token + ": "));
  return checked(typed, true, "the terminal");
}

}  // namespace rootlet::platform
