// office and grant.
#include <chrono>

#include "core/limits.hpp"
#include "platform/cli/command.hpp"
#include "platform/cli/print.hpp"
#include "platform/office/membership.hpp"
#include "platform/office/realm_init.hpp"

namespace rootlet::platform {
namespace {

constexpr int kDefaultLeaseDays = 30;
constexpr std::chrono::days kDefaultGrantLife{365};

std::string fingerprint(const std::optional<PublicKey>& key) {
  return key.has_value() ? to_hex(sha256(*key)).substr(0, 16) : std::string();
}

Status run_office_add(const CommandInput& input) {
  NewOffice office{.id = input.text("ID"),
                   .division = input.text("division"),
                   .name = input.text("name"),
                   .url = input.text("url")};
  if (!office.url.empty()) {
    ROOTLET_TRY(check_url(office.url, "url"));
  }
  if (input.has("ca")) {
    ROOTLET_TRY(office.ca_pem, read_text_file(input.text("ca"), limits::kConfigFileBytes));
  }
  ROOTLET_TRY(Realm realm, input.open_realm());
  ROOTLET_TRY(const std::string invitation, invite_office(realm, office, input.now()));
  if (!input.has("out")) {
    print_text(invitation);
    return ok();
  }
  const fs::path out = input.text("out");
  ROOTLET_TRY(write_file_atomically(out, as_bytes(invitation), FileMode::kPrivate));
  if (input.json()) {
    print_json(json::object{{"id", office.id}, {"invitation", out.string()}});
  } else {
    print_text("The invitation of " + office.id + " is in " + out.string() +
               ". It is good once and for 30 days;\nhand it over as you would a key. In the "
               "office: rootlet "
               "enroll " +
               out.filename().string() + "\n");
  }
  return ok();
}

Status run_office_approve(const CommandInput& input) {
  ROOTLET_TRY(const Bytes request, read_file(input.text("REQUEST"), limits::kEnvelopeBytes));
  ROOTLET_TRY(Realm realm, input.open_realm());
  ROOTLET_TRY(const std::string answer, enrol_office(realm, request, input.now()));
  if (input.has("out")) {
    ROOTLET_TRY(write_file_atomically(input.text("out"), as_bytes(answer)));
  }
  ROOTLET_TRY(const json::value statement, parse_json(answer, "answer"));
  ROOTLET_TRY(JsonObject outer, JsonObject::from(statement, "answer"));
  ROOTLET_TRY(const std::string inner, outer.text("signed"));
  ROOTLET_TRY(const json::value said, parse_json(inner, "answer"));
  if (input.json()) {
    print_json(said);
  } else {
    ROOTLET_TRY(JsonObject object, JsonObject::from(said, "answer"));
    print_text("Office " + object.text_or("office", "") + " is enrolled since " +
               object.text_or("at", "") + ".\n");
  }
  return ok();
}

Status run_office_list(const CommandInput& input) {
  ROOTLET_TRY(Realm realm, input.open_realm());
  ROOTLET_TRY(const std::vector<OfficeEntry> offices, realm.registry().offices());
  json::array list;
  TextTable table({"OFFICE", "NAME", "DIVISION", "STATE", "SINCE", "KEY"});
  for (const OfficeEntry& office : offices) {
    const bool enrolled = office.signing_key.has_value();
    const std::string since = enrolled ? format_time(office.enrolled) : "";
    list.push_back(
        json::object{{"id", office.id},
                     {"name", office.name},
                     {"division", office.division},
                     {"state", name_of(office.state)},
                     {"enrolled", enrolled ? json::value(since) : json::value()},
                     {"invited_until", format_time(office.token_until)},
                     {"grant_version", json_count(office.grant_version)},
                     {"keys", json::object{{"signing", fingerprint(office.signing_key)},
                                           {"sealing", fingerprint(office.sealing_key)}}}});
    table.add({office.id, office.name, office.division, std::string(name_of(office.state)),
               enrolled ? since : "until " + format_time(office.token_until),
               fingerprint(office.signing_key)});
  }
  if (input.json()) {
    print_json(json::object{{"offices", std::move(list)}});
  } else {
    print_text(table.empty()
                   ? "No office yet: rootlet-platform office add ID --division CODE --name N\n"
                   : table.text());
  }
  return ok();
}

// A day, whole: until its last second in UTC.
Result<UnixTime> last_second_of(const std::string& day) {
  Result<UnixTime> time = parse_time(day + "T23:59:59Z");
  if (time.has_value()) return time;
  return bad_input("until: \"" + day.substr(0, 40) + "\" is not a day such as 2027-12-31", "until");
}

Result<Grant> read_grant(const CommandInput& input, const OfficeEntry& office) {
  Grant grant;
  grant.dataset = input.text("DATASET");
  grant.divisions = input.list("divisions");
  if (!input.has("divisions")) grant.divisions = {office.division};
  grant.purposes = input.list("purposes");
  ROOTLET_TRY(const int grade, input.number("max-grade", 1, 4, 1));
  grant.max_grade = static_cast<Grade>(grade);
  ROOTLET_TRY(grant.lease_days, input.number("lease-days", 1, 3650, kDefaultLeaseDays));
  grant.until = input.now() + kDefaultGrantLife;
  if (input.has("until")) {
    ROOTLET_TRY(grant.until, last_second_of(input.text("until")));
  }
  grant.basis = input.text("basis");
  grant.scenario = input.text("scenario");
  grant.approver = input.text("approver");
  grant.mode = input.text("mode", "full");
  grant.may_export = input.has("export");
  for (const std::string* words : {&grant.basis, &grant.scenario, &grant.approver}) {
    if (words->size() > 1000 || !is_utf8(*words)) {
      return bad_input("basis, scenario and approver: at most 1000 bytes of UTF-8", "basis");
    }
  }
  return grant;
}

json::object json_grant(const std::string& office, const Grant& grant) {
  return {{"office", office},
          {"dataset", grant.dataset},
          {"divisions", json_texts(grant.divisions)},
          {"max_grade", grant.max_grade},
          {"purposes", json_texts(grant.purposes)},
          {"mode", grant.mode},
          {"until", format_time(grant.until)},
          {"lease_days", grant.lease_days},
          {"export", grant.may_export},
          {"basis", grant.basis},
          {"scenario", grant.scenario},
          {"approver", grant.approver}};
}

Status run_grant_add(const CommandInput& input) {
  ROOTLET_TRY(Realm realm, input.open_realm());
  ROOTLET_TRY(const OfficeEntry office, find_office(realm.registry(), input.text("OFFICE")));
  ROOTLET_TRY(const Grant grant, read_grant(input, office));
  ROOTLET_TRY(add_grant(realm, office.id, grant, input.now()));
  if (input.json()) {
    print_json(json_grant(office.id, grant));
    return ok();
  }
  print_text("Office " + office.id + " may hold " + grant.dataset + " of " +
             joined(grant.divisions, ", ") + " up to grade " + std::to_string(grant.max_grade) +
             " for " + joined(grant.purposes, ", ") + ", until " + format_time(grant.until) +
             "; lease " + std::to_string(grant.lease_days) + " days.\n");
  if (office.state == OfficeState::kInvited) {
    print_text("It takes effect when the office enrols.\n");
  }
  return ok();
}

Status run_grant_remove(const CommandInput& input) {
  ROOTLET_TRY(Realm realm, input.open_realm());
  const std::string office = input.text("OFFICE"), dataset = input.text("DATASET");
  ROOTLET_TRY(remove_grant(realm, office, dataset, input.now()));
  if (input.json()) {
    print_json(json::object{{"office", office}, {"dataset", dataset}, {"removed", true}});
  } else {
    print_text("Office " + office + " may no longer hold " + dataset +
               "; it erases its copy at its next contact, or when the lease ends.\n");
  }
  return ok();
}

Status run_grant_list(const CommandInput& input) {
  ROOTLET_TRY(Realm realm, input.open_realm());
  ROOTLET_TRY(std::vector<OfficeEntry> offices, realm.registry().offices());
  if (input.has("OFFICE")) {
    ROOTLET_TRY(OfficeEntry office, find_office(realm.registry(), input.text("OFFICE")));
    offices = {std::move(office)};
  }
  json::array list;
  TextTable table({"OFFICE", "DATASET", "DIVISIONS", "GRADE", "PURPOSES", "UNTIL", "LEASE"});
  for (const OfficeEntry& office : offices) {
    ROOTLET_TRY(const std::vector<Grant> grants, realm.registry().grants_of(office.id));
    for (const Grant& grant : grants) {
      list.push_back(json_grant(office.id, grant));
      table.add({office.id, grant.dataset, joined(grant.divisions, ","),
                 std::to_string(grant.max_grade), joined(grant.purposes, ","),
                 format_time(grant.until).substr(0, 10), std::to_string(grant.lease_days) + " d"});
    }
  }
  if (input.json()) {
    print_json(json::object{{"grants", std::move(list)}});
  } else {
    print_text(table.empty()
                   ? "No grant yet: rootlet-platform grant add OFFICE DATASET --purposes LIST\n"
                   : table.text());
  }
  return ok();
}

std::vector<OptionSpec> grant_options() {
  return {{"divisions", "LIST", "prefixes or all: 3304,33 (the office's own division)", false},
          {"purposes", "LIST", "uses that a reader may name, from the dataset's", true},
          {"max-grade", "G", "highest grade of columns, 1 to 4 (1)", false},
          {"until", "DAY", "last day, 2027-12-31 (one year from now)", false},
          {"lease-days", "N", "how long data may be read without contact (30)", false},
          {"mode", "M", "full, or masked: graded columns only behind their masks (full)", false},
          {"export", "", "whole files may leave the agent", false},
          {"basis", "TEXT", "the legal basis", false},
          {"scenario", "TEXT", "what the data is used for", false},
          {"approver", "TEXT", "who approved it", false}};
}

}  // namespace

std::vector<Command> office_commands() {
  return {
      {.name = "office add",
       .arguments = {"ID"},
       .summary = "Invite an office; makes the file with which one machine enrols once.",
       .details = "Written to --out, else to standard output. An office that never enrolled may be "
                  "invited again; the\n"
                  "older invitation is then void.",
       .example =
           "rootlet-platform office add jiaxing --division 3304 --name 嘉兴 --out jiaxing.enroll",
       .options = {{"division", "CODE", "all, or 2, 4, 6, 9 or 12 digits", true},
                   {"name", "N", "what people call the office", true},
                   {"out", "FILE", "where the invitation goes", false},
                   {"url", "URL", "how this office reaches the gateway, if not as all others",
                    false},
                   {"ca", "FILE", "PEM of the authority to pin for https", false}},
       .run = run_office_add},
      {.name = "office approve",
       .arguments = {"REQUEST"},
       .summary = "Take in an enrolment request that was carried here by hand.",
       .details = "REQUEST is what \"rootlet enroll FILE --offline REQUEST\" wrote.",
       .example = "rootlet-platform office approve jiaxing.request",
       .options = {{"out", "FILE", "where the signed answer goes", false}},
       .run = run_office_approve},
      {.name = "office list",
       .arguments = {},
       .summary = "Show the offices of the realm and whether they have enrolled.",
       .details = "",
       .example = "rootlet-platform office list",
       .options = {},
       .run = run_office_list},
      {.name = "grant add",
       .arguments = {"OFFICE", "DATASET"},
       .summary = "Permit an office to hold a dataset; replaces its grant for the same dataset.",
       .details = "Least is best: the divisions, grade and time that the work needs. The office "
                  "has it at its next poll.",
       .example =
           "rootlet-platform grant add jiaxing villages --divisions 3304 --purposes address-lookup",
       .options = grant_options(),
       .run = run_grant_add},
      {.name = "grant list",
       .arguments = {"OFFICE"},
       .summary = "Show the grants, of all offices or of one.",
       .details = "",
       .example = "rootlet-platform grant list jiaxing",
       .options = {},
       .run = run_grant_list,
       .optional_arguments = 1},
      {.name = "grant remove",
       .arguments = {"OFFICE", "DATASET"},
       .summary = "Take a grant back.",
       .details =
           "The office erases its copy at its next contact; without contact the lease ends it.",
       .example = "rootlet-platform grant remove jiaxing villages",
       .options = {},
       .run = run_grant_remove}};
}

}  // namespace rootlet::platform
