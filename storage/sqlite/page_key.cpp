// aegis-256 and ChaCha20 with Poly1305.
#include "storage/sqlite/page_key.hpp"

#include <sqlite3.h>
#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__)
#include <sys/auxv.h>
#endif

#include <algorithm>

#include "storage/sqlite/sqlite_error.hpp"

namespace rootlet {
namespace {

bool processor_has_aes() {
#if defined(__x86_64__)
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_AES) != 0;
#elif defined(__aarch64__)
  return (getauxval(AT_HWCAP) & (1 << 3)) != 0;  // HWCAP_AES
#else
  return false;
#endif
}

}  // namespace

const char* quickest_cipher() {
  return processor_has_aes() ? kAegis : kChaCha;
}

RawKey::RawKey(const SymmetricKey& key) {
  std::copy(kRaw.begin(), kRaw.end(), text_.begin());
  sodium_bin2hex(text_.data() + kRaw.size(), text_.size() - kRaw.size(), key.expose().data(), 32);
}

RawKey::~RawKey() {
  sodium_memzero(text_.data(), text_.size());
}

Status choose_cipher(sqlite3* handle, const char* cipher, const std::string& name) {
  const int index = sqlite3mc_cipher_index(cipher);
  const bool aegis = std::string_view(cipher) == kAegis;
  bool fits = index > 0 && sqlite3mc_config(handle, "cipher", index) == index;
  if (aegis) fits = fits && sqlite3mc_config_cipher(handle, "aegis", "algorithm", 5) == 5;
  if (!fits) return fail(ErrorCode::kInternal, name + ": this page cipher is not available");
  return ok();
}

Status set_key(sqlite3* handle, const SymmetricKey& key, const char* cipher,
               const std::string& name) {
  ROOTLET_TRY(choose_cipher(handle, cipher, name));
  const RawKey raw(key);
  const int code = sqlite3_key(handle, raw.text().data(), static_cast<int>(raw.text().size()));
  if (code != SQLITE_OK) return sqlite_error(code, handle, name + ": key", nullptr);
  return ok();
}

}  // namespace rootlet
