// The static half of the gateway: which bytes of which file answer a request (RFC 9110: conditional
// requests, ranges). Opens files without following links; a file that is replaced while it is sent
// is sent as it was, because the open one does not change.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace rootlet::platform {

inline constexpr std::string_view kJsonType = "application/json";

// An open file, closed when it goes.
class FileHandle {
 public:
  FileHandle() = default;
  explicit FileHandle(int descriptor) : descriptor_(descriptor) {}
  FileHandle(FileHandle&& other) noexcept : descriptor_(other.descriptor_) {
    other.descriptor_ = -1;
  }
  FileHandle& operator=(FileHandle&& other) noexcept;
  ~FileHandle();
  int get() const { return descriptor_; }
  bool is_open() const { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
};

struct FileRequest {
  std::vector<std::string> segments;  // clean, from route_of
  bool head_only = false;
  std::string_view if_none_match = {};
  std::string_view range = {};
  std::string_view if_range = {};
};

struct FileAnswer {
  int status = 404;  // 200, 206, 304, 404, 416
  FileHandle file = {};
  std::uint64_t offset = 0;
  std::uint64_t length = 0;  // of the body; for HEAD the length it would have
  std::string etag = {};     // strong
  std::string content_type = {};
  std::string cache_control = {};
  std::string content_range = {};
};

FileAnswer answer_file(const std::filesystem::path& repository, const FileRequest& request);

}  // namespace rootlet::platform
