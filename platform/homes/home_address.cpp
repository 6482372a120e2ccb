// One line of text.
#include "platform/homes/home_address.hpp"

#include "core/file/file.hpp"

namespace rootlet::platform {
namespace {

constexpr std::size_t kAddressBytes = 4'096;

}  // namespace

Result<std::string> load_address(const std::filesystem::path& file) {
  std::error_code unknown;
  if (!std::filesystem::exists(file, unknown)) return std::string();
  ROOTLET_TRY(std::string text, read_text_file(file, kAddressBytes));
  while (text.ends_with('\n') || text.ends_with('\r') || text.ends_with(' ')) text.pop_back();
  if (!text.empty()) return text;
  return fail(ErrorCode::kUsage, file.string() + " is empty: it must name the home's database");
}

Status save_address(const std::filesystem::path& file, const std::string& address) {
  if (address.empty()) return ok();
  return write_file_atomically(file, as_bytes(address + "\n"), FileMode::kPrivate);
}

}  // namespace rootlet::platform
