// From a line in the directory to a pack that may be applied: fetched as far as the office may read
// it, pinned, signed, and whole.
//
// An office that lacks the higher grades does not fetch their sections: sections stand in the file
// by grade, so what it may have is the beginning of the file.
#pragma once

#include "sync/downlink/apply/apply.hpp"
#include "sync/downlink/fetch/staging.hpp"
#include "sync/downlink/store/directory_view.hpp"
#include "sync/trust/metadata/tuf_metadata.hpp"

namespace rootlet {

struct PackRequest {
  PackEntry entry;
  std::vector<Grade> grades;          // of the sections that the office holds; ascending
  bool is_whole = true;               // these are all grades that the dataset has
  std::vector<PublicKey> publishers;  // one of them must have signed it
};

// kUntrusted: the bytes are not what the directory pins or the publisher signed; nothing of them is
// kept, so that the next try begins anew.
Result<StagedPack> fetch_pack(FileSource& source, const Staging& staging, const PackRequest& wish,
                              const TransferContext& context);

// A pack of the directory itself: pinned as a TUF target, signed by a key of the directory's role.
struct DirectoryPackRequest {
  std::string path;  // in the repository
  Version from = 0, to = 0;
  TufTarget target;
  std::vector<PublicKey> signers;
};
Result<StagedPack> fetch_directory_pack(FileSource& source, const Staging& staging,
                                        const DirectoryPackRequest& wish,
                                        const TransferContext& context);

StagedFile staged_file(const PackEntry& entry);
// By its SHA-256; kUntrusted if the target states none.
Result<StagedFile> staged_file(const DirectoryPackRequest& wish);

}  // namespace rootlet
