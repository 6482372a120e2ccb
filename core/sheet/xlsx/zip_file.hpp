// The parts of a ZIP archive that lies in memory, unpacked piece by piece within limits
// (xlsx_limits.hpp); libzip does the reading, here only. A part that was packed wrongly or whose
// checksum is wrong, an encrypted one and a bomb are kBadInput.
#pragma once

#include <memory>
#include <string>

#include "core/bytes.hpp"
#include "core/encoding/text_stream.hpp"

namespace rootlet {

class ZipFile {
 public:
  // `bytes` must outlive this and its parts. Errors name `what`.
  static Result<ZipFile> open(ByteView bytes, std::string what);
  ZipFile(ZipFile&&) noexcept;
  ZipFile& operator=(ZipFile&&) = delete;
  ~ZipFile();

  bool has(const std::string& part) const;
  // The part's bytes; kBadInput if there is none. The source may outlive this.
  Result<TextSource> read(const std::string& part) const;

 private:
  struct State;
  explicit ZipFile(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace rootlet
