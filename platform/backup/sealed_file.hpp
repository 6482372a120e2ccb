// A file of any length under a passphrase (docs/FORMATS.md, "Backup"): pieces of 1 MiB, each sealed
// under a key that Argon2id makes of the passphrase and bound to its place, the last one marked. So
// a file that was cut, reordered or changed does not open.
#pragma once

#include <filesystem>
#include <string>

#include "core/crypto.hpp"
#include "core/file/descriptor.hpp"

namespace rootlet::platform {

class SealedWriter {
 public:
  // Writes to <path>.new; kUsage if `path` exists.
  static Result<SealedWriter> open(const std::filesystem::path& path, std::string_view passphrase);
  Status write(ByteView bytes);
  Status finish();  // the file has its name, and is on disk, when this returns

 private:
  SealedWriter(std::filesystem::path path, UniqueFd file, SymmetricKey key)
      : path_(std::move(path)), file_(std::move(file)), key_(std::move(key)) {}
  Status seal(bool is_last);
  std::filesystem::path path_;
  UniqueFd file_;
  SymmetricKey key_;
  std::uint64_t number_ = 0;  // of the next piece
  Bytes piece_;
};

class SealedReader {
 public:
  // kUntrusted, at the first read, for a wrong passphrase or a changed file.
  static Result<SealedReader> open(const std::filesystem::path& path, std::string_view passphrase);
  // Exactly `count` bytes; kUntrusted if the file ends before.
  Result<Bytes> read(std::size_t count);
  // The bytes that are at hand, at most `most` and at least one.
  Result<Bytes> read_some(std::uint64_t most);
  Status expect_end();

 private:
  SealedReader(std::filesystem::path path, UniqueFd file, SymmetricKey key)
      : path_(std::move(path)), file_(std::move(file)), key_(std::move(key)) {}
  Status next_piece();
  std::filesystem::path path_;
  UniqueFd file_;
  SymmetricKey key_;
  std::uint64_t number_ = 0;
  bool was_last_ = false;
  Bytes piece_;
  std::size_t at_ = 0;  // in piece_
};

}  // namespace rootlet::platform
