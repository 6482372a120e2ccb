// Service keys as JSON: each key is base64, those of signatures are lists.
#include "sync/trust/office/service_keys.hpp"

#include "sync/trust/office/key_field.hpp"

namespace rootlet {
namespace {

json::array encode_list(const std::vector<PublicKey>& keys) {
  json::array list;
  for (const PublicKey& key : keys) list.emplace_back(to_base64(key));
  return list;
}

Result<std::vector<PublicKey>> read_list(JsonObject& object, std::string_view field) {
  ROOTLET_TRY(const std::vector<std::string> texts, object.texts(field, kMostServiceKeys));
  if (texts.empty()) return object.error(field, "must have a key");
  std::vector<PublicKey> keys;
  for (const std::string& text : texts) {
    const Result<Bytes> bytes = from_base64(text);
    if (bytes.has_error()) return object.error(field, "is not base64");
    const Result<PublicKey> key = public_key_from(bytes.value());
    if (key.has_error()) return object.error(field, key.error().message);
    keys.push_back(key.value());
  }
  return keys;
}

}  // namespace

json::object encode_service_keys(const ServiceKeys& keys) {
  return {{"enrolment", to_base64(keys.enrolment)},
          {"answer", to_base64(keys.answer)},
          {"ingest", to_base64(keys.ingest)},
          {"receipt", encode_list(keys.receipt)},
          {"judgement", encode_list(keys.judgement)}};
}

Result<ServiceKeys> read_service_keys(JsonObject& object, std::string_view field) {
  ROOTLET_TRY(JsonObject inner, object.object(field));
  ServiceKeys keys;
  ROOTLET_TRY(keys.enrolment, read_sealing_key(inner, "enrolment"));
  ROOTLET_TRY(keys.answer, read_public_key(inner, "answer"));
  ROOTLET_TRY(keys.ingest, read_sealing_key(inner, "ingest"));
  ROOTLET_TRY(keys.receipt, read_list(inner, "receipt"));
  ROOTLET_TRY(keys.judgement, read_list(inner, "judgement"));
  ROOTLET_TRY(inner.finish());
  return keys;
}

}  // namespace rootlet
