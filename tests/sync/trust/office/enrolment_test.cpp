// Invitation, enrolment request and answer: fixed bytes that older programs wrote and read.
#include "sync/trust/office/enrolment.hpp"

#include "core/format/json.hpp"
#include "sync/trust/office/invitation.hpp"
#include "tests/support/support.hpp"

namespace rootlet {
namespace {

using test::code_of;
using test::must;

constexpr std::string_view kRealm = "00112233445566ff";

constexpr std::string_view kInvitation =
    R"json({
  "format": "rootlet-enroll/3",
  "realm": {
    "id": "00112233445566ff",
    "name": "试点"
  },
  "office": {
    "id": "jiaxing",
    "division": "3304",
    "name": "嘉兴"
  },
  "url": "http://platform.example:8080",
  "token": "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
  "expires": "2026-12-21T08:00:00Z",
  "root": "{\"signed\":{}}\n",
  "directory_keys": [
    {
      "stream": "directory/all",
      "key": "AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI="
    }
  ],
  "keys": {
    "enrolment": "Xf7dO2vUf2+ijuFdlp1bsOpTd01Ii9r53xxuASSz7yI=",
    "answer": "ypOsFwUYcHHWe4PH/w7+gQjo7EUwV113JoeTM9vavnw=",
    "ingest": "Xf7dO2vUf2+ijuFdlp1bsOpTd01Ii9r53xxuASSz7yI=",
    "receipt": ["ypOsFwUYcHHWe4PH/w7+gQjo7EUwV113JoeTM9vavnw="],
    "judgement": ["ypOsFwUYcHHWe4PH/w7+gQjo7EUwV113JoeTM9vavnw="]
  }
}
)json";

constexpr std::string_view kRequestPayload =
    R"json({"token":"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=","signing_key":"bnoc3Smwt4/ROvTFWY/v9O8qlxZuPKby5Pv8zYBQW/E=","sealing_key":"9bLW5g+Ud+MQwpgtqqbJE2wQihd3xZR+RI+jfWgXRVc=","agent_version":"0.1.0"})json";

// An envelope around kRequestPayload. Sealing is random, so only reading is fixed.
constexpr std::string_view kRequestEnvelope =
    "524c4556010109656e726f6c6d656e741030303131323233333434353536366666076a696178696e6708706c"
    "6174666f726d000000000000000000000000000000000000000000000000000000000000000000009a0228b0"
    "ee420f4248573072de24db36c1f9afa200e36b26de619f170e687a285e2f9a02c6bad7d8186a2adfa603edef"
    "b1fc1d2c2479daa1ecbf2cdcc4af762af1302466a2af18f16bd2b5b9f4857a94d64872b82c1e3f407b742538"
    "ad9c79f5e905e0f05a2b1b177f1aa91b93350bdc8c2283f00785cce16acac68edea2ec5996028b5c857e070f"
    "7c70533321cb9e505b40018d2df00a3129bab20e52f36a894f8d9bf219460d7428e9b61a64edd21147c1abe2"
    "232b8c177541d8511042776a2c966b2435401d7220715a8194b3b1965dd2bb166cef2a212a46f1845741a88c"
    "988736c72a4df81febd9543c5026d3caa9a0e857435282188800bdd3cc79291a10a927274447460b8f8357e3"
    "695743d0f60e8f6d9423054d59dea8d3e890ea64de2486b7c6fc7e0f8c6d4435ecafab388bdd4932a661e8a6"
    "1a630da096efcda8e5249cf0d2407dd4c252cfea0293803da18c364fc4f4a10f9277bf02";

constexpr std::string_view kAnswer =
    R"json({"signed":"{\"type\":\"enrolled\",\"realm\":\"00112233445566ff\",\"office\":\"jiaxing\",\"at\":\"2026-11-21T08:00:00Z\"}","signature":"2Y/WtGZ+n5sS3B1RVYhuPPli2U8tmHDny9xdjiN92RIfolerY1nCdaYGyHxQHZd+gioIiK1nNsUEcsgQgIvWDw=="})json";

SymmetricKey filled(std::uint8_t byte) {
  SymmetricKey key;
  for (std::uint8_t& each : key.expose_mutable()) each = byte;
  return key;
}

SealingKey ingest_key() {
  return must(SealingKey::from_secret(filled(3)));
}

