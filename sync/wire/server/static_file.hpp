// Static files: which bytes of which file answer a request (RFC 9110: conditional requests in 13,
// ranges in 14). Follows no link, loads no file into memory, and answers a file that is replaced
// while it is sent as it was.
#pragma once

#include <filesystem>

#include "sync/wire/server/handler.hpp"

namespace rootlet::http {

struct FileRequest {
  // The path below the root; "", ".", ".." and segments with a '/' or NUL are answered 404.
  std::vector<std::string> segments;
  bool head_only = false;  // a HEAD: ranges do not count
  std::string_view if_none_match = {};
  std::string_view range = {};
  std::string_view if_range = {};
};

struct FileAnswer {
  int status = 404;  // 200, 206, 304, 404, 416, 503
  UniqueFd file = {};
  std::uint64_t offset = 0;        // bytes
  std::uint64_t length = 0;        // bytes of the body; for HEAD those that it would have
  std::string etag = {};           // strong: another one for each replacement of the file
  std::string content_type = {};   // for the caller to set
  std::string cache_control = {};  // for the caller to set
  std::string content_range = {};
};

// With the conditions and the range of `head`.
FileRequest file_request(std::vector<std::string> segments, const RequestHead& head);

// Opens the file below `root`, which may itself be a link. Anything but a regular file is 404; 503
// if the system has no descriptor left, because 404 would say that the file does not exist.
FileAnswer answer_static_file(const std::filesystem::path& root, const FileRequest& request);

Reply file_reply(FileAnswer answer);

}  // namespace rootlet::http
