// The realm's public keys that offices use beside those of TUF (docs/FORMATS.md, "Service keys").
// The invitation carries them as they are then; the targets role signs them in its metadata, so
// offices follow when the platform changes one. Pure.
#pragma once

#include <vector>

#include "core/crypto.hpp"
#include "core/format/json.hpp"

namespace rootlet {

inline constexpr std::string_view kServiceKeysField = "x-rootlet-keys";  // of targets metadata
// Of targets metadata, a text: the base URL of the published files, "" where the gateway is.
inline constexpr std::string_view kRepositoryField = "x-rootlet-repository";
inline constexpr std::size_t kMostServiceKeys = 8;  // of one kind

struct ServiceKeys {
  SealingPublicKey enrolment;             // enrolment requests are sealed to it
  PublicKey answer{};                     // signs the answers to them
  SealingPublicKey ingest;                // batches are sealed to it
  std::vector<PublicKey> receipt = {};    // sign receipts; the newest first
  std::vector<PublicKey> judgement = {};  // sign judgements and mail; the newest first
  bool operator==(const ServiceKeys&) const = default;
};

json::object encode_service_keys(const ServiceKeys& keys);
// Strict; kBadInput that names the field.
Result<ServiceKeys> read_service_keys(JsonObject& object, std::string_view field);

}  // namespace rootlet
