// The invitation file, format "rootlet-enroll/3" (docs/FORMATS.md, "Invitation").
#include "sync/trust/office/invitation.hpp"

#include "core/format/json.hpp"
#include "core/ids.hpp"
#include "core/limits.hpp"

namespace rootlet {
namespace {

constexpr std::string_view kFormat = "rootlet-enroll/3";
constexpr std::size_t kRealmIdDigits = 16;

Status read_realm(JsonObject& top, Invitation& out) {
  ROOTLET_TRY(JsonObject realm, top.object("realm"));
  ROOTLET_TRY(out.realm_id, realm.text("id", limits::kNameBytes));
  ROOTLET_TRY(out.realm_name, realm.text("name"));
  const bool hex = out.realm_id.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (out.realm_id.size() != kRealmIdDigits || !hex) {
    return realm.error("id", "must be 16 lower-case hexadecimal digits");
  }
  return realm.finish();
}

Status read_office(JsonObject& top, Invitation& out) {
  ROOTLET_TRY(JsonObject office, top.object("office"));
  ROOTLET_TRY(out.office_id, office.text("id", limits::kNameBytes));
  ROOTLET_TRY(check_identifier(out.office_id, "office.id"));
  ROOTLET_TRY(out.office_division, office.text("division", limits::kNameBytes));
  ROOTLET_TRY(check_division(out.office_division, "office.division"));
  ROOTLET_TRY(out.office_name, office.text("name"));
  return office.finish();
}

Status read_addresses(JsonObject& top, Invitation& out) {
  ROOTLET_TRY(out.url, top.text("url"));
  if (top.has("repository_url")) {
    ROOTLET_TRY(out.repository_url, top.text("repository_url"));
  }
  if (top.has("ca")) {
    ROOTLET_TRY(out.ca_pem, top.text("ca", limits::kConfigFileBytes));
  }
  const bool web = out.url.starts_with("http://") || out.url.starts_with("https://");
  if (!web) return top.error("url", "must begin with http:// or https://");
  return ok();
}

Status read_keys(JsonObject& top, Invitation& out) {
  ROOTLET_TRY(out.token, top.base64("token", 64));
  if (out.token.size() != kInvitationTokenBytes) return top.error("token", "must be 32 bytes");
  ROOTLET_TRY(out.directory_keys, read_directory_keys(top, "directory_keys"));
  ROOTLET_TRY(out.keys, read_service_keys(top, "keys"));
  return ok();
}

}  // namespace

bool is_same_invitation(const Invitation& a, const Invitation& b) {
  return a.realm_id == b.realm_id && a.office_id == b.office_id && a.token == b.token &&
         a.root == b.root && are_equal(a.directory_keys, b.directory_keys) && a.keys == b.keys;
}

std::string encode_invitation(const Invitation& invitation) {
  json::object out{{"format", kFormat},
                   {"realm", {{"id", invitation.realm_id}, {"name", invitation.realm_name}}},
                   {"office",
                    {{"id", invitation.office_id},
                     {"division", invitation.office_division},
                     {"name", invitation.office_name}}},
                   {"url", invitation.url}};
  if (!invitation.repository_url.empty()) out["repository_url"] = invitation.repository_url;
  out["token"] = to_base64(invitation.token);
  out["expires"] = format_time(invitation.expires);
  out["root"] = invitation.root;
  out["directory_keys"] = encode_directory_keys(invitation.directory_keys);
  out["keys"] = encode_service_keys(invitation.keys);
  if (!invitation.ca_pem.empty()) out["ca"] = invitation.ca_pem;
  return pretty_json(out);
}

Result<Invitation> parse_invitation(std::string_view text, std::string_view what) {
  ROOTLET_TRY(const json::value value, parse_json(text, what));
  ROOTLET_TRY(JsonObject top, JsonObject::from(value, what));
  ROOTLET_TRY(const std::string format, top.text("format"));
  if (format != kFormat) {
    return top.error("format", "must be \"" + std::string(kFormat) + "\": is this an invitation?");
  }
  Invitation out;
  ROOTLET_TRY(read_realm(top, out));
  ROOTLET_TRY(read_office(top, out));
  ROOTLET_TRY(read_addresses(top, out));
  ROOTLET_TRY(read_keys(top, out));
  ROOTLET_TRY(const std::string expires, top.text("expires"));
  const Result<UnixTime> time = parse_time(expires);
  if (time.has_error()) return top.error("expires", "must be a UTC time");
  out.expires = time.value();
  ROOTLET_TRY(out.root, top.text("root", limits::kRootBytes));
  ROOTLET_TRY(top.finish());
  return out;
}

}  // namespace rootlet
