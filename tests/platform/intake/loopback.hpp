// A realm and its offices in one process: real files on both sides, and a link between them that
// can be cut, lose answers and lie.
#pragma once

#include <functional>
#include <map>

#include "platform/intake/intake.hpp"
#include "sync/uplink/outbox/push.hpp"
#include "tests/support/support.hpp"
#include "tests/support/test_database.hpp"

namespace rootlet::test {

using namespace platform;

inline constexpr std::string_view kRealm = "00112233445566ff";

inline constexpr std::string_view kVisitForm = R"json({
  "id": "visit", "version": 1, "title": "Visit", "purpose": "p", "basis": "b", "unit": "u",
  "contact": "c", "retention_days": 30,
  "fields": [
    {"name": "name", "type": "text", "required": true, "max_length": 16000},
    {"name": "people", "type": "integer", "min": 0, "max": 100},
    {"name": "note", "type": "text", "max_length": 16000}]})json";

inline FormDefinition visit_form() {
  return must(FormDefinition::parse(kVisitForm, "form"));
}
// A copy of the form without some rules: the office accepts records that the platform returns.
inline FormDefinition loose_visit_form() {
  FormDefinition form = visit_form();
  for (FormField& field : form.fields) {
    field.min.reset();
    field.max.reset();
  }
  return form;
}

class Offices final : public OfficeDirectory {
 public:
  Result<std::optional<OfficeKeys>> find_office(const std::string& office) override {
    const auto found = keys.find(office);
    if (found == keys.end()) return std::optional<OfficeKeys>();
    return std::optional<OfficeKeys>(found->second);
  }
  std::map<std::string, OfficeKeys> keys;
};

class Forms final : public FormDirectory {
 public:
  Result<std::optional<FormDefinition>> find_form(const std::string& form, int version) override {
    for (const FormDefinition& each : forms) {
      if (each.id == form && each.version == version) return std::optional(each);
    }
    return std::optional<FormDefinition>();
  }
  std::vector<FormDefinition> forms = {visit_form()};
};

// Derived from a number, so that a forked or restarted process has the same keys.
inline SigningKey signing_key(std::uint8_t number) {
  SymmetricKey seed;
  seed.expose_mutable()[0] = number;
  return SigningKey::from_seed(seed);
}
inline SealingKey sealing_key(std::uint8_t number) {
  SymmetricKey secret;
  secret.expose_mutable()[0] = number;
  secret.expose_mutable()[1] = 1;
  return must(SealingKey::from_secret(std::move(secret)));
}

struct World {
  explicit World(const std::filesystem::path& folder) : folder_(folder) {
    offices.keys[office] = {office_signing.public_key, office_sealing.public_key};
  }

  Intake open_intake() {
    return must(
        Intake::open({.inbox = {folder_ / "inbox.db", &key_, test_database(folder_)},
                      .records = StorePlace{folder_ / "records.db", &key_, test_database(folder_)}},
                     {.realm = std::string(kRealm),
                      .receipt_key = &statement_key,
                      .judgement_key = &statement_key,
                      .ingest_keys = std::span(&ingest_key, 1)}));
  }
  Outbox open_outbox(const std::string& name = "outbox.db") {
    return must(Outbox::open(folder_ / name, key_));
  }
  UplinkIdentity identity() const {
    return {.realm = std::string(kRealm),
            .office = office,
            .signing_key = &office_signing,
            .sealing_key = &office_sealing,
            .ingest_key = ingest_key.public_key,
            .receipt_keys = {statement_key.public_key},
            .judgement_keys = {statement_key.public_key}};
  }
  std::filesystem::path path(const std::string& name) const { return folder_ / name; }

  std::string office = "xinfeng";
  SigningKey statement_key = signing_key(1), office_signing = signing_key(2);
  SealingKey ingest_key = sealing_key(3), office_sealing = sealing_key(4);
  Offices offices;
  Forms forms;
  UnixTime now{std::chrono::seconds(1'795'000'000)};

 private:
  std::filesystem::path folder_;
  SymmetricKey key_;
};

class DirectLink final : public UplinkTransport {
 public:
  DirectLink(World& world, Intake& intake) : world_(world), intake_(intake) {}

  Result<UplinkResponse> post_batch(ByteView envelope) override {
    if (down) return fail(ErrorCode::kUnreachable, "the link is down");
    sent.push_back(to_bytes(envelope));
    GatewayAnswer answer = intake_.accept_batch(envelope, world_.offices, world_.now);
    if (lose_answers > 0) {
      lose_answers -= 1;
      return fail(ErrorCode::kUnreachable, "the answer is lost");
    }
    if (tamper) answer.body = tamper(answer.body);
    return UplinkResponse{answer.status, to_bytes(answer.body), answer.retry_after_seconds};
  }

  Result<UplinkResponse> fetch_mail(const std::string& address, std::uint64_t after) override {
    if (down) return fail(ErrorCode::kUnreachable, "the link is down");
    ROOTLET_TRY(const MailPage page, intake_.mailbox(address, after));
    return UplinkResponse{200, to_bytes(encode_mail_page(page)), 0};
  }

  bool down = false;
  int lose_answers = 0;
  std::function<std::string(std::string)> tamper;
  std::vector<Bytes> sent;

 private:
  World& world_;
  Intake& intake_;
};

inline ManualJudgement accepting(std::vector<std::string> ids) {
  return {.ids = std::move(ids)};
}
inline ManualJudgement returning(std::vector<std::string> ids, Objection objection) {
  return {.ids = std::move(ids), .objection = std::move(objection)};
}

inline Record a_record(const std::string& name, std::int64_t people = 3) {
  Record record;
  record.at = UnixTime(std::chrono::seconds(1'794'000'000));
  record.values = {{"name", name}, {"people", people}};
  return record;
}

// Pushes batches, validates them, and reads the answers.
inline PushReport exchange(World& world, Outbox& outbox, Intake& intake, UplinkTransport& link) {
  PushReport report;
  must(push_batches(outbox, world.identity(), link, world.now, report));
  must(intake.validate_pending(world.offices, world.forms, world.now));
  must(read_mailbox(outbox, world.identity(), link, report));
  return report;
}

}  // namespace rootlet::test