SigningKey statement_key() {
  return SigningKey::from_seed(filled(4));
}

SigningKey office_key() {
  return SigningKey::from_seed(filled(5));
}

Invitation an_invitation() {
  Invitation out;
  out.realm_id = kRealm;
  out.realm_name = "试点";
  out.office_id = "jiaxing";
  out.office_division = "3304";
  out.office_name = "嘉兴";
  out.url = "http://platform.example:8080";
  out.token = Bytes(kInvitationTokenBytes, 1);
  out.expires = must(parse_time("2026-12-21T08:00:00Z"));
  out.root = "{\"signed\":{}}\n";
  out.directory_keys.push_back({{"directory", "all"}, filled(2)});
  out.keys = {.enrolment = ingest_key().public_key,
              .answer = statement_key().public_key,
              .ingest = ingest_key().public_key,
              .receipt = {statement_key().public_key},
              .judgement = {statement_key().public_key}};
  return out;
}

EnrolmentRequest a_request() {
  return {.token = Bytes(kInvitationTokenBytes, 1),
          .signing_key = office_key().public_key,
          .sealing_key = must(SealingKey::from_secret(filled(6))).public_key,
          .agent_version = "0.1.0"};
}

EnrolmentAnswer an_answer() {
  return {.realm_id = std::string(kRealm),
          .office_id = "jiaxing",
          .enrolled = must(parse_time("2026-11-21T08:00:00Z"))};
}

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out(text);
  const std::size_t at = out.find(from);
  REQUIRE(at != std::string::npos);
  return out.replace(at, from.size(), to);
}

TEST_CASE("invitation: is written to the byte as before, and reads back") {
  CHECK(encode_invitation(an_invitation()) == kInvitation);
  const Invitation back = must(parse_invitation(kInvitation, "invitation"));
  REQUIRE(back.directory_keys.size() == 1);
  CHECK(back.directory_keys.front().key == filled(2));
  CHECK(back.token == Bytes(kInvitationTokenBytes, 1));
  CHECK(repository_of(back) == "http://platform.example:8080");
  CHECK(encode_invitation(back) == kInvitation);
}

TEST_CASE("invitation: the certificate comes last, the repository's address after the gateway's") {
  Invitation invitation = an_invitation();
  invitation.ca_pem = "-----BEGIN CERTIFICATE-----\n";
  const std::string with_ca =
      replaced(kInvitation, "  }\n}", "  },\n  \"ca\": \"-----BEGIN CERTIFICATE-----\\n\"\n}");
  CHECK(encode_invitation(invitation) == with_ca);
  CHECK(must(parse_invitation(with_ca, "invitation")).ca_pem == invitation.ca_pem);

  invitation.ca_pem.clear();
  invitation.repository_url = "https://files.example";
  const std::string with_repository = replaced(
      kInvitation, "  \"token\"", "  \"repository_url\": \"https://files.example\",\n  \"token\"");
  CHECK(encode_invitation(invitation) == with_repository);
  CHECK(repository_of(must(parse_invitation(with_repository, "invitation"))) ==
        "https://files.example");
}

TEST_CASE("invitation: another copy is the same if token and keys are, whatever its addresses") {
  const Invitation invitation = an_invitation();
  Invitation copy = an_invitation();
  copy.url = "https://moved.example";
  copy.office_name = "Jiaxing";
  copy.ca_pem = "x";
  CHECK(is_same_invitation(invitation, copy));
  copy.token[0] ^= 1;
  CHECK_FALSE(is_same_invitation(invitation, copy));
  copy = an_invitation();
  copy.keys.ingest = SealingKey::generate().public_key;
  CHECK_FALSE(is_same_invitation(invitation, copy));
}

TEST_CASE("invitation, enrolment request: a key of small order is refused, and the field named") {
  const std::string zeros = to_base64(Bytes(32, 0));
  const auto refused = [&](std::string_view text, std::string_view field) {
    const std::string key(text.substr(text.find(field) + field.size() + 2));
    const std::size_t open = key.find('"') + 1;
    return replaced(text, key.substr(open, key.find('"', open) - open), zeros);
  };
  for (const char* field : {"enrolment", "answer"}) {
    const auto parsed = parse_invitation(refused(kInvitation, field), "invitation");
    CHECK(code_of(parsed) == ErrorCode::kBadInput);
    CHECK(parsed.error().field.find(field) != std::string::npos);
  }
  for (const char* field : {"signing_key", "sealing_key"}) {
    const auto parsed = parse_enrolment_request(as_bytes(refused(kRequestPayload, field)));
    CHECK(code_of(parsed) == ErrorCode::kBadInput);
    CHECK(parsed.error().field.find(field) != std::string::npos);
  }
}

