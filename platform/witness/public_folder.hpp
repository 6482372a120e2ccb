// What a witness shows everybody: the folder `public` in its own, which may be copied, carried on a
// stick, or served by any web server. It holds no secret, and all that a third person needs to
// check a fork with nothing but a root of the realm:
//
//   key           the witness's public key          roots/<version>.root.json   every root
//   checkpoint    its newest cosigned checkpoint    targets/<sha256>.json       which key signs
//   sightings     its log, a line each              directories/<sha256>.json   what it was shown
//   root.json     the root that it began with
#pragma once

#include "core/file/file.hpp"
#include "platform/witness/checkpoint.hpp"
#include "platform/witness/sighting.hpp"
#include "sync/trust/metadata/tuf_metadata.hpp"

namespace rootlet::platform {

struct PublicFolder {
  fs::path path;

  fs::path key() const { return path / "key"; }
  fs::path checkpoint() const { return path / "checkpoint"; }
  fs::path sightings() const { return path / "sightings"; }
  fs::path first_root() const { return path / "root.json"; }
  fs::path root(std::int64_t version) const;
  fs::path targets(const Hash256& hash) const;
  fs::path directory(const Hash256& hash) const;
};

// A public folder as it was read: the log is the one under the checkpoint.
struct Witnessed {
  PublicFolder folder;
  WitnessKey witness;
  UnixTime looked{};  // when the checkpoint was signed
  std::vector<Sighting> seen;
};

// `path` is a witness's folder or a copy of its public part. Lines that no checkpoint covers yet
// are left out. kUntrusted if log, checkpoint and key do not belong together.
Result<Witnessed> load_witnessed(const fs::path& path);

// A directory whose signatures lead to a root that the reader trusts.
struct VerifiedDirectory {
  std::int64_t version = 0;
  std::string content;  // the signed bytes
  std::string signer;   // the key that signed it
};

// Follows the roots from `trusted_root` (a file) to that of the sighting, which lie in one of
// `folders`, then targets, then the directory in the first of them. kUntrusted if a step fails.
Result<VerifiedDirectory> verify_sighting(const Sighting& one, ByteView trusted_root,
                                          std::span<const PublicFolder> folders);

// The first half of it: who may sign the directory at that sighting.
Result<Signed<TufTargets>> verify_targets(const Sighting& one, ByteView trusted_root,
                                          std::span<const PublicFolder> folders);
// The second: a directory's file, under targets that are trusted already.
Result<VerifiedDirectory> verify_directory(ByteView file, const TufTargets& targets);

}  // namespace rootlet::platform
