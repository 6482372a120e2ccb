// Reads the kernel's boot id and the machine's id.
#include "core/file/boot.hpp"

#include <cstdio>
#include <memory>
#include <string_view>

namespace rootlet {
namespace {

std::string first_line_of(const char* path) {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path, "re"), &std::fclose);
  char line[128];
  if (file == nullptr || std::fgets(line, sizeof line, file.get()) == nullptr) return "";
  const std::string_view text(line);
  return std::string(text.substr(0, text.find('\n')));
}

}  // namespace

std::string current_boot() {
  return first_line_of("/proc/sys/kernel/random/boot_id");
}

std::string current_machine() {
  return first_line_of("/etc/machine-id");
}

}  // namespace rootlet
