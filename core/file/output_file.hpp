// A file that a person named for a command's result. It is opened before the work begins: a place
// that cannot be written stops the command before it has changed anything, and a command of root
// that then acts as another user (owner.hpp) can still write it.
#pragma once

#include "core/file/descriptor.hpp"
#include "core/file/file.hpp"

namespace rootlet {

class OutputFile {
 public:
  // Opens or creates `path`; its old content stays until finish(). Errors name the path.
  static Result<OutputFile> open(const fs::path& path, FileMode mode);
  OutputFile(OutputFile&& other) noexcept = default;
  OutputFile& operator=(OutputFile&&) = delete;
  // Without finish(): removes a file that open() created, if this user may.
  ~OutputFile();

  // Replaces the content, and fsyncs it if it is a regular file.
  Status finish(ByteView bytes);

 private:
  OutputFile(UniqueFd file, fs::path path, bool is_new)
      : file_(std::move(file)), path_(std::move(path)), is_new_(is_new) {}
  UniqueFd file_;
  fs::path path_;
  bool is_new_;
};

}  // namespace rootlet
