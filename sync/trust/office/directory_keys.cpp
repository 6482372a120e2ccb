// [{"stream":"directory/3304","key":base64}, …]
#include "sync/trust/office/directory_keys.hpp"

#include <sodium.h>

#include <algorithm>
#include <set>

#include "core/limits.hpp"

namespace rootlet {
namespace {

Result<DirectoryKey> read_one(JsonObject object) {
  ROOTLET_TRY(const std::string stream, object.text("stream"));
  DirectoryKey key;
  ROOTLET_TRY(key.stream, StreamName::parse(stream));
  ROOTLET_TRY(Bytes bytes, object.base64("key", 32));
  Result<SymmetricKey> secret = SymmetricKey::from(bytes);
  sodium_memzero(bytes.data(), bytes.size());
  if (secret.has_error()) return object.error("key", "must be 32 bytes");
  key.key = std::move(secret).value();
  ROOTLET_TRY(object.finish());
  return key;
}

}  // namespace

json::array encode_directory_keys(const DirectoryKeys& keys) {
  json::array out;
  for (const DirectoryKey& key : keys) {
    out.push_back({{"stream", key.stream.text()}, {"key", to_base64(key.key.expose())}});
  }
  return out;
}

Result<DirectoryKeys> read_directory_keys(JsonObject& object, std::string_view field) {
  ROOTLET_TRY(const json::array* list, object.array(field, limits::kDirectoryKeys));
  DirectoryKeys keys;
  std::set<StreamName> seen;
  for (const json::value& value : *list) {
    const std::string path = object.path_of(field) + "[" + std::to_string(keys.size()) + "]";
    ROOTLET_TRY(JsonObject one, JsonObject::from(value, object.what(), path));
    ROOTLET_TRY(DirectoryKey key, read_one(std::move(one)));
    if (!seen.insert(key.stream).second) return object.error(field, "name a stream twice");
    keys.push_back(std::move(key));
  }
  return keys;
}

const SymmetricKey* find_key(const DirectoryKeys& keys, const StreamName& stream) {
  const auto found = std::find_if(keys.begin(), keys.end(),
                                  [&](const DirectoryKey& key) { return key.stream == stream; });
  return found == keys.end() ? nullptr : &found->key;
}

DirectoryKeys copy_of(const DirectoryKeys& keys) {
  DirectoryKeys copy;
  for (const DirectoryKey& key : keys) copy.push_back({key.stream, key.key.clone()});
  return copy;
}

bool are_equal(const DirectoryKeys& a, const DirectoryKeys& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const DirectoryKey& one, const DirectoryKey& other) {
                      return one.stream == other.stream && one.key == other.key;
                    });
}

}  // namespace rootlet
