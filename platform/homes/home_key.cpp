// Reads and makes the key files.
#include "platform/homes/home_key.hpp"

#include <sys/stat.h>

#include "core/file/file.hpp"

namespace rootlet::platform {

Result<SymmetricKey> load_home_key(const std::filesystem::path& file) {
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0) {
    if (errno != ENOENT && errno != ENOTDIR) return errno_error("stat", file);
    return fail(ErrorCode::kStorageDamaged, file.string() + " is missing");
  }
  if ((info.st_mode & 077) != 0) {
    return fail(ErrorCode::kUsage,
                file.string() + " is accessible to other users: run chmod 600 on it first");
  }
  ROOTLET_TRY(Bytes bytes, read_file(file, 32));
  Result<SymmetricKey> key = SymmetricKey::from(bytes);
  sodium_memzero(bytes.data(), bytes.size());
  if (key.has_error()) {
    return fail(ErrorCode::kStorageDamaged, file.string() + " is not 32 bytes long");
  }
  return key;
}

Result<SymmetricKey> make_home_key(const std::filesystem::path& file) {
  SymmetricKey key = SymmetricKey::random();
  ROOTLET_TRY(write_file_atomically(file, key.expose(), FileMode::kPrivate));
  return key;
}

}  // namespace rootlet::platform
