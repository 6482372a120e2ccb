// A file named by the environment, or systemd's.
#include "platform/source/databases/source_password.hpp"

#include <cstdlib>
#include <filesystem>

#include "core/file/file.hpp"

namespace rootlet::platform {
namespace {

constexpr std::size_t kPasswordBytes = 4096;

}  // namespace

Result<std::string> source_password() {
  fs::path path;
  if (const char* named = std::getenv("ROOTLET_SOURCE_PASSWORD_FILE")) {
    path = named;
  } else if (const char* folder = std::getenv("CREDENTIALS_DIRECTORY")) {
    const fs::path credential = fs::path(folder) / "rootlet-source-password";
    std::error_code unknown;
    if (fs::exists(credential, unknown)) path = credential;
  }
  if (path.empty()) return std::string();
  ROOTLET_TRY(std::string text, read_text_file(path, kPasswordBytes));
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return text;
}

}  // namespace rootlet::platform
