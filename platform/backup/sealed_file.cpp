// What binds a piece to its place is the domain of its seal, which contains its number.
#include "platform/backup/sealed_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "core/file/file.hpp"
#include "core/file/write_all.hpp"
#include "core/limits.hpp"

namespace rootlet::platform {
namespace {

constexpr std::string_view kMagic = "RBK1";
constexpr std::string_view kDomain = "rootlet backup v1";
constexpr std::size_t kSaltBytes = 16, kPieceBytes = limits::kMiB, kLengthBytes = 4;
constexpr std::size_t kBoxOverhead = 40;  // nonce and tag of wrap()

std::string domain_of(std::uint64_t number, bool is_last) {
  return std::string(kDomain) + (is_last ? "/last/" : "/") + std::to_string(number);
}

// Fewer bytes than asked for only at the end of the file.
Result<Bytes> read_up_to(const UniqueFd& file, const fs::path& path, std::size_t most) {
  Bytes bytes(most);
  std::size_t at = 0;
  while (at < most) {
    const ssize_t count = ::read(file.get(), bytes.data() + at, most - at);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno_error("read", path);
    if (count == 0) break;
    at += static_cast<std::size_t>(count);
  }
  bytes.resize(at);
  return bytes;
}

Error damaged(const fs::path& path, std::string_view why) {
  return fail(ErrorCode::kUntrusted, path.string() + ": " + std::string(why));
}

}  // namespace

Result<SealedWriter> SealedWriter::open(const fs::path& path, std::string_view passphrase) {
  std::error_code ignored;
  if (fs::exists(path, ignored)) {
    return fail(ErrorCode::kUsage, path.string() + " exists already; nothing was written");
  }
  const Bytes salt = random_bytes(kSaltBytes);
  ROOTLET_TRY(SymmetricKey key, key_from_passphrase(passphrase, salt));
  fs::path draft = path;
  draft += ".new";
  UniqueFd file(::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file.is_open()) return errno_error("create", draft);
  ROOTLET_TRY(write_all(file, draft, as_bytes(kMagic)));
  ROOTLET_TRY(write_all(file, draft, salt));
  return SealedWriter(path, std::move(file), std::move(key));
}

Status SealedWriter::write(ByteView bytes) {
  while (!bytes.empty()) {
    // A full piece waits until it is known that it is not the last.
    if (piece_.size() == kPieceBytes) {
      ROOTLET_TRY(seal(false));
    }
    const std::size_t count = std::min(bytes.size(), kPieceBytes - piece_.size());
    const ByteView part = bytes.first(count);
    piece_.insert(piece_.end(), part.begin(), part.end());
    bytes = bytes.subspan(count);
  }
  return ok();
}

Status SealedWriter::seal(bool is_last) {
  fs::path draft = path_;
  draft += ".new";
  const Bytes box = wrap(key_, domain_of(number_++, is_last), piece_);
  Bytes length;
  for (std::size_t i = 0; i < kLengthBytes; ++i) {
    length.push_back(static_cast<std::uint8_t>(box.size() >> (8 * i)));
  }
  piece_.clear();
  ROOTLET_TRY(write_all(file_, draft, length));
  return write_all(file_, draft, box);
}

Status SealedWriter::finish() {
  ROOTLET_TRY(seal(true));
  fs::path draft = path_;
  draft += ".new";
  if (::fsync(file_.get()) != 0) return errno_error("flush", draft);
  if (!file_.close()) return errno_error("close", draft);
  if (::rename(draft.c_str(), path_.c_str()) != 0) return errno_error("rename to", path_);
  const fs::path folder = path_.has_parent_path() ? path_.parent_path() : fs::path(".");
  return sync_directory(folder);
}

Result<SealedReader> SealedReader::open(const fs::path& path, std::string_view passphrase) {
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return errno_error("open", path);
  ROOTLET_TRY(const Bytes head, read_up_to(file, path, kMagic.size() + kSaltBytes));
  if (head.size() != kMagic.size() + kSaltBytes || !as_text(head).starts_with(kMagic)) {
    return fail(ErrorCode::kBadInput, path.string() + " is not a backup of a realm");
  }
  ROOTLET_TRY(SymmetricKey key,
              key_from_passphrase(passphrase, ByteView(head).subspan(kMagic.size())));
  return SealedReader(path, std::move(file), std::move(key));
}

Status SealedReader::next_piece() {
  if (was_last_) return damaged(path_, "it ends too early");
  ROOTLET_TRY(const Bytes length, read_up_to(file_, path_, kLengthBytes));
  if (length.size() != kLengthBytes) return damaged(path_, "it was cut");
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < kLengthBytes; ++i) bytes |= std::size_t{length[i]} << (8 * i);
  if (bytes > kPieceBytes + kBoxOverhead) return damaged(path_, "a piece is too long");
  ROOTLET_TRY(const Bytes box, read_up_to(file_, path_, bytes));
  Result<Bytes> opened = unwrap(key_, domain_of(number_, false), box);
  if (opened.has_error()) {
    opened = unwrap(key_, domain_of(number_, true), box);
    was_last_ = true;
  }
  if (opened.has_error()) {
    return damaged(path_, number_ == 0 ? "the passphrase does not open it" : "it was changed");
  }
  ++number_;
  piece_ = std::move(opened).value();
  at_ = 0;
  return ok();
}

Result<Bytes> SealedReader::read_some(std::uint64_t most) {
  while (at_ == piece_.size()) {
    ROOTLET_TRY(next_piece());
  }
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(most, piece_.size() - at_));
  const ByteView part = ByteView(piece_).subspan(at_, count);
  at_ += count;
  return to_bytes(part);
}

Result<Bytes> SealedReader::read(std::size_t count) {
  Bytes bytes;
  while (bytes.size() < count) {
    ROOTLET_TRY(const Bytes more, read_some(count - bytes.size()));
    bytes.insert(bytes.end(), more.begin(), more.end());
  }
  return bytes;
}

Status SealedReader::expect_end() {
  if (at_ != piece_.size()) return damaged(path_, "something follows its end");
  if (!was_last_) {
    ROOTLET_TRY(next_piece());
    if (!piece_.empty() || !was_last_) return damaged(path_, "something follows its end");
  }
  ROOTLET_TRY(const Bytes rest, read_up_to(file_, path_, 1));
  return rest.empty() ? ok() : Status(damaged(path_, "something follows its end"));
}

}  // namespace rootlet::platform