TEST_CASE("enrolment request: is written to the byte as before, and reads back") {
  CHECK(encode_enrolment_request(a_request()) == kRequestPayload);
  const EnrolmentRequest back = must(parse_enrolment_request(as_bytes(kRequestPayload)));
  CHECK(encode_enrolment_request(back) == kRequestPayload);
}

TEST_CASE(
    "enrolment request: an envelope opens with the key inside; an older agent's is no request") {
  const Bytes envelope = must(from_hex(kRequestEnvelope));
  const SenderKeyFinder inside = [](const EnvelopeHeader&, ByteView payload) -> Result<PublicKey> {
    ROOTLET_TRY(const EnrolmentRequest request, parse_enrolment_request(payload));
    return request.signing_key;
  };
  const OpenedEnvelope opened = must(open_first_envelope(envelope, ingest_key(), inside));
  CHECK(as_text(opened.payload) == kRequestPayload);
  CHECK(opened.header.from == "jiaxing");
  CHECK_FALSE(enrolment_token_hash(opened.header, kRealm));  // it does not name its invitation
}

TEST_CASE(
    "enrolment request: a key of the wrong size, a missing and an unknown field are rejected") {
  const auto code = [](std::string_view from, std::string_view to) {
    return code_of(parse_enrolment_request(as_bytes(replaced(kRequestPayload, from, to))));
  };
  CHECK(code("\"signing_key\":\"bnoc", "\"signing_key\":\"") == ErrorCode::kBadInput);
  CHECK(code("\"agent_version\":", "\"agent\":") == ErrorCode::kBadInput);
  CHECK(code("{", "{\"more\":1,") == ErrorCode::kBadInput);
}

TEST_CASE(
    "enrolment request: another type, realm, recipient or place in a chain is not a request") {
  const Bytes token(kInvitationTokenBytes, 1);
  const EnvelopeHeader good = enrolment_header(std::string(kRealm), "jiaxing", token);
  CHECK(enrolment_token_hash(good, kRealm) == invitation_token_hash(token));
  CHECK(!enrolment_token_hash(good, "ffffffffffffffff"));
  EnvelopeHeader header = good;
  header.type = "batch";
  CHECK(!enrolment_token_hash(header, kRealm));
  header = good;
  header.to = "haining";
  CHECK(!enrolment_token_hash(header, kRealm));
  header = good;
  header.sequence = 1;
  CHECK(!enrolment_token_hash(header, kRealm));
  header = good;
  header.chain = "a1";
  CHECK(!enrolment_token_hash(header, kRealm));
}

TEST_CASE("enrolment answer: is signed to the byte as before, and reads back") {
  const SigningKey key = statement_key();
  CHECK(sign_statement(encode_enrolment_answer(an_answer()), kEnrolmentDomain, key) == kAnswer);
  const json::value statement = must(verify_statement(kAnswer, kEnrolmentDomain, key.public_key));
  const EnrolmentAnswer back = must(parse_enrolment_answer(statement));
  CHECK(back.realm_id == kRealm);
  CHECK(back.office_id == "jiaxing");
  CHECK(back.enrolled == an_answer().enrolled);
}

TEST_CASE("enrolment answer: states the key that it answers") {
  EnrolmentAnswer answer = an_answer();
  answer.signing_key = office_key().public_key;
  const EnrolmentAnswer back = must(parse_enrolment_answer(encode_enrolment_answer(answer)));
  CHECK(back.signing_key == answer.signing_key);
  CHECK_FALSE(must(parse_enrolment_answer(encode_enrolment_answer(an_answer()))).signing_key);
}

TEST_CASE("enrolment answer: another type is refused, more keys are allowed") {
  json::object statement = encode_enrolment_answer(an_answer());
  statement["more"] = 1;
  CHECK(must(parse_enrolment_answer(statement)).office_id == "jiaxing");
  statement["type"] = "received";
  CHECK(code_of(parse_enrolment_answer(statement)) == ErrorCode::kUntrusted);
}

}  // namespace
}  // namespace rootlet
