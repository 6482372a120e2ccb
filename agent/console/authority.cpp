// X.509 (RFC 5280) with OpenSSL: P-256 keys, SHA-256, names as subjectAltName.
#include "agent/console/authority.hpp"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstring>
#include <memory>

#include "core/crypto.hpp"
#include "core/limits.hpp"

namespace rootlet::agent {
namespace {

template <auto kFree>
struct Free {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>>;
using Memory = std::unique_ptr<BIO, Free<BIO_free_all>>;

constexpr std::size_t kPemBytes = 64 * limits::kKiB;
constexpr std::chrono::days kAuthorityTime{3650};
constexpr std::chrono::days kCertificateTime{365};
constexpr std::chrono::days kRenewalTime{30};  // a certificate that ends earlier is made anew
constexpr std::chrono::days kClockSlack{1};    // for browsers whose clocks are behind
constexpr std::size_t kSerialBytes = 16;

Error broken(std::string_view doing) {
  return fail(ErrorCode::kInternal, "local authority: cannot " + std::string(doing));
}

Result<Key> make_key() {
  Key key(EVP_EC_gen("P-256"));
  if (key == nullptr) return broken("make a key");
  return key;
}

std::string text_of(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  return {data, static_cast<std::size_t>(size)};
}

Status save_key(const fs::path& path, EVP_PKEY* key) {
  const Memory memory(BIO_new(BIO_s_secmem()));
  if (memory == nullptr ||
      PEM_write_bio_PrivateKey(memory.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return broken("write a key");
  }
  return write_file_atomically(path, as_bytes(text_of(memory.get())), FileMode::kPrivate);
}

Status save_certificate(const fs::path& path, X509* certificate) {
  const Memory memory(BIO_new(BIO_s_mem()));
  if (memory == nullptr || PEM_write_bio_X509(memory.get(), certificate) != 1) {
    return broken("write a certificate");
  }
  return write_file_atomically(path, as_bytes(text_of(memory.get())), FileMode::kPrivate);
}

Memory reader_of(const std::string& text) {
  return Memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Key load_key(const fs::path& path) {
  const Result<std::string> text = read_text_file(path, kPemBytes);
  if (text.has_error()) return nullptr;
  return Key(PEM_read_bio_PrivateKey(reader_of(text.value()).get(), nullptr, nullptr, nullptr));
}

Certificate load_certificate(const fs::path& path) {
  const Result<std::string> text = read_text_file(path, kPemBytes);
  if (text.has_error()) return nullptr;
  return Certificate(PEM_read_bio_X509(reader_of(text.value()).get(), nullptr, nullptr, nullptr));
}

bool add_extension(X509* certificate, X509* issuer, int name, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, name, value.c_str()));
  return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool set_subject(X509* certificate, std::string_view name) {
  X509_NAME* subject = X509_get_subject_name(certificate);
  const auto* text = reinterpret_cast<const unsigned char*>(name.data());
  return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, text,
                                    static_cast<int>(name.size()), -1, 0) == 1;
}

bool set_serial(X509* certificate) {
  Bytes bytes = random_bytes(kSerialBytes);
  bytes.front() = static_cast<std::uint8_t>((bytes.front() & 0x7F) | 0x01);  // positive
  const std::unique_ptr<BIGNUM, Free<BN_free>> number(
      BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  return number != nullptr &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

// An unsigned certificate for `key`, without extensions.
Certificate begin_certificate(EVP_PKEY* key, std::string_view name, UnixTime now,
                              std::chrono::days valid) {
  Certificate made(X509_new());
  const auto at = [](UnixTime time) {
    return static_cast<time_t>(time.time_since_epoch().count());
  };
  const bool good =
      made != nullptr && X509_set_version(made.get(), X509_VERSION_3) == 1 &&
      set_serial(made.get()) && set_subject(made.get(), name) &&
      ASN1_TIME_set(X509_getm_notBefore(made.get()), at(now - kClockSlack)) != nullptr &&
      ASN1_TIME_set(X509_getm_notAfter(made.get()), at(now + valid)) != nullptr &&
      X509_set_pubkey(made.get(), key) == 1;
  return good ? std::move(made) : nullptr;
}

// Two machines' authorities must not have one name: browsers would mix them up.
std::string authority_name() {
  return "Rootlet console " + to_hex(random_bytes(4));
}

Result<Certificate> make_authority(EVP_PKEY* key, UnixTime now) {
  Certificate made = begin_certificate(key, authority_name(), now, kAuthorityTime);
  const bool good =
      made != nullptr && X509_set_issuer_name(made.get(), X509_get_subject_name(made.get())) == 1 &&
      add_extension(made.get(), made.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
      add_extension(made.get(), made.get(), NID_key_usage, "critical,keyCertSign") &&
      add_extension(made.get(), made.get(), NID_subject_key_identifier, "hash") &&
      X509_sign(made.get(), key, EVP_sha256()) > 0;
  if (!good) return broken("make its certificate");
  return made;
}

bool is_address(const std::string& name) {
  in6_addr ignored{};
  return ::inet_pton(AF_INET, name.c_str(), &ignored) == 1 ||
         ::inet_pton(AF_INET6, name.c_str(), &ignored) == 1;
}

std::string alternative_names(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    out += (out.empty() ? "" : ",") + std::string(is_address(name) ? "IP:" : "DNS:") + name;
  }
  return out;
}

Result<Certificate> make_certificate(EVP_PKEY* key, X509* authority, EVP_PKEY* authority_key,
                                     const std::vector<std::string>& names, UnixTime now) {
  Certificate made = begin_certificate(key, names.front().substr(0, 64), now, kCertificateTime);
  const auto add = [&](int name, const std::string& value) {
    return add_extension(made.get(), authority, name, value);
  };
  const bool good =
      made != nullptr && X509_set_issuer_name(made.get(), X509_get_subject_name(authority)) == 1 &&
      add(NID_basic_constraints, "critical,CA:FALSE") &&
      add(NID_key_usage, "critical,digitalSignature") && add(NID_ext_key_usage, "serverAuth") &&
      add(NID_subject_alt_name, alternative_names(names)) &&
      add(NID_authority_key_identifier, "keyid") &&
      X509_sign(made.get(), authority_key, EVP_sha256()) > 0;
  if (!good) return broken("sign the console's certificate");
  return made;
}

bool holds(X509* certificate, const std::string& name) {
  if (is_address(name)) return X509_check_ip_asc(certificate, name.c_str(), 0) == 1;
  return X509_check_host(certificate, name.data(), name.size(), 0, nullptr) == 1;
}

bool is_usable(X509* certificate, EVP_PKEY* key, X509* authority,
               const std::vector<std::string>& names, UnixTime now) {
  if (certificate == nullptr || key == nullptr) return false;
  time_t soon = static_cast<time_t>((now + kRenewalTime).time_since_epoch().count());
  if (X509_check_private_key(certificate, key) != 1 ||
      X509_cmp_time(X509_get0_notAfter(certificate), &soon) <= 0 ||
      X509_verify(certificate, X509_get0_pubkey(authority)) != 1) {
    return false;
  }
  for (const std::string& name : names) {
    if (!holds(certificate, name)) return false;
  }
  return true;
}

std::string fingerprint_of(X509* certificate) {
  unsigned char* encoded = nullptr;
  const int size = i2d_X509(certificate, &encoded);
  if (size <= 0) return {};
  const Hash256 hash = sha256(ByteView(encoded, static_cast<std::size_t>(size)));
  OPENSSL_free(encoded);
  std::string out;
  for (const std::uint8_t byte : hash) {
    const std::string digits = to_hex(ByteView(&byte, 1));
    out += out.empty() ? "" : ":";
    for (const char c : digits) out += c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return out;
}

fs::path folder_of(const Home& home) {
  return home.folder() / "console";
}

struct Authority {
  Key key;
  Certificate certificate;
};

Result<Authority> open_authority(const Home& home, UnixTime now) {
  const fs::path key_path = folder_of(home) / "authority.key";
  const fs::path path = folder_of(home) / "authority.pem";
  Authority out{.key = load_key(key_path), .certificate = load_certificate(path)};
  const bool whole = out.key != nullptr && out.certificate != nullptr &&
                     X509_check_private_key(out.certificate.get(), out.key.get()) == 1;
  if (whole) return out;
  std::error_code ignored;
  if (fs::exists(path, ignored) && fs::exists(key_path, ignored)) {
    return Error(ErrorCode::kStorageDamaged, path.string() + " does not fit its key", {},
                 {.en = "Remove the folder; a new authority is made, which browsers must import.",
                  .zh = "请删除该目录；系统会生成新的证书，需在各浏览器重新导入。"});
  }
  ROOTLET_TRY(out.key, make_key());
  ROOTLET_TRY(out.certificate, make_authority(out.key.get(), now));
  // The key first: a power cut in between leaves a key without a certificate, which is made anew.
  ROOTLET_TRY(save_key(key_path, out.key.get()));
  ROOTLET_TRY(save_certificate(path, out.certificate.get()));
  return out;
}

}  // namespace

Result<ConsoleCertificate> console_certificate(const Home& home,
                                               const std::vector<std::string>& names,
                                               UnixTime now) {
  if (names.empty()) return fail(ErrorCode::kUsage, "the console has no name to be reached by");
  const fs::path folder = folder_of(home);
  ROOTLET_TRY(make_private_directory(folder));
  ROOTLET_TRY(const Authority authority, open_authority(home, now));
  ConsoleCertificate out{.chain = folder / "console.pem",
                         .key = folder / "console.key",
                         .authority = folder / "authority.pem",
                         .fingerprint = fingerprint_of(authority.certificate.get())};
  const Key old_key = load_key(out.key);
  const Certificate old = load_certificate(out.chain);
  if (is_usable(old.get(), old_key.get(), authority.certificate.get(), names, now)) return out;
  ROOTLET_TRY(const Key key, make_key());
  ROOTLET_TRY(const Certificate made, make_certificate(key.get(), authority.certificate.get(),
                                                       authority.key.get(), names, now));
  ROOTLET_TRY(save_key(out.key, key.get()));
  ROOTLET_TRY(save_certificate(out.chain, made.get()));
  return out;
}

std::string authority_fingerprint(const Home& home) {
  const Certificate certificate = load_certificate(folder_of(home) / "authority.pem");
  return certificate == nullptr ? "" : fingerprint_of(certificate.get());
}

}  // namespace rootlet::agent
