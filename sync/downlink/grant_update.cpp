// Checks in order: length and hash, signature, seal, content.
#include "sync/downlink/grant_update.hpp"

#include "core/limits.hpp"
#include "sync/trust/office/envelope.hpp"

namespace rootlet {
namespace {

Error wrong(std::string_view why) {
  return fail(ErrorCode::kUntrusted, "grant: " + std::string(why));
}

Result<Bytes> fetch_envelope(SyncSession& session, const GrantEntry& entry,
                             const std::string& path) {
  if (entry.file_bytes > limits::kEnvelopeBytes) return wrong("larger than allowed");
  Bytes bytes;
  FileRequest request;
  request.path = path;
  request.to = entry.file_bytes;
  request.file_bytes = entry.file_bytes;
  request.on_data = [&](ByteView piece) -> Status {
    if (bytes.size() + piece.size() > entry.file_bytes) return wrong("longer than stated");
    bytes.insert(bytes.end(), piece.begin(), piece.end());
    return ok();
  };
  ROOTLET_TRY(const FileReply reply, session.source.get(request));
  if (reply.state != FetchState::kFetched) {
    return fail(ErrorCode::kUnreachable, path + ": the repository does not have it");
  }
  if (bytes.size() != entry.file_bytes || sha256(bytes) != entry.sha256) {
    return wrong("not the file that the directory names");
  }
  return bytes;
}

Result<OpenedEnvelope> open_with_any(ByteView envelope, const std::vector<PublicKey>& signers,
                                     const SealingKey& recipient) {
  for (const PublicKey& signer : signers) {
    if (verify_envelope(envelope, signer).has_error()) continue;
    return open_envelope(envelope, signer, recipient);
  }
  return wrong("not signed by the grants role");
}

Status check_header(const EnvelopeHeader& header, const OfficeIdentity& identity,
                    std::uint64_t version) {
  const bool fits = header.type == "grant" && header.realm == identity.realm &&
                    header.from == "platform" && header.to == identity.office &&
                    header.sequence == version;
  return fits ? ok() : Status(wrong("meant for another office, realm or version"));
}

}  // namespace

Result<bool> needs_grant(const std::optional<GrantEntry>& entry, const GrantFile* held) {
  if (!entry.has_value() && held == nullptr) return false;  // none issued yet
  if (!entry.has_value()) {
    Error error = fail(ErrorCode::kNotPermitted,
                       "grant: the platform no longer has a grant for this machine's office");
    error.hint = {.en =
                      "The platform's operator invited the office again, for another machine "
                      "(`office reinvite`). If this machine is to stay, enrol it with the new "
                      "invitation: its records are kept.",
                  .zh =
                      "平台管理员已为该单位重新邀请另一台机器（office reinvite）。若仍用本机，"
                      "请用新邀请文件注册，本机记录会保留。"};
    return error;
  }
  if (held == nullptr) return true;
  if (entry->version < held->version) return wrong("the published version goes back");
  return entry->version > held->version;
}

Status update_grant(SyncSession& session, const GrantEntry& entry) {
  const std::string path = grant_path(session.identity.grant_token, entry.version);
  ROOTLET_TRY(const std::vector<PublicKey> signers, session.trust.grant_signers(path));
  ROOTLET_TRY(const Bytes envelope, fetch_envelope(session, entry, path));
  ROOTLET_TRY(const OpenedEnvelope opened,
              open_with_any(envelope, signers, *session.identity.sealing_key));
  ROOTLET_TRY(check_header(opened.header, session.identity, entry.version));
  ROOTLET_TRY(GrantFile grant, parse_grant_file(as_text(opened.payload)));
  if (grant.office != session.identity.office || grant.version != entry.version) {
    return wrong("its content is another office's or version's");
  }
  return session.host.keep_grant(std::move(grant), envelope);
}

}  // namespace rootlet
