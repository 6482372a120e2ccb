// The four kinds of metadata of The Update Framework 1.0 (sections 4.3 to 4.6) as values, parsed
// from exact bytes. Parsing checks only the form; tuf_trusted_set.hpp decides whom to believe.
// Unknown fields stay in `signed_part` and stay signed.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/clock.hpp"
#include "core/format/json.hpp"
#include "sync/trust/metadata/tuf_hashes.hpp"
#include "sync/trust/metadata/tuf_keys.hpp"

namespace rootlet {

inline constexpr std::string_view kTufRoot = "root";
inline constexpr std::string_view kTufTimestamp = "timestamp";
inline constexpr std::string_view kTufSnapshot = "snapshot";
inline constexpr std::string_view kTufTargets = "targets";

// True for root, timestamp, snapshot and targets, which no delegation may name.
bool is_top_level_role(std::string_view role);

// What timestamp and snapshot state about another metadata file.
struct TufFileInfo {
  std::int64_t version = 0;
  std::optional<std::uint64_t> length = {};
  TufHashes hashes = {};
};

struct TufRoot {
  static constexpr std::string_view kType = kTufRoot;
  TufKeys keys;
  std::map<std::string, TufRole> roles;  // holds the four top-level roles at least
  bool consistent_snapshot = false;
  const TufRole& role(std::string_view name) const;  // a top-level role
};

struct TufTimestamp {
  static constexpr std::string_view kType = kTufTimestamp;
  TufFileInfo snapshot;
};

struct TufSnapshot {
  static constexpr std::string_view kType = kTufSnapshot;
  std::map<std::string, TufFileInfo> meta;  // by "<role>.json"
  const TufFileInfo* find(std::string_view role) const;
};

struct TufTarget {
  std::uint64_t length = 0;
  TufHashes hashes = {};
  json::object custom = {};
};

struct TufDelegation {
  std::string name;
  TufRole role;
  std::vector<std::string> paths;               // at most one of these two is not empty
  std::vector<std::string> path_hash_prefixes;  // lower-case hex
  bool terminating = false;
  bool covers(std::string_view target_path) const;
};

struct TufTargets {
  static constexpr std::string_view kType = kTufTargets;
  std::map<std::string, TufTarget> targets;  // by target path
  TufKeys keys;                              // of the delegations
  std::vector<TufDelegation> delegations;    // in order of appearance, which is the search order
  const TufTarget* find(std::string_view target_path) const;
  const TufDelegation* delegation(std::string_view role) const;
};

// One metadata file: its content, the bytes that were signed, and the claimed signatures.
template <typename T>
struct Signed {
  T body;
  std::int64_t version = 0;
  UnixTime expires{};
  json::object signed_part;  // all of it, custom fields included
  std::string signed_bytes;  // canonical JSON of signed_part
  std::vector<TufSignature> signatures;
  Bytes file;  // as received

  bool is_expired(UnixTime now) const { return expires <= now; }
};

// kUntrusted, naming `what`, unless the bytes are metadata of this kind and of major version 1.
template <typename T>
Result<Signed<T>> parse_metadata(ByteView file, std::string_view what);

extern template Result<Signed<TufRoot>> parse_metadata(ByteView, std::string_view);
extern template Result<Signed<TufTimestamp>> parse_metadata(ByteView, std::string_view);
extern template Result<Signed<TufSnapshot>> parse_metadata(ByteView, std::string_view);
extern template Result<Signed<TufTargets>> parse_metadata(ByteView, std::string_view);

}  // namespace rootlet
