// How much a file system still takes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace rootlet {

// Bytes that this user may still write beside `path`, which need not exist yet; nullopt if the
// system does not say. A quota may allow less.
std::optional<std::uint64_t> free_bytes(const std::filesystem::path& path);

// "the file system at /var has 12 KiB free", for messages.
std::string words_of_space(const std::filesystem::path& path);

}  // namespace rootlet
